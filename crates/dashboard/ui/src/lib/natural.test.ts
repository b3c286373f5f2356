import { expect, test } from "vitest";

import { parseWhen } from "./natural";

/** A Wednesday at ten. */
const NOW = new Date(2026, 10, 18, 10, 0);

test.each([
  ["in 3 hours", "18 13:00"],
  ["3h", "18 13:00"],
  ["30m", "18 10:30"],
  ["in einer Stunde", "18 11:00"],
  ["in 20 Minuten", "18 10:20"],
  ["3 jam lagi", "18 13:00"],
  ["sejam lagi", "18 11:00"],
  ["in 2 days", "20 09:00"],
  ["in 2 days at 14:30", "20 14:30"],
  ["in a week", "25 09:00"],
  ["in 2 Wochen", "2 09:00"],
  ["2 minggu lagi", "2 09:00"],
  ["tomorrow", "19 09:00"],
  ["tomorrow 9", "19 09:00"],
  ["Tomorrow at 2pm", "19 14:00"],
  ["tomorrow evening", "19 18:00"],
  ["tomorrow at 8 in the evening", "19 20:00"],
  ["morgen", "19 09:00"],
  ["morgen früh", "19 09:00"],
  ["morgen um 8 Uhr", "19 08:00"],
  ["morgen 14.30", "19 14:30"],
  ["übermorgen mittags", "20 12:00"],
  ["heute abend", "18 18:00"],
  ["tonight", "18 19:00"],
  ["besok", "19 09:00"],
  ["besok jam 9", "19 09:00"],
  ["besok jam 3 sore", "19 15:00"],
  ["lusa pukul 14.00", "20 14:00"],
  ["malam ini", "18 19:00"],
  ["monday", "23 09:00"],
  ["next monday", "23 09:00"],
  ["next monday 8:15", "23 08:15"],
  ["wednesday", "25 09:00"],
  ["nächsten Montag", "23 09:00"],
  ["am Freitag um 16 Uhr", "20 16:00"],
  ["Dienstag morgen", "24 09:00"],
  ["senin depan", "23 09:00"],
  ["hari Jumat jam 10", "20 10:00"],
  ["next week", "23 09:00"],
  ["nächste Woche", "23 09:00"],
  ["minggu depan", "23 09:00"],
  ["9", "19 09:00"],
  ["11", "18 11:00"],
  ["noon", "18 12:00"],
  ["24 Dec", "24 09:00"],
  ["Dec 24 at 10", "24 10:00"],
  ["24.12. 11:30", "24 11:30"],
  ["24/12/2026", "24 09:00"],
  ["2026-12-24", "24 09:00"],
  ["24 Desember", "24 09:00"],
  ["3. März", "3 09:00"],
])("%s", (text, want) => {
  const at = parseWhen(text, NOW);
  const clock = at && `${at.getHours()}`.padStart(2, "0") + ":" + `${at.getMinutes()}`.padStart(2, "0");
  expect(at && `${at.getDate()} ${clock}`).toBe(want);
  expect(at!.getTime()).toBeGreaterThan(NOW.getTime());
});

test("dates without a year are the next ones", () => {
  expect(parseWhen("3. März", NOW)?.getFullYear()).toBe(2027);
  expect(parseWhen("1 Mai", NOW)?.getMonth()).toBe(4);
  expect(parseWhen("1 agustus", NOW)?.getMonth()).toBe(7);
  expect(parseWhen("1 apr", NOW)?.getMonth()).toBe(3);
});

test.each(["", "soon", "tomorrow maybe", "today 9", "2025-01-01", "31.02.2027", "99", "25:00", "in"])(
  "%s is not guessed at",
  (text) => {
    expect(parseWhen(text, NOW)).toBeUndefined();
  },
);
