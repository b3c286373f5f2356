import { expect, test } from "vitest";

import { matches } from "./matching";

test("beginnings of words find, in any order and without accents", () => {
  expect(matches("Zurückstellen bis …", "zuruck")).toBe(true);
  expect(matches("Go to unassigned", "un go")).toBe(true);
  expect(matches("Go to unassigned", "assigned")).toBe(false);
  expect(matches("Anything", "")).toBe(true);
});
