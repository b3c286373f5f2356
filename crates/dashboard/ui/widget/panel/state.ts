/** What the panel shows. */

import type { Config, Conversation, Message, Visitor } from "./api";
import { objectIn } from "./history";
import type { Pending } from "./outbox";

export interface State {
  phase: "loading" | "failed" | "ready";
  config: Config | null;
  visitor: Visitor | null;
  messages: Message[];
  pending: Pending[];
  hasMore: boolean;
  conversation: Conversation | null;
  agentReadAt: string | null;
  /** Who is typing; an empty name for somebody. */
  typing: string | null;
  connected: boolean;
  open: boolean;
  unread: number;
  /** What the form before the chat was answered with. */
  answers: Record<string, string> | null;
  /** What the server did not like of that, by field. */
  misformed: ReadonlyMap<string, string>;
  /** The next message begins a new conversation. */
  startsNew: boolean;
  /** Only visitors their site vouches for may write, and nobody vouched for this one. */
  unvouched: boolean;
  /** The desk does not want to hear from this visitor any more. */
  closed: boolean;
}

export function fresh(pending: Pending[], answers: Record<string, string> | null): State {
  return {
    phase: "loading",
    config: null,
    visitor: null,
    messages: [],
    pending,
    hasMore: false,
    conversation: null,
    agentReadAt: null,
    typing: null,
    connected: true,
    open: false,
    unread: 0,
    answers,
    misformed: new Map(),
    startsNew: false,
    unvouched: false,
    closed: false,
  };
}

export function answersIn(stored: string | null): Record<string, string> | null {
  const it = stored === null ? null : objectIn(stored);
  return it && Object.values(it).every((value) => typeof value === "string") ? (it as Record<string, string>) : null;
}
