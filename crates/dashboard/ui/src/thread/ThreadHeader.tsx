/** Subject and state of a conversation, and what is done with it most. */

import { ActionIcon, Badge, Button, Group, Select, Text, Title, Tooltip } from "@mantine/core";
import { IconArrowLeft, IconCheck, IconClock, IconLayoutSidebarRight, IconRotate } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { lazy, memo, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

import { useAssign } from "../api/changes";
import { assignees, type Conversation } from "../api/queries";
import { change } from "../inbox/change";
import { longTime, shortTime } from "../lib/times";
import { TagChips } from "../people/TagChips";
import { useTitleOf } from "../people/titles";
import { LinkIcon } from "../shell/links";
import { More } from "./More";
import classes from "./ThreadHeader.module.css";

const SnoozeDialog = lazy(() => import("../actions/SnoozeDialog").then((it) => ({ default: it.SnoozeDialog })));

interface Props {
  conversation: Conversation;
  panel: boolean;
  onPanel: () => void;
}

export const ThreadHeader = memo(function ThreadHeader({ conversation: it, panel, onPanel }: Props) {
  const { t } = useTranslation(["common", "inbox"]);
  const client = useQueryClient();
  const title = useTitleOf()(it);
  const filter = useSearch({ from: "/inside/inbox" });
  const resolved = it.status === "resolved";
  const toggle = () => {
    const status = resolved ? "open" : "resolved";
    void change(client, { ids: [it.id] }, { status }, t(`inbox:done.${status}`));
  };
  return (
    <header className={classes.header}>
      <LinkIcon
        hiddenFrom="sm"
        to="/inbox"
        search={filter}
        variant="subtle"
        color="gray"
        aria-label={t("thread.back")}
      >
        <IconArrowLeft size={18} />
      </LinkIcon>
      <div className={classes.title}>
        <Title order={1} size="h5" lineClamp={2} className={classes.subject} dir="auto" title={title}>
          {title}
        </Title>
        <Group gap={6} wrap="nowrap">
          <Text size="xs" c="dimmed" truncate>
            #{it.number} · {it.channel.name}
          </Text>
          <StatusBadge conversation={it} />
          <PriorityBadge conversation={it} />
        </Group>
      </div>
      <Group gap="xs" wrap="nowrap" className={classes.actions}>
        <Assignee conversation={it} />
        <Snooze conversation={it} />
        <ActionIcon
          hiddenFrom="sm"
          size={30}
          variant={resolved ? "default" : "filled"}
          aria-label={resolved ? t("thread.reopen") : t("thread.resolve")}
          onClick={toggle}
        >
          {resolved ? <IconRotate size={16} /> : <IconCheck size={16} />}
        </ActionIcon>
        <Button
          visibleFrom="sm"
          size="xs"
          className={classes.resolve}
          variant={resolved ? "default" : "filled"}
          leftSection={resolved ? <IconRotate size={15} /> : <IconCheck size={15} />}
          onClick={toggle}
        >
          {resolved ? t("thread.reopen") : t("thread.resolve")}
        </Button>
        <More conversation={it} />
        <Tooltip label={t("people.contact")}>
          <ActionIcon
            variant={panel ? "light" : "subtle"}
            color="gray"
            aria-label={t("people.contact")}
            aria-pressed={panel}
            onClick={onPanel}
          >
            <IconLayoutSidebarRight size={18} />
          </ActionIcon>
        </Tooltip>
      </Group>
      {it.tags.length > 0 && (
        <div className={classes.tags}>
          <TagChips names={it.tags} />
        </div>
      )}
    </header>
  );
});

function StatusBadge({ conversation: it }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const color = { open: "green", pending: "yellow", snoozed: "blue", resolved: "gray" }[it.status];
  const until = it.status === "snoozed" && it.snoozed_until;
  return (
    <Badge size="xs" variant="light" color={color} tt="none" className={classes.badge} title={until ? longTime(until) : ""}>
      {t(`status.${it.status}`)}
      {until && ` · ${shortTime(until)}`}
    </Badge>
  );
}

/** Only where it is not what most have. */
function PriorityBadge({ conversation: { priority } }: { conversation: Conversation }) {
  const { t } = useTranslation("thread");
  if (priority === "normal") return null;
  const color = { low: "gray", high: "orange", urgent: "red" }[priority];
  return (
    <Badge size="xs" variant="light" color={color} tt="none" className={classes.badge}>
      {t(`actions.${priority}`)}
    </Badge>
  );
}

function Assignee({ conversation: it }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const { data } = useQuery(assignees);
  const assign = useAssign(it.id);
  const options = data?.data.map(({ id, name }) => ({ value: id, label: name })) ?? [];
  return (
    <Select
      w={136}
      visibleFrom="sm"
      size="xs"
      aria-label={t("thread.assignee")}
      placeholder={t("thread.unassigned")}
      data={options}
      value={it.assigned_agent_id}
      onChange={(wanted) => assign.mutate(wanted)}
      clearable
      searchable
    />
  );
}

function Snooze({ conversation: it }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Tooltip label={t("thread.snooze")}>
        <ActionIcon variant="default" size={30} aria-label={t("thread.snooze")} onClick={() => setAsking(true)}>
          <IconClock size={16} />
        </ActionIcon>
      </Tooltip>
      <Suspense>{asking && <SnoozeDialog conversation={it} onClose={() => setAsking(false)} />}</Suspense>
    </>
  );
}
