/** What automations noted, in the words of whoever reads it. */

import type { TFunction } from "i18next";

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
function value(t: T, field: string, it: unknown, nameOf: NameOf): string {
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

/** What stands behind the verb in the server's account of a step. */
const BEHIND = /^(?:adds the tag|removes the tag|tags the contact|sets the \w+ to|the \w+ is|assigns it to|tells|sends) (.+?)(?:: it is so already| already)?$/;

/** “Set the status to Open (done)”. */
export function step(t: T, it: Step): string {
  const type = it.type ?? "";
  const said = [word(t, "action", type), about(t, type, it.detail ?? "")].filter(Boolean).join(" ");
  return it.effect && it.effect !== "done" ? `${said} – ${word(t, "effectOf", it.effect)}` : said;
}

function about(t: T, type: string, detail: string): string {
  if (["add_note", "stop"].includes(type) || detail === "unassigns it" || detail === "it is so assigned already") return "";
  const minutes = /^snoozes it for (\d+) minutes$/.exec(detail)?.[1];
  if (minutes) return duration(Number(minutes));
  const named = BEHIND.exec(detail)?.[1];
  if (!named) return detail;
  return type === "set_status" || type === "set_priority" ? word(t, "word", named) : named;
}
