import { expect, test } from "vitest";

import { strength } from "./strength";

test("a password is as strong as it is hard to guess", () => {
  const cases: [string, string, string[]?][] = [
    ["", "short"],
    ["Xk3#pQ9", "short"],
    ["aaaaaaaaaaaaaaaa", "weak"],
    ["12345678", "weak"],
    ["abcdefghijkl", "weak"],
    ["lamplight", "fair"],
    ["correct horse battery", "good"],
    ["seven lamps shine over Berlin 1923", "strong"],
    ["密码很长但是好记", "good"],
  ];
  for (const [password, want] of cases) expect(strength(password), password).toBe(want);
});

test("one's own name or company makes it no stronger", () => {
  expect(strength("lanternworks1", ["Lantern Works", "lanternworks"])).toBe("weak");
  expect(strength("ann.admin@desk.example", ["Ann Admin", "ann@desk.example"])).toBe("weak");
});
