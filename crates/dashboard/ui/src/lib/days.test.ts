import { expect, test } from "vitest";

import { dayAfter, dayBefore } from "./days";

test("days go on over the ends of months and years", () => {
  expect(dayAfter("2026-12-31")).toBe("2027-01-01");
  expect(dayBefore("2024-03-01")).toBe("2024-02-29");
  expect(dayAfter("nonsense")).toBe("nonsense");
});
