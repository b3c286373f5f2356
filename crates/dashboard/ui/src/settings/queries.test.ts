import { expect, test } from "vitest";

import { type Channel, isStarting } from "./queries";

const AT = "2026-11-21T20:00:00.000Z";

const mailbox = (it: Partial<Channel>, receive: Partial<Channel["health"]["receive"]> = {}): Channel =>
  ({ type: "email", is_active: true, updated_at: AT, ...it, health: { backfill: null, receive } }) as unknown as Channel;

test.each([
  ["new", mailbox({}), 5, true],
  ["looked at", mailbox({}, { last_success_at: AT }), 5, false],
  ["failed", mailbox({}, { last_error: "no such folder" }), 5, false],
  ["slow", mailbox({}), 90, false],
  ["switched off", mailbox({ is_active: false }), 5, false],
  ["a chat", mailbox({ type: "webchat" }), 5, false],
])("a mailbox that is %s", (_, it, seconds, want) => {
  expect(isStarting(it, new Date(AT).getTime() + seconds * 1000)).toBe(want);
});
