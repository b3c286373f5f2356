import i18next, { type TFunction } from "i18next";
import { beforeAll, expect, test } from "vitest";

import automations from "../i18n/de/automations.json";
import thread from "../i18n/de/thread.json";
import { condition, step, word } from "./trace";

let t: TFunction<["automations", "thread"]>;

beforeAll(async () => {
  const i18n = i18next.createInstance();
  await i18n.init({ lng: "de", resources: { de: { automations, thread } }, interpolation: { escapeValue: false } });
  t = i18n.t as unknown as typeof t;
});

const nobody = () => undefined;

test("conditions are told in words, with what was there", () => {
  const looked = { field: "previous_status", operator: "in", value: ["open", "pending"], actual: ["resolved"], matched: false };
  expect(condition(t, looked, nobody)).toBe("Vorheriger Status ist eines von “Offen, Wartend” (war aber Erledigt)");
  const who = { field: "assignee", operator: "eq", value: "id-1", actual: [], matched: true };
  expect(condition(t, who, (id) => (id === "id-1" ? "Ann" : undefined))).toContain("“Ann”");
  expect(condition(t, { field: "brand_new", operator: "eq", value: 3, actual: ["3"], matched: true }, nobody)).toContain("brand new");
});

test("steps are told in words, whatever came of them", () => {
  expect(step(t, { type: "set_status", effect: "done", detail: "sets the status to resolved" })).toMatch(/Erledigt$/);
  expect(step(t, { type: "add_tag", effect: "unchanged", detail: "adds the tag vip: it is so already" })).toMatch(/ vip – /);
  expect(step(t, { type: "snooze", effect: "done", detail: "snoozes it for 120 minutes" })).toContain("2 ");
  expect(step(t, { type: "stop", effect: "done", detail: "no later rule looks" })).toBe(word(t, "action", "stop"));
  expect(word(t, "triggerName", "tag_added")).toBe("Ein Schlagwort kommt dazu");
});
