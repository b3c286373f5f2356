import { expect, test } from "vitest";

import { inkOn, isColor } from "./colors";

test.each([
  ["#3b5bdb", "#ffffff"],
  ["#ffe066", "#000000"],
  ["#000000", "#ffffff"],
  ["#808080", "#000000"],
])("on %s one reads %s", (color, ink) => {
  expect(inkOn(color)).toBe(ink);
});

test("a colour is six digits and nothing that goes on after them", () => {
  expect(isColor("#12abEF")).toBe(true);
  for (const it of ["red", "#fff", "#12abef;}", null, 5]) expect(isColor(it)).toBe(false);
});
