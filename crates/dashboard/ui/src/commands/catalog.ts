/**
 * Everything that can be done by a key or from the palette: the one list that keys, palette and help
 * sheet are made from. Whoever can do it says so with `useCommand`.
 */

export type Group = "conversation" | "writing" | "list" | "go" | "app";

export interface Entry {
  group: Group;
  /** Keys as `KeyboardEvent.key` names them; two with a space between are pressed one after the other. */
  keys?: readonly string[];
  /** It is for keys alone: in the palette it would mean nothing. */
  keyOnly?: boolean;
}

const CATALOG = {
  resolve: { group: "conversation", keys: ["e"] },
  pending: { group: "conversation", keys: ["p"] },
  snooze: { group: "conversation", keys: ["s"] },
  assign: { group: "conversation", keys: ["a"] },
  assignMe: { group: "conversation", keys: ["i"] },
  tag: { group: "conversation", keys: ["t"] },
  untag: { group: "conversation", keys: ["T"] },
  priority: { group: "conversation", keys: ["h"] },
  unread: { group: "conversation", keys: ["U"] },
  spam: { group: "conversation", keys: ["!"] },
  copyLink: { group: "conversation", keys: ["y"] },
  merge: { group: "conversation", keys: ["m"] },
  forward: { group: "conversation", keys: ["f"] },
  block: { group: "conversation" },
  automations: { group: "conversation" },
  compose: { group: "writing", keys: ["c"] },
  reply: { group: "writing", keys: ["r"] },
  note: { group: "writing", keys: ["n"] },
  next: { group: "list", keys: ["j", "ArrowDown"], keyOnly: true },
  previous: { group: "list", keys: ["k", "ArrowUp"], keyOnly: true },
  open: { group: "list", keys: ["Enter", "o"], keyOnly: true },
  back: { group: "list", keys: ["u", "Escape"], keyOnly: true },
  select: { group: "list", keys: ["x"], keyOnly: true },
  selectAll: { group: "list", keys: ["X"] },
  search: { group: "list", keys: ["/"] },
  goOpen: { group: "go", keys: ["g i"] },
  goMine: { group: "go", keys: ["g m"] },
  goUnassigned: { group: "go", keys: ["g u"] },
  goSnoozed: { group: "go", keys: ["g z"] },
  goContacts: { group: "go", keys: ["g c"] },
  goAnalytics: { group: "go", keys: ["g a"] },
  goSettings: { group: "go", keys: ["g s"] },
  palette: { group: "app", keys: ["mod+k"], keyOnly: true },
  undo: { group: "app", keys: ["z"] },
  help: { group: "app", keys: ["?"] },
  theme: { group: "app" },
} as const satisfies Record<string, Entry>;

export type CommandId = keyof typeof CATALOG;

export const COMMANDS = Object.entries(CATALOG) as [CommandId, Entry][];

export const GROUPS: readonly Group[] = ["conversation", "writing", "list", "go", "app"];
