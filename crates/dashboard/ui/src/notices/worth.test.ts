import { expect, test } from "vitest";

import type { Happened } from "../live/happened";
import { worth } from "./worth";

const ME = "ann";
const event = (kind: string, more: object = {}, conversation: object = {}) =>
  ({
    ...{ kind, at: "", actor: { type: "agent", id: "ben" }, conversation_id: "c1" },
    ...{ conversation: { assigned_agent_id: null, spam: false, ...conversation }, ...more },
  }) as unknown as Happened;

test("what concerns somebody is worth a word, unless they see it already", () => {
  const received = event("message_received");
  const mine = event("message_received", {}, { assigned_agent_id: ME });
  const theirs = event("message_received", {}, { assigned_agent_id: "ben" });
  expect(worth(received, ME, "team", undefined)).toBe("message");
  expect(worth(received, ME, "mine", undefined)).toBeUndefined();
  expect(worth(mine, ME, "mine", undefined)).toBe("message");
  expect(worth(mine, ME, "mine", "/inbox/c1")).toBeUndefined();
  expect(worth(theirs, ME, "team", undefined)).toBeUndefined();
  expect(worth(theirs, ME, "all", undefined)).toBe("message");
  expect(worth(event("message_received", {}, { spam: true }), ME, "all", undefined)).toBeUndefined();
});

test("being given work by somebody else is, taking it is not", () => {
  expect(worth(event("assigned", { to: ME }), ME, "mine", undefined)).toBe("assigned");
  expect(worth(event("assigned", { to: ME, actor: { type: "agent", id: ME } }), ME, "all", undefined)).toBeUndefined();
  expect(worth(event("assigned", { to: "ben" }), ME, "all", undefined)).toBeUndefined();
  expect(worth(event("note_added"), ME, "all", undefined)).toBeUndefined();
  expect(worth(event("notice_raised", { conversation_id: null }), ME, "mine", undefined)).toBe("notice");
});
