import { beforeAll, expect, test } from "vitest";

import { start } from "../i18n";
import { bytes, shortTime, snoozeTimes, span } from "./times";

beforeAll(start);

const now = new Date(2026, 5, 10, 15, 30);

test("a time is as short as it may be without being mistaken", () => {
  const at = (...parts: [number, number, number, number, number]) => shortTime(new Date(...parts).toISOString(), now);
  expect(at(2026, 5, 10, 9, 5)).toMatch(/9:05|09:05/);
  expect(at(2026, 5, 8, 9, 5)).toBe("Mon");
  expect(at(2026, 1, 3, 9, 5)).toBe("Feb 3");
  expect(at(2025, 1, 3, 9, 5)).toBe("Feb 3, 2025");
});

test("a span grows from minutes to days", () => {
  const before = (minutes: number) => span(new Date(now.getTime() - minutes * 60_000).toISOString(), now.getTime());
  expect([before(-5), before(12), before(150), before(4 * 1440)]).toEqual(["0 min", "12 min", "2 hr", "4 days"]);
});

test("nothing sleeps into the past, and Monday is the next one", () => {
  for (let day = 1; day <= 7; day++) {
    const from = new Date(2026, 5, day, 23, 59);
    for (const { key, at } of snoozeTimes(from)) {
      expect(at.getTime()).toBeGreaterThan(from.getTime());
      if (key === "monday") expect(at.getDay()).toBe(1);
    }
  }
});

test("sizes are told in the largest unit that fits", () => {
  expect([bytes(12), bytes(1_500), bytes(25_000_000)]).toEqual(["12 byte", "1.5 kB", "25 MB"]);
});
