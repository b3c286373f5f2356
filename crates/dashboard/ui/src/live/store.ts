/** A value that lives outside of components, and who looks at it. */

import { useSyncExternalStore } from "react";

export class Store<Value> {
  private readonly watchers = new Set<() => void>();

  constructor(private value: Value) {}

  readonly get = (): Value => this.value;

  set(value: Value): void {
    if (Object.is(value, this.value)) return;
    this.value = value;
    for (const watcher of this.watchers) watcher();
  }

  readonly watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => void this.watchers.delete(watcher);
  };
}

export const useStore = <Value>(store: Store<Value>): Value => useSyncExternalStore(store.watch, store.get);

/** A part of it; what is picked must be the same as long as it did not change. */
export const usePart = <Value, Part>(store: Store<Value>, pick: (value: Value) => Part): Part =>
  useSyncExternalStore(store.watch, () => pick(store.get()));
