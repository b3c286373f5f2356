/**
 * What the live stream tells, put where it is shown. A burst is taken together, and what an event
 * says itself is not asked for again: a busy hour must not make every browser read every list.
 */

import type { QueryClient } from "@tanstack/react-query";

import type { Asked } from "../api/filters";
import { type Conversation, type Counts, me } from "../api/queries";
import type { Happened } from "./happened";
import { isList, place } from "./lists";

/** Milliseconds events are collected for. */
const TOGETHER = 80;
/** Between two readings of what no event says as a whole. */
const BETWEEN = { counts: 3_000, views: 10_000, lists: 5_000 } as const;

/** Puts a conversation as it is now wherever it is shown. */
export function show(client: QueryClient, it: Conversation): void {
  const mine = client.getQueryData(me.queryKey)?.id ?? "";
  const known = client.getQueryState(["conversation", it.id]);
  if (known?.data) client.setQueryData(["conversation", it.id], it);
  for (const [key, pages] of client.getQueriesData<unknown>({ queryKey: ["conversations"] })) {
    if (!isList(pages)) {
      // A contact's own, shown beside what they wrote.
      if (key.includes(it.contact_id)) void client.invalidateQueries({ queryKey: key, exact: true });
      continue;
    }
    const next = place(pages, (key[1] ?? {}) as Asked, it, mine);
    const state = client.getQueryState(key);
    // As old as it was: only reading it again makes it new.
    if (next !== pages) client.setQueryData(key, next, { updatedAt: state?.dataUpdatedAt ?? 0 });
  }
}

/** Changes that leave a line in the conversation, or a message. */
const SILENT = new Set(["conversation_read", "notice_raised", "notices_read"]);
/** Everything that shows a tag by its name. */
const TAGGED = ["tags", "counts", "contact", "contacts", "conversation", "conversations", "views"];
const NAMING_TAGS = ["settings/automations", "settings/canned", "canned-replies"];
/** What else an event makes stale: how queries' keys begin, by the first word of its kind. */
const STALE: Record<string, readonly string[]> = {
  contact: ["contact", "contacts"],
  contacts: ["contact", "contacts", "conversations"],
  channel: ["settings/channels", "settings/channel", "counts"],
  agent: ["settings/agents", "assignees"],
  role: ["settings/agents", "assignees"],
  settings: ["settings/workspace"],
  ai: ["settings/ai"],
  tag: [...TAGGED, ...NAMING_TAGS],
  tags: [...TAGGED, ...NAMING_TAGS],
  rule: ["settings/automations"],
  // The contacts of an import are no news one by one.
  import: ["imports", "contact", "contacts"],
  notice: ["notices"],
  notices: ["notices"],
};

export class Applier {
  private waiting: Happened[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly later = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly read = new Map<string, number>();

  constructor(private readonly client: QueryClient) {}

  take(it: Happened): void {
    this.waiting.push(it);
    this.timer ??= setTimeout(() => this.flush(), TOGETHER);
  }

  /** The counters of this agent, as the server sends them by themselves. */
  count(told: Partial<Counts>): void {
    this.client.setQueryData<Counts>(["counts"], (known) => known && { ...known, ...told });
    this.soon("views");
  }

  /** A stream that begins now says nothing of what happened since this was read. */
  begin(): void {
    for (const key of ["conversations", "conversation", "messages", "counts", "notices"]) {
      void this.client.invalidateQueries({ queryKey: [key] });
    }
  }

  /** Nobody can say what was missed. */
  reset(): void {
    void this.client.invalidateQueries();
  }

  stop(): void {
    clearTimeout(this.timer);
    for (const timer of this.later.values()) clearTimeout(timer);
  }

  private flush(): void {
    this.timer = undefined;
    const events = this.waiting;
    this.waiting = [];
    const newest = new Map<string, Happened>();
    const threads = new Set<string>();
    const stale = new Set<string>();
    for (const it of events) {
      if (it.conversation_id && !SILENT.has(it.kind)) threads.add(it.conversation_id);
      if (it.conversation_id && !it.kind.startsWith("notice")) newest.set(it.conversation_id, it);
      // A tag on a conversation is told with the conversation.
      if (it.conversation_id && it.kind.startsWith("tag_")) continue;
      for (const key of STALE[it.kind.split("_")[0] ?? ""] ?? []) stale.add(key);
    }
    for (const [id, it] of newest) this.conversation(id, it);
    for (const id of threads) this.thread(id, events);
    for (const key of stale) void this.client.invalidateQueries({ queryKey: key.split("/") });
    if (newest.size > 0) {
      this.soon("counts");
      this.soon("views");
    }
  }

  private conversation(id: string, it: Happened): void {
    if (it.conversation) {
      show(this.client, it.conversation);
      return;
    }
    // Too long to be told.
    void this.client.invalidateQueries({ queryKey: ["conversation", id] });
    this.soon("lists");
  }

  private thread(id: string, events: Happened[]): void {
    void this.client.invalidateQueries({ queryKey: ["messages", id] });
    const arrived = events.some((it) => it.conversation_id === id && it.kind === "message_received");
    if (!arrived) return;
    // Reading it marks it as read: only somebody who sees it does. Others do so when they come back.
    const refetchType = document.visibilityState === "visible" ? "active" : "none";
    void this.client.invalidateQueries({ queryKey: ["conversation", id], refetchType });
  }

  /** Reads again, but not more often than it pays. */
  private soon(what: keyof typeof BETWEEN): void {
    if (this.later.has(what)) return;
    const rest = (this.read.get(what) ?? 0) + BETWEEN[what] - Date.now();
    const timer = setTimeout(
      () => {
        this.later.delete(what);
        this.read.set(what, Date.now());
        void this.client.invalidateQueries({ queryKey: [what === "lists" ? "conversations" : what] });
      },
      Math.max(rest, 300),
    );
    this.later.set(what, timer);
  }
}
