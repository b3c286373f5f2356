/** Whether the palette is open, and what it asks for. */

import { Store } from "../live/store";

/** Where an action needs to know more: to whom, until when, which tag. */
export type Pick = "assign" | "snooze" | "tag" | "untag" | "status" | "priority";

export const palette = new Store<{ page: Pick | "all" } | undefined>(undefined);
export const help = new Store(false);

export const openPalette = (page: Pick | "all" = "all"): void => palette.set({ page });
export const closePalette = (): void => palette.set(undefined);
