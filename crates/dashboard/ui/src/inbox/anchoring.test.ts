import { expect, test } from "vitest";

import { arrived, moved } from "./anchoring";

const rows = [..."abcdefghij"];

test("what is read stands still when something comes in above it", () => {
  const after = ["new", "newer", ...rows];
  expect(moved(rows, after, 3)).toBe(2);
  expect(arrived(rows, after, 3)).toEqual(["new", "newer"]);
});

test("a row that is answered moves alone", () => {
  const after = ["e", ..."abcdfghij"];
  expect(moved(rows, after, 3)).toBe(0);
  expect(moved(rows, ["j", ..."abcdefghi"], 3)).toBe(1);
  expect(arrived(rows, ["j", ..."abcdefghi"], 3)).toEqual(["j"]);
});

test("nothing moves when rows below change or go", () => {
  expect(moved(rows, [..."abcdef"], 2)).toBe(0);
  expect(moved(rows, [], 2)).toBe(0);
  expect(arrived(rows, [..."abcdef"], 2)).toEqual([]);
});
