/** Times as people say them: "tomorrow 9", "in 3 hours", "nächsten Montag", "besok jam 9". */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** When a day is named without a time. */
const MORNING = 9;

const UNITS: [RegExp, "minute" | "hour" | "day" | "week" | "month"][] = [
  [/^(m|min|mins|minutes?|minuten?|menit)$/, "minute"],
  [/^(h|hrs?|hours?|std|stunden?|jam)$/, "hour"],
  [/^(d|days?|tage?n?|hari)$/, "day"],
  [/^(w|weeks?|wochen?|minggu|pekan)$/, "week"],
  [/^(months?|monate?n?|monats|bulan)$/, "month"],
];

/** Days from today; of those that begin alike the longer stands first. */
const DAYS: [RegExp, number][] = [
  [/\b(day after tomorrow|ubermorgen|lusa)\b/, 2],
  [/\b(tomorrow|tmrw|besok)\b/, 1],
  [/\b(today|heute|hari ini)\b/, 0],
  [/\btonight\b/, 0],
  [/\bmalam ini\b/, 0],
];

const WEEKDAYS: [RegExp, number][] = [
  [/\b(mon(day)?|montag|mo|senin)\b/, 1],
  [/\b(tue(s|sday)?|dienstag|di|selasa)\b/, 2],
  [/\b(wed(nesday)?|mittwoch|mi|rabu)\b/, 3],
  [/\b(thu(r|rs|rsday)?|donnerstag|do|kamis)\b/, 4],
  [/\b(fri(day)?|freitag|fr|jum'?at)\b/, 5],
  [/\b(sat(urday)?|samstag|sonnabend|sa|sabtu)\b/, 6],
  [/\b(sun(day)?|sonntag|so|hari minggu|minggu)\b/, 0],
];

const MONTH = "(jan|feb|mar|apr|ma[iy]|mei|jun|jul|aug|agu|agt|sep|o[kc]t|nov|de[zcs])[a-z]*";
const MONTHS = ["jan", "feb", "mar", "apr", "ma", "jun", "jul", "a", "sep", "o", "nov", "de"];

/** The hour that is meant, and whether it makes a smaller one mean the second half of the day. */
const PARTS: [RegExp, number, boolean][] = [
  [/\b(noon|midday|mittags?|siang)\b/, 12, true],
  [/\b(afternoon|nachmittags?|sore)\b/, 15, true],
  [/\b(evening|abends?)\b/, 18, true],
  [/\b(malam)\b/, 19, true],
  [/\b(morning|fruh|vormittags?|morgens|pagi)\b/, MORNING, false],
];

const FILLERS = /\b(at|on|in the|the|this|next|um|am|den|dem|der|in der|uhr|nachsten?|kommenden?|diesen?|pada|pukul|jam|depan|ini|hari|tanggal|of|von|o'clock)\b|[,@]/g;

const ONE = /^(an?|one|eine[rnm]?|ein|satu)$/;

interface Asked {
  /** What was not understood yet. */
  rest: string;
  now: Date;
}

/** The time that is meant, or undefined: half understood, it would be the wrong one. */
export function parseWhen(text: string, now = new Date()): Date | undefined {
  const asked: Asked = { rest: ` ${fold(text)} `, now };
  if (!asked.rest.trim()) return undefined;
  const span = relative(asked);
  if (span && span.exact) return asked.rest.trim() ? undefined : span.at;
  const day = span?.at ?? date(asked) ?? namedDay(asked);
  const tonight = /tonight|malam ini|heute abend/.test(fold(text));
  const part = take(asked, PARTS);
  let time = clock(asked);
  asked.rest = asked.rest.replace(FILLERS, " ");
  if (asked.rest.trim() || (!day && !time && !part)) return undefined;
  if (time && part?.[2] && time.hour < 12 && part[1] + time.hour !== 24) {
    time = { ...time, hour: time.hour + 12 };
  }
  const hour = time?.hour ?? part?.[1] ?? (tonight ? 19 : MORNING);
  const at = new Date(day ?? now);
  at.setHours(hour, time?.minute ?? 0, 0, 0);
  // "9" at ten o'clock means tomorrow.
  if (!day && at <= now) at.setDate(at.getDate() + 1);
  return at > now ? at : undefined;
}

/** Lower case, without accents: "nächste" and "nachste" are one. */
function fold(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/\s+/g, " ")
    .trim();
}

/** Takes the first that is there out of the text. */
function take<Entry extends [RegExp, ...unknown[]]>(asked: Asked, entries: Entry[]): Entry | undefined {
  const found = entries.find(([pattern]) => pattern.test(asked.rest));
  if (found) asked.rest = asked.rest.replace(found[0], " ");
  return found;
}

/** "in 3 hours", "2 hari lagi": of minutes and hours exact, of longer ones the day. */
function relative(asked: Asked): { at: Date; exact: boolean } | undefined {
  const glued = asked.rest.replace(/\bse(jam|hari|minggu|bulan)\b/, "1 $1");
  const pattern = /\b(?:in |dalam |nach )?(\d{1,4} ?|(?:an?|one|eine[rnm]?|ein|satu) )([a-z]+)(?: (?:lagi|from now|later))?\b/;
  const found = pattern.exec(glued);
  const unit = UNITS.find(([it]) => it.test(found?.[2] ?? ""))?.[1];
  if (!found || !unit) return undefined;
  const number = found[1]?.trim() ?? "";
  const count = ONE.test(number) ? 1 : Number(number);
  asked.rest = glued.replace(found[0], " ");
  const at = new Date(asked.now);
  if (unit === "minute" || unit === "hour") {
    return { at: new Date(at.getTime() + count * (unit === "hour" ? HOUR : MINUTE)), exact: true };
  }
  if (unit === "month") at.setMonth(at.getMonth() + count);
  else at.setDate(at.getDate() + count * (unit === "week" ? 7 : 1));
  return { at, exact: false };
}

/** "2026-12-24", "24.12.", "24/12/2026", "24 Dec", "December 24". */
function date(asked: Asked): Date | undefined {
  const iso = /\b(\d{4})-(\d{1,2})-(\d{1,2})\b/.exec(asked.rest);
  const european = /\b(\d{1,2})[./](\d{1,2})(?:[./](\d{4})?)(?!\d)|\b(\d{1,2})\/(\d{1,2})\b/.exec(asked.rest);
  const dayFirst = new RegExp(`\\b(\\d{1,2})(?:\\.|st|nd|rd|th)? ?${MONTH}\\.?(?: (\\d{4}))?\\b`).exec(asked.rest);
  const monthFirst = new RegExp(`\\b${MONTH}\\.? (\\d{1,2})(?:st|nd|rd|th)?(?:,? (\\d{4}))?\\b`).exec(asked.rest);
  if (iso) return made(asked, iso[0], iso[3], Number(iso[2]), iso[1]);
  if (dayFirst) return made(asked, dayFirst[0], dayFirst[1], monthOf(dayFirst[2]), dayFirst[3]);
  if (monthFirst) return made(asked, monthFirst[0], monthFirst[2], monthOf(monthFirst[1]), monthFirst[3]);
  if (european) {
    const [all, day = european[4], month = european[5], year] = european;
    return made(asked, all, day, Number(month), year);
  }
  return undefined;
}

function monthOf(word = ""): number {
  if (word.startsWith("mar")) return 3;
  return MONTHS.findIndex((it, index) => index !== 2 && word.startsWith(it) && !(it === "a" && word === "apr")) + 1;
}

function made(asked: Asked, all: string, day: string | undefined, month: number, year?: string): Date | undefined {
  const { now } = asked;
  const at = new Date(now);
  at.setHours(0, 0, 0, 0);
  at.setFullYear(year ? Number(year) : now.getFullYear(), month - 1, Number(day));
  if (at.getDate() !== Number(day) || at.getMonth() !== month - 1) return undefined;
  const today = new Date(now);
  today.setHours(0, 0, 0, 0);
  if (!year && at < today) at.setFullYear(at.getFullYear() + 1);
  asked.rest = asked.rest.replace(all, " ");
  return at;
}

function namedDay(asked: Asked): Date | undefined {
  const at = new Date(asked.now);
  const days = take(asked, DAYS)?.[1];
  if (days !== undefined) {
    at.setDate(at.getDate() + days);
    return at;
  }
  if (/\bnext week\b|\bnachste woche\b|\b(minggu|pekan) depan\b/.test(asked.rest)) {
    asked.rest = asked.rest.replace(/\bnext week\b|\bnachste woche\b|\b(minggu|pekan) depan\b/, " ");
    at.setDate(at.getDate() + ((8 - at.getDay()) % 7 || 7));
    const weekday = take(asked, WEEKDAYS)?.[1];
    if (weekday !== undefined) at.setDate(at.getDate() + ((weekday + 6) % 7));
    return at;
  }
  // "morgen" alone is tomorrow; "morgens" and "Dienstag morgen" are the morning.
  const weekday = take(asked, WEEKDAYS)?.[1];
  if (weekday !== undefined) {
    asked.rest = asked.rest.replace(/\bmorgen\b/, "fruh");
    at.setDate(at.getDate() + ((weekday - at.getDay() + 7) % 7 || 7));
    return at;
  }
  if (/\bmorgen\b/.test(asked.rest)) {
    asked.rest = asked.rest.replace(/\bmorgen\b/, " ");
    at.setDate(at.getDate() + 1);
    return at;
  }
  return undefined;
}

/** "9", "9:30", "14.30", "9am", "9 Uhr". */
function clock(asked: Asked): { hour: number; minute: number } | undefined {
  const found = /\b(\d{1,2})(?:[:.h](\d{2}))? ?(am\b|pm\b|uhr\b)?/.exec(asked.rest);
  if (!found) return undefined;
  const half = found[3];
  const minute = Number(found[2] ?? 0);
  let hour = Number(found[1]);
  if (hour > (half === "am" || half === "pm" ? 12 : 23) || minute > 59) return undefined;
  if (half === "am" || half === "pm") hour = (hour % 12) + (half === "pm" ? 12 : 0);
  asked.rest = asked.rest.replace(found[0], " ");
  return { hour, minute };
}
