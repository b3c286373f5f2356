import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";

import { caughtUp, useEdited } from "./edited";

afterEach(cleanup);

describe("what a save leaves of a form", () => {
  const cases = [
    ["nothing typed meanwhile", { name: "a" }, { name: "a " }, { name: "a " }, { name: "a" }],
    ["another field", { name: "a", text: "" }, { name: "a ", text: "" }, { name: "a ", text: "b" }, { name: "a", text: "b" }],
    ["the same field", { name: "a" }, { name: "a " }, { name: "a b" }, { name: "a b" }],
    ["a part of a part", { imap: { host: "x", port: 1 } }, { imap: { host: "X", port: 1 } }, { imap: { host: "X", port: 2 } }, { imap: { host: "x", port: 2 } }],
    ["a list as a whole", { tags: ["a"] }, { tags: ["a"] }, { tags: ["a", "b"] }, { tags: ["a", "b"] }],
    ["a part taken away", { week: { monday: 1 } }, { week: { monday: 1 } }, { week: null }, { week: null }],
  ] as const;
  for (const [name, stored, sent, typed, left] of cases) {
    it(name, () => expect(caughtUp<unknown>(stored, sent, typed)).toEqual(left));
  }
});

describe("a form over something stored", () => {
  const first = { name: "Desk", signature: "" };

  it("keeps what is typed while a save is under way", () => {
    const { result } = renderHook(() => useEdited(first));
    act(() => result.current.put({ name: " Desk 2" }));
    const sent = result.current.form;
    act(() => result.current.put({ signature: "Bye" }));
    let left = false;
    act(() => {
      left = result.current.adopt({ name: "Desk 2", signature: "" }, sent);
    });
    expect(left).toBe(true);
    expect(result.current.form).toEqual({ name: "Desk 2", signature: "Bye" });
    expect(result.current.changed).toBe(true);
    act(() => result.current.discard());
    expect(result.current.form).toEqual({ name: "Desk 2", signature: "" });
  });

  it("is as stored when nothing was typed meanwhile", () => {
    const { result } = renderHook(() => useEdited(first));
    act(() => result.current.put({ name: "Desk 2" }));
    let left = true;
    act(() => {
      left = result.current.adopt({ name: "Desk 2", signature: "" }, result.current.form);
    });
    expect(left).toBe(false);
    expect(result.current.changed).toBe(false);
  });

  it("follows what somebody else stored, where nothing was typed", () => {
    const { result, rerender } = renderHook(({ stored }) => useEdited(stored), { initialProps: { stored: first } });
    act(() => result.current.put({ name: "Mine" }));
    rerender({ stored: { name: "Theirs", signature: "Bye" } });
    expect(result.current.form).toEqual({ name: "Mine", signature: "Bye" });
    expect(result.current.saved).toEqual({ name: "Theirs", signature: "Bye" });
  });
});
