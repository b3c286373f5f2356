import { beforeAll, expect, test } from "vitest";

import { start } from "../i18n";
import { day, share, took, weekday } from "./numbers";
import { given } from "./queries";

beforeAll(start);

test("a span is told in the unit that fits it", () => {
  const told = [0, 59, 60, 3599, 5400, 3 * 86_400, null].map(took);
  expect(told).toEqual(["0 sec", "59 sec", "1 min", "60 min", "1.5 hr", "3 days", "–"]);
});

test("of nothing there is no share", () => {
  expect([share(0.125), share(0), share(null)]).toEqual(["12.5%", "0%", "–"]);
});

test("a day stays the day it is, and the week begins on Monday", () => {
  expect([day("2026-03-29"), weekday(0), weekday(6)]).toEqual(["Mar 29", "Mon", "Sun"]);
});

test("dates go before a number of days", () => {
  expect(given({ days: "30", from: "2026-01-01", tag: "" })).toEqual({ from: "2026-01-01" });
  expect(given({ days: "30" })).toEqual({ days: "30" });
});
