/** A first message that is being written. */

import { Store } from "../live/store";

export interface Beginning {
  channel: string | null;
  to: string;
  subject: string;
  text: string;
}

export const NOTHING: Beginning = { channel: null, to: "", subject: "", text: "" };

/** What was typed so far: it is still there when the window was closed. */
export const begun = new Store(NOTHING);
/** Whether the window for it is open. */
export const composing = new Store(false);

/** Opens it; for somebody else than before it begins anew. */
export function compose(to?: string): void {
  if (to !== undefined && to !== begun.get().to) begun.set({ ...NOTHING, to });
  composing.set(true);
}
