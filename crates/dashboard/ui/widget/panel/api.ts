/** The calls a visitor's browser makes, below `/widget/{channel_id}`. */

import type { Identity } from "../wire";

export interface Config {
  name: string;
  greeting: string | null;
  color: string | null;
  reply_time: "minutes" | "hours" | "day" | null;
  pre_chat: Field[];
  ask_rating: boolean;
  enforce_identity: boolean;
  is_open: boolean;
  /** RFC 3339; null while open, or when nobody said. */
  opens_at: string | null;
  locale: string | null;
}

export interface Field {
  /** `name`, `email`, `phone`, or the key of an attribute. */
  field: string;
  label: string;
  required: boolean;
}

export interface Visitor {
  id: string;
  name: string | null;
  email: string | null;
  is_verified: boolean;
}

export interface Session {
  token: string;
  visitor: Visitor;
  unread_count: number;
  conversation_id: string | null;
}

export interface Uploaded {
  id: string;
  name: string;
  type: string;
  /** Bytes. */
  size: number;
}

export interface Attachment extends Uploaded {
  url: string;
  picture_url: string | null;
}

export interface Message {
  id: string;
  from: "visitor" | "agent" | "bot";
  author: { name: string } | null;
  text: string;
  html: string | null;
  attachments: Attachment[];
  created_at: string;
  client_id: string | null;
}

export interface Rating {
  score: number;
  comment: string | null;
}

export interface Conversation {
  id: string;
  status: string;
  rating: Rating | null;
}

export interface Page {
  data: Message[];
  has_more: boolean;
  conversation: Conversation | null;
  agent_last_read_at: string | null;
}

export interface NewMessage {
  text: string;
  attachment_ids: string[];
  client_id: string;
  pre_chat?: Record<string, string>;
  new_conversation?: boolean;
}

/** The server said no. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** Milliseconds, where the server said when to come again. */
    readonly retryAfter: number | null,
    readonly fields: ReadonlyMap<string, string>,
  ) {
    super(message);
  }

  /** Whether the same may go well later. */
  get passes(): boolean {
    return this.status === 429 || this.status >= 500;
  }
}

/** The server was not reached. */
export class Unreached extends Error {}

export class Api {
  token: string | null = null;

  constructor(private readonly base: string) {}

  config(): Promise<Config> {
    return this.call("GET", "config");
  }

  session(token: string | null, identity: Identity | null): Promise<Session> {
    const signed = identity && {
      user_id: identity.userId,
      name: identity.name,
      email: identity.email,
      expires_at: identity.expiresAt,
      signature: identity.signature,
    };
    return this.call("POST", "session", { ...(token && { token }), ...(signed && { identity: signed }) });
  }

  messages(before: string | null): Promise<Page> {
    return this.call("GET", before ? `messages?before=${encodeURIComponent(before)}` : "messages");
  }

  send(message: NewMessage): Promise<Message> {
    return this.call("POST", "messages", message);
  }

  read(message: string): Promise<unknown> {
    return this.call("POST", "read", { message_id: message });
  }

  typing(isTyping: boolean): Promise<unknown> {
    return this.call("POST", "typing", { is_typing: isTyping });
  }

  rate(score: number, comment: string): Promise<unknown> {
    return this.call("POST", "rating", { score, ...(comment && { comment }) });
  }

  /** The open stream of events after `last`. */
  async events(last: string | null, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const headers = { ...this.auth(), ...(last && { "Last-Event-ID": last }) };
    const answer = await reached(fetch(`${this.base}/events`, { headers, signal, credentials: "omit", cache: "no-store" }));
    if (!answer.ok || !answer.body) throw refused(answer.status, await answer.text(), answer.headers.get("Retry-After"));
    return answer.body;
  }

  /** A file on its way; `fetch` does not tell how far it is. */
  upload(file: File, progress: (share: number) => void, signal: AbortSignal): Promise<Uploaded> {
    return new Promise((done, failed) => {
      const request = new XMLHttpRequest();
      request.open("POST", `${this.base}/attachments`);
      for (const [name, value] of Object.entries(this.auth())) request.setRequestHeader(name, value);
      request.upload.onprogress = ({ loaded, total }) => progress(total > 0 ? loaded / total : 0);
      request.onerror = () => failed(new Unreached());
      request.onload = () => {
        const { status, responseText } = request;
        if (status < 300) done(JSON.parse(responseText) as Uploaded);
        else failed(refused(status, responseText, request.getResponseHeader("Retry-After")));
      };
      signal.addEventListener("abort", () => request.abort());
      const form = new FormData();
      form.append("file", file, file.name || "file");
      request.send(form);
    });
  }

  private auth(): Record<string, string> {
    return this.token ? { Authorization: `Bearer ${this.token}` } : {};
  }

  private async call<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    const headers = { ...(path === "session" ? {} : this.auth()), ...(body && { "Content-Type": "application/json" }) };
    const init = { method, headers, credentials: "omit", cache: "no-store" } as const;
    const answer = await reached(fetch(`${this.base}/${path}`, body ? { ...init, body: JSON.stringify(body) } : init));
    const text = await reached(answer.text());
    if (!answer.ok) throw refused(answer.status, text, answer.headers.get("Retry-After"));
    return (text ? JSON.parse(text) : null) as Answer;
  }
}

async function reached<Answer>(asked: Promise<Answer>): Promise<Answer> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Unreached();
  }
}

function refused(status: number, text: string, after: string | null): Refused {
  const fields = new Map<string, string>();
  let message = "";
  try {
    const said = JSON.parse(text) as { error?: unknown; details?: { field: string; message: string }[] };
    if (typeof said.error === "string") message = said.error;
    for (const it of said.details ?? []) fields.set(it.field, it.message);
  } catch {
    // A proxy's page: nothing to show.
  }
  const seconds = Number(after);
  return new Refused(status, message, after && seconds >= 0 ? seconds * 1000 : null, fields);
}
