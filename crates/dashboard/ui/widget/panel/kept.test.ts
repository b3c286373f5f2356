import { expect, test } from "vitest";

import { kept } from "./kept";

const none = { kept: new Map<string, string>(), keep: () => undefined };

test("what is kept is there after a reload, for this channel alone", () => {
  kept("one", none).set("draft", "Half a thought");
  expect(kept("one", none).get("draft")).toBe("Half a thought");
  expect(kept("two", none).get("draft")).toBeNull();
  kept("one", none).set("draft", null);
  expect(kept("one", none).get("draft")).toBeNull();
});

test("where the browser lets a frame keep nothing, the page around it does", () => {
  const page = new Map([["token", "t"]]);
  const keep = (name: string, value: string | null) => void (value === null ? page.delete(name) : page.set(name, value));
  const denied = () => {
    throw new DOMException("denied", "SecurityError");
  };
  const it = kept("one", { kept: page, keep }, denied);
  expect([it.shared, it.get("token")]).toEqual([false, "t"]);
  it.set("draft", "x");
  it.set("token", null);
  expect([...page]).toEqual([["draft", "x"]]);
  expect([it.get("draft"), it.get("token")]).toEqual(["x", null]);
});

test("a full storage loses nothing while the page lasts", () => {
  const full = {
    getItem: () => null,
    removeItem: () => undefined,
    setItem(name: string) {
      if (name !== "deskbell.chat.probe") throw new DOMException("full", "QuotaExceededError");
    },
  } as unknown as Storage;
  const it = kept("one", none, () => full);
  it.set("draft", "x");
  expect(it.get("draft")).toBe("x");
});
