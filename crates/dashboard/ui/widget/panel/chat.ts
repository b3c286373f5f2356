/** One visitor's chat: what it knows, and what can be done with it. The components only show it. */

import type { Identity } from "../wire";
import { type Api, type Message, Refused, type Session, type Uploaded } from "./api";
import type { Heard } from "./events";
import { messageIn, objectIn, renewed, withMessage } from "./history";
import type { Host } from "./host";
import type { Kept } from "./kept";
import { alone } from "./locks";
import { Outbox } from "./outbox";
import { answersIn, fresh, type State } from "./state";
import { stream, type Streaming, type Told } from "./stream";
import { Typing } from "./typing";

/** Milliseconds after which links to files are asked for anew; they hold for a day. */
const LINKS_LAST = 6 * 3_600_000;
export class Chat {
  state: State;
  private readonly outbox: Outbox;
  private readonly watchers = new Set<() => void>();
  private identity: Identity | null = null;
  private starting: Promise<void> | null = null;
  private entering: Promise<void> | null = null;
  private streaming: Streaming | null = null;
  private readonly typing: Typing;
  private refreshedAt = 0;
  private readUpTo: string | null = null;
  /** Called when somebody else's message arrives. */
  onArrival: () => void = () => undefined;

  constructor(
    readonly channel: string,
    private readonly api: Api,
    readonly kept: Kept,
    private readonly host: Host,
  ) {
    this.outbox = new Outbox(api, kept, {
      session: (refused) => this.session(refused),
      preChat: () => (this.state.conversation ? undefined : (this.state.answers ?? undefined)),
      sent: (message) => this.sent(message),
      changed: () => this.set({ pending: this.outbox.waiting }),
      misformed: (misformed) => this.set({ misformed, answers: null }),
    });
    this.typing = new Typing(api, (typing) => this.set({ typing }));
    this.state = fresh(this.outbox.waiting, answersIn(kept.get("answers")));
  }

  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => void this.watchers.delete(watcher);
  }

  start(): Promise<void> {
    this.starting = this.begin();
    return this.starting;
  }

  private async begin(): Promise<void> {
    this.set({ phase: "loading" });
    try {
      const config = await this.api.config();
      this.set({ config });
      if (this.kept.get("token") !== null || this.identity) await this.session(null);
      this.set({ phase: "ready", unvouched: this.isUnvouched() });
      void this.outbox.flush();
    } catch (error) {
      if (!(error instanceof Refused) || this.state.config === null) return this.set({ phase: "failed" });
      this.set({ phase: "ready", unvouched: this.isUnvouched() });
    }
  }

  async identify(identity: Identity | null): Promise<void> {
    const same = JSON.stringify(identity) === JSON.stringify(this.identity);
    this.identity = identity;
    if (same || !this.starting) return;
    await this.starting;
    this.leave();
    await this.start();
  }

  /** Forgets everything about the visitor, here; the server keeps the conversation. */
  forget(): void {
    this.identity = null;
    for (const name of ["token", "outbox", "answers", "form", "draft"]) this.kept.set(name, null);
    this.outbox.waiting = [];
    this.leave();
    const empty = { visitor: null, messages: [], pending: [], hasMore: false, conversation: null };
    this.set({ ...empty, agentReadAt: null, unread: 0, answers: null, startsNew: false, unvouched: this.isUnvouched() });
    this.host.send({ type: "known", known: false });
  }

  show(open: boolean): void {
    this.set({ open });
    if (!open) return;
    this.seen();
    if (this.api.token && Date.now() - this.refreshedAt > LINKS_LAST) this.refresh().catch(() => undefined);
  }

  send(text: string, files: Uploaded[]): void {
    const startsNew = this.state.startsNew;
    this.set({ startsNew: false });
    this.outbox.add(text, files, startsNew);
    this.typing.sent();
  }

  retry(clientId: string): void {
    this.outbox.retry(clientId);
  }

  drop(clientId: string): void {
    this.outbox.drop(clientId);
  }

  answer(answers: Record<string, string>): void {
    this.kept.set("answers", JSON.stringify(answers));
    this.set({ answers, misformed: new Map() });
    void this.outbox.flush();
  }

  startNew(): void {
    this.set({ startsNew: true });
  }

  async upload(file: File, progress: (share: number) => void, signal: AbortSignal): Promise<Uploaded> {
    await this.session(null);
    return this.api.upload(file, progress, signal);
  }

  async rate(score: number, comment: string): Promise<void> {
    await this.api.rate(score, comment);
    const { conversation } = this.state;
    if (conversation) this.set({ conversation: { ...conversation, rating: { score, comment: comment || null } } });
  }

  async earlier(): Promise<void> {
    const first = this.state.messages[0];
    if (!first || !this.state.hasMore) return;
    const page = await this.api.messages(first.id);
    const known = new Set(this.state.messages.map((it) => it.id));
    const earlier = page.data.filter((it) => !known.has(it.id));
    this.set({ messages: [...earlier, ...this.state.messages], hasMore: page.has_more });
  }

  /** The visitor types, or has stopped. */
  types(isTyping: boolean): void {
    if (!this.api.token || !this.state.conversation) return;
    this.typing.say(isTyping);
  }

  /** Everything that is there was seen, if the visitor looks. */
  seen(): void {
    if (!this.state.open || document.visibilityState !== "visible") return;
    if (this.state.unread > 0) {
      this.set({ unread: 0 });
      this.streaming?.share({ name: "seen", data: "", id: null });
    }
    const last = this.state.messages.findLast((it) => it.from !== "visitor")?.id;
    if (!last || last === this.readUpTo) return;
    this.readUpTo = last;
    this.api.read(last).catch(() => (this.readUpTo = null));
  }

  /** Makes sure of a token the server knows. Calls at the same time share one answer. */
  private async session(refused: string | null): Promise<void> {
    if (this.api.token !== null && this.api.token !== refused) return;
    this.entering ??= this.enter(refused).finally(() => (this.entering = null));
    await this.entering;
  }

  private async enter(refused: string | null): Promise<void> {
    // Another tab may be asking as well: one of them makes the visitor, the other finds it.
    const session = await alone(`deskbell.chat.${this.channel}.session`, async () => {
      const token = this.kept.get("token");
      const session = await this.ask(token === refused ? null : token);
      this.kept.set("token", session.token);
      return session;
    });
    this.leave();
    this.api.token = session.token;
    if (this.state.visitor && this.state.visitor.id !== session.visitor.id) this.set({ messages: [], conversation: null });
    this.set({ visitor: session.visitor, unread: session.unread_count, unvouched: this.isUnvouched(session.visitor) });
    this.host.send({ type: "known", known: true });
    await this.refresh();
    const name = this.kept.shared ? `deskbell.chat.${this.channel}.${session.visitor.id}` : null;
    this.streaming = stream({ api: this.api, name, told: (it) => this.told(it) });
    this.seen();
  }

  private async ask(token: string | null): Promise<Session> {
    try {
      return await this.api.session(token, this.identity);
    } catch (error) {
      if (!(error instanceof Refused) || error.passes || (!this.identity && !token)) throw error;
      // An expired signature must not silence the visitor; a token of old need not be known any more.
      if (this.identity) console.warn(`Deskbell: identify was refused: ${error.message}`);
      this.identity = null;
      return this.api.session(this.state.config?.enforce_identity ? token : null, null);
    }
  }

  private leave(): void {
    this.streaming?.stop();
    this.streaming = null;
    this.api.token = null;
  }

  private async refresh(): Promise<void> {
    const page = await this.api.messages(null);
    this.refreshedAt = Date.now();
    const known = this.state.messages;
    const { messages, whole } = renewed(known, page.data);
    const ids = new Set(known.map((it) => it.id));
    const missed = known.length > 0 ? page.data.filter((it) => it.from !== "visitor" && !ids.has(it.id)).length : 0;
    this.set({
      messages,
      hasMore: whole && known.length > 0 ? this.state.hasMore : page.has_more,
      conversation: page.conversation,
      agentReadAt: page.agent_last_read_at,
      unread: this.state.unread + missed,
    });
    const sent = new Set(page.data.map((it) => it.client_id));
    for (const it of this.outbox.waiting) if (sent.has(it.clientId)) this.outbox.drop(it.clientId);
    this.seen();
  }

  private told(it: Told): void {
    if (it.kind === "event") this.happened(it.event);
    else if (it.kind === "fresh") this.refresh().catch(() => undefined);
    else if (it.kind === "unknown") this.session(this.api.token).catch((error: unknown) => this.dismissed(error));
    else {
      this.set({ connected: it.now });
      if (it.now) void this.outbox.flush();
    }
  }

  /** The token is over and there is no other: without a site that vouches anew, nobody may write. */
  private dismissed(error: unknown): void {
    if (!(error instanceof Refused) || error.passes) return this.set({ connected: false });
    this.leave();
    this.set({ visitor: null, unvouched: this.isUnvouched(null) });
  }

  private happened(event: Heard): void {
    const data = objectIn(event.data);
    switch (event.name) {
      case "message": {
        const message = messageIn(event.data);
        if (message) this.arrived(message);
        return;
      }
      case "typing":
        return this.typing.hear(data);
      case "read":
        if (typeof data?.["at"] === "string") this.set({ agentReadAt: data["at"] });
        return;
      case "seen":
        this.set({ unread: 0 });
        return;
      case "status":
      case "reset":
        this.refresh().catch(() => undefined);
    }
  }

  private arrived(message: Message): void {
    const isNew = !this.state.messages.some((it) => it.id === message.id);
    this.set({ messages: withMessage(this.state.messages, message) });
    if (message.client_id) this.outbox.drop(message.client_id);
    if (!isNew || message.from === "visitor") return;
    this.set({ typing: null, unread: this.state.unread + 1 });
    this.host.send({ type: "message", from: message.from });
    this.onArrival();
    this.seen();
  }

  private sent(message: Message): void {
    this.set({ messages: withMessage(this.state.messages, message) });
    this.streaming?.share({ name: "message", data: JSON.stringify(message), id: null });
    // The first one opened a conversation, a later one may have opened it again.
    if (this.state.conversation?.status !== "open") this.refresh().catch(() => undefined);
  }

  private isUnvouched(visitor = this.state.visitor): boolean {
    return this.state.config?.enforce_identity === true && !this.identity && visitor?.is_verified !== true;
  }

  private set(change: Partial<State>): void {
    const { unread } = this.state;
    this.state = { ...this.state, ...change };
    if (this.state.unread !== unread) this.host.send({ type: "unread", count: this.state.unread });
    for (const watcher of this.watchers) watcher();
  }
}
