import { afterEach, expect, test } from "vitest";

import { COMMANDS } from "./catalog";
import { listenToKeys } from "./keyboard";
import { available, register } from "./registry";

let over: (() => void)[] = [];
afterEach(() => {
  for (const it of over) it();
  over = [];
  document.body.replaceChildren();
});

function recorded(on = true): string[] {
  const done: string[] = [];
  over.push(listenToKeys(() => on));
  for (const [id] of COMMANDS) over.push(register(id, () => done.push(id)));
  return done;
}

function press(key: string, at: HTMLElement = document.body, more: KeyboardEventInit = {}): void {
  at.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
}

function add(tag: string, attributes: Record<string, string> = {}): HTMLElement {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return document.body.appendChild(made);
}

test("keys, pairs of keys and modifiers do what the catalogue says", () => {
  const done = recorded();
  press("e");
  press("g");
  press("i");
  press("i");
  press("?");
  press("k", document.body, { ctrlKey: true });
  press("e", document.body, { ctrlKey: true });
  press("e", document.body, { altKey: true });
  press("e", document.body, { repeat: true });
  expect(done).toEqual(["resolve", "goOpen", "assignMe", "help", "palette"]);
});

test("nothing happens while somebody types, but the palette opens", () => {
  const done = recorded();
  for (const field of [add("input"), add("textarea"), add("select")]) press("e", field);
  press("k", add("textarea"), { metaKey: true });
  expect(done).toEqual(["palette"]);
});

test("what is focused or lies over the page has its own keys", () => {
  const done = recorded();
  press("Enter", add("button"));
  press("Enter", add("a", { role: "option" }));
  add("div", { role: "dialog", "aria-modal": "true" });
  press("e");
  expect(done).toEqual(["open"]);
});

test("keys can be switched off", () => {
  const done = recorded(false);
  press("e");
  expect(done).toEqual([]);
});

test("no key has two meanings, and the last to come carries a command out", () => {
  const keys = COMMANDS.flatMap(([, it]) => it.keys ?? []);
  expect(new Set(keys).size).toBe(keys.length);
  const done: string[] = [];
  const leave = [register("reply", () => done.push("one")), register("reply", () => done.push("two"))];
  over.push(listenToKeys(() => true), ...leave);
  press("r");
  leave[1]?.();
  press("r");
  leave[0]?.();
  press("r");
  expect(done).toEqual(["two", "one"]);
  expect(available.get().has("reply")).toBe(false);
});
