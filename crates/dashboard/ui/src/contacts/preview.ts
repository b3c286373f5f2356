/** What two contacts become when they are merged: the same rules as the server's, to look at before. */

import type { Contact } from "./queries";

type Shown = Pick<Contact, "name" | "emails" | "phones" | "tags" | "notes" | "attributes" | "external_ids" | "blocked">;

/** `into` stays; what it has goes before what `from` has. */
export function merged(from: Contact, into: Contact): Shown {
  return {
    name: into.name ?? from.name,
    emails: union(into.emails, from.emails),
    phones: union(into.phones, from.phones),
    tags: union(into.tags, from.tags),
    notes: [into.notes, from.notes].filter((it) => it).join("\n\n") || null,
    attributes: { ...(from.attributes as object), ...(into.attributes as object) },
    external_ids: { ...from.external_ids, ...into.external_ids },
    blocked: into.blocked || from.blocked,
  };
}

function union(first: string[], second: string[]): string[] {
  const known = new Set(first.map((it) => it.toLowerCase()));
  return [...first, ...second.filter((it) => !known.has(it.toLowerCase()))];
}
