/** Times as people read them, in the language of the page. */

import { locale } from "../i18n";

const DAY = 24 * 3600 * 1000;

/** For a list: the clock today, the weekday this week, else the date. */
export function shortTime(iso: string, now = new Date()): string {
  const at = new Date(iso);
  const sameDay = at.toDateString() === now.toDateString();
  const age = now.getTime() - at.getTime();
  const format: Intl.DateTimeFormatOptions = sameDay
    ? { hour: "2-digit", minute: "2-digit" }
    : age < 6 * DAY && age > 0
      ? { weekday: "short" }
      : at.getFullYear() === now.getFullYear()
        ? { day: "numeric", month: "short" }
        : { day: "numeric", month: "short", year: "numeric" };
  return written(at, format);
}

/** Of days to come, with the clock: "Mon 09:00", after a week "30 Nov, 09:00". */
export function comingTime(at: Date, now = new Date()): string {
  const clock = { hour: "2-digit", minute: "2-digit" } as const;
  const isSoon = at.getTime() - now.getTime() < 6 * DAY;
  return written(at, isSoon ? { weekday: "short", ...clock } : { day: "numeric", month: "short", ...clock });
}

export { number } from "../i18n";

/** As `<input type="date">` writes it, in the time of this browser. */
export function localDay(at: Date | string): string {
  const date = new Date(at);
  const two = (it: number) => String(it).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export function longTime(iso: string): string {
  return written(new Date(iso), { dateStyle: "full", timeStyle: "short" });
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making a format takes as long as drawing a row: each is made once. */
function written(at: Date, options: Intl.DateTimeFormatOptions): string {
  const name = `${locale()} ${JSON.stringify(options)}`;
  const format = formats.get(name) ?? new Intl.DateTimeFormat(locale(), options);
  formats.set(name, format);
  return format.format(at);
}

/** "12 min", for how long somebody waits. */
export function span(from: string, now = Date.now()): string {
  const minutes = Math.max(0, Math.floor((now - new Date(from).getTime()) / 60_000));
  const [value, unit] =
    minutes < 60
      ? ([minutes, "minute"] as const)
      : minutes < 48 * 60
        ? ([Math.floor(minutes / 60), "hour"] as const)
        : ([Math.floor(minutes / 1440), "day"] as const);
  return new Intl.NumberFormat(locale(), { style: "unit", unit, unitDisplay: "short" }).format(value);
}

/** Times to sleep until, at nine in the morning where that makes sense. */
export function snoozeTimes(now = new Date()): { key: "later" | "tomorrow" | "monday"; at: Date }[] {
  const later = new Date(now.getTime() + 3 * 3600_000);
  const morning = (days: number): Date => {
    const at = new Date(now);
    at.setDate(at.getDate() + days);
    at.setHours(9, 0, 0, 0);
    return at;
  };
  const untilMonday = (8 - now.getDay()) % 7 || 7;
  return [
    { key: "later", at: later },
    { key: "tomorrow", at: morning(1) },
    { key: "monday", at: morning(untilMonday) },
  ];
}

/** Times that are asked for most, the soonest first. */
export function presets(now = new Date()): { key: "later" | "evening" | "tomorrow" | "monday" | "week"; at: Date }[] {
  const on = (days: number, hour: number): Date => {
    const at = new Date(now);
    at.setDate(at.getDate() + days);
    at.setHours(hour, 0, 0, 0);
    return at;
  };
  const untilMonday = (8 - now.getDay()) % 7 || 7;
  return [
    { key: "later" as const, at: new Date(now.getTime() + 3 * 3600_000) },
    { key: "evening" as const, at: on(0, 18) },
    { key: "tomorrow" as const, at: on(1, 9) },
    { key: "monday" as const, at: on(untilMonday, 9) },
    { key: "week" as const, at: on(7, 9) },
  ].filter(({ key, at }) => key !== "evening" || at.getTime() - now.getTime() > 2 * 3600_000);
}

export function bytes(size: number): string {
  const [value, unit] =
    size < 1000
      ? ([size, "byte"] as const)
      : size < 1_000_000
        ? ([size / 1000, "kilobyte"] as const)
        : ([size / 1_000_000, "megabyte"] as const);
  const format = { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(locale(), format).format(value);
}
