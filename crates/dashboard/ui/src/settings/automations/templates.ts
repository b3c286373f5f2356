/**
 * Rules to start from. Names and texts are in the words of the page's language; the variables in
 * them are the server's to fill in.
 */

import type { TFunction } from "i18next";

import { type Draft, readAction, readGroup, type Trigger } from "./rules";

type Text = (key: "text.away" | "text.reminder" | "text.urgent") => string;

interface Template {
  name: "urgent" | "away" | "reminder" | "silent" | "vip" | "automatic" | "empty";
  trigger: Trigger;
  minutes?: number;
  rules: (text: Text) => { field: string; operator: string; value?: string | string[] }[];
  match?: "all" | "any";
  actions: (text: Text) => Record<string, unknown>[];
}

export const TEMPLATES: readonly Template[] = [
  {
    name: "urgent",
    trigger: "message_received",
    match: "any",
    rules: (text) => [
      { field: "message_text", operator: "contains", value: text("text.urgent") },
      { field: "subject", operator: "contains", value: text("text.urgent") },
    ],
    actions: () => [{ type: "set_priority", priority: "urgent" }],
  },
  {
    name: "away",
    trigger: "conversation_created",
    rules: () => [
      { field: "hours", operator: "eq", value: "outside" },
      { field: "automatic", operator: "eq", value: "false" },
    ],
    actions: (text) => [{ type: "send_message", text: text("text.away") }],
  },
  {
    name: "reminder",
    trigger: "no_reply_for",
    minutes: 240,
    rules: () => [{ field: "status", operator: "eq", value: "open" }],
    actions: (text) => [
      { type: "set_priority", priority: "high" },
      { type: "add_note", text: text("text.reminder") },
    ],
  },
  {
    name: "silent",
    trigger: "customer_silent_for",
    minutes: 5 * 1440,
    rules: () => [{ field: "status", operator: "eq", value: "pending" }],
    actions: () => [{ type: "set_status", status: "resolved" }],
  },
  {
    name: "vip",
    trigger: "conversation_created",
    rules: () => [{ field: "contact_tag", operator: "eq", value: "vip" }],
    actions: () => [
      { type: "set_priority", priority: "high" },
      { type: "add_tag", tag: "vip" },
    ],
  },
  {
    name: "automatic",
    trigger: "conversation_created",
    rules: () => [{ field: "automatic", operator: "eq", value: "true" }],
    actions: () => [
      { type: "add_tag", tag: "automatic" },
      { type: "set_status", status: "resolved" },
    ],
  },
  { name: "empty", trigger: "message_received", rules: () => [], actions: () => [{ type: "add_tag", tag: "" }] },
];

export function draftOf(template: Template, t: TFunction<"automations">): Draft {
  const text: Text = (key) => t(key, { skipInterpolation: true });
  return {
    name: template.name === "empty" ? "" : t(`template.${template.name}.name`),
    trigger: template.trigger,
    minutes: template.minutes ?? 60,
    conditions: readGroup({ match: template.match ?? "all", rules: template.rules(text) }),
    actions: template.actions(text).map(readAction),
    is_active: true,
  };
}
