/** One conversation in the list: who, what, when, whether somebody waits and whether somebody is there. */

import { Avatar, Badge } from "@mantine/core";
import {
  IconAlertTriangle,
  IconArchive,
  IconArrowBackUp,
  IconCheck,
  IconClock,
  IconMailOpened,
  IconNote,
  IconPencil,
} from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { memo, type MouseEvent } from "react";
import { useTranslation } from "react-i18next";

import type { Conversation, Filter } from "../api/queries";
import { longTime, shortTime, span } from "../lib/times";
import { useOthers } from "../live/presence";
import { nameOf } from "../people/names";
import { useTitleOf } from "../people/titles";
import { TagChips } from "../people/TagChips";
import { ChannelIcon } from "./channels";
import classes from "./ConversationRow.module.css";
import { DraftMark } from "./DraftMark";

export const ROW_HEIGHT = 88;
/** Tags shown in a row; the number of the others follows. */
const TAGS = 2;

interface Props {
  conversation: Conversation;
  filter: Filter;
  open: boolean;
  /** The keys are here. */
  current: boolean;
  ticked: boolean;
  ticking: boolean;
  top: number;
  onTick: (id: string, range: boolean) => void;
}

export const ConversationRow = memo(function ConversationRow(props: Props) {
  const { conversation: it, filter, open, current, ticked, ticking, top, onTick } = props;
  const { t } = useTranslation("inbox");
  const titleOf = useTitleOf();
  const at = it.last_message?.created_at ?? it.created_at;
  const unread = it.unread_count > 0;
  const tick = (event: MouseEvent) => {
    event.preventDefault();
    event.stopPropagation();
    onTick(it.id, event.shiftKey);
  };
  return (
    <Link
      id={`row-${it.id}`}
      to="/inbox/$conversationId"
      params={{ conversationId: it.id }}
      search={filter}
      className={classes.row}
      style={{ transform: `translateY(${top}px)`, height: ROW_HEIGHT }}
      role="option"
      aria-selected={ticked}
      aria-current={open ? "page" : undefined}
      data-current={current || undefined}
      data-unread={unread || undefined}
      tabIndex={-1}
      draggable={false}
      onClick={(event) => (ticking || event.shiftKey ? tick(event) : undefined)}
    >
      {/* Keys tick with x, fingers in a mode of their own: this is for the pointer. */}
      <span className={classes.tick} data-ticked={ticked || ticking || undefined} aria-hidden onClick={tick}>
        <ChannelIcon type={it.channel_type} className={classes.channel} />
        <span className={classes.box}>{ticked && <IconCheck size={12} stroke={3} />}</span>
      </span>
      <span className={classes.body}>
        <span className={classes.line}>
          {unread && (
            <span className={classes.dot} role="img" aria-label={t("row.unread", { count: it.unread_count })} />
          )}
          <span className={classes.who} dir="auto">
            {nameOf(it.contact, t("row.unknown"))}
          </span>
          <Others id={it.id} />
          {filter.status === undefined && <StatusMark status={it.status} />}
          <time className={classes.when} dateTime={at} title={longTime(at)}>
            {shortTime(at)}
          </time>
        </span>
        <span className={classes.line}>
          {(it.priority === "urgent" || it.priority === "high") && (
            <IconAlertTriangle
              size={14}
              className={classes.priority}
              data-urgent={it.priority === "urgent" || undefined}
              role="img"
              aria-label={t(`row.${it.priority}`)}
            />
          )}
          <span className={classes.subject} dir="auto">
            {titleOf(it)}
          </span>
          <TagChips names={it.tags} most={TAGS} />
        </span>
        <span className={classes.line}>
          {it.last_message?.direction === "outbound" && (
            <IconArrowBackUp size={13} className={classes.quiet} role="img" aria-label={t("row.answered")} />
          )}
          {it.last_message?.direction === "note" && (
            <IconNote size={13} className={classes.quiet} role="img" aria-label={t("row.note")} />
          )}
          <DraftMark id={it.id} />
          <Preview conversation={it} />
          {it.waiting_since && (
            <Badge
              size="xs"
              variant="light"
              color="orange"
              tt="none"
              className={classes.fixed}
              title={t("row.waiting", { time: longTime(it.waiting_since) })}
            >
              {span(it.waiting_since)}
            </Badge>
          )}
          {it.assigned_agent && (
            <Avatar
              size={18}
              className={classes.fixed}
              name={it.assigned_agent.name ?? ""}
              title={t("row.assigned", { name: it.assigned_agent.name ?? "" })}
              color="initials"
            />
          )}
        </span>
      </span>
    </Link>
  );
});

const STATUS = { pending: IconMailOpened, snoozed: IconClock, resolved: IconArchive };

/** Among all, those that are not open are told apart. */
function StatusMark({ status }: { status: Conversation["status"] }) {
  const { t } = useTranslation("inbox");
  if (status === "open") return null;
  const Icon = STATUS[status];
  return (
    <span className={classes.quiet} title={t(`views.${status}`)}>
      <Icon size={14} role="img" aria-label={t(`views.${status}`)} />
    </span>
  );
}

/** Colleagues who look at it, and those who write. */
function Others({ id }: { id: string }) {
  const { t } = useTranslation("inbox");
  const others = useOthers(id);
  if (others.length === 0) return null;
  const said = others.map((it) => t(it.activity === "typing" ? "here.typing" : "here.viewing", { name: it.name }));
  const typing = others.some((it) => it.activity === "typing");
  return (
    <span className={classes.here} data-typing={typing || undefined} role="img" aria-label={said.join(", ")} title={said.join("\n")}>
      {typing && <IconPencil size={12} aria-hidden />}
      {others.slice(0, 2).map((it) => (
        <Avatar key={it.agent_id} size={18} name={it.name} color="initials" />
      ))}
    </span>
  );
}

/** Where words were searched for, the place they stand; else how it ends. */
function Preview({ conversation }: { conversation: Conversation }) {
  const { snippet, last_message } = conversation;
  return (
    <span className={classes.preview} dir="auto">
      {snippet
        ? snippet.parts.map((part, index) =>
            part.marked ? (
              <mark key={index} className={classes.mark}>
                {part.text}
              </mark>
            ) : (
              part.text
            ),
          )
        : last_message?.text}
    </span>
  );
}
