/**
 * What happened, in the words of whoever reads it. The server keeps a line of the thread as one English
 * sentence, for mails and exports too; those it writes by itself are known here. Any other stays as it is.
 */

import type { TFunction } from "i18next";

import { longTime } from "../lib/times";

const SENTENCES = {
  took: /^(?<who>.+) took this conversation$/,
  unassigned: /^(?<who>.+) unassigned this conversation$/,
  assigned: /^(?<who>.+?) assigned this conversation to (?<name>.+)$/,
  snoozed: /^(?<who>.+) snoozed this conversation until (?<time>\d{4}-\d\d-\d\dT[\d:.]+Z)$/,
  woke: /^The snooze is over$/,
  reopened: /^(?<who>.+) reopened this conversation$/,
  resolved: /^(?<who>.+) resolved this conversation$/,
  status: /^(?<who>.+) set this conversation to (?<status>open|pending|snoozed|resolved)$/,
  priority: /^(?<who>.+) set the priority to (?<priority>low|normal|high|urgent)$/,
  rated: /^(?<who>.+) rated this conversation (?<score>[1-5]) of 5$/,
  tagged: /^(?<who>.+?) added the tag (?<tag>.+)$/,
  untagged: /^(?<who>.+?) removed the tag (?<tag>.+)$/,
  mergedHere: /^(?<who>.+) merged #(?<number>\d+) into this conversation$/,
  mergedThere: /^(?<who>.+) merged this conversation into #(?<number>\d+)$/,
  separated: /^(?<who>.+) separated this conversation from #(?<number>\d+)$/,
  splitThere: /^(?<who>.+) moved later messages to #(?<number>\d+)$/,
  splitHere: /^(?<who>.+) split this off #(?<number>\d+)$/,
  sentTo: /^The visitor had left: this was sent to (?<address>\S+)$/,
  sent: /^The visitor had left: this was sent by mail$/,
  said: /^The customer said: “(?<text>[^]*)”$/,
  unverified: /^The visitor gave the address (?<address>.+); nobody has verified that it is theirs$/,
} as const;

type T = TFunction<["thread", "common"]>;

export function sentence(t: T, text: string): string {
  for (const [name, pattern] of Object.entries(SENTENCES) as [keyof typeof SENTENCES, RegExp][]) {
    const match = pattern.exec(text);
    if (match) return t(`thread:event.${name}` as "thread:event.took", told(t, match.groups ?? {}) as { who: string });
  }
  return text;
}

function told(t: T, found: Record<string, string>): Record<string, string> {
  const { who, time, status, priority } = found;
  return {
    ...found,
    ...(who && { who: actor(t, who) }),
    ...(time && { time: longTime(time) }),
    ...(status && { status: t(`common:status.${status as "open"}`) }),
    ...(priority && { priority: t(`thread:actions.${priority as "low"}`) }),
  };
}

/** Those without a name of their own. */
function actor(t: T, who: string): string {
  if (who === "The customer") return t("thread:event.customer");
  if (who === "A rule") return t("thread:event.aRule");
  if (who === "A former agent") return t("thread:event.formerAgent");
  const rule = /^The rule “(.+)”$/.exec(who)?.[1];
  return rule ? t("thread:event.rule", { name: rule }) : who;
}
