import { expect, test } from "vitest";

import { newId } from "./ids";

test("an id is a UUID of version 4, another one each time", () => {
  const made = Array.from({ length: 100 }, newId);
  for (const it of made) expect(it).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new Set(made).size).toBe(100);
});
