import i18next, { type TFunction } from "i18next";
import { beforeAll, expect, test } from "vitest";

import common from "../i18n/de/common.json";
import thread from "../i18n/de/thread.json";
import { sentence } from "./events";

let t: TFunction<["thread", "common"]>;

beforeAll(async () => {
  const i18n = i18next.createInstance();
  await i18n.init({ lng: "de", resources: { de: { common, thread } }, interpolation: { escapeValue: false } });
  t = i18n.t as unknown as typeof t;
});

test.each([
  ["Ann Admin took this conversation", "Ann Admin hat dieses Gespräch übernommen"],
  ["Ann assigned this conversation to Bob to be sure", "Ann hat dieses Gespräch Bob to be sure zugewiesen"],
  ["The customer reopened this conversation", "Der Kunde hat dieses Gespräch wieder geöffnet"],
  ["The rule “VIPs first” set the priority to high", "Die Regel „VIPs first“ hat die Priorität auf Hoch gesetzt"],
  ["Deskbell set this conversation to pending", "Deskbell hat dieses Gespräch auf Wartend gesetzt"],
  ["The snooze is over", "Die Zurückstellung ist vorbei"],
  ["Ann added the tag late delivery", "Ann hat das Schlagwort late delivery hinzugefügt"],
  ["Ann merged #12 into this conversation", "Ann hat #12 mit diesem Gespräch zusammengeführt"],
  ["The customer said: “Great”", "Der Kunde schrieb dazu: „Great“"],
])("%s", (told, want) => {
  expect(sentence(t, told)).toBe(want);
});

test("times are told as people read them, and the unknown stays as it is", () => {
  const snoozed = sentence(t, "Ann snoozed this conversation until 2026-11-22T09:00:00.000Z");
  expect(snoozed).not.toContain("T09:00");
  expect(snoozed).toContain("2026");
  expect(sentence(t, "Something of a later version")).toBe("Something of a later version");
});
