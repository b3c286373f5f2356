import { expect, test } from "vitest";

import { fromPairs, toPairs } from "./pairs";
import { merged } from "./preview";
import type { Contact } from "./queries";

const NOBODY: Contact = {
  id: "1",
  name: null,
  email: null,
  phone: null,
  emails: [],
  phones: [],
  tags: [],
  notes: null,
  attributes: {},
  external_ids: {},
  blocked: false,
  created_at: "2026-01-01T00:00:00.000Z",
  updated_at: "2026-01-01T00:00:00.000Z",
};

/** The API's description knows no more of them than that they are an object. */
const attributes = (it: object) => it as Contact["attributes"];

test("what stays comes first, and nothing is there twice", () => {
  const into: Contact = { ...NOBODY, name: "Lee", emails: ["lee@x.example"], tags: ["vip"], notes: "likes tea", attributes: attributes({ plan: "gold" }) };
  const from: Contact = {
    ...NOBODY,
    emails: ["lee@work.example", "LEE@x.example"],
    tags: ["VIP", "late"],
    notes: "works late",
    attributes: attributes({ plan: "none", desk: "7" }),
    external_ids: { shop: "42" },
  };
  expect(merged(from, into)).toEqual({
    name: "Lee",
    emails: ["lee@x.example", "lee@work.example"],
    phones: [],
    tags: ["vip", "late"],
    notes: "likes tea\n\nworks late",
    attributes: { plan: "gold", desk: "7" },
    external_ids: { shop: "42" },
    blocked: false,
  });
});

test("attributes that are no text survive being looked at", () => {
  const before = { plan: "gold", seats: 7, vip: true };
  const pairs = toPairs(before);
  expect(fromPairs(pairs, before)).toEqual(before);
  pairs[1]!.value = "8";
  pairs.push({ key: -1, name: " ", value: "lost" });
  expect(fromPairs(pairs, before)).toEqual({ plan: "gold", seats: "8", vip: true });
});
