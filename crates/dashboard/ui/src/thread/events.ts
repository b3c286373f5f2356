/** What happened, in the words of whoever reads it. */

import type { TFunction } from "i18next";

import type { Message } from "../api/queries";
import { locale } from "../i18n";
import { longTime } from "../lib/times";

type T = TFunction<["thread", "common"]>;
type Told = NonNullable<Message["event"]>;
type Doer = Told["by"];

/** Those who do not know what a line tells read its text: it was written before that was kept. */
export function sentence(t: T, { event, text }: Pick<Message, "event" | "text">): string {
  if (!event) return text;
  const who = actor(t, event.by);
  switch (event.kind) {
    case "assigned":
      return t("thread:event.assigned", { who, name: event.to ?? t("thread:event.formerAgent") });
    case "status_set":
      return status(t, who, event);
    case "priority_set":
      return t("thread:event.priority_set", { who, priority: t(`thread:actions.${event.priority}`) });
    case "rated":
      return event.before ? t("thread:event.rerated", { ...event, who }) : t("thread:event.rated", { ...event, who });
    case "mailed":
      return event.to ? t("thread:event.mailed", { address: event.to }) : t("thread:event.mailed_somewhere");
    default:
      return t(`thread:event.${event.kind}`, { ...(event as { number: number }), who });
  }
}

function status(t: T, who: string, { status, until }: Extract<Told, { kind: "status_set" }>): string {
  if (status === "open") return t("thread:event.reopened", { who });
  if (status === "resolved") return t("thread:event.resolved", { who });
  if (status === "snoozed" && until) return t("thread:event.snoozed", { who, time: longTime(until) });
  return t("thread:event.status", { who, status: t(`common:status.${status}`) });
}

function actor(t: T, by: Doer): string {
  if (by.kind === "customer") return t("thread:event.customer");
  if (by.kind === "system") return "Deskbell";
  if (by.kind === "agent") return by.name ?? t("thread:event.formerAgent");
  return by.name ? t("thread:event.rule", { name: by.name }) : t("thread:event.aRule");
}

/** More names or words than these make a summary longer than what it stands for. */
const NAMES = 2;
const WORDS = 3;

/** Many lines in one: how many, by whom, and in a word or two what. */
export function summary(t: T, lines: Message[]): string {
  const told = lines.flatMap((it) => it.event ?? []);
  const who = [...new Set(told.map((it) => by(t, it.by)))];
  const words = [...new Set(told.map((it) => word(t, it)))];
  const what = words.slice(0, WORDS).join(", ") + (words.length > WORDS ? ", …" : "");
  const count = lines.length;
  return who.length > NAMES
    ? t("thread:fold.many", { count, what })
    : t("thread:fold.all", { count, what, who: new Intl.ListFormat(locale()).format(who) });
}

function by(t: T, it: Doer): string {
  if (it.kind === "customer") return t("thread:fold.customer");
  if (it.kind === "system") return "Deskbell";
  if (it.kind === "agent") return it.name ?? t("thread:fold.formerAgent");
  return it.name ? t("thread:fold.rule", { name: it.name }) : t("thread:fold.aRule");
}

function word(t: T, it: Told): string {
  switch (it.kind) {
    case "taken":
    case "unassigned":
    case "snooze_over":
      return t(`thread:fold.${it.kind}`);
    case "assigned":
      return t("thread:fold.assigned", { name: it.to ?? t("thread:fold.formerAgent") });
    case "status_set":
      return t(`thread:fold.${it.status}`);
    case "priority_set":
      return t("thread:fold.priority_set", { priority: t(`thread:actions.${it.priority}`) });
    case "tag_added":
    case "tag_removed":
      return t(`thread:fold.${it.kind}`, { tag: it.tag });
    default:
      return "";
  }
}
