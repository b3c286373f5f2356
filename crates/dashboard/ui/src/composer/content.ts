/** What somebody writes, as the composer holds it. */

import type { Schemas } from "../api/client";

export type Upload = Schemas["AttachmentView"];

export interface Content {
  kind: "reply" | "note";
  text: string;
  /** Only where it is written with formats; pictures in it are `cid:` and the id of their upload. */
  html: string | null;
  /** Null: as the newest mail has them. */
  cc: string[] | null;
  bcc: string[];
  files: Upload[];
}

export const BLANK: Content = { kind: "reply", text: "", html: null, cc: null, bcc: [], files: [] };

/** Whether there is anything to keep or send. */
export const isBlank = (it: Content): boolean => !it.text.trim() && it.files.length === 0;

/** What was typed while something was on its way: what follows it, or all where that was changed. */
export function since(sent: Content, now: Content): Content {
  if (now === sent) return BLANK;
  const goesOn = now.text.startsWith(sent.text);
  const text = goesOn ? now.text.slice(sent.text.length).trimStart() : now.text;
  const files = now.files.filter((it) => !sent.files.some((one) => one.id === it.id));
  const rest = { ...BLANK, text, html: goesOn ? null : now.html, files };
  return isBlank(rest) ? BLANK : { ...rest, kind: now.kind };
}

/** Where a picture that was uploaded is shown while one writes. */
const shown = (id: string): string => `/api/attachments/${id}?inline=1`;

/** From what is stored to what an editor shows. */
export const toEditor = (html: string): string =>
  html.replace(/(<img\b[^>]*\bsrc=")cid:([0-9a-f-]{36})"/gi, (_, before: string, id: string) => `${before}${shown(id)}"`);

/** And back; also from a message as it is shown. */
export const fromEditor = (html: string): string =>
  html.replace(/(<img\b[^>]*\bsrc=")\/api\/attachments\/([0-9a-f-]{36})[/?][^"]*"/gi, '$1cid:$2"');

export const pictureAddress = shown;

/** Whether the text shows this upload as a picture. */
export const shows = (html: string | null, id: string): boolean => html?.includes(`cid:${id}`) ?? false;

/** The address in "Ann <ann@x.example>", or what was typed. */
export const addressOf = (typed: string): string => (/<([^<>]+)>\s*$/.exec(typed)?.[1] ?? typed).trim();

export const isAddress = (text: string): boolean => /^[^\s@<>",;]+@[^\s@<>",;]+\.[^\s@<>",;]+$/.test(text);
