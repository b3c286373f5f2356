/** What the live stream told, for whoever wants to hear of it. */

import { useEffect, useRef } from "react";

import type { Conversation, Message } from "../api/queries";
import type { Schemas } from "../api/client";

/** An event as the server tells it; what belongs to its kind stands beside these. */
export interface Happened {
  kind: string;
  at: string;
  actor: { type: string; id: string | null };
  conversation_id: string | null;
  conversation?: Conversation;
  message?: Message;
  notice?: Schemas["NoticeView"];
  [more: string]: unknown;
}

type Listener = (it: Happened, first: boolean) => void;

const listeners = new Set<Listener>();

/** `first`: this tab holds the connection; what should happen once for all tabs happens here. */
export function tell(it: Happened, first: boolean): void {
  for (const listener of listeners) listener(it, first);
}

function onHappened(listener: Listener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Hears of everything while the component is shown. */
export function useHappened(listener: Listener): void {
  const newest = useRef(listener);
  useEffect(() => {
    newest.current = listener;
  });
  useEffect(() => onHappened((it, first) => newest.current(it, first)), []);
}
