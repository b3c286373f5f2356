/** One visitor's chat: what it knows, and what can be done with it. The components only show it. */

import type { Identity } from "../wire";
import { type Api, Refused, type Session, type Uploaded } from "./api";
import { Entrance } from "./entrance";
import type { Host } from "./host";
import type { Kept } from "./kept";
import { Messages } from "./messages";
import { Outbox } from "./outbox";
import { answersIn, fresh, type State } from "./state";
import { Store } from "./store";
import { stream, type Streaming, type Told } from "./stream";
import { Typing } from "./typing";

export class Chat {
  private readonly store: Store;
  private readonly outbox: Outbox;
  private readonly typing: Typing;
  private readonly messages: Messages;
  private readonly entrance: Entrance;
  private starting: Promise<void> | null = null;
  private streaming: Streaming | null = null;
  /** Called when somebody else's message arrives. */
  onArrival: () => void = () => undefined;

  constructor(
    readonly channel: string,
    private readonly api: Api,
    readonly kept: Kept,
    private readonly host: Host,
  ) {
    this.outbox = new Outbox(api, kept, {
      session: (refused) => this.entrance.session(refused),
      preChat: () => (this.state.conversation ? undefined : (this.state.answers ?? undefined)),
      sent: (message) => this.messages.sent(message),
      changed: () => this.store.set({ pending: this.outbox.waiting }),
      misformed: (misformed) => this.store.set({ misformed, answers: null }),
    });
    const state = fresh(this.outbox.waiting, answersIn(kept.get("answers")));
    this.store = new Store(state, (count) => host.send({ type: "unread", count }));
    this.typing = new Typing(api, (typing) => this.store.set({ typing }));
    this.messages = new Messages({
      api,
      store: this.store,
      outbox: this.outbox,
      typing: this.typing,
      share: (event) => this.streaming?.share(event),
      arrived: (from) => {
        host.send({ type: "message", from });
        this.onArrival();
      },
    });
    this.entrance = new Entrance(channel, api, kept, this.store, (session) => this.entered(session));
  }

  get state(): State {
    return this.store.state;
  }

  watch(watcher: () => void): () => void {
    return this.store.watch(watcher);
  }

  start(): Promise<void> {
    this.starting = this.begin();
    return this.starting;
  }

  private async begin(): Promise<void> {
    this.store.set({ phase: "loading" });
    try {
      const config = await this.api.config();
      this.store.set({ config });
      if (this.entrance.isKnown) await this.entrance.session(null);
      this.store.set({ phase: "ready", unvouched: this.entrance.isUnvouched() });
      void this.outbox.flush();
    } catch (error) {
      if (!(error instanceof Refused) || this.state.config === null) return this.store.set({ phase: "failed" });
      this.store.set({ phase: "ready", unvouched: this.entrance.isUnvouched() });
    }
  }

  async identify(identity: Identity | null): Promise<void> {
    const same = JSON.stringify(identity) === JSON.stringify(this.entrance.identity);
    this.entrance.identity = identity;
    if (same || !this.starting) return;
    await this.starting;
    this.leave();
    await this.start();
  }

  /** Forgets everything about the visitor, here; the server keeps the conversation. */
  forget(): void {
    this.entrance.identity = null;
    for (const name of ["token", "outbox", "answers", "form", "draft"]) this.kept.set(name, null);
    this.outbox.waiting = [];
    this.leave();
    const empty = { visitor: null, messages: [], pending: [], hasMore: false, conversation: null, closed: false };
    const unvouched = this.entrance.isUnvouched(null);
    this.store.set({ ...empty, agentReadAt: null, unread: 0, answers: null, startsNew: false, unvouched });
    this.host.send({ type: "known", known: false });
  }

  show(open: boolean): void {
    this.store.set({ open });
    if (!open) return;
    this.messages.seen();
    this.messages.freshen();
  }

  send(text: string, files: Uploaded[]): void {
    const startsNew = this.state.startsNew;
    this.store.set({ startsNew: false });
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
    this.store.set({ answers, misformed: new Map() });
    void this.outbox.flush();
  }

  startNew(): void {
    this.store.set({ startsNew: true });
  }

  async upload(file: File, progress: (share: number) => void, signal: AbortSignal): Promise<Uploaded> {
    await this.entrance.session(null);
    return this.api.upload(file, progress, signal);
  }

  async rate(score: number, comment: string): Promise<void> {
    await this.api.rate(score, comment);
    const { conversation } = this.state;
    const rating = { score, comment: comment || null };
    if (conversation) this.store.set({ conversation: { ...conversation, rating } });
  }

  earlier(): Promise<void> {
    return this.messages.earlier();
  }

  /** The visitor types, or has stopped. */
  types(isTyping: boolean): void {
    if (!this.api.token || !this.state.conversation) return;
    this.typing.say(isTyping);
  }

  /** Everything that is there was seen, if the visitor looks. */
  seen(): void {
    this.messages.seen();
  }

  private async entered(session: Session): Promise<void> {
    this.leave();
    this.api.token = session.token;
    const { visitor } = this.state;
    if (visitor && visitor.id !== session.visitor.id) this.store.set({ messages: [], conversation: null });
    const unvouched = this.entrance.isUnvouched(session.visitor);
    this.store.set({ visitor: session.visitor, unread: session.unread_count, closed: false, unvouched });
    this.host.send({ type: "known", known: true });
    await this.messages.refresh();
    const name = this.kept.shared ? `deskbell.chat.${this.channel}.${session.visitor.id}` : null;
    this.streaming = stream({ api: this.api, name, told: (it) => this.told(it) });
    this.messages.seen();
  }

  private leave(): void {
    this.streaming?.stop();
    this.streaming = null;
    this.api.token = null;
  }

  private told(it: Told): void {
    switch (it.kind) {
      case "event":
        return this.messages.happened(it.event);
      case "fresh":
        return void this.messages.refresh().catch(() => undefined);
      case "unknown":
        return void this.entrance.session(this.api.token).catch((error: unknown) => this.dismissed(error));
      case "closed":
        return this.store.set({ closed: true, connected: true, typing: null });
      case "connected":
        this.store.set({ connected: it.now });
        if (it.now) void this.outbox.flush();
    }
  }

  /** The token is over and there is no other: without a site that vouches anew, nobody may write. */
  private dismissed(error: unknown): void {
    if (!(error instanceof Refused) || error.passes) return this.store.set({ connected: false });
    this.leave();
    this.store.set({ visitor: null, unvouched: this.entrance.isUnvouched(null) });
  }
}
