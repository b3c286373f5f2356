/** What the panel shows at the moment, and who is told when that changes. */

import type { State } from "./state";

export class Store {
  private readonly watchers = new Set<() => void>();

  constructor(
    public state: State,
    /** Told whenever another number of messages is unread. */
    private readonly unread: (count: number) => void,
  ) {}

  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => void this.watchers.delete(watcher);
  }

  set(change: Partial<State>): void {
    const { unread } = this.state;
    this.state = { ...this.state, ...change };
    if (this.state.unread !== unread) this.unread(this.state.unread);
    for (const watcher of this.watchers) watcher();
  }
}
