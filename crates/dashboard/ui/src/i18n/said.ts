/**
 * What the server says, in the language of the page. It says everything in English; `en/server.json` has
 * the sentences people meet most, with their gaps, and the other languages say the same. Whatever else it
 * says stays as it came.
 */

import i18n from "i18next";

import type server from "./en/server.json";

type Sentences = Record<keyof typeof server, string>;

interface Known {
  sign: RegExp;
  wanted: string;
}

const GAP = /\{\{(\w+)\}\}/g;
const FILES = import.meta.glob<Sentences>("./*/server.json", { import: "default" });

const known = new Map<string, Known[]>();

/** Has the sentences of a language at hand from now on. */
export async function learn(language: string): Promise<void> {
  if (language === "en" || known.has(language)) return;
  const [from, to] = await Promise.all([FILES["./en/server.json"]?.(), FILES[`./${language}/server.json`]?.()]);
  if (from && to) known.set(language, sentences(from, to));
}

export function sentences(from: Sentences, to: Sentences): Known[] {
  const names = Object.keys(from) as (keyof Sentences)[];
  return names.map((it) => ({ sign: signOf(from[it]), wanted: to[it] }));
}

function signOf(sentence: string): RegExp {
  const parts = sentence.split(GAP);
  // Text and names of gaps by turns.
  const sign = parts.map((it, at) => (at % 2 ? `(?<${it}>.+?)` : it.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")));
  return new RegExp(`^${sign.join("")}$`, "s");
}

export const said = (text: string): string => saidIn(known.get(i18n.language) ?? [], text);

export function saidIn(all: Known[], text: string): string {
  for (const { sign, wanted } of all) {
    const gaps = sign.exec(text)?.groups;
    // What stands in a gap may be a sentence, too.
    if (gaps) return wanted.replace(GAP, (_, name: string) => saidIn(all, gaps[name] ?? ""));
    if (sign.test(text)) return wanted;
  }
  return text;
}
