import { expect, test } from "vitest";

import { dayName, fromWeek, nextSpan, toWeek, usualWeek } from "./hours";

test("midnight at the end of a span is the end of the day, there and back", () => {
  const week = { ...usualWeek(), friday: [{ from: "18:00", to: "00:00" }] };
  expect(toWeek(week).friday).toEqual([{ from: "18:00", to: "24:00" }]);
  expect(fromWeek(toWeek(week))).toEqual(week);
});

test("another span begins after the last one and ends within the day", () => {
  expect(nextSpan([])).toEqual({ from: "09:00", to: "17:00" });
  expect(nextSpan([{ from: "09:00", to: "12:00" }])).toEqual({ from: "13:00", to: "16:00" });
  expect(nextSpan([{ from: "09:00", to: "21:00" }])).toEqual({ from: "22:00", to: "00:00" });
});

test("days have their names", () => {
  expect(dayName("monday", "de")).toBe("Montag");
  expect(dayName("sunday", "en")).toBe("Sunday");
});
