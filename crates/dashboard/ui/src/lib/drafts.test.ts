import { beforeEach, expect, test } from "vitest";

import { BLANK } from "../composer/content";
import { forget, keep, load } from "./drafts";

const kept = (text: string) => ({ content: { ...BLANK, text }, version: 3 });

beforeEach(() => localStorage.clear());

test("a draft comes back until it is forgotten", () => {
  keep("a", kept("Hello"));
  expect(load("a")).toEqual(kept("Hello"));
  forget("a");
  expect(load("a")).toBeUndefined();
});

test("what is stored and no draft is none", () => {
  localStorage.setItem("deskbell.draft.a", "{");
  localStorage.setItem("deskbell.draft.b", '{"content": {"text": 5}}');
  expect([load("a"), load("b")]).toEqual([undefined, undefined]);
});

test("old drafts go before new ones", () => {
  for (let at = 0; at < 205; at++) {
    localStorage.setItem(`deskbell.draft.${at}`, JSON.stringify({ ...kept("x"), at }));
  }
  keep("new", kept("Hello"));
  expect([load("0"), load("new")?.content.text, load("204")?.content.text]).toEqual([undefined, "Hello", "x"]);
});
