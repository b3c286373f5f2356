import i18next, { type TFunction } from "i18next";
import { beforeAll, expect, test } from "vitest";

import type { Message } from "../api/queries";
import common from "../i18n/de/common.json";
import thread from "../i18n/de/thread.json";
import { sentence, summary } from "./events";

type Told = NonNullable<Message["event"]>;

let t: TFunction<["thread", "common"]>;

beforeAll(async () => {
  const i18n = i18next.createInstance();
  await i18n.init({ lng: "de", resources: { de: { common, thread } }, interpolation: { escapeValue: false } });
  t = i18n.t as unknown as typeof t;
});

const ann = { kind: "agent", name: "Ann" } as const;
const customer = { kind: "customer" } as const;
const rule = { kind: "rule", name: "VIPs first" } as const;
const system = { kind: "system" } as const;

test.each<[Told, string]>([
  [{ by: ann, kind: "taken" }, "Ann hat dieses Gespräch übernommen"],
  [{ by: ann, kind: "assigned", to: "Bob" }, "Ann hat dieses Gespräch Bob zugewiesen"],
  [{ by: ann, kind: "assigned", to: null }, "Ann hat dieses Gespräch Ein früherer Agent zugewiesen"],
  [{ by: customer, kind: "status_set", status: "open", until: null }, "Der Kunde hat dieses Gespräch wieder geöffnet"],
  [{ by: rule, kind: "priority_set", priority: "high" }, "Die Regel „VIPs first“ hat die Priorität auf Hoch gesetzt"],
  [
    { by: system, kind: "status_set", status: "pending", until: null },
    "Deskbell hat dieses Gespräch auf Wartend gesetzt",
  ],
  [{ by: system, kind: "snooze_over" }, "Die Zurückstellung ist vorbei"],
  [{ by: ann, kind: "tag_added", tag: "late" }, "Ann hat das Schlagwort late hinzugefügt"],
  [{ by: ann, kind: "merged_here", number: 12 }, "Ann hat #12 mit diesem Gespräch zusammengeführt"],
  [{ by: customer, kind: "commented", text: "Great" }, "Der Kunde schrieb dazu: „Great“"],
  [{ by: customer, kind: "rated", score: 5, before: 2 }, "Der Kunde hat die Bewertung von 2 auf 5 von 5 geändert"],
  [{ by: system, kind: "mailed", to: "lee@x.example" }, "Der Besucher war gegangen: Dies ging an lee@x.example"],
  [{ by: system, kind: "bounced", reason: "550 nobody" }, "Eine Nachricht kam nicht an: 550 nobody"],
])("%j", (event, want) => {
  expect(sentence(t, { event, text: "What the server says" })).toBe(want);
});

test("times are told as people read them, and an old line as it was written", () => {
  const until = "2026-11-22T09:00:00.000Z";
  const snoozed = sentence(t, { event: { by: ann, kind: "status_set", status: "snoozed", until }, text: "" });
  expect(snoozed).not.toContain("T09:00");
  expect(snoozed).toContain("2026");
  expect(sentence(t, { event: null, text: "Ann took this conversation" })).toBe("Ann took this conversation");
});

test("a summary names who did it and each kind of change once", () => {
  const lines = (...events: Told[]) => events.map((event) => ({ event }) as Message);
  const resolved: Told = { by: ann, kind: "status_set", status: "resolved", until: null };
  const opened: Told = { by: ann, kind: "status_set", status: "open", until: null };
  expect(summary(t, lines(resolved, opened, resolved, opened))).toBe(
    "4 Änderungen von Ann – erledigt, wieder geöffnet",
  );
  const tagged = (tag: string): Told => ({ by: rule, kind: "tag_added", tag });
  expect(summary(t, lines(resolved, opened, tagged("a"), tagged("b")))).toMatch(
    /^4 Änderungen von Ann .* der Regel „VIPs first“ – erledigt, wieder geöffnet, Schlagwort a hinzugefügt, …$/,
  );
  expect(summary(t, lines(resolved, tagged("a"), { by: customer, kind: "taken" }))).toMatch(/^3 Änderungen – erledigt/);
});
