/** Who the visitor is to the server: a token that is kept, or somebody their site vouches for. */

import type { Identity } from "../wire";
import { type Api, Refused, type Session } from "./api";
import type { Kept } from "./kept";
import { alone } from "../../src/lib/locks";
import type { Store } from "./store";

export class Entrance {
  /** As the site signed it. */
  identity: Identity | null = null;
  private entering: Promise<void> | null = null;

  constructor(
    private readonly channel: string,
    private readonly api: Api,
    private readonly kept: Kept,
    private readonly store: Store,
    /** Called with each new session, the token being known already. */
    private readonly entered: (session: Session) => Promise<void>,
  ) {}

  get isKnown(): boolean {
    return this.kept.get("token") !== null || this.identity !== null;
  }

  /** Makes sure of a token the server knows. Calls at the same time share one answer. */
  async session(refused: string | null): Promise<void> {
    if (this.api.token !== null && this.api.token !== refused) return;
    this.entering ??= this.enter(refused).finally(() => (this.entering = null));
    await this.entering;
  }

  /** Only visitors their site vouches for may write here, and nobody vouches for this one. */
  isUnvouched(visitor = this.store.state.visitor): boolean {
    return this.store.state.config?.enforce_identity === true && !this.identity && visitor?.is_verified !== true;
  }

  private async enter(refused: string | null): Promise<void> {
    // Another tab may be asking as well: one of them makes the visitor, the other finds it.
    const session = await alone(`deskbell.chat.${this.channel}.session`, async () => {
      const token = this.kept.get("token");
      const session = await this.ask(token === refused ? null : token);
      this.kept.set("token", session.token);
      return session;
    });
    await this.entered(session);
  }

  private async ask(token: string | null): Promise<Session> {
    try {
      return await this.api.session(token, this.identity);
    } catch (error) {
      if (!(error instanceof Refused) || error.passes || (!this.identity && !token)) throw error;
      // An expired signature must not silence the visitor; a token of old need not be known any more.
      if (this.identity) console.warn(`Deskbell: identify was refused: ${error.message}`);
      this.identity = null;
      return this.api.session(this.store.state.config?.enforce_identity ? token : null, null);
    }
  }
}
