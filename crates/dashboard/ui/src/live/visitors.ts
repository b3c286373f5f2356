/** Which customers type in a chat just now. */

import { Store, usePart } from "./store";

/** Milliseconds; somebody whose browser went away while typing types no more. */
const LASTS = 15_000;

const typing = new Store<ReadonlySet<string>>(new Set());
const over = new Map<string, ReturnType<typeof setTimeout>>();

export function setVisitorTyping(conversation: string, isTyping: boolean): void {
  clearTimeout(over.get(conversation));
  const now = new Set(typing.get());
  if (isTyping) {
    now.add(conversation);
    over.set(conversation, setTimeout(() => setVisitorTyping(conversation, false), LASTS));
  } else {
    now.delete(conversation);
    over.delete(conversation);
  }
  typing.set(now);
}

export const useVisitorTyping = (conversation: string): boolean => usePart(typing, (it) => it.has(conversation));
