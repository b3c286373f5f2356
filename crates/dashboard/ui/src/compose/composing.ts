/** A first message that is being written. */

import { Store } from "../live/store";

export interface Beginning {
  channel: string | null;
  to: string;
  subject: string;
  text: string;
}

export const NOTHING: Beginning = { channel: null, to: "", subject: "", text: "" };

/** Kept with the tab: a page that is loaded anew goes on where it was. */
const STORED = "deskbell.beginning";

/** What was typed so far: it is still there when the window was closed. */
export const begun = new Store(load());
/** Whether the window for it is open. */
export const composing = new Store(false);

begun.watch(() => sessionStorage.setItem(STORED, JSON.stringify(begun.get())));

function load(): Beginning {
  try {
    const it = JSON.parse(sessionStorage.getItem(STORED) ?? "{}") as Partial<Record<keyof Beginning, unknown>>;
    const text = (name: "to" | "subject" | "text") => (typeof it[name] === "string" ? it[name] : "");
    const channel = typeof it.channel === "string" ? it.channel : null;
    return { channel, to: text("to"), subject: text("subject"), text: text("text") };
  } catch {
    return NOTHING;
  }
}

/** What was begun to somebody before somebody else came first, by whom it is to. */
const aside = new Map<string, Beginning>();

/** Opens it; for somebody else than before it begins anew, and goes on where one comes back to them. */
export function compose(to?: string): void {
  const now = begun.get();
  if (to !== undefined && to !== now.to) {
    if (now.subject.trim() || now.text.trim()) aside.set(now.to, now);
    begun.set(aside.get(to) ?? { ...NOTHING, to });
    aside.delete(to);
  }
  composing.set(true);
}

/** It was sent; what was put aside comes back. What was changed meanwhile stays. */
export function sent(it: Beginning): void {
  if (begun.get() !== it) return;
  const [last] = [...aside.keys()].reverse();
  begun.set((last !== undefined && aside.get(last)) || NOTHING);
  if (last !== undefined) aside.delete(last);
}
