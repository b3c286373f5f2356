/** One conversation in the list: who, what, when, and whether somebody waits. */

import { Avatar, Badge, Group, Text } from "@mantine/core";
import { IconArrowBackUp, IconNote } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { Conversation, Filter } from "../api/queries";
import { longTime, shortTime, span } from "../lib/times";
import { nameOf } from "../people/names";
import classes from "./ConversationRow.module.css";

export const ROW_HEIGHT = 86;

interface Props {
  conversation: Conversation;
  filter: Filter;
  selected: boolean;
  top: number;
}

export function ConversationRow({ conversation: it, filter, selected, top }: Props) {
  const { t } = useTranslation();
  const at = it.last_message?.created_at ?? it.created_at;
  const unread = it.unread_count > 0;
  return (
    <Link
      to="/inbox/$conversationId"
      params={{ conversationId: it.id }}
      search={filter}
      className={classes.row}
      style={{ transform: `translateY(${top}px)`, height: ROW_HEIGHT }}
      role="option"
      aria-selected={selected}
      tabIndex={-1}
    >
      <Group gap={6} wrap="nowrap">
        {unread && <span className={classes.dot} role="img" aria-label={t("row.unread", { count: it.unread_count })} />}
        <Text size="sm" fw={unread ? 700 : 500} truncate flex={1}>
          {nameOf(it.contact, t("people.unknown"))}
        </Text>
        <Text component="time" size="xs" c="dimmed" dateTime={at} title={longTime(at)}>
          {shortTime(at)}
        </Text>
      </Group>
      <Text size="sm" truncate fw={unread ? 600 : 400}>
        {it.subject ?? t("row.noSubject")}
      </Text>
      <Group gap={4} wrap="nowrap" c="dimmed">
        {it.last_message?.direction === "outbound" && <IconArrowBackUp size={13} aria-label={t("row.answered")} />}
        {it.last_message?.direction === "note" && <IconNote size={13} aria-label={t("row.note")} />}
        <Preview conversation={it} />
        {it.waiting_since && (
          <Badge size="xs" variant="light" color="orange" className={classes.fixed}>
            {span(it.waiting_since)}
          </Badge>
        )}
        {it.tags.slice(0, 1).map((tag) => (
          <Badge key={tag} size="xs" variant="default" tt="none" maw={90}>
            {tag}
          </Badge>
        ))}
        {it.assigned_agent && (
          <Avatar
            size={18}
            name={it.assigned_agent.name ?? ""}
            title={it.assigned_agent.name ?? ""}
            color="initials"
          />
        )}
      </Group>
    </Link>
  );
}

/** Where words were searched for, the place they stand; else how it ends. */
function Preview({ conversation }: { conversation: Conversation }) {
  const { snippet, last_message } = conversation;
  return (
    <Text size="xs" truncate flex={1}>
      {snippet
        ? snippet.parts.map((part, index) => (part.marked ? <mark key={index}>{part.text}</mark> : part.text))
        : last_message?.text}
    </Text>
  );
}
