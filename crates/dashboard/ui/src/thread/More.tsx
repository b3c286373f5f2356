/** What is done with a conversation now and then. */

import { ActionIcon, Menu } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import {
  IconArrowMerge,
  IconBan,
  IconClockPause,
  IconDots,
  IconFlag,
  IconLink,
  IconMail,
  IconRobot,
  IconSpy,
  IconSunrise,
  IconUserCheck,
} from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

import { useChangeContact } from "../actions/contacts";
import { complain, useAssign } from "../api/changes";
import { contact, type Conversation, me, PRIORITIES } from "../api/queries";
import { useCommand } from "../commands/registry";
import { words } from "../i18n";
import { type Change, change } from "../inbox/change";
import { copy } from "../lib/clipboard";

const MergeDialog = lazy(() => import("../actions/MergeDialog").then((it) => ({ default: it.MergeDialog })));
const TraceDialog = lazy(async () => {
  const [it] = await Promise.all([import("../actions/Trace"), words("automations")]);
  return { default: it.TraceDialog };
});

const ICON = { size: 16, "aria-hidden": true } as const;

export function More({ conversation: it }: { conversation: Conversation }) {
  const { t } = useTranslation(["thread", "common"]);
  const [dialog, setDialog] = useState<"merge" | "trace">();
  const does = useDoings(it);
  const close = () => setDialog(undefined);
  useCommand("merge", () => setDialog("merge"));
  useCommand("automations", () => setDialog("trace"));
  useCommand("block", does.block);
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={t("common:thread.more")}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconUserCheck {...ICON} />} onClick={does.takeIt}>
            {t("actions.assignMe")}
          </Menu.Item>
          {it.status === "snoozed" && (
            <Menu.Item leftSection={<IconSunrise {...ICON} />} onClick={does.wake}>
              {t("actions.wake")}
            </Menu.Item>
          )}
          {it.status !== "pending" && (
            <Menu.Item leftSection={<IconClockPause {...ICON} />} onClick={does.wait}>
              {t("common:thread.markPending")}
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconMail {...ICON} />} onClick={does.markUnread}>
            {t("actions.unread")}
          </Menu.Item>
          <Menu.Sub>
            <Menu.Sub.Target>
              <Menu.Sub.Item leftSection={<IconFlag {...ICON} />}>{t("actions.priority")}</Menu.Sub.Item>
            </Menu.Sub.Target>
            <Menu.Sub.Dropdown>
              {PRIORITIES.map((priority) => (
                <Menu.Item
                  key={priority}
                  fw={priority === it.priority ? 600 : 400}
                  aria-current={priority === it.priority}
                  onClick={() => does.prioritize(priority)}
                >
                  {t(`actions.${priority}`)}
                </Menu.Item>
              ))}
            </Menu.Sub.Dropdown>
          </Menu.Sub>
          <Menu.Divider />
          <Menu.Item leftSection={<IconArrowMerge {...ICON} />} onClick={() => setDialog("merge")}>
            {t("actions.merge")}
          </Menu.Item>
          <Menu.Item leftSection={<IconLink {...ICON} />} onClick={does.copyLink}>
            {t("actions.copyLink")}
          </Menu.Item>
          <Menu.Item leftSection={<IconRobot {...ICON} />} onClick={() => setDialog("trace")}>
            {t("actions.automations")}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item leftSection={<IconSpy {...ICON} />} onClick={does.markSpam}>
            {it.spam ? t("actions.noSpam") : t("actions.spam")}
          </Menu.Item>
          <Menu.Item leftSection={<IconBan {...ICON} />} onClick={does.block}>
            {does.blocked ? t("actions.unblock") : t("actions.block")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Suspense>
        {dialog === "merge" && <MergeDialog conversation={it} onClose={close} />}
        {dialog === "trace" && <TraceDialog conversation={it} onClose={close} />}
      </Suspense>
    </>
  );
}

/** What the menu does. Keys and palette do the same to what is ticked, too: see the inbox. */
function useDoings(it: Conversation) {
  const { t } = useTranslation(["thread", "inbox"]);
  const client = useQueryClient();
  const navigate = useNavigate();
  const filter = useSearch({ from: "/inside/inbox" });
  const { data: agent } = useQuery(me);
  const { data: person } = useQuery(contact(it.contact_id));
  const assign = useAssign(it.id);
  const changeContact = useChangeContact(it.contact_id);
  const leave = () => void navigate({ to: "/inbox", search: filter });
  const set = (what: Change, said: string) => void change(client, { ids: [it.id] }, what, said);
  const blocked = person?.blocked ?? false;
  return {
    blocked,
    prioritize: (priority: Conversation["priority"]) => set({ priority }, t("inbox:done.priority")),
    takeIt: () => agent && assign.mutate(agent.id),
    wake: () => set({ status: "open" }, t("inbox:done.open")),
    wait: () => set({ status: "pending" }, t("inbox:done.pending")),
    // Gone from sight, or looking at it would make it read again.
    markUnread: () => {
      set({ unread: true }, t("inbox:done.unread"));
      leave();
    },
    markSpam: () => {
      set({ spam: !it.spam }, t(it.spam ? "inbox:done.noSpam" : "inbox:done.spam"));
      if (!it.spam) leave();
    },
    copyLink: () => {
      const said = () => notifications.show({ message: t("messages.copied") });
      void copy(`${location.origin}/inbox/${it.id}`).then(said, complain);
    },
    block: () =>
      changeContact.mutate(
        { blocked: !blocked },
        { onSuccess: () => !blocked && notifications.show({ message: t("actions.blocked") }) },
      ),
  };
}
