import { expect, test } from "vitest";

import { changesOf } from "./Details";

test("what was and what became are read in each form the server writes them", () => {
  expect(changesOf({ before: "agent", after: "admin" })).toEqual([{ name: "", before: "agent", after: "admin" }]);
  expect(changesOf({ before: { name: "A" }, after: { name: "B", locale: "de" } })).toEqual([
    { name: "name", before: "A", after: "B" },
    { name: "locale", before: undefined, after: "de" },
  ]);
  expect(changesOf({ changes: { name: { from: "A", to: "B" } } })).toEqual([{ name: "name", before: "A", after: "B" }]);
  expect(changesOf({ fields: ["name"], count: 3 })).toEqual([]);
});
