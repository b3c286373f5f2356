/** The form of a web chat, and the configuration the server takes. */

export interface PreChatField {
  field: string;
  label: string;
  required: boolean;
}

export const REPLY_TIMES = ["minutes", "hours", "day"] as const;

/** A configuration as the server shows it. */
export interface WebchatConfig {
  allowed_origins: string[];
  greeting: string | null;
  color: string | null;
  reply_time: (typeof REPLY_TIMES)[number];
  pre_chat: PreChatField[];
  ask_rating: boolean;
  enforce_identity: boolean;
  email_channel_id: string | null;
  /** How long a visitor must have left before replies go out by mail. */
  email_after_seconds: number;
  /** In words only when it was just made. */
  identity_secret: string | { set: true } | null;
}

export interface WebchatForm extends Omit<WebchatConfig, "greeting" | "color" | "identity_secret"> {
  name: string;
  greeting: string;
  color: string;
}

/** Seconds to choose from. */
export const ABSENCES = [10, 30, 120, 300, 900, 3600] as const;

const COLOR = "#3b5bdb";

/** Who leaves is written to from the only mailbox there is; of several, an admin chooses. */
export const newWebchat = (mailboxes: { id: string }[]): WebchatForm => ({
  name: "",
  allowed_origins: [],
  greeting: "",
  color: COLOR,
  reply_time: "hours",
  pre_chat: [],
  ask_rating: true,
  enforce_identity: false,
  email_channel_id: (mailboxes.length === 1 && mailboxes[0]?.id) || null,
  email_after_seconds: 120,
});

export function fromConfig(name: string, it: WebchatConfig): WebchatForm {
  const { identity_secret: _, ...shown } = it;
  return { ...shown, name, greeting: it.greeting ?? "", color: it.color ?? COLOR };
}

export function toConfig(form: WebchatForm): Record<string, unknown> {
  const { name: _, ...config } = form;
  return { ...config, greeting: form.greeting.trim() || null };
}

/** What somebody types or pastes, as the origin the server wants: `https://shop.example`. */
export function originOf(text: string): string {
  const typed = text.trim();
  try {
    const url = new URL(/^[a-z]+:\/\//i.test(typed) ? typed : `https://${typed}`);
    return url.origin === "null" ? typed : url.origin;
  } catch {
    return typed;
  }
}

/** What a site's owner puts into their pages. */
export function snippet(origin: string, channel: string): string {
  return `<script src="${origin}/widget.js" data-channel="${channel}" async></script>`;
}
