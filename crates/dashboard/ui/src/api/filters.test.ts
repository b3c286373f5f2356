import { expect, test } from "vitest";

import { asked, asQuery, type Filter, isSame, ofView, readFilter } from "./filters";

test("days become operators that stand before the words", () => {
  const filter: Filter = { status: "open", after: "2026-01-31", before: "2026-02-02", search: ' "late order', view: "x" };
  expect(asked(filter)).toEqual({ status: "open", search: 'after:2026-01-31 before:2026-02-02 "late order' });
  expect(asked({ status: "", search: " " })).toEqual({});
});

test("a view leads back to the filter it was made from", () => {
  const filter: Filter = { after: "2026-01-31", search: "refund", unread: "true", tag: "Sale" };
  expect(asQuery(filter)).toEqual({ search: "after:2026-01-31 refund", unread: true, tag: "Sale" });
  const query = {
    ...{ status: null, channel_type: null, channel_id: null, assigned_to: null, contact_id: null, spam: null, sort: null },
    ...{ search: "after:2026-01-31 refund", unread: true, tag: "Sale" },
  };
  expect(ofView({ id: "v", query })).toEqual({ ...filter, view: "v" });
  expect(isSame(ofView({ id: "v", query }), filter)).toBe(true);
  expect(isSame({ status: "open" }, { status: "open", search: "x" })).toBe(false);
});

test("an address gives only what a list can be asked for", () => {
  const typed = { status: "open", unread: true, tag: 5, evil: "x", search: { a: 1 } };
  expect(readFilter(typed)).toEqual({ status: "open", unread: "true", tag: "5" });
});
