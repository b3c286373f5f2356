import { beforeEach, expect, test } from "vitest";

import { clear, extend, selection, startTicking, tickAll, tickMatching, toggle } from "./selection";

const ROWS = ["a", "b", "c", "d"];
const ticked = () => [...selection.get().ids].sort().join("");

beforeEach(clear);

test("rows are ticked one by one and in ranges", () => {
  toggle("b");
  extend(ROWS, "d");
  expect(ticked()).toBe("bcd");
  toggle("c");
  expect(ticked()).toBe("bd");
  extend(ROWS, "a");
  expect(ticked()).toBe("abcd");
});

test("unticking the last one ends it, but not where rows are ticked by a tap", () => {
  toggle("a");
  toggle("a");
  expect(selection.get().anchor).toBeUndefined();
  startTicking();
  toggle("a");
  toggle("a");
  expect(selection.get().ticking).toBe(true);
});

test("one more tick means the ticked ones again, not all that match", () => {
  tickAll(ROWS);
  tickMatching();
  expect(selection.get().all).toBe(true);
  toggle("a");
  expect([selection.get().all, ticked()]).toEqual([false, "bcd"]);
});
