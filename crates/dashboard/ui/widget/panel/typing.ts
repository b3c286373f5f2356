/** Who types just now: saying so of the visitor, and hearing it of the desk. */

import type { Api } from "./api";

/** Milliseconds somebody counts as typing after the last sign of it. */
const LASTS = 8_000;
/** Milliseconds between two signs of our own. */
const TOLD_EVERY = 4_000;

export class Typing {
  private toldAt = 0;
  private over: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly api: Api,
    /** Who types; an empty name for somebody, null for nobody. */
    private readonly heard: (name: string | null) => void,
  ) {}

  /** The visitor types, or has stopped. */
  say(isTyping: boolean): void {
    const now = Date.now();
    if (isTyping ? now - this.toldAt < TOLD_EVERY : this.toldAt === 0) return;
    this.toldAt = isTyping ? now : 0;
    this.api.typing(isTyping).catch(() => undefined);
  }

  /** What they typed is sent: that says enough. */
  sent(): void {
    this.toldAt = 0;
  }

  hear(data: Record<string, unknown> | null): void {
    clearTimeout(this.over);
    const name = data?.["author"];
    this.heard(data?.["is_typing"] === true ? (typeof name === "string" ? name : "") : null);
    this.over = setTimeout(() => this.heard(null), LASTS);
  }
}
