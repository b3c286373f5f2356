import { expect, test } from "vitest";

import { isSame } from "./inbox/Views";
import { isOwnPath, readFilter } from "./router";

test("after signing in nobody is led elsewhere", () => {
  for (const path of ["/", "/inbox?status=open", "/inbox/1#x"]) expect(isOwnPath(path)).toBe(true);
  for (const path of ["//evil.example", "/\\evil.example", "https://evil.example", "", "/a\r\nb"]) {
    expect(isOwnPath(path), path).toBe(false);
  }
});

test("an address gives only what a list can be asked for", () => {
  const typed = { status: "open", unread: true, tag: 5, evil: "x", search: { a: 1 } };
  expect(readFilter(typed)).toEqual({ status: "open", unread: "true", tag: "5" });
});

test("a view stays chosen while something is searched for in it", () => {
  expect(isSame({ status: "open" }, { status: "open", search: "lamp" })).toBe(true);
  expect(isSame({ status: "open" }, { status: "open", assigned_to: "me" })).toBe(false);
});
