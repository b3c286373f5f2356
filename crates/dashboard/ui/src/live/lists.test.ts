import { expect, test } from "vitest";

import type { Conversation } from "../api/queries";
import { belongs, type Pages, place } from "./lists";

const ME = "ann";

function conversation(id: string, minute: number, more: Partial<Conversation> = {}): Conversation {
  const at = new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
  const last_message = { text: "", direction: "inbound" as const, created_at: at };
  const plain = { spam: false, status: "open", tags: [], unread_count: 1, assigned_agent_id: null, waiting_since: at };
  return { id, created_at: at, last_message, snippet: null, ...plain, ...more } as unknown as Conversation;
}

const listed = (...pages: Conversation[][]): Pages => ({
  pages: pages.map((data, at) => ({ data, pagination: { has_more: at < pages.length - 1 } })),
  pageParams: pages.map(String),
});
const ids = (pages: Pages) => pages.pages.map((page) => page.data.map((it) => it.id).join(""));

test("a list has what it was asked for", () => {
  const it = conversation("a", 1, { tags: ["Sale"], assigned_agent_id: ME });
  const cases: [Record<string, string>, boolean | undefined][] = [
    [{}, true],
    [{ status: "open", tag: "sale" }, true],
    [{ status: "resolved" }, false],
    [{ assigned_to: "me" }, true],
    [{ assigned_to: "none" }, false],
    [{ assigned_to: "ben" }, false],
    [{ unread: "false" }, false],
    [{ spam: "true" }, false],
    [{ search: "lamp" }, undefined],
    [{ search: "lamp", status: "pending" }, false],
  ];
  for (const [asked, want] of cases) expect(belongs(asked, it, ME), JSON.stringify(asked)).toBe(want);
});

test("what is new comes first, what was answered moves up, what does not belong goes", () => {
  const before = listed([conversation("c", 9), conversation("b", 5)], [conversation("a", 1)]);
  expect(ids(place(before, {}, conversation("n", 10), ME))).toEqual(["ncb", "a"]);
  expect(ids(place(before, {}, conversation("a", 11), ME))).toEqual(["acb", ""]);
  expect(ids(place(before, { status: "open" }, conversation("b", 5, { status: "resolved" }), ME))).toEqual(["c", "a"]);
  expect(ids(place(before, { sort: "oldest" }, conversation("z", 0), ME))).toEqual(["zcb", "a"]);
});

test("what would stand below all that was read waits until it is read", () => {
  const unfinished = listed([conversation("c", 9)], [conversation("b", 5)]);
  unfinished.pages[1]!.pagination.has_more = true;
  expect(place(unfinished, {}, conversation("a", 1), ME)).toBe(unfinished);
  expect(ids(place(listed([conversation("c", 9)]), {}, conversation("a", 1), ME))).toEqual(["ca"]);
  expect(ids(place(listed([]), {}, conversation("a", 1), ME))).toEqual(["a"]);
});

test("what was just read stays among the unread, and hits keep their place and their words", () => {
  const snippet = { field: "text", message_id: null, parts: [] } as unknown as Conversation["snippet"];
  const before = listed([conversation("c", 9), conversation("b", 5, { snippet })]);
  expect(ids(place(before, { unread: "true" }, conversation("b", 5, { unread_count: 0 }), ME))).toEqual(["cb"]);
  const hits = place(before, { search: "lamp" }, conversation("b", 20), ME);
  expect(ids(hits)).toEqual(["cb"]);
  expect(hits.pages[0]?.data[1]?.snippet).toBe(snippet);
});
