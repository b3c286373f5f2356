/** Which conversations are ticked, for what is done to many at once. */

import { Store } from "../live/store";

export interface Selection {
  ids: ReadonlySet<string>;
  /** All that match, also those that were not read yet. */
  all: boolean;
  /** Rows are ticked by a tap instead of opened: there is no pointer to hover with. */
  ticking: boolean;
  /** The row ticked last; a range begins there. */
  anchor: string | undefined;
}

const NONE: Selection = { ids: new Set(), all: false, ticking: false, anchor: undefined };

export const selection = new Store<Selection>(NONE);
/** The row the keys are at while no conversation is open. */
export const cursor = new Store<string | undefined>(undefined);

export const clear = (): void => selection.set(NONE);

export function startTicking(): void {
  selection.set({ ...selection.get(), ticking: true });
}

export function toggle(id: string): void {
  const { ids, ticking } = selection.get();
  const next = new Set(ids);
  if (!next.delete(id)) next.add(id);
  selection.set(next.size > 0 || ticking ? { ids: next, all: false, ticking, anchor: id } : NONE);
}

/** Ticks everything from the row ticked last to this one. */
export function extend(rows: readonly string[], id: string): void {
  const { ids, ticking, anchor } = selection.get();
  const [from, to] = [anchor === undefined ? -1 : rows.indexOf(anchor), rows.indexOf(id)];
  if (from < 0 || to < 0) return toggle(id);
  const range = rows.slice(Math.min(from, to), Math.max(from, to) + 1);
  selection.set({ ids: new Set([...ids, ...range]), all: false, ticking, anchor: id });
}

export function tickAll(rows: readonly string[]): void {
  selection.set({ ...selection.get(), ids: new Set(rows), all: false });
}

export function tickMatching(): void {
  selection.set({ ...selection.get(), all: true });
}
