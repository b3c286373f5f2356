import { expect, test } from "vitest";

import { isOwnPath } from "./router";

test("after signing in nobody is led elsewhere", () => {
  for (const path of ["/", "/inbox?status=open", "/inbox/1#x"]) expect(isOwnPath(path)).toBe(true);
  for (const path of ["//evil.example", "/\\evil.example", "https://evil.example", "", "/a\r\nb"]) {
    expect(isOwnPath(path), path).toBe(false);
  }
});
