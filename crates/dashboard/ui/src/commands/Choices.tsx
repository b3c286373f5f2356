/** The pages of the palette that ask for more: to whom, until when, which tag. */

import { Text } from "@mantine/core";
import { Spotlight } from "@mantine/spotlight";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { assignees, me, PRIORITIES, STATUSES, tags } from "../api/queries";
import { actions } from "../inbox/actions";
import { parseWhen } from "../lib/natural";
import { longTime, shortTime, snoozeTimes } from "../lib/times";
import { useStore } from "../live/store";
import { matches } from "./matching";
import { closePalette, type Pick, palette } from "./palette";

interface Choice {
  key: string;
  label: string;
  hint?: string;
  choose: () => void;
  /** It is there because of what was typed. */
  made?: boolean;
}

export function Choices({ page, query }: { page: Pick; query: string }) {
  const { t } = useTranslation("commands");
  const all = { assign: useAssign(), snooze: useSnooze(query), tag: useTag(query), untag: useUntag() };
  const more = { status: useStatus(), priority: usePriority() };
  const choices = { ...all, ...more }[page].filter((it) => it.made || matches(it.label, query));
  if (choices.length === 0) return <Spotlight.Empty>{t("nothing")}</Spotlight.Empty>;
  return (
    <>
      {choices.map((it) => (
        <Spotlight.Action
          key={it.key}
          label={it.label}
          rightSection={
            it.hint && (
              <Text size="xs" c="dimmed">
                {it.hint}
              </Text>
            )
          }
          onClick={() => {
            closePalette();
            it.choose();
          }}
        />
      ))}
    </>
  );
}

function useAssign(): Choice[] {
  const { t } = useTranslation("commands");
  const it = useStore(actions);
  const { data: agent } = useQuery(me);
  const { data } = useQuery(assignees);
  const others = data?.data.filter((one) => one.id !== agent?.id) ?? [];
  const to = (id: string, label: string, said: string): Choice => ({
    key: id,
    label,
    choose: () => it?.set({ agent_id: id }, said),
  });
  return [
    ...(agent ? [to(agent.id, t("me", { name: agent.name }), t("done.assignedMe"))] : []),
    { key: "none", label: t("nobody"), choose: () => it?.set({ agent_id: null }, t("done.unassigned")) },
    ...others.map((one) => to(one.id, one.name, t("done.assigned", { name: one.name }))),
  ];
}

function useSnooze(query: string): Choice[] {
  const { t } = useTranslation("commands");
  const it = useStore(actions);
  const until = (key: string, label: string, at: Date, made = false): Choice => {
    const iso = at.toISOString();
    const said = t("done.snoozed", { time: longTime(iso) });
    const choose = () => it?.set({ status: "snoozed", snoozed_until: iso }, said);
    return { key, label, hint: shortTime(iso), choose, made };
  };
  const typed = query.trim() ? parseWhen(query) : undefined;
  return [
    ...(typed && typed.getTime() > Date.now() ? [until("typed", longTime(typed.toISOString()), typed, true)] : []),
    ...snoozeTimes().map(({ key, at }) => until(key, t(`snooze.${key}`), at)),
  ];
}

function useTag(query: string): Choice[] {
  const { t } = useTranslation("commands");
  const it = useStore(actions);
  const { data } = useQuery(tags);
  const has = new Set(it?.about()?.one?.tags);
  const name = query.trim();
  const isKnown = data?.data.some((tag) => tag.name.toLowerCase() === name.toLowerCase()) ?? true;
  const add = (tag: string, label = tag, made = false): Choice => ({
    key: `tag-${tag}`,
    label,
    made,
    choose: () => it?.set({ add_tags: [tag] }, t("done.tagged", { tag })),
  });
  const rest = data?.data.filter((tag) => !has.has(tag.name)).map((tag) => add(tag.name)) ?? [];
  return [...rest, ...(name && !isKnown ? [add(name, t("newTag", { tag: name }), true)] : [])];
}

function useUntag(): Choice[] {
  const { t } = useTranslation("commands");
  const it = useStore(actions);
  const { data } = useQuery(tags);
  const names = it?.about()?.one?.tags ?? data?.data.map((tag) => tag.name) ?? [];
  return names.map((tag) => ({
    key: tag,
    label: tag,
    choose: () => it?.set({ remove_tags: [tag] }, t("done.untagged", { tag })),
  }));
}

function useStatus(): Choice[] {
  const { t } = useTranslation("commands");
  const it = useStore(actions);
  return STATUSES.map((status) => ({
    key: status,
    label: t(`status.${status}`),
    choose: () => {
      if (status === "snoozed") palette.set({ page: "snooze" });
      else it?.set({ status }, t(`done.${status}`));
    },
  }));
}

function usePriority(): Choice[] {
  const { t } = useTranslation("commands");
  const it = useStore(actions);
  return PRIORITIES.map((priority) => ({
    key: priority,
    label: t(`priority.${priority}`),
    choose: () => it?.set({ priority }, t(`done.priority`, { priority: t(`priority.${priority}`) })),
  }));
}
