import { expect, test } from "vitest";

import { bytes, day, moment, say, speak } from ".";
import { de } from "./de";
import { en } from "./en";
import { id } from "./id";

const gaps = (words: Record<string, string>) =>
  Object.fromEntries(Object.entries(words).map(([key, text]) => [key, (text.match(/\{\w+\}/g) ?? []).sort().join()]));

test.each([
  ["German", de],
  ["Indonesian", id],
])("%s has every text of English, with the same gaps, and none left empty", (_, words) => {
  expect(gaps(words)).toEqual(gaps(en));
  expect(Object.values(words).filter((it) => !it.trim())).toEqual([]);
});

test("gaps are filled as they are told, whatever that is", () => {
  speak("en");
  expect(say("typing", { name: "$& {name}" })).toBe("$& {name} is typing");
});

test("days are told as people tell them", () => {
  speak("de");
  const now = new Date(2026, 10, 21, 9, 0);
  expect(day(new Date(2026, 10, 21, 0, 5).toISOString(), now)).toBe("Heute");
  expect(day(new Date(2026, 10, 20, 23, 55).toISOString(), now)).toBe("Gestern");
  expect(day(new Date(2026, 10, 2, 8, 0).toISOString(), now)).toBe("Montag, 2. November");
  expect(moment(new Date(2026, 10, 22, 9, 0).toISOString(), now)).toBe("morgen, 09:00");
  expect(moment(new Date(2026, 10, 23, 9, 0).toISOString(), now)).toBe("Montag, 09:00");
  expect(bytes(2_500_000)).toBe("2,5 MB");
});
