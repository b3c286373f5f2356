/** Keeping lists as the server would answer them now, from what the live stream tells. */

import type { InfiniteData } from "@tanstack/react-query";

import type { Asked } from "../api/filters";
import type { Conversation } from "../api/queries";

interface Page {
  data: Conversation[];
  pagination: { has_more: boolean };
}

export type Pages<P extends Page = Page> = InfiniteData<P, string>;

/** Whether a cached answer is a list read page by page. */
export const isList = (it: unknown): it is Pages => typeof it === "object" && it !== null && "pages" in it;

/** Whether a list would have it; undefined where only the server can tell. */
export function belongs(asked: Asked, it: Conversation, me: string): boolean | undefined {
  if (it.spam !== (asked["spam"] === "true")) return false;
  if (asked["status"] && it.status !== asked["status"]) return false;
  if (asked["channel_id"] && it.channel_id !== asked["channel_id"]) return false;
  if (asked["channel_type"] && it.channel_type !== asked["channel_type"]) return false;
  if (asked["contact_id"] && it.contact_id !== asked["contact_id"]) return false;
  if (asked["tag"] && !it.tags.some((tag) => tag.toLowerCase() === asked["tag"]?.toLowerCase())) return false;
  if (asked["assigned_to"]) {
    const wanted = { me, none: null }[asked["assigned_to"]];
    if (it.assigned_agent_id !== (wanted === undefined ? asked["assigned_to"] : wanted)) return false;
  }
  if (asked["unread"] && it.unread_count > 0 !== (asked["unread"] === "true")) return false;
  if (asked["sort"] === "waiting" && !it.waiting_since) return false;
  return asked["search"] ? undefined : true;
}

/** What the server orders by: smaller comes first. */
function rank(asked: Asked, it: Conversation): number {
  const active = Date.parse(it.last_message?.created_at ?? it.created_at);
  if (asked["sort"] === "waiting") return Date.parse(it.waiting_since ?? it.created_at);
  return asked["sort"] === "oldest" ? active : -active;
}

/** Puts a conversation as it is now where it belongs. What is not in the pages read so far is not put in. */
export function place<P extends Page>(pages: Pages<P>, asked: Asked, it: Conversation, me: string): Pages<P> {
  const known = pages.pages.flatMap((page) => page.data).find((row) => row.id === it.id);
  const here = belongs(asked, it, me);
  const found = { ...it, snippet: it.snippet ?? known?.snippet ?? null };
  // What was only just read stays in a list of what is unread, or it would vanish under the reader's eyes.
  const stays = here === false && known && asked["unread"] && belongs({ ...asked, unread: "" }, it, me) !== false;
  if (here === undefined || stays) return known ? replaced(pages, found) : pages;
  if (!here) return known ? without(pages, it.id) : pages;
  if (known && rank(asked, known) === rank(asked, it)) return replaced(pages, found);
  return inserted(known ? without(pages, it.id) : pages, asked, found);
}

function mapped<P extends Page>(pages: Pages<P>, change: (rows: Conversation[], at: number) => Conversation[]): Pages<P> {
  return { ...pages, pages: pages.pages.map((page, at) => ({ ...page, data: change(page.data, at) })) };
}

function replaced<P extends Page>(pages: Pages<P>, it: Conversation): Pages<P> {
  return mapped(pages, (rows) => (rows.some((row) => row.id === it.id) ? rows.map((row) => (row.id === it.id ? it : row)) : rows));
}

function without<P extends Page>(pages: Pages<P>, id: string): Pages<P> {
  return mapped(pages, (rows) => (rows.some((row) => row.id === id) ? rows.filter((row) => row.id !== id) : rows));
}

function inserted<P extends Page>(pages: Pages<P>, asked: Asked, it: Conversation): Pages<P> {
  const mine = rank(asked, it);
  let page = pages.pages.findIndex((each) => each.data.some((row) => rank(asked, row) >= mine));
  if (page < 0) {
    // After all that was read: it is the end only where nothing more follows.
    if (pages.pages.at(-1)?.pagination.has_more) return pages;
    page = pages.pages.length - 1;
  }
  return mapped(pages, (rows, at) => {
    if (at !== page) return rows;
    const before = rows.findIndex((row) => rank(asked, row) >= mine);
    return before < 0 ? [...rows, it] : rows.toSpliced(before, 0, it);
  });
}
