import { beforeEach, expect, test } from "vitest";

import { forget, keep, load } from "./drafts";

beforeEach(() => localStorage.clear());

test("a draft comes back until it is sent or emptied", () => {
  keep("a", "Hello", true);
  expect(load("a")).toMatchObject({ text: "Hello", private: true });
  forget("a");
  expect(load("a")).toBeUndefined();
  keep("a", "Hello", false);
  keep("a", "  ", false);
  expect(load("a")).toBeUndefined();
});

test("what is stored and no draft is none", () => {
  localStorage.setItem("deskbell.draft.a", "{");
  localStorage.setItem("deskbell.draft.b", '{"text": 5}');
  expect([load("a"), load("b")]).toEqual([undefined, undefined]);
});

test("old drafts go before new ones", () => {
  for (let at = 0; at < 205; at++) {
    localStorage.setItem(`deskbell.draft.${at}`, JSON.stringify({ text: "x", private: false, at }));
  }
  keep("new", "Hello", false);
  expect([load("0"), load("new")?.text, load("204")?.text]).toEqual([undefined, "Hello", "x"]);
});
