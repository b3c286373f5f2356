import { beforeEach, expect, test } from "vitest";

import { begun, compose, composing, NOTHING, sent } from "./composing";

beforeEach(() => {
  begun.set(NOTHING);
  composing.set(false);
});

test("what was begun to one person waits while another is written to", () => {
  compose("ann@x.example");
  begun.set({ ...begun.get(), text: "Dear Ann" });
  compose("ben@x.example");
  expect(begun.get()).toEqual({ ...NOTHING, to: "ben@x.example" });
  const toBen = { ...begun.get(), text: "Dear Ben" };
  begun.set(toBen);
  compose("ann@x.example");
  expect(begun.get().text).toBe("Dear Ann");
  compose("ben@x.example");
  expect(begun.get().text).toBe("Dear Ben");
  sent(begun.get());
  expect(begun.get().text).toBe("Dear Ann");
  sent(begun.get());
  expect(begun.get()).toEqual(NOTHING);
});

test("it is still there when the page is loaded anew, and what is typed while it is sent stays", () => {
  compose("ann@x.example");
  const first = { ...begun.get(), text: "Dear Ann" };
  begun.set(first);
  expect(JSON.parse(sessionStorage.getItem("deskbell.beginning") ?? "")).toEqual(first);
  begun.set({ ...first, text: "Dear Ann, and" });
  sent(first);
  expect(begun.get().text).toBe("Dear Ann, and");
});
