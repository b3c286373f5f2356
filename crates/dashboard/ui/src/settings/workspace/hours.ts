/** The week as it is edited, and as the server keeps it. */

import type { Schemas } from "../../api/client";

export const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
export type Day = (typeof DAYS)[number];

export type Span = Schemas["Span"];
export type WeekForm = Record<Day, Span[]>;

const NINE_TO_FIVE: Span = { from: "09:00", to: "17:00" };

export const usualWeek = (): WeekForm =>
  Object.fromEntries(DAYS.map((day, at) => [day, at < 5 ? [{ ...NINE_TO_FIVE }] : []])) as unknown as WeekForm;

export function fromWeek(week: Schemas["Week"]): WeekForm {
  const day = (name: Day): Span[] => (week[name] ?? []).map((it) => ({ ...it, to: it.to === "24:00" ? "00:00" : it.to }));
  return Object.fromEntries(DAYS.map((name) => [name, day(name)])) as unknown as WeekForm;
}

/** A clock shows midnight as the beginning; at the end of a span it is the end of the day. */
export function toWeek(form: WeekForm): WeekForm {
  const day = (name: Day): Span[] => form[name].map((it) => ({ ...it, to: it.to === "00:00" ? "24:00" : it.to }));
  return Object.fromEntries(DAYS.map((name) => [name, day(name)])) as unknown as WeekForm;
}

/** The next span of a day: after the last one, within the day. */
export function nextSpan(spans: readonly Span[]): Span {
  const last = spans.at(-1);
  if (!last) return { ...NINE_TO_FIVE };
  const hour = Number(last.to.slice(0, 2));
  const two = (it: number) => String(it).padStart(2, "0");
  if (last.to === "00:00" || hour >= 22) return { from: last.to, to: "00:00" };
  return { from: `${two(hour + 1)}:00`, to: hour + 4 >= 24 ? "00:00" : `${two(hour + 4)}:00` };
}

/** The name of a day in a language, Monday first. */
export function dayName(day: Day, language: string): string {
  // The first of January 2024 was a Monday.
  const at = new Date(Date.UTC(2024, 0, 1 + DAYS.indexOf(day)));
  return new Intl.DateTimeFormat(language, { weekday: "long", timeZone: "UTC" }).format(at);
}
