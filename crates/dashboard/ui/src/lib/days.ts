/** Days as `YYYY-MM-DD`, whatever time of day it is. */

import { locale } from "../i18n";

const at = (day: string): Date => new Date(`${day}T00:00:00Z`);

function plus(day: string, days: number): string {
  const date = at(day);
  if (Number.isNaN(date.getTime())) return day;
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

export const dayAfter = (day: string): string => plus(day, 1);
export const dayBefore = (day: string): string => plus(day, -1);

export function readableDay(day: string | undefined): string {
  if (!day) return "";
  const date = at(day);
  if (Number.isNaN(date.getTime())) return day;
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeZone: "UTC" }).format(date);
}
