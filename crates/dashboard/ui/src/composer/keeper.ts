/**
 * Keeps what is typed: at once in this browser, soon on the server, until it is sent. Nothing typed is
 * lost, and nothing written in another window is written over without asking.
 */

import { ApiError, type Schemas } from "../api/client";
import * as local from "../lib/drafts";
import { BLANK, type Content, isBlank } from "./content";

export type Draft = Schemas["Draft"];

/** What one is told about the draft. */
export type State = "clean" | "unsaved" | "saving" | "saved" | "offline" | "conflict";

export interface Remote {
  put: (content: Content, version: number, leaving: boolean) => Promise<Draft>;
  remove: (version: number) => Promise<unknown>;
}

/** Milliseconds of rest after a key before the draft is saved, and after a failure. */
const REST = 900;
const AGAIN = 5_000;

export class Keeper {
  private version = 0;
  private content = BLANK;
  private unsaved = false;
  private touched = false;
  private paused = false;
  /** On its way to the customer. */
  private sending = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private saving: Promise<void> | undefined;

  constructor(
    private readonly conversation: string,
    private readonly remote: Remote,
    private readonly tell: (state: State, other?: Draft) => void,
  ) {}

  /** What to begin with: the server's draft, or what this browser could not save. */
  start(draft: Draft): Content {
    this.version = draft.version;
    this.content = contentOf(draft);
    const kept = local.load(this.conversation);
    if (kept && isSame(kept.content, this.content)) local.forget(this.conversation);
    if (!kept || isSame(kept.content, this.content)) {
      this.tell(draft.version > 0 ? "saved" : "clean");
      return this.content;
    }
    this.content = kept.content;
    this.unsaved = true;
    if (kept.version === draft.version) this.schedule(0);
    else this.conflict(draft);
    return this.content;
  }

  change(content: Content): void {
    this.content = content;
    this.unsaved = true;
    this.touched = true;
    local.keep(this.conversation, { content, version: this.version });
    if (this.paused || this.sending) return;
    this.tell("unsaved");
    this.schedule(REST);
  }

  /** Another browser has saved: unless something was typed here, its text is shown. */
  adopt(draft: Draft): Content | undefined {
    if (this.unsaved || this.saving || draft.version === this.version) return undefined;
    return this.take(draft);
  }

  /** The server's draft came after one could begin. Whoever did is asked when theirs is saved. */
  meet(draft: Draft): Content | undefined {
    return this.touched ? undefined : this.adopt(draft);
  }

  /** Whether a version comes from here, which is known once what is on its way is there. */
  async knows(version: number): Promise<boolean> {
    await this.saving;
    return version === this.version;
  }

  /** Drops what is here for what is there. */
  take(draft: Draft): Content {
    this.stop();
    this.version = draft.version;
    this.content = contentOf(draft);
    local.forget(this.conversation);
    this.tell(draft.version > 0 ? "saved" : "clean");
    return this.content;
  }

  /** Writes over what is there. */
  insist(draft: Draft): void {
    this.version = draft.version;
    this.paused = false;
    this.unsaved = true;
    this.schedule(0);
  }

  /** Saves now what is not saved: the page is left. */
  async flush(leaving = false): Promise<void> {
    clearTimeout(this.timer);
    if (!leaving) await this.saving;
    if (this.unsaved && !this.paused && !this.sending) await this.save(leaving);
  }

  /** Before sending: nothing is saved any more that could come after. */
  async settle(): Promise<void> {
    this.sending = true;
    clearTimeout(this.timer);
    await this.saving;
  }

  /** After sending failed. */
  resume(): void {
    this.sending = false;
    if (this.unsaved && !this.paused) this.schedule(REST);
  }

  /** The server forgot the draft with the sending. `rest` was typed while it was on its way. */
  sent(rest: Content = BLANK): void {
    this.stop();
    this.sending = false;
    this.version = 0;
    this.content = rest;
    local.forget(this.conversation);
    this.tell("clean");
    if (!isBlank(rest)) this.change(rest);
  }

  private stop(): void {
    clearTimeout(this.timer);
    this.paused = false;
    this.unsaved = false;
  }

  private schedule(after: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), after);
  }

  private save(leaving: boolean): Promise<void> {
    this.saving = this.put(leaving).finally(() => {
      this.saving = undefined;
    });
    return this.saving;
  }

  private async put(leaving: boolean): Promise<void> {
    const { content } = this;
    this.unsaved = false;
    this.tell("saving");
    try {
      if (!isBlank(content)) this.version = (await this.remote.put(content, this.version, leaving)).version;
      else if (this.version > 0) {
        await this.remote.remove(this.version);
        this.version = 0;
      }
    } catch (error) {
      this.unsaved = true;
      const other = error instanceof ApiError && (error.body as { draft?: Draft }).draft;
      if (other) this.conflict(other);
      else {
        this.tell("offline");
        this.schedule(AGAIN);
      }
      return;
    }
    if (this.unsaved) {
      local.keep(this.conversation, { content: this.content, version: this.version });
      return;
    }
    local.forget(this.conversation);
    this.tell(this.version > 0 ? "saved" : "clean");
  }

  private conflict(draft: Draft): void {
    // Its own words, saved while the page was left: nobody need be asked.
    if (isSame(this.content, contentOf(draft))) {
      this.take(draft);
      return;
    }
    this.paused = true;
    this.tell("conflict", draft);
  }
}

function isSame(one: Content, two: Content): boolean {
  const told = ({ kind, text, html, cc, bcc, files }: Content) =>
    JSON.stringify([kind, text, html, cc ?? [], bcc, files.map((it) => it.id)]);
  return told(one) === told(two);
}

function contentOf(draft: Draft): Content {
  if (draft.version === 0) return BLANK;
  const { kind, text, html, cc, bcc, attachments: files } = draft;
  return { kind: kind as Content["kind"], text, html, cc, bcc, files };
}
