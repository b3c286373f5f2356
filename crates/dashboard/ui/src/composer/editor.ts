/** What a composer and the editor in it tell each other. */

import type { Ref } from "react";

/** A word that is being typed to look something up: `/ref` or `@ann`. */
export interface Token {
  kind: "canned" | "mention";
  query: string;
}

export interface Piece {
  text: string;
  html: string | null;
}

export interface EditorHandle {
  focus: () => void;
  /** Puts it where the caret is, in place of the word that looked it up. */
  insert: (piece: Piece, overToken: boolean) => void;
  /** Shows this instead of all that is there. */
  set: (piece: Piece) => void;
  /** Shows an uploaded picture in the text; false where there are only letters. */
  picture: (address: string, name: string) => boolean;
}

export interface EditorProps {
  initial: Piece;
  label: string;
  placeholder: string;
  mentions: boolean;
  handle: Ref<EditorHandle>;
  /** The list of what can be chosen, while it is open, and the choice that is marked. */
  choices: { list: string; marked: string } | undefined;
  onChange: (piece: Piece) => void;
  onToken: (token: Token | undefined) => void;
  /** True when the key was used. */
  onKey: (event: KeyboardEvent) => boolean;
  onFiles: (files: File[]) => void;
}

const CANNED = /(?:^|\s)\/([\p{L}\p{N}_-]{0,40})$/u;
/** A first name, and with a space a last one. */
const MENTION = /(?:^|[\s(])@([\p{L}\p{N}._-]{0,30}(?: [\p{L}\p{N}._-]{1,30})?)$/u;

/** What is being looked up just before the caret. */
export function tokenIn(before: string, mentions: boolean): Token | undefined {
  const canned = CANNED.exec(before);
  if (canned) return { kind: "canned", query: canned[1] ?? "" };
  const mention = mentions && MENTION.exec(before);
  return mention ? { kind: "mention", query: mention[1] ?? "" } : undefined;
}

/** Characters of the token, its sign included. */
export const lengthOf = (token: Token): number => token.query.length + 1;
