/** What is being typed beside a conversation outlives the place it is shown at: a panel becomes a drawer, a dialog is closed. */

import { useState } from "react";

const kept = new Map<string, unknown>();

/** As `useState`, remembered under `key` until it is set to what it began as. */
export function useKept<Value>(key: string, empty: Value): [Value, (value: Value) => void] {
  const [value, setValue] = useState(() => (kept.has(key) ? (kept.get(key) as Value) : empty));
  const keep = (next: Value) => {
    if (next === empty) kept.delete(key);
    else kept.set(key, next);
    setValue(next);
  };
  return [value, keep];
}

/** Whether something about this contact is typed and not saved. */
export const isTyped = (contact: string): boolean => [...kept.keys()].some((key) => key.startsWith(`${contact}.`));
