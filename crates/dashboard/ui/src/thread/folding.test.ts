import { expect, test } from "vitest";

import type { Message } from "../api/queries";
import { folded } from "./folding";

/** `m` is a message, `f` a failure, `o` a line of before events were kept; all else a change. */
const thread = (letters: string): Message[] =>
  [...letters].map((it, place) => {
    const by = { kind: "system" };
    const event = { m: null, o: null, f: { by, kind: "not_sent", reason: "" } }[it];
    return { id: `${it}${place}`, event: event === undefined ? { by, kind: "taken" } : event } as Message;
  });

const shape = (letters: string): string =>
  folded(thread(letters))
    .map((it) => (Array.isArray(it) ? `[${it.map((one) => one.id[0]).join("")}]` : it.id[0]))
    .join("");

test.each([
  ["", ""],
  ["maam", "maam"],
  ["maaam", "m[aaa]m"],
  ["mooom", "mooom"],
  ["maafaaam", "maaf[aaa]m"],
  // At the end, the newest stands for itself.
  ["maaa", "maaa"],
  ["maaaa", "m[aaa]a"],
  ["aaaaa", "[aaaa]a"],
  ["aaaf", "[aaa]f"],
])("%s is shown as %s", (all, want) => {
  expect(shape(all)).toBe(want);
});
