/** Keys that carry out commands, except where somebody types. */

import { COMMANDS, type CommandId } from "./catalog";
import { run } from "./registry";

/** Milliseconds between the two keys of a pair. */
const PAIR = 1_200;

/** Commands that have their keys also while somebody types. */
const ANYWHERE = new Set<CommandId>(["palette"]);

const BY_KEY = new Map<string, CommandId>(
  COMMANDS.flatMap(([id, it]) => (it.keys ?? []).map((key): [string, CommandId] => [key, id])),
);
const FIRST = new Set([...BY_KEY.keys()].filter((it) => it.includes(" ")).map((it) => it.split(" ")[0]));

/** The key as commands name it; null where a modifier gives it another meaning. */
function nameOf(event: KeyboardEvent): string | null {
  if (event.isComposing || event.altKey) return null;
  const key = event.key === " " ? "Space" : event.key;
  return event.ctrlKey || event.metaKey ? `mod+${key.toLowerCase()}` : key;
}

function types(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "button", "submit"].includes(target.type);
  return target.isContentEditable || ["TEXTAREA", "SELECT"].includes(target.tagName);
}

/** Keys that mean something to what is focused: a button is pressed, a menu gone through. */
function isOwn(key: string, target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest("[role=dialog], [role=menu], [data-mantine-dropdown], .mantine-Popover-dropdown")) return true;
  const plain = target.closest("button, a:not([role=option]), summary, [role=tab], [role=radio], [role=switch]");
  return plain !== null && ["Enter", "Space", "ArrowUp", "ArrowDown"].includes(key);
}

/** Listens until it is told to stop. `isOn` is asked with each key: people may switch them off. */
export function listenToKeys(isOn: () => boolean): () => void {
  let first: { key: string; at: number } | undefined;
  const press = (event: KeyboardEvent) => {
    const key = nameOf(event);
    if (!key || event.defaultPrevented || ["Shift", "Control", "Meta"].includes(event.key)) return;
    const pair = first && event.timeStamp - first.at < PAIR ? `${first.key} ${key}` : undefined;
    first = undefined;
    const id = (pair === undefined ? undefined : BY_KEY.get(pair)) ?? BY_KEY.get(key);
    const free = id !== undefined && ANYWHERE.has(id);
    if (!free && (!isOn() || types(event.target) || isOwn(key, event.target) || blocked())) return;
    if (id === undefined || (FIRST.has(key) && !pair)) {
      if (FIRST.has(key)) first = { key, at: event.timeStamp };
      return;
    }
    // A key held down goes through a list, but does nothing twice.
    if (event.repeat && id !== "next" && id !== "previous") return;
    if (run(id)) event.preventDefault();
  };
  addEventListener("keydown", press);
  return () => removeEventListener("keydown", press);
}

/** Whether something lies over the page. */
function blocked(): boolean {
  return document.querySelector("[role=dialog][aria-modal=true]") !== null;
}
