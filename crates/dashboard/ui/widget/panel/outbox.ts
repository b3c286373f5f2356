/** What the visitor wrote and the server has not yet: kept until it has, over reloads too. */

import { newId } from "../../src/lib/ids";
import { type Api, type Message, type NewMessage, Refused, Unreached, type Uploaded } from "./api";
import type { Kept } from "./kept";

const FIRST_PAUSE = 2_000;
const LONGEST_PAUSE = 30_000;

export interface Pending {
  clientId: string;
  text: string;
  files: Uploaded[];
  startsNew: boolean;
  /** Refused for good, with the server's words; null while it is under way. */
  failed: string | null;
  /** Tried, and nobody answered. */
  waits: boolean;
}

export interface Outlet {
  /** A token that is good; asks for another one when `refused` is. */
  session: (refused: string | null) => Promise<void>;
  preChat: () => Record<string, string> | undefined;
  sent: (message: Message) => void;
  changed: () => void;
  /** The answers of the form are not good enough: by field, why. */
  misformed: (fields: ReadonlyMap<string, string>) => void;
}

export class Outbox {
  waiting: Pending[];
  private busy = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private pause = FIRST_PAUSE;

  constructor(
    private readonly api: Api,
    private readonly kept: Kept,
    private readonly outlet: Outlet,
  ) {
    this.waiting = restored(kept.get("outbox"));
  }

  add(text: string, files: Uploaded[], startsNew: boolean): void {
    const pending = { clientId: newId(), text, files, startsNew, failed: null, waits: false };
    this.put([...this.waiting, pending]);
    void this.flush();
  }

  retry(clientId: string): void {
    this.change(clientId, { failed: null });
    void this.flush();
  }

  drop(clientId: string): void {
    this.put(this.waiting.filter((it) => it.clientId !== clientId));
  }

  /** Sends one after the other, in the order they were written. */
  async flush(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    clearTimeout(this.timer);
    try {
      for (;;) {
        const next = this.waiting.find((it) => it.failed === null);
        if (!next || !(await this.deliver(next))) return;
      }
    } finally {
      this.busy = false;
    }
  }

  /** Whether the next one may go. */
  private async deliver(it: Pending, again = true): Promise<boolean> {
    try {
      await this.outlet.session(null);
      const sent = await this.api.send(this.body(it));
      this.pause = FIRST_PAUSE;
      this.drop(it.clientId);
      this.outlet.sent(sent);
      return true;
    } catch (error) {
      if (error instanceof Refused && error.status === 401 && again) {
        try {
          await this.outlet.session(this.api.token);
        } catch {
          return this.later(it, null);
        }
        return this.deliver(it, false);
      }
      if (error instanceof Refused && !error.passes) return this.refused(it, error);
      // Our own mistake: told where mistakes are told, and what was written is kept all the same.
      if (!(error instanceof Refused || error instanceof Unreached)) reportError(error);
      return this.later(it, error instanceof Refused ? error.retryAfter : null);
    }
  }

  private refused(it: Pending, error: Refused): boolean {
    const misformed = [...error.fields].filter(([field]) => field.startsWith("pre_chat"));
    if (misformed.length > 0) {
      this.outlet.misformed(new Map(misformed.map(([field, why]) => [field.replace(/^pre_chat\.?/, ""), why])));
      this.change(it.clientId, { waits: true });
      return false;
    }
    this.change(it.clientId, { failed: error.message || String(error.status), waits: false });
    return true;
  }

  private later(it: Pending, pause: number | null): boolean {
    this.change(it.clientId, { waits: true });
    this.timer = setTimeout(() => void this.flush(), pause ?? this.pause);
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
    return false;
  }

  private body(it: Pending): NewMessage {
    const preChat = this.outlet.preChat();
    return {
      text: it.text,
      attachment_ids: it.files.map((file) => file.id),
      client_id: it.clientId,
      ...(preChat && { pre_chat: preChat }),
      ...(it.startsNew && { new_conversation: true }),
    };
  }

  private change(clientId: string, change: Partial<Pending>): void {
    this.put(this.waiting.map((it) => (it.clientId === clientId ? { ...it, ...change } : it)));
  }

  private put(waiting: Pending[]): void {
    this.waiting = waiting;
    this.kept.set("outbox", waiting.length > 0 ? JSON.stringify(waiting) : null);
    this.outlet.changed();
  }
}

function restored(stored: string | null): Pending[] {
  try {
    const all = JSON.parse(stored ?? "[]") as Pending[];
    return all.filter((it) => typeof it.clientId === "string" && typeof it.text === "string" && Array.isArray(it.files));
  } catch {
    return [];
  }
}
