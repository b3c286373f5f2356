/** A rule while it is edited, and the words the server knows: triggers, fields, operators, actions. */

import type { Schemas } from "../../api/client";

export type Automation = Schemas["AutomationView"];
export type Trigger = Automation["trigger"];

export const TRIGGERS = [
  "message_received",
  "conversation_created",
  "conversation_status_changed",
  "conversation_assigned",
  "conversation_unassigned",
  "conversation_priority_changed",
  "tag_added",
  "tag_removed",
  "note_added",
  "message_sent",
  "contact_created",
  "no_reply_for",
  "customer_silent_for",
  "unassigned_for",
  "in_status_for",
] as const satisfies readonly Trigger[];

export const isTimed = (trigger: Trigger): boolean => trigger.endsWith("_for");

export const FIELDS = [
  "message_text",
  "subject",
  "channel",
  "channel_type",
  "status",
  "previous_status",
  "priority",
  "tag",
  "changed_tag",
  "assignee",
  "hours",
  "contact",
  "contact_name",
  "contact_email",
  "contact_phone",
  "contact_tag",
  "has_attachments",
  "automatic",
  "spam",
] as const;
export type Field = (typeof FIELDS)[number];

const OPERATORS = [
  "eq",
  "neq",
  "contains",
  "not_contains",
  "starts_with",
  "ends_with",
  "in",
  "not_in",
  "matches",
  "not_matches",
  "is_empty",
  "is_not_empty",
] as const;
export type Operator = (typeof OPERATORS)[number];

/** Fields with a few words; everything else is text of one's own. */
export const WORDS = {
  channel_type: ["email", "webchat", "whatsapp", "facebook", "instagram", "telegram", "viber", "sms"],
  status: ["open", "pending", "snoozed", "resolved"],
  previous_status: ["open", "pending", "snoozed", "resolved"],
  priority: ["low", "normal", "high", "urgent"],
  hours: ["inside", "outside"],
  has_attachments: ["true", "false"],
  automatic: ["true", "false"],
  spam: ["true", "false"],
} as const satisfies Partial<Record<Field, readonly string[]>>;

export const wordsOf = (field: Field): readonly string[] | undefined =>
  (WORDS as Partial<Record<Field, readonly string[]>>)[field];

/** What may be asked of a field: of one with two words only which it is. */
export function operatorsOf(field: Field): readonly Operator[] {
  const words = wordsOf(field);
  if (words?.length === 2) return ["eq"];
  if (words) return field === "previous_status" ? ["eq", "neq", "in", "not_in", "is_empty", "is_not_empty"] : ["eq", "neq", "in", "not_in"];
  return OPERATORS;
}

export const takesNothing = (operator: Operator): boolean => operator === "is_empty" || operator === "is_not_empty";
export const takesSeveral = (operator: Operator): boolean => operator === "in" || operator === "not_in";

export type Match = "all" | "any" | "none";

export interface Condition {
  key: number;
  field: Field;
  operator: Operator;
  value: string[];
}

export interface Group {
  key: number;
  match: Match;
  rules: (Group | Condition)[];
}

export const isGroup = (it: Group | Condition): it is Group => "rules" in it;

/** The parameter each action takes beside its type. */
export const ACTIONS = {
  add_tag: "tag",
  remove_tag: "tag",
  add_contact_tag: "tag",
  set_status: "status",
  set_priority: "priority",
  snooze: "minutes",
  assign_agent: "agent_id",
  add_note: "text",
  send_message: "text",
  send_canned_reply: "canned_reply_id",
  call_webhook: "url",
  stop: null,
} as const;
export type ActionType = keyof typeof ACTIONS;
export const ACTION_TYPES = Object.keys(ACTIONS) as ActionType[];

export interface Action {
  key: number;
  type: ActionType;
  /** Of its parameter, as text. */
  value: string;
}

export interface Draft {
  name: string;
  trigger: Trigger;
  minutes: number;
  conditions: Group;
  actions: Action[];
  is_active: boolean;
}

let keys = 0;
const newKey = (): number => keys++;

export const newCondition = (): Condition => ({ key: newKey(), field: "message_text", operator: "contains", value: [] });
export const newGroup = (match: Match = "any"): Group => ({ key: newKey(), match, rules: [newCondition()] });
export const newAction = (): Action => ({ key: newKey(), type: "add_tag", value: "" });

/** A document of the server's, or one of a template. */
export interface GroupDocument {
  match?: string;
  rules?: (GroupDocument | { field: string; operator: string; value?: unknown })[];
}

export function readGroup(document: GroupDocument): Group {
  return {
    key: newKey(),
    match: document.match === "any" || document.match === "none" ? document.match : "all",
    rules: (document.rules ?? []).map((it) => {
      if (!("field" in it)) return readGroup(it);
      const value = it.value === undefined || it.value === null ? [] : Array.isArray(it.value) ? it.value : [it.value];
      return { key: newKey(), field: it.field as Field, operator: it.operator as Operator, value: value.map(String) };
    }),
  };
}

export function readAction(document: Record<string, unknown>): Action {
  const type = document["type"] as ActionType;
  const parameter = ACTIONS[type];
  const value = parameter ? document[parameter] : undefined;
  return { key: newKey(), type, value: value === undefined || value === null ? "" : String(value) };
}

export function readDraft(it: Automation): Draft {
  return {
    name: it.name,
    trigger: it.trigger,
    minutes: it.minutes ?? 60,
    conditions: readGroup(it.conditions as GroupDocument),
    actions: it.actions.map((action) => readAction(action)),
    is_active: it.is_active,
  };
}

function writeGroup(it: Group): object {
  const rules = it.rules.map((rule) => {
    if (isGroup(rule)) return writeGroup(rule);
    const { field, operator, value } = rule;
    if (takesNothing(operator)) return { field, operator };
    return { field, operator, value: takesSeveral(operator) ? value : (value[0] ?? "") };
  });
  return { match: it.match, rules };
}

function writeAction({ type, value }: Action): object {
  const parameter = ACTIONS[type];
  if (!parameter) return { type };
  if (parameter === "minutes") return { type, minutes: Number(value) || 0 };
  if (parameter === "agent_id") return { type, agent_id: value || null };
  return { type, [parameter]: value };
}

/** As the server takes it. */
export function write(draft: Draft): Schemas["NewAutomation"] {
  return {
    name: draft.name,
    trigger: draft.trigger,
    minutes: isTimed(draft.trigger) ? draft.minutes : null,
    conditions: writeGroup(draft.conditions) as NonNullable<Schemas["NewAutomation"]["conditions"]>,
    actions: draft.actions.map(writeAction) as Schemas["NewAutomation"]["actions"],
    is_active: draft.is_active,
  };
}

/** Puts the one at `from` where the one at `to` is. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const next = [...list];
  const [it] = next.splice(from, 1);
  if (it !== undefined) next.splice(to, 0, it);
  return next;
}
