/** The messages a visitor sees, put together from pages and from what arrives live. */

import type { Message } from "./api";

/**
 * The newest page over what was known. Older messages stay when the page reaches back to them; when
 * there is a gap, they go, to be asked for again.
 */
export function renewed(known: Message[], page: Message[]): { messages: Message[]; whole: boolean } {
  const first = page[0];
  if (!first) return { messages: known, whole: true };
  const named = new Set(page.map((it) => it.id));
  const from = known.findIndex((it) => it.id === first.id);
  const last = page[page.length - 1]!.created_at;
  // Arrived live while the page was on its way.
  const later = known.filter((it) => !named.has(it.id) && it.created_at > last);
  const earlier = from > 0 ? known.slice(0, from) : [];
  return { messages: [...earlier, ...page, ...later], whole: from >= 0 };
}

/** One more, or the same again as it now is. */
export function withMessage(known: Message[], message: Message): Message[] {
  const at = known.findIndex((it) => it.id === message.id);
  if (at >= 0) return known.with(at, message);
  const before = known.findLastIndex((it) => it.created_at <= message.created_at);
  return known.toSpliced(before + 1, 0, message);
}

/** A message in an event, or null when it is not one. */
export function messageIn(data: string): Message | null {
  const it = objectIn(data) as Partial<Message> | null;
  if (!it || typeof it.id !== "string" || typeof it.created_at !== "string") return null;
  if (it.from !== "visitor" && it.from !== "agent" && it.from !== "bot") return null;
  return {
    id: it.id,
    from: it.from,
    author: it.author ?? null,
    text: typeof it.text === "string" ? it.text : "",
    html: it.html ?? null,
    attachments: it.attachments ?? [],
    created_at: it.created_at,
    client_id: it.client_id ?? null,
  };
}

export function objectIn(data: string): Record<string, unknown> | null {
  try {
    const it: unknown = JSON.parse(data);
    return typeof it === "object" && it !== null ? (it as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
