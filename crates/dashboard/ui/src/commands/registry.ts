/** Who carries out which command just now. */

import { useEffect, useRef } from "react";

import { Store } from "../live/store";
import type { CommandId } from "./catalog";

type Run = () => void;

/** Of several that can, the one that came last does: it is nearest to what is looked at. */
const able = new Map<CommandId, Run[]>();
/** The commands somebody can carry out. */
export const available = new Store<ReadonlySet<CommandId>>(new Set());

function publish(): void {
  available.set(new Set([...able].filter(([, runs]) => runs.length > 0).map(([id]) => id)));
}

export function register(id: CommandId, run: Run): () => void {
  able.set(id, [...(able.get(id) ?? []), run]);
  publish();
  return () => {
    able.set(id, (able.get(id) ?? []).filter((it) => it !== run));
    publish();
  };
}

/** Carries it out; false where nobody can. */
export function run(id: CommandId): boolean {
  const it = able.get(id)?.at(-1);
  it?.();
  return it !== undefined;
}

/**
 * Offers to carry out a command while the component is shown. `undefined`: not just now. When `turn`
 * changes it is as if it had just come.
 */
export function useCommand(id: CommandId, does: Run | undefined, turn?: boolean): void {
  const newest = useRef(does);
  useEffect(() => {
    newest.current = does;
  });
  const can = does !== undefined;
  useEffect(() => (can ? register(id, () => newest.current?.()) : undefined), [id, can, turn]);
}
