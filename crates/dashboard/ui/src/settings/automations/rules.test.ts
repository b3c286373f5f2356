import { expect, test } from "vitest";

import { type Automation, isGroup, moved, operatorsOf, readDraft, write } from "./rules";

const STORED = {
  id: "1",
  name: "Late and important",
  trigger: "no_reply_for",
  minutes: 90,
  conditions: {
    match: "all",
    rules: [
      { field: "status", operator: "in", value: ["open", "pending"] },
      { match: "any", rules: [{ field: "contact_tag", operator: "eq", value: "vip" }, { field: "subject", operator: "is_empty" }] },
    ],
  },
  actions: [
    { type: "set_priority", priority: "high" },
    { type: "assign_agent", agent_id: null },
    { type: "snooze", minutes: 30 },
    { type: "stop" },
  ],
  is_active: true,
} as unknown as Automation;

test("a rule comes back from the editor as it went in", () => {
  const { name, trigger, minutes, conditions, actions, is_active } = STORED;
  expect(write(readDraft(STORED))).toEqual({ name, trigger, minutes, conditions, actions, is_active });
});

test("minutes go with triggers of time only", () => {
  expect(write({ ...readDraft(STORED), trigger: "tag_added" }).minutes).toBe(null);
});

test("groups hold groups", () => {
  expect(readDraft(STORED).conditions.rules.map(isGroup)).toEqual([false, true]);
});

test("of a field with two words one asks only which it is", () => {
  expect(operatorsOf("spam")).toEqual(["eq"]);
  expect(operatorsOf("subject")).toContain("matches");
});

test("one rule goes up, the others make room", () => {
  expect(moved(["a", "b", "c"], 2, 0)).toEqual(["c", "a", "b"]);
  expect(moved(["a", "b", "c"], 0, 1)).toEqual(["b", "a", "c"]);
});
