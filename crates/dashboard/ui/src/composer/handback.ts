/** What was sent and taken back goes into the composer again. */

import type { Message } from "../api/queries";
import { type Content, fromEditor } from "./content";

/** As it was written: what the server shows of it has passed its cleaning. */
const sent = new Map<string, Content>();
const MOST = 20;

export function remember(message: Message, content: Content): void {
  sent.set(message.id, content);
  const [oldest] = sent.keys();
  if (sent.size > MOST && oldest) sent.delete(oldest);
}

const writers = new Map<string, (content: Content) => void>();

/** Takes what is given back in a conversation, until told to stop. */
export function receive(conversation: string, take: (content: Content) => void): () => void {
  writers.set(conversation, take);
  return () => {
    if (writers.get(conversation) === take) writers.delete(conversation);
  };
}

export function handBack(message: Message): void {
  writers.get(message.conversation_id)?.(sent.get(message.id) ?? contentOf(message));
  sent.delete(message.id);
}

function contentOf(it: Message): Content {
  const html = it.html && fromEditor(it.html);
  return { kind: "reply", text: it.text, html, cc: it.cc, bcc: it.bcc, files: it.attachments };
}
