import { expect, test } from "vitest";

import { changesOf, secretsOf, shown } from "./Details";

test("what was and what became are read in each form the server writes them", () => {
  expect(changesOf({ before: "agent", after: "admin" })).toEqual([{ name: "", before: "agent", after: "admin" }]);
  expect(changesOf({ before: { name: "A" }, after: { name: "B", locale: "de" } })).toEqual([
    { name: "name", before: "A", after: "B" },
    { name: "locale", before: undefined, after: "de" },
  ]);
  expect(changesOf({ changes: { name: { from: "A", to: "B" } } })).toEqual([{ name: "name", before: "A", after: "B" }]);
  expect(changesOf({ fields: ["name"], count: 3 })).toEqual([]);
});

test("of a secret only what happened to it is told", () => {
  const changes = { "config.imap.password": "changed", name: { before: "A", after: "B" }, key: "hunter2" };
  expect(secretsOf({ changes })).toEqual([{ name: "config.imap.password", became: "changed" }]);
  expect(changesOf({ changes }).map((it) => it.name)).toEqual(["name"]);
  expect(secretsOf({ count: 3 })).toEqual([]);
});

test("what is no text is read all the same", () => {
  const hours = { monday: [{ from: "09:00", to: "12:00" }, { from: "13:00", to: "17:00" }], sunday: [] };
  expect(shown(hours)).toBe("monday: 09:00–12:00, 13:00–17:00");
  expect(shown({ quote_history: true, servers: { imap: "a", smtp: null } })).toBe("quote history: true; servers: imap: a");
  expect(shown(null)).toBe("");
});
