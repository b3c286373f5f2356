/** What somebody types, kept in this browser until it is sent: nothing typed is lost. */

const PREFIX = "deskbell.draft.";
/** Drafts of other conversations that are kept; the oldest goes first. */
const MOST = 200;

export interface Draft {
  text: string;
  private: boolean;
  at: number;
}

export function load(conversation: string): Draft | undefined {
  const stored = localStorage.getItem(PREFIX + conversation);
  if (!stored) return undefined;
  try {
    const it = JSON.parse(stored) as Partial<Draft>;
    if (typeof it.text !== "string") return undefined;
    return { text: it.text, private: it.private === true, at: it.at ?? 0 };
  } catch {
    return undefined;
  }
}

export function keep(conversation: string, text: string, isPrivate: boolean): void {
  if (!text.trim()) {
    forget(conversation);
    return;
  }
  const draft: Draft = { text, private: isPrivate, at: Date.now() };
  try {
    localStorage.setItem(PREFIX + conversation, JSON.stringify(draft));
  } catch {
    // Full: older drafts make room for the one that is being written.
    prune(MOST / 2);
    localStorage.setItem(PREFIX + conversation, JSON.stringify(draft));
  }
  prune(MOST);
}

export function forget(conversation: string): void {
  localStorage.removeItem(PREFIX + conversation);
}

function prune(most: number): void {
  const keys = Object.keys(localStorage).filter((it) => it.startsWith(PREFIX));
  if (keys.length <= most) return;
  const at = (key: string): number => load(key.slice(PREFIX.length))?.at ?? 0;
  keys.sort((a, b) => at(a) - at(b));
  for (const key of keys.slice(0, keys.length - most)) localStorage.removeItem(key);
}
