/** What could not be saved on the server yet, kept in this browser: nothing typed is lost. */

import type { Content } from "../composer/content";

const PREFIX = "deskbell.draft.";
/** Drafts of other conversations that are kept; the oldest goes first. */
const MOST = 200;

export interface Kept {
  content: Content;
  /** The draft on the server it was made from. */
  version: number;
}

interface Stored extends Kept {
  at: number;
}

export function load(conversation: string): Kept | undefined {
  const it = read(PREFIX + conversation);
  return it && { content: it.content, version: it.version };
}

export function keep(conversation: string, kept: Kept): void {
  const stored = JSON.stringify({ ...kept, at: Date.now() } satisfies Stored);
  try {
    localStorage.setItem(PREFIX + conversation, stored);
  } catch {
    // Full: older drafts make room for the one that is being written.
    prune(MOST / 2);
    try {
      localStorage.setItem(PREFIX + conversation, stored);
    } catch {
      // Too large for this browser: the server has it soon.
    }
  }
  prune(MOST);
}

export function forget(conversation: string): void {
  localStorage.removeItem(PREFIX + conversation);
}

function read(key: string): Stored | undefined {
  const stored = localStorage.getItem(key);
  if (!stored) return undefined;
  try {
    const it = JSON.parse(stored) as Partial<Stored>;
    return typeof it.content?.text === "string" ? { content: it.content, version: it.version ?? 0, at: it.at ?? 0 } : undefined;
  } catch {
    return undefined;
  }
}

function prune(most: number): void {
  const keys = Object.keys(localStorage).filter((it) => it.startsWith(PREFIX));
  if (keys.length <= most) return;
  const at = (key: string): number => read(key)?.at ?? 0;
  keys.sort((a, b) => at(a) - at(b));
  for (const key of keys.slice(0, keys.length - most)) localStorage.removeItem(key);
}
