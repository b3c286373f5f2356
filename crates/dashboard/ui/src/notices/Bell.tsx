/** Notices of one's own: mentions, and what needs attention. */

import { ActionIcon, Indicator, Popover } from "@mantine/core";
import { IconBell } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

import { unreadNotices } from "../api/queries";
import { words } from "../i18n";

const NoticeList = lazy(() => Promise.all([import("./NoticeList"), words("alerts")]).then(([it]) => it));

export function Bell() {
  const { t } = useTranslation();
  const { data } = useQuery(unreadNotices);
  const [open, setOpen] = useState(false);
  const unread = data?.pagination.total ?? 0;
  const label = unread > 0 ? t("alerts.unread", { count: unread }) : t("alerts.bell");
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" width={340} shadow="md" trapFocus returnFocus>
      <Indicator disabled={unread === 0} label={unread > 99 ? "99+" : unread} size={16} offset={8} color="red.8">
        <Popover.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" title={label} aria-label={label} onClick={() => setOpen(!open)}>
            <IconBell size={18} />
          </ActionIcon>
        </Popover.Target>
      </Indicator>
      <Popover.Dropdown p={0}>
        <Suspense>{open && <NoticeList onChosen={() => setOpen(false)} />}</Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}
