/** What can be done with one message. */

import { ActionIcon, Menu } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconArrowForwardUp, IconArrowsSplit2, IconCopy, IconDots, IconMailCode } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

import { complain } from "../api/changes";
import type { Message } from "../api/queries";
import { copy } from "../lib/clipboard";

const ForwardDialog = lazy(() => import("../actions/ForwardDialog").then((it) => ({ default: it.ForwardDialog })));
const SplitDialog = lazy(() => import("../actions/SplitDialog").then((it) => ({ default: it.SplitDialog })));

export function MessageMenu({ message: it }: { message: Message }) {
  const { t } = useTranslation("thread");
  const [open, setOpen] = useState<"forward" | "split">();
  const close = () => setOpen(undefined);
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t("messages.actions")}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {it.direction !== "note" && (
            <Menu.Item leftSection={<IconArrowForwardUp size={16} />} onClick={() => setOpen("forward")}>
              {t("messages.forward")}
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconArrowsSplit2 size={16} />} onClick={() => setOpen("split")}>
            {t("messages.split")}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconCopy size={16} />}
            onClick={() => {
              void copy(it.text).then(() => notifications.show({ message: t("messages.copied") }), complain);
            }}
          >
            {t("messages.copy")}
          </Menu.Item>
          {it.raw_url && (
            <Menu.Item component="a" href={it.raw_url} download leftSection={<IconMailCode size={16} />}>
              {t("messages.source")}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <Suspense>
        {open === "forward" && <ForwardDialog message={it} onClose={close} />}
        {open === "split" && <SplitDialog message={it} onClose={close} />}
      </Suspense>
    </>
  );
}
