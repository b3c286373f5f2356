/** Subject and state of a conversation, and what is done with it most. */

import { ActionIcon, Badge, Button, Group, Menu, Select, Text, Title, Tooltip } from "@mantine/core";
import {
  IconArrowLeft,
  IconCheck,
  IconClock,
  IconDots,
  IconLayoutSidebarRight,
  IconMail,
  IconRotate,
  IconSpy,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { useAssign, useChange, useSetStatus } from "../api/changes";
import { assignees, type Conversation } from "../api/queries";
import { longTime, shortTime, snoozeTimes } from "../lib/times";
import { LinkIcon } from "../shell/links";
import classes from "./ThreadHeader.module.css";

interface Props {
  conversation: Conversation;
  panel: boolean;
  onPanel: () => void;
}

export function ThreadHeader({ conversation: it, panel, onPanel }: Props) {
  const { t } = useTranslation();
  const filter = useSearch({ from: "/inside/inbox" });
  const setStatus = useSetStatus(it.id);
  const resolved = it.status === "resolved";
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
        <Title order={1} size="h5" lineClamp={1}>
          {it.subject ?? t("row.noSubject")}
        </Title>
        <Group gap={6} wrap="nowrap">
          <Text size="xs" c="dimmed" truncate>
            #{it.number} · {it.channel.name}
          </Text>
          <StatusBadge conversation={it} />
        </Group>
      </div>
      <Assignee conversation={it} />
      <Snooze conversation={it} />
      <Button
        size="xs"
        variant={resolved ? "default" : "filled"}
        leftSection={resolved ? <IconRotate size={15} /> : <IconCheck size={15} />}
        loading={setStatus.isPending}
        onClick={() => setStatus.mutate({ status: resolved ? "open" : "resolved" })}
      >
        {resolved ? t("thread.reopen") : t("thread.resolve")}
      </Button>
      <More conversation={it} />
      <Tooltip label={t("people.contact")}>
        <ActionIcon
          visibleFrom="lg"
          variant={panel ? "light" : "subtle"}
          color="gray"
          aria-label={t("people.contact")}
          aria-pressed={panel}
          onClick={onPanel}
        >
          <IconLayoutSidebarRight size={18} />
        </ActionIcon>
      </Tooltip>
    </header>
  );
}

function StatusBadge({ conversation: it }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const color = { open: "green", pending: "yellow", snoozed: "blue", resolved: "gray" }[it.status];
  const until = it.status === "snoozed" && it.snoozed_until;
  return (
    <Badge size="xs" variant="light" color={color} tt="none" title={until ? longTime(until) : undefined}>
      {t(`status.${it.status}`)}
      {until && ` · ${shortTime(until)}`}
    </Badge>
  );
}

function Assignee({ conversation: it }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const { data } = useQuery(assignees);
  const assign = useAssign(it.id);
  const options = data?.data.map((agent) => ({ value: agent.id, label: agent.name })) ?? [];
  return (
    <Select
      w={150}
      visibleFrom="sm"
      size="xs"
      aria-label={t("thread.assignee")}
      placeholder={t("thread.unassigned")}
      data={options}
      value={it.assigned_agent_id}
      onChange={(agent) => assign.mutate(agent)}
      clearable
      searchable
    />
  );
}

function Snooze({ conversation: it }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const setStatus = useSetStatus(it.id);
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon variant="default" aria-label={t("thread.snooze")}>
          <IconClock size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {snoozeTimes().map(({ key, at }) => (
          <Menu.Item
            key={key}
            rightSection={
              <Text size="xs" c="dimmed">
                {shortTime(at.toISOString())}
              </Text>
            }
            onClick={() => setStatus.mutate({ status: "snoozed", snoozed_until: at.toISOString() })}
          >
            {t(`snooze.${key}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function More({ conversation: it }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const filter = useSearch({ from: "/inside/inbox" });
  const change = useChange(it.id);
  const setStatus = useSetStatus(it.id);
  const leave = () => void navigate({ to: "/inbox", search: filter });
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t("thread.more")}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconMail size={16} />}
          onClick={() => change.mutate({ unread: true }, { onSuccess: leave })}
        >
          {t("thread.markUnread")}
        </Menu.Item>
        <Menu.Item leftSection={<IconClock size={16} />} onClick={() => setStatus.mutate({ status: "pending" })}>
          {t("thread.markPending")}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconSpy size={16} />}
          onClick={() => change.mutate({ spam: !it.spam }, { onSuccess: leave })}
        >
          {it.spam ? t("thread.noSpam") : t("thread.spam")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
