/** What automations noted, in the words of whoever reads it. */

import type { TFunction } from "i18next";

import { longTime } from "../lib/times";
import { duration } from "../settings/automations/sentences";

/** A condition with what it saw, or a group of them: a stored document. */
export interface Explained {
  match?: string;
  rules?: Explained[];
  field?: string;
  operator?: string;
  value?: unknown;
  actual?: string[];
  matched?: boolean;
}

/** An action with what it came to. */
export interface Step {
  type?: string;
  effect?: string;
  detail?: string;
  about?: string | null;
  reason?: string | null;
}

type T = TFunction<["automations", "thread"]>;
type Part = "field" | "operator" | "word" | "action" | "triggerName" | "effectOf";

/** The word for one of the server's; one it learned since is shown as it is, but for the underscores. */
export function word(t: T, part: Part, name: string): string {
  return t(`automations:${part}.${name}` as "automations:field.status", { defaultValue: name.replaceAll("_", " ") });
}

/** People and channels by their ids. */
export type NameOf = (id: string) => string | undefined;

const WORDED = new Set(["channel_type", "status", "previous_status", "priority", "hours", "has_attachments", "automatic", "spam"]);

/** A value of a field, as it is asked for or as it was. */
export function value(t: T, field: string, it: unknown, nameOf: NameOf): string {
  if (Array.isArray(it)) return it.map((one) => value(t, field, one, nameOf)).join(", ");
  const text = typeof it === "string" ? it : it === undefined || it === null ? "" : JSON.stringify(it);
  if (WORDED.has(field)) return word(t, "word", text);
  return (field === "assignee" || field === "channel" ? nameOf(text) : undefined) ?? text;
}

/** “Status is Open – was Pending”. */
export function condition(t: T, it: Explained, nameOf: NameOf): string {
  const field = it.field ?? "";
  const asked = value(t, field, it.value, nameOf);
  const said = [word(t, "field", field), word(t, "operator", it.operator ?? ""), asked && `“${asked}”`];
  const actual = value(t, field, it.actual ?? [], nameOf) || t("automations:dryRun.nothing");
  return t(it.matched ? "thread:trace.held" : "thread:trace.not", { condition: said.filter(Boolean).join(" "), actual });
}

/** What a step does: “Set the status to Open”. */
export function action(t: T, it: Step): string {
  const type = it.type ?? "";
  // Of a time before it was kept what a step is about.
  if (it.about === undefined) return `${word(t, "action", type)}: ${it.detail ?? ""}`;
  const isSo = it.effect === "done" || it.effect === "unchanged";
  return [word(t, "action", type), isSo && about(t, type, it.about)].filter(Boolean).join(" ");
}

/** Why it is left out or fails, where that has to be said. */
export function why(t: T, it: Step): string {
  if (it.effect !== "skipped" && it.effect !== "failed") return "";
  if (!it.reason) return it.detail ?? "";
  const values = { about: it.about ?? "", time: it.reason === "recent" && it.about ? longTime(it.about) : "" };
  return t(`automations:reason.${it.reason}` as "automations:reason.unread", { ...values, defaultValue: it.detail ?? "" });
}

/** “Set the status to Open – left out: the conversation is spam”. */
export function step(t: T, it: Step): string {
  if (!it.effect || it.effect === "done") return action(t, it);
  const said = `${action(t, it)} – ${word(t, "effectOf", it.effect)}`;
  const reason = why(t, it);
  return reason ? `${said}: ${reason}` : said;
}

function about(t: T, type: string, it: string | null): string {
  if (it === null) return type === "assign_agent" ? t("automations:nobody") : "";
  if (type === "snooze") return duration(Number(it));
  if (type === "set_status" || type === "set_priority") return word(t, "word", it);
  return type.startsWith("send_") ? `“${it}”` : it;
}
