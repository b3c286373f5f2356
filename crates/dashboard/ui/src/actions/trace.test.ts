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
  const of = (type: string, effect: string, about: string | null, reason: string | null = null) =>
    step(t, { type, effect, about, reason, detail: "in the server's words" });
  expect(of("set_status", "done", "resolved")).toMatch(/Erledigt$/);
  expect(of("add_tag", "unchanged", "vip")).toMatch(/ vip – /);
  expect(of("snooze", "done", "120")).toContain("2 ");
  expect(of("stop", "done", null)).toBe(word(t, "action", "stop"));
  expect(of("assign_agent", "done", null)).toMatch(/ Niemand/i);
  expect(of("send_message", "done", "Hallo")).toContain("“Hallo”");
  expect(of("send_message", "skipped", "bot@x.example", "unread")).toMatch(/: bot@x.example liest niemand$/);
  expect(of("send_message", "skipped", null)).toMatch(/: in the server's words$/);
  expect(of("send_message", "skipped", null, "later_version")).toMatch(/: in the server's words$/);
  expect(step(t, { type: "add_tag", effect: "done", detail: "adds the tag vip" })).toMatch(/: adds the tag vip$/);
  expect(word(t, "triggerName", "tag_added")).toBe("Ein Schlagwort kommt dazu");
});
