/** What a list is asked for: as it stands in the page's address, and as the API takes it. */

import type { Schemas } from "./client";

/** Days are `YYYY-MM-DD`; `before` is the first day that is not wanted any more. */
const FILTERS = [
  "status",
  "assigned_to",
  "channel_id",
  "channel_type",
  "tag",
  "unread",
  "spam",
  "contact_id",
  "search",
  "sort",
  "after",
  "before",
  "view",
] as const;

export type Filter = { [Name in (typeof FILTERS)[number]]?: string | undefined };

/** The parameters of a request for a list, without gaps: the key of its answer, too. */
export type Asked = Record<string, string>;

/** Days are asked for by operators, before the words: an open quote would swallow what follows it. */
export function asked({ view: _, after, before, search, ...rest }: Filter): Asked {
  const days = [after && `after:${after}`, before && `before:${before}`];
  const words = [...days, search?.trim()].filter(Boolean).join(" ");
  const given = Object.entries({ ...rest, search: words }).filter(([, value]) => value);
  return Object.fromEntries(given) as Asked;
}

/** The same as the body of a request: a view's, or of a change to all that match. */
export function asQuery(filter: Filter): Schemas["ViewQueryBody"] {
  const { unread, spam, ...rest } = asked(filter);
  return { ...rest, ...(unread && { unread: unread === "true" }), ...(spam && { spam: spam === "true" }) };
}

/** What a view asks for, as a filter that can be changed. */
export function ofView(view: { id: string; query: Schemas["ViewQuery"] }): Filter {
  const { search, ...rest } = view.query;
  const filter: Filter = { view: view.id };
  let words = search ?? "";
  for (const name of ["after", "before"] as const) {
    words = words.replace(new RegExp(`^${name}:(\\d{4}-\\d\\d-\\d\\d)\\s*`), (_, day: string) => {
      filter[name] = day;
      return "";
    });
  }
  for (const [name, value] of Object.entries({ ...rest, search: words })) {
    if (value !== null && value !== "") filter[name as keyof Filter] = String(value);
  }
  return filter;
}

/** Whether two filters ask for the same. */
export function isSame(one: Filter, other: Filter): boolean {
  const [a, b] = [asked(one), asked(other)];
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => a[name] === b[name]);
}

/** Takes what a list can be asked for from an address anybody may have typed. */
export function readFilter(search: Record<string, unknown>): Filter {
  const known = FILTERS.map((name) => [name, search[name]] as const);
  const given = known.filter(([, value]) => ["string", "number", "boolean"].includes(typeof value));
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
}
