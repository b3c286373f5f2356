import { expect, test } from "vitest";

import { identityIn, sealed, toHost, toPanel } from "./wire";

const identity = { userId: "42", expiresAt: 1_900_000_000, signature: "ab".repeat(32) };

test("both sides read what the other side says", () => {
  const kept = new Map([["draft", "Half a"]]);
  expect(toPanel(sealed({ type: "hello", locale: "de", open: true, identity, kept }))).toEqual({
    type: "hello",
    locale: "de",
    open: true,
    identity,
    kept,
  });
  expect(toPanel(sealed({ type: "forget" }))).toEqual({ type: "forget" });
  expect(toHost(sealed({ type: "unread", count: 3 }))).toEqual({ type: "unread", count: 3 });
  expect(toHost(sealed({ type: "known", known: false }))).toEqual({ type: "known", known: false });
});

test.each([
  null,
  "ready",
  7,
  [],
  {},
  { type: "ready" },
  { type: "ready", mark: "other" },
  { type: "open", mark: "deskbell" },
  { type: "unread", mark: "deskbell", count: -1 },
  { type: "unread", mark: "deskbell", count: "3" },
  { type: "unread", mark: "deskbell", count: 1.5 },
  { type: "message", mark: "deskbell", from: "<img>" },
  { type: "known", mark: "deskbell" },
  { type: "keep", mark: "deskbell", name: "__proto__", value: "x" },
  { type: "keep", mark: "deskbell", name: "token", value: { a: 1 } },
  { type: "__proto__", mark: "deskbell" },
])("a page does not listen to %j", (data) => {
  expect(toHost(data)).toBeNull();
});

test.each([
  { type: "open" },
  { type: "ready", mark: "deskbell" },
  { type: "hello", mark: "deskbell", locale: "en" },
  { type: "hello", mark: "deskbell", locale: 5, open: true },
  { type: "identify", mark: "deskbell" },
  { type: "identify", mark: "deskbell", identity: { ...identity, signature: "short" } },
])("the panel does not listen to %j", (data) => {
  expect(toPanel(data)).toBeNull();
});

test("an identity is whole or none, and brings nothing else along", () => {
  expect(identityIn({ ...identity, name: "Ann", admin: true })).toEqual({ ...identity, name: "Ann" });
  expect(identityIn({ ...identity, userId: 42 })).toBeNull();
  expect(identityIn({ ...identity, userId: "x".repeat(1_001) })).toBeNull();
  expect(identityIn({ ...identity, expiresAt: "1900000000" })).toBeNull();
  expect(identityIn({ ...identity, email: { toString: () => "a@b.example" } })).toBeNull();
});
