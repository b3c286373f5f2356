/** What somebody prefers in this browser; it stays here, for another machine may stand in another room. */

import { Store } from "../live/store";

const STORED = "deskbell.preferences";

export const SCOPES = ["mine", "team", "all"] as const;

export interface Preferences {
  /** A sound when something needs attention. */
  sound: boolean;
  /** A notification of the desktop, once the browser allows it. */
  desktop: boolean;
  /** Whose new messages are worth one: mine, also nobody's, or all. */
  scope: (typeof SCOPES)[number];
  /** Keys of one letter. People who speak to their computer press them by accident (WCAG 2.1.4). */
  keys: boolean;
}

const DEFAULTS: Preferences = { sound: false, desktop: false, scope: "team", keys: true };

function load(): Preferences {
  try {
    const stored = JSON.parse(localStorage.getItem(STORED) ?? "{}") as Partial<Record<keyof Preferences, unknown>>;
    const flag = (name: "sound" | "desktop" | "keys") =>
      typeof stored[name] === "boolean" ? stored[name] : DEFAULTS[name];
    const scope = SCOPES.find((it) => it === stored.scope) ?? DEFAULTS.scope;
    return { sound: flag("sound"), desktop: flag("desktop"), keys: flag("keys"), scope };
  } catch {
    return DEFAULTS;
  }
}

export const preferences = new Store<Preferences>(load());

export function prefer(changed: Partial<Preferences>): void {
  const next = { ...preferences.get(), ...changed };
  preferences.set(next);
  localStorage.setItem(STORED, JSON.stringify(next));
}

// Another tab of this browser changed them.
addEventListener("storage", ({ key }) => {
  if (key === STORED) preferences.set(load());
});
