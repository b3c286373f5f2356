/** Figures as people read them. */

import { locale } from "../i18n";

export { number as count } from "../lib/times";

/** Of scores from 1 to 5. */
export function average(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  return new Intl.NumberFormat(locale(), { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(value);
}

export function share(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  return new Intl.NumberFormat(locale(), { style: "percent", maximumFractionDigits: 1 }).format(value);
}

/** "4 min", "2.5 hr": how long something took. */
export function took(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return "–";
  const [value, unit] =
    seconds < 60
      ? ([seconds, "second"] as const)
      : seconds < 3600
        ? ([seconds / 60, "minute"] as const)
        : seconds < 48 * 3600
          ? ([seconds / 3600, "hour"] as const)
          : ([seconds / 86_400, "day"] as const);
  const maximumFractionDigits = unit === "hour" || unit === "day" ? 1 : 0;
  const format = { style: "unit", unit, unitDisplay: "short", maximumFractionDigits } as const;
  return new Intl.NumberFormat(locale(), format).format(value);
}

/** A day without a clock, which no time zone may move. */
export function day(date: string, long = false): string {
  const format: Intl.DateTimeFormatOptions = long
    ? { dateStyle: "full", timeZone: "UTC" }
    : { day: "numeric", month: "short", timeZone: "UTC" };
  return new Intl.DateTimeFormat(locale(), format).format(new Date(`${date}T00:00:00Z`));
}

/** Monday is 0. */
export function weekday(at: number): string {
  // The 1st of January 2024 was a Monday.
  return new Intl.DateTimeFormat(locale(), { weekday: "short", timeZone: "UTC" }).format(Date.UTC(2024, 0, 1 + at));
}

export function clock(hour: number): string {
  return new Intl.DateTimeFormat(locale(), { hour: "numeric", timeZone: "UTC" }).format(Date.UTC(2024, 0, 1, hour));
}
