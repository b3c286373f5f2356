/** `window.Deskbell`: what a site's own scripts can do with the chat. */

import { languageOf } from "../languages";
import { type Identity, identityIn, keptIn, type ToHost, type ToPanel } from "../wire";
import { type Frame, frame } from "./frame";
import { type Launcher, launcher } from "./launcher";
import { WORDS } from "./words";

export interface Site {
  /** Where Deskbell is. */
  origin: string;
  channel: string;
  locale: string | undefined;
  position: string | undefined;
}

type Events = { open: undefined; close: undefined; unread: number; message: { from: "agent" | "bot" } };
type Heard = (detail: never) => void;

export interface Deskbell {
  open(): void;
  close(): void;
  /** Says who the visitor is; the signature is made on the site's server. */
  identify(identity: Identity): void;
  /** Forgets the visitor, for when they sign out of the site. */
  forget(): void;
  /** Calls back on "open", "close", "unread" (a count) and "message"; answers how to stop that. */
  on<Name extends keyof Events>(name: Name, heard: (detail: Events[Name]) => void): () => void;
  /** The form that also works before this script has loaded: `["identify", {...}]`. */
  push(...calls: unknown[]): void;
}

const COMMANDS = ["open", "close", "identify", "forget", "on"] as const;
const warn = (problem: string) => console.warn(`Deskbell: ${problem}`);

export function chat(site: Site): Deskbell {
  const known = memory(`deskbell.chat.${site.channel}`);
  const keepsakes = memory(`deskbell.chat.${site.channel}.kept`);
  const listeners = new Map<string, Set<Heard>>();
  let button: Launcher | undefined;
  let panel: Frame | undefined;
  let language = languageOf(site.locale);
  let identity: Identity | null = null;
  let isOpen = false;

  const tell = <Name extends keyof Events>(name: Name, detail: Events[Name]) =>
    listeners.get(name)?.forEach((heard) => {
      try {
        heard(detail as never);
      } catch (error) {
        // A site's mistake is the site's: the chat goes on.
        reportError(error);
      }
    });
  const load = () => {
    if (panel || !button) return;
    button.failed(false);
    const hello = (): ToPanel => ({ type: "hello", locale: language, open: isOpen, identity, kept: keptBy(keepsakes) });
    const failed = () => {
      panel = undefined;
      if (!isOpen) return;
      show(false);
      button?.failed(true);
    };
    const title = WORDS[language].title;
    panel = frame({ place: button.place, origin: site.origin, channel: site.channel, title, hello, heard, failed });
  };
  const show = (open: boolean) => {
    if (open === isOpen) return;
    isOpen = open;
    if (open) load();
    button?.show(open);
    panel?.send({ type: open ? "open" : "close" });
    if (open) panel?.focus();
    else button?.focus();
    tell(open ? "open" : "close", undefined);
  };
  const heard = (message: ToHost) => {
    if (message.type === "close") show(false);
    else if (message.type === "known") known.set(message.known ? "1" : null);
    else if (message.type === "keep") {
      const kept = new Map(keptBy(keepsakes));
      if (message.value === null) kept.delete(message.name);
      else kept.set(message.name, message.value);
      keepsakes.set(kept.size > 0 ? JSON.stringify(Object.fromEntries(kept)) : null);
    }
    else if (message.type === "message") tell("message", { from: message.from });
    else if (message.type === "unread") {
      button?.unread(message.count);
      tell("unread", message.count);
    } else if (isOpen) panel?.focus();
  };

  void settings(site).then((config) => {
    if (!config) return;
    language = languageOf(site.locale, document.documentElement.lang, ...navigator.languages, config["locale"]);
    button = launcher({ language, color: config["color"], position: site.position }, () => show(!isOpen));
    if (isOpen) {
      load();
      button.show(true);
    } else if (known.get() || identity) whenIdle(load);
  });

  const api: Deskbell = {
    open: () => show(true),
    close: () => show(false),
    identify(given) {
      const checked = identityIn(given);
      if (!checked) return warn("identify needs userId, expiresAt (seconds) and signature (hex)");
      identity = checked;
      panel ? panel.send({ type: "identify", identity }) : whenIdle(load);
    },
    forget() {
      identity = null;
      // The token lies with the panel, so that is who forgets it.
      if (known.get()) load();
      panel?.send({ type: "forget" });
    },
    on(name, listener) {
      const all = listeners.get(name) ?? new Set();
      listeners.set(name, all.add(listener as Heard));
      return () => void all.delete(listener as Heard);
    },
    push(...calls) {
      for (const call of calls) {
        const [name, ...rest] = Array.isArray(call) ? (call as unknown[]) : [];
        const command = COMMANDS.find((it) => it === name);
        if (command) (api[command] as (...rest: unknown[]) => void)(...rest);
        else warn(`there is no call "${String(name)}"`);
      }
    },
  };
  return api;
}

/** How the channel wants to look, or null when this page may not have it. */
async function settings(site: Site): Promise<Record<string, string | null> | null> {
  try {
    const answer = await fetch(`${site.origin}/widget/${site.channel}/config`, { credentials: "omit" });
    if (answer.ok) return (await answer.json()) as Record<string, string | null>;
  } catch {
    // Offline, or an answer the browser keeps from this origin: the same to us.
  }
  warn(`no chat here. Is the channel active, and ${location.origin} among its allowed origins?`);
  return null;
}

interface Memory {
  get(): string | null;
  set(value: string | null): void;
}

/** A text kept for the next page, where the site's storage allows it. */
function memory(key: string): Memory {
  return {
    get() {
      try {
        return localStorage.getItem(key);
      } catch {
        return null;
      }
    },
    set(value) {
      try {
        if (value === null) localStorage.removeItem(key);
        else localStorage.setItem(key, value);
      } catch {
        // Then the next page begins anew.
      }
    },
  };
}

function keptBy(memory: Memory): ReadonlyMap<string, string> {
  try {
    return keptIn(JSON.parse(memory.get() ?? "{}"));
  } catch {
    return new Map();
  }
}

function whenIdle(run: () => void): void {
  if ("requestIdleCallback" in window) requestIdleCallback(run, { timeout: 3_000 });
  else setTimeout(run, 1_000);
}
