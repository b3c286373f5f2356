/**
 * What the loader on a site's page and the panel in its frame tell each other. Both sides read a
 * message only after its origin was checked, and drop what does not look exactly like this.
 */

/** Signed by the site's server, so that a visitor is who the site says (see the README). */
export interface Identity {
  userId: string;
  name?: string;
  email?: string;
  /** Seconds since 1970. */
  expiresAt: number;
  signature: string;
}

export type ToPanel =
  | { type: "hello"; locale: string; open: boolean; identity: Identity | null; kept: ReadonlyMap<string, string> }
  | { type: "open" }
  | { type: "close" }
  | { type: "identify"; identity: Identity }
  | { type: "forget" };

export type ToHost =
  | { type: "ready" }
  | { type: "close" }
  | { type: "unread"; count: number }
  | { type: "message"; from: "agent" | "bot" }
  /** Whether there is something to come back for: then the panel is loaded with the next page. */
  | { type: "known"; known: boolean }
  /** Asks the page to keep something, where the browser lets the frame keep nothing itself. */
  | { type: "keep"; name: string; value: string | null };

/** Marks our messages among those of other scripts on the page. */
const MARK = "deskbell";

export function sealed(message: ToPanel | ToHost): object {
  return { ...message, mark: MARK };
}

type Fields = Record<string, unknown>;

function opened(data: unknown): Fields | null {
  return typeof data === "object" && data !== null && (data as Fields)["mark"] === MARK ? (data as Fields) : null;
}

const short = (it: unknown): it is string => typeof it === "string" && it.length <= 1_000;
const nameOfKept = (it: unknown): it is string => typeof it === "string" && /^[a-z]{1,20}$/.test(it);
const long = (it: unknown): it is string => typeof it === "string" && it.length <= 100_000;
const optional = (it: unknown): it is string | undefined => it === undefined || it === null || short(it);

/** The identity in what a page handed us, or null when it is not one. */
export function identityIn(data: unknown): Identity | null {
  if (typeof data !== "object" || data === null) return null;
  const { userId, name, email, expiresAt, signature } = data as Fields;
  const whole = short(userId) && userId !== "" && short(signature) && /^[0-9a-f]{64}$/i.test(signature);
  if (!whole || !Number.isSafeInteger(expiresAt) || !optional(name) || !optional(email)) return null;
  return {
    userId,
    expiresAt: expiresAt as number,
    signature,
    ...(name ? { name } : {}),
    ...(email ? { email } : {}),
  };
}

/** What was kept under names such as ours. */
export function keptIn(data: unknown): ReadonlyMap<string, string> {
  const entries: unknown[][] = data instanceof Map ? [...data] : Object.entries((data ?? {}) as object);
  return new Map(entries.filter((it): it is [string, string] => nameOfKept(it[0]) && long(it[1])));
}

export function toPanel(data: unknown): ToPanel | null {
  const it = opened(data);
  switch (it?.["type"]) {
    case "hello": {
      const { locale, open } = it;
      if (!short(locale) || typeof open !== "boolean") return null;
      return { type: "hello", locale, open, identity: identityIn(it["identity"]), kept: keptIn(it["kept"]) };
    }
    case "identify": {
      const identity = identityIn(it["identity"]);
      return identity && { type: "identify", identity };
    }
    case "open":
    case "close":
    case "forget":
      return { type: it["type"] };
    default:
      return null;
  }
}

export function toHost(data: unknown): ToHost | null {
  const it = opened(data);
  switch (it?.["type"]) {
    case "ready":
    case "close":
      return { type: it["type"] };
    case "unread": {
      const { count } = it;
      return Number.isSafeInteger(count) && (count as number) >= 0 ? { type: "unread", count: count as number } : null;
    }
    case "message": {
      const { from } = it;
      return from === "agent" || from === "bot" ? { type: "message", from } : null;
    }
    case "known":
      return typeof it["known"] === "boolean" ? { type: "known", known: it["known"] } : null;
    case "keep": {
      const { value } = it;
      return nameOfKept(it["name"]) && (value === null || long(value)) ? { type: "keep", name: it["name"], value } : null;
    }
    default:
      return null;
  }
}
