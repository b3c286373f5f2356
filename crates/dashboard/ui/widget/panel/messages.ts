/** The messages of a chat: asked for, heard of, and how far they were read. */

import type { Api, Message } from "./api";
import type { Heard } from "./events";
import { messageIn, objectIn, renewed, withMessage } from "./history";
import type { Outbox } from "./outbox";
import type { Store } from "./store";
import type { Typing } from "./typing";

/** Milliseconds after which links to files are asked for anew; they hold for a day. */
const LINKS_LAST = 6 * 3_600_000;

export interface Neighbours {
  api: Api;
  store: Store;
  outbox: Outbox;
  typing: Typing;
  /** Tells the other tabs of what this one did. */
  share: (event: Heard) => void;
  /** Somebody else's message arrived. */
  arrived: (from: "agent" | "bot") => void;
}

export class Messages {
  private refreshedAt = 0;
  private readUpTo: string | null = null;

  constructor(private readonly around: Neighbours) {}

  /** The newest page, over what is known. */
  async refresh(): Promise<void> {
    const { api, store, outbox } = this.around;
    const page = await api.messages(null);
    this.refreshedAt = Date.now();
    const known = store.state.messages;
    const { messages, whole } = renewed(known, page.data);
    const ids = new Set(known.map((it) => it.id));
    const missed = known.length > 0 ? page.data.filter((it) => it.from !== "visitor" && !ids.has(it.id)).length : 0;
    store.set({
      messages,
      hasMore: whole && known.length > 0 ? store.state.hasMore : page.has_more,
      conversation: page.conversation,
      agentReadAt: page.agent_last_read_at,
      unread: store.state.unread + missed,
    });
    const sent = new Set(page.data.map((it) => it.client_id));
    for (const it of outbox.waiting) if (sent.has(it.clientId)) outbox.drop(it.clientId);
    this.seen();
  }

  /** Links to files that are about to be over are asked for anew. */
  freshen(): void {
    if (this.around.api.token && Date.now() - this.refreshedAt > LINKS_LAST) this.refresh().catch(() => undefined);
  }

  async earlier(): Promise<void> {
    const { api, store } = this.around;
    const first = store.state.messages[0];
    if (!first || !store.state.hasMore) return;
    const page = await api.messages(first.id);
    const known = new Set(store.state.messages.map((it) => it.id));
    const earlier = page.data.filter((it) => !known.has(it.id));
    store.set({ messages: [...earlier, ...store.state.messages], hasMore: page.has_more });
  }

  /** Everything that is there was seen, if the visitor looks. */
  seen(): void {
    const { api, store, share } = this.around;
    if (!store.state.open || document.visibilityState !== "visible") return;
    if (store.state.unread > 0) {
      store.set({ unread: 0 });
      share({ name: "seen", data: "", id: null });
    }
    const last = store.state.messages.findLast((it) => it.from !== "visitor")?.id;
    if (!last || last === this.readUpTo) return;
    this.readUpTo = last;
    api.read(last).catch(() => (this.readUpTo = null));
  }

  /** The server has taken one of ours. */
  sent(message: Message): void {
    const { store, share } = this.around;
    store.set({ messages: withMessage(store.state.messages, message) });
    share({ name: "message", data: JSON.stringify(message), id: null });
    // The first one opened a conversation, a later one may have opened it again.
    if (store.state.conversation?.status !== "open") this.refresh().catch(() => undefined);
  }

  happened(event: Heard): void {
    const { store, typing } = this.around;
    const data = objectIn(event.data);
    switch (event.name) {
      case "message": {
        const message = messageIn(event.data);
        if (message) this.arrived(message);
        return;
      }
      case "typing":
        return typing.hear(data);
      case "read":
        if (typeof data?.["at"] === "string") store.set({ agentReadAt: data["at"] });
        return;
      case "seen":
        return store.set({ unread: 0 });
      case "status":
      case "reset":
        this.refresh().catch(() => undefined);
    }
  }

  private arrived(message: Message): void {
    const { store, outbox, arrived } = this.around;
    const isNew = !store.state.messages.some((it) => it.id === message.id);
    store.set({ messages: withMessage(store.state.messages, message) });
    if (message.client_id) outbox.drop(message.client_id);
    if (!isNew || message.from === "visitor") return;
    store.set({ typing: null, unread: store.state.unread + 1 });
    arrived(message.from);
    this.seen();
  }
}
