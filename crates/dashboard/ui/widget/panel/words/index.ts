/** The words of the panel in the visitor's language, and times as people read them. */

import type { Language } from "../../languages";
import { de } from "./de";
import { en } from "./en";
import { id } from "./id";

export type Words = Record<keyof typeof en, string>;

const WORDS: Record<Language, Words> = { en, de, id };
let language: Language = "en";
/** The same language as the visitor's country writes it: hours and dates differ. */
let locale = "en";

export function speak(to: Language): void {
  language = to;
  locale = navigator.languages.find((it) => it.slice(0, 2) === to) ?? to;
  document.documentElement.lang = to;
}

export function say(key: keyof Words, gaps: Record<string, string> = {}): string {
  return WORDS[language][key].replace(/\{(\w+)\}/g, (whole, name: string) => gaps[name] ?? whole);
}

export function clock(iso: string): string {
  return new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" }).format(new Date(iso));
}

export function day(iso: string, now = new Date()): string {
  const at = new Date(iso);
  const age = daysBetween(at, now);
  if (age === 0) return say("today");
  if (age === 1) return say("yesterday");
  const year = at.getFullYear() === now.getFullYear() ? {} : ({ year: "numeric" } as const);
  return new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long", ...year }).format(at);
}

/** "tomorrow at 09:00", "Monday 09:00": when the team is back, in the visitor's own zone. */
export function moment(iso: string, now = new Date()): string {
  const at = new Date(iso);
  const ahead = daysBetween(now, at);
  if (ahead > 6) {
    return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(at);
  }
  const date =
    ahead <= 1
      ? new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(ahead, "day")
      : new Intl.DateTimeFormat(locale, { weekday: "long" }).format(at);
  return `${date}, ${clock(iso)}`;
}

export function bytes(size: number): string {
  const [value, unit] =
    size < 1_000_000 ? ([Math.max(size, 100) / 1_000, "kilobyte"] as const) : ([size / 1_000_000, "megabyte"] as const);
  const format = { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(locale, format).format(value);
}

/** Whole days by the calendar, whatever the hour. */
function daysBetween(from: Date, to: Date): number {
  const midnight = (it: Date) => Date.UTC(it.getFullYear(), it.getMonth(), it.getDate());
  return Math.round((midnight(to) - midnight(from)) / 86_400_000);
}
