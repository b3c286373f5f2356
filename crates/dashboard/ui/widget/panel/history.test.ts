import { expect, test } from "vitest";

import type { Message } from "./api";
import { messageIn, renewed, withMessage } from "./history";

const message = (id: string, minute: number): Message => ({
  id,
  from: "agent",
  author: null,
  text: id,
  html: null,
  attachments: [],
  created_at: `2026-01-01T10:${String(minute).padStart(2, "0")}:00.000Z`,
  client_id: null,
});
const [a, b, c, d] = [message("a", 1), message("b", 2), message("c", 3), message("d", 4)] as const;
const ids = (messages: Message[]) => messages.map((it) => it.id).join("");

test("a page that reaches back joins what was known, with what came meanwhile", () => {
  const { messages, whole } = renewed([a, b, d], [b, c]);
  expect([ids(messages), whole]).toEqual(["abcd", true]);
});

test("with a gap before the page, what is older is asked for again", () => {
  const { messages, whole } = renewed([a], [c, d]);
  expect([ids(messages), whole]).toEqual(["cd", false]);
});

test("a message comes once, in its place, as it was last told", () => {
  expect(ids(withMessage([a, c], b))).toBe("abc");
  const changed = { ...b, text: "changed" };
  expect(withMessage([a, b, c], changed)).toEqual([a, changed, c]);
});

test("what is no message is dropped", () => {
  expect(messageIn(JSON.stringify(a))).toEqual(a);
  for (const it of ["", "null", "7", "{}", JSON.stringify({ ...a, from: "admin" }), JSON.stringify({ ...a, id: 5 })]) {
    expect(messageIn(it)).toBeNull();
  }
});
