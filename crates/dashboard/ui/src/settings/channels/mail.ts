/** The form of a mailbox, and the configuration the server takes. */

import { guess, type Provider, providerOf } from "./providers";

export type Security = "tls" | "starttls" | "none";
export type Auth = "password" | "xoauth2";

export interface ServerForm {
  host: string;
  port: number | "";
  security: Security;
  username: string;
  /** Empty: the one that is set stays. */
  password: string;
}

export interface MailForm {
  name: string;
  address: string;
  from_name: string;
  imap: ServerForm;
  smtp: ServerForm;
  /** One user name and password for both servers. */
  oneLogin: boolean;
  auth: Auth;
  folders: string[];
  oauth: { token_url: string; client_id: string; scope: string; client_secret: string; refresh_token: string };
  signature: string;
  quote_history: boolean;
  plus_addressing: boolean;
  subject_number: boolean;
  /** Empty: an answer always goes on in its conversation. */
  new_conversation_after_days: number | "";
}

/** A configuration as the server shows it. */
export interface MailConfig {
  address: string;
  from_name: string | null;
  imap: ShownServer & { folders: string[] };
  smtp: ShownServer;
  oauth: { token_url: string; client_id: string; scope: string | null; refresh_token: Secret } | null;
  new_conversation_after_days: number | null;
  quote_history: boolean;
  plus_addressing: boolean;
  subject_number: boolean;
  signature: string | null;
}

type Secret = { set: true } | null;

interface ShownServer {
  host: string;
  port: number;
  security: Security;
  username: string | null;
  auth: Auth;
  password: Secret;
}

const server = (port: number): ServerForm => ({ host: "", port, security: "tls", username: "", password: "" });

export const newMailbox = (): MailForm => ({
  name: "",
  address: "",
  from_name: "",
  imap: server(993),
  smtp: server(465),
  oneLogin: true,
  auth: "password",
  folders: ["INBOX"],
  oauth: { token_url: "", client_id: "", scope: "", client_secret: "", refresh_token: "" },
  signature: "",
  quote_history: true,
  plus_addressing: false,
  subject_number: false,
  new_conversation_after_days: "",
});

/** The usual port of a protocol. */
export function usualPort(protocol: "imap" | "smtp", security: Security): number {
  if (protocol === "imap") return security === "tls" ? 993 : 143;
  return security === "tls" ? 465 : 587;
}

/** Puts the servers of the address in, where nobody has typed others. */
export function withAddress(form: MailForm, address: string): MailForm {
  const before = guess(form.address);
  const after = guess(address);
  const untouched = (host: string, was: string | undefined) => host === "" || host === was;
  const next = { ...form, address };
  for (const it of ["imap", "smtp"] as const) {
    if (!untouched(form[it].host, before?.[it])) continue;
    const security: Security = it === "smtp" && after?.starttls ? "starttls" : "tls";
    next[it] = { ...form[it], host: after?.[it] ?? "", security, port: usualPort(it, security) };
  }
  if (form.imap.username === "" || form.imap.username === form.address) next.imap = { ...next.imap, username: address };
  return next;
}

export function withProvider(form: MailForm, it: Provider): MailForm {
  const security: Security = it.starttls ? "starttls" : "tls";
  return {
    ...form,
    imap: { ...form.imap, host: it.imap, security: "tls", port: 993 },
    smtp: { ...form.smtp, host: it.smtp, security, port: usualPort("smtp", security) },
    oauth: form.auth === "xoauth2" && it.oauth ? withTokens(form, it) : form.oauth,
  };
}

/** Chooses how to sign in; where the provider's address for tokens is known, it is put in. */
export function withAuth(form: MailForm, auth: Auth): MailForm {
  const known = providerOf(form.address);
  if (auth !== "xoauth2" || !known?.oauth || form.oauth.token_url) return { ...form, auth };
  return { ...form, auth, oauth: withTokens(form, known) };
}

function withTokens(form: MailForm, it: Provider): MailForm["oauth"] {
  return { ...form.oauth, token_url: it.oauth?.tokenUrl ?? "", scope: it.oauth?.scope ?? "" };
}

export function fromConfig(name: string, it: MailConfig): MailForm {
  const shown = (of: ShownServer): ServerForm => ({
    host: of.host,
    port: of.port,
    security: of.security,
    username: of.username ?? "",
    password: "",
  });
  return {
    name,
    address: it.address,
    from_name: it.from_name ?? "",
    imap: shown(it.imap),
    smtp: shown(it.smtp),
    oneLogin: it.imap.username === it.smtp.username,
    auth: it.imap.auth,
    folders: it.imap.folders,
    oauth: {
      token_url: it.oauth?.token_url ?? "",
      client_id: it.oauth?.client_id ?? "",
      scope: it.oauth?.scope ?? "",
      client_secret: "",
      refresh_token: "",
    },
    signature: it.signature ?? "",
    quote_history: it.quote_history,
    plus_addressing: it.plus_addressing,
    subject_number: it.subject_number,
    new_conversation_after_days: it.new_conversation_after_days ?? "",
  };
}

/** What the server is asked to keep. Secrets left empty are left out, and stay. */
export function toConfig(form: MailForm): Record<string, unknown> {
  const secret = (text: string, name: string) => (text ? { [name]: text } : {});
  const one = (it: ServerForm, login: ServerForm) => ({
    host: it.host.trim(),
    ...(it.port === "" ? {} : { port: it.port }),
    security: it.security,
    username: login.username.trim() || null,
    auth: form.auth,
    ...(form.auth === "password" ? secret(login.password, "password") : {}),
  });
  const { oauth } = form;
  const tokens = {
    token_url: oauth.token_url.trim(),
    client_id: oauth.client_id.trim(),
    scope: oauth.scope.trim() || null,
    ...secret(oauth.client_secret, "client_secret"),
    ...secret(oauth.refresh_token, "refresh_token"),
  };
  return {
    address: form.address.trim(),
    from_name: form.from_name.trim() || null,
    imap: { ...one(form.imap, form.imap), folders: form.folders },
    smtp: one(form.smtp, form.oneLogin ? form.imap : form.smtp),
    ...(form.auth === "xoauth2" ? { oauth: tokens } : {}),
    signature: form.signature.trim() ? form.signature : null,
    quote_history: form.quote_history,
    plus_addressing: form.plus_addressing,
    subject_number: form.subject_number,
    new_conversation_after_days: form.new_conversation_after_days === "" ? null : form.new_conversation_after_days,
  };
}
