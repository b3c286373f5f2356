/** A rule in a sentence, for who did not write it. */

import type { TFunction } from "i18next";

import { locale } from "../../i18n";
import { type Action, type Condition, type Draft, type Group, isGroup, isTimed, takesNothing, wordsOf } from "./rules";

/** What stands behind the ids in a rule. */
export interface Names {
  agent: (id: string) => string;
  channel: (id: string) => string;
  reply: (id: string) => string;
}

type T = TFunction<"automations">;

export function sentence(draft: Draft, names: Names, t: T): string {
  const when = isTimed(draft.trigger)
    ? t(`trigger.${draft.trigger}`, { time: duration(draft.minutes) })
    : t(`trigger.${draft.trigger}`, { time: "" });
  const conditions = draft.conditions.rules.length > 0 ? group(draft.conditions, names, t) : "";
  const actions = list(draft.actions.map((it) => act(it, names, t)));
  return conditions
    ? t("sentence.whenIfThen", { when, conditions, actions })
    : t("sentence.whenThen", { when, actions });
}

function group(it: Group, names: Names, t: T): string {
  const parts = it.rules.map((rule) => (isGroup(rule) ? `(${group(rule, names, t)})` : condition(rule, names, t)));
  if (it.match === "none") return t("sentence.none", { conditions: parts.join(t("sentence.or")) });
  return parts.join(it.match === "all" ? t("sentence.and") : t("sentence.or"));
}

function condition(it: Condition, names: Names, t: T): string {
  const field = t(`field.${it.field}`);
  const operator = t(`operator.${it.operator}`);
  if (takesNothing(it.operator)) return t("sentence.bare", { field, operator });
  const value = it.value.map((value) => `“${valueName(it, value, names, t)}”`).join(", ");
  return t("sentence.condition", { field, operator, value: value || "…" });
}

function valueName(it: Condition, value: string, names: Names, t: T): string {
  if (wordsOf(it.field)) return t(`word.${value as "open"}`, value);
  if (it.field === "assignee") return names.agent(value);
  if (it.field === "channel") return names.channel(value);
  return value;
}

function act(it: Action, names: Names, t: T): string {
  const action = t(`action.${it.type}`);
  const value = actionValue(it, names, t);
  return value ? t("sentence.action", { action, value }) : action;
}

function actionValue(it: Action, names: Names, t: T): string {
  switch (it.type) {
    case "stop":
      return "";
    case "snooze":
      return duration(Number(it.value) || 0);
    case "assign_agent":
      return it.value ? names.agent(it.value) : t("nobody");
    case "send_canned_reply":
      return names.reply(it.value);
    case "set_status":
    case "set_priority":
      return it.value ? t(`word.${it.value as "open"}`) : "…";
    default:
      return it.value ? `“${it.value.length > 60 ? `${it.value.slice(0, 60)}…` : it.value}”` : "…";
  }
}

export function duration(minutes: number): string {
  const [value, unit] =
    minutes % 1440 === 0 && minutes > 0
      ? ([minutes / 1440, "day"] as const)
      : minutes % 60 === 0 && minutes > 0
        ? ([minutes / 60, "hour"] as const)
        : ([minutes, "minute"] as const);
  return new Intl.NumberFormat(locale(), { style: "unit", unit, unitDisplay: "long" }).format(value);
}

const list = (parts: string[]): string => new Intl.ListFormat(locale(), { type: "conjunction" }).format(parts);
