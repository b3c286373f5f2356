/** The languages of the dashboard. English is the source: its keys are the type of all others. */

import i18n, { type BackendModule, type FormatterModule, type ResourceKey } from "i18next";
import { initReactI18next } from "react-i18next";

import common from "./en/common.json";
import type { Namespaces } from "./namespaces";
import { learn } from "./said";

export const LANGUAGES = { en: "English", de: "Deutsch", id: "Bahasa Indonesia" } as const;
export type Language = keyof typeof LANGUAGES;
export type Namespace = keyof Namespaces;

const STORED = "deskbell.language";
const DIRECTION = "deskbell.direction";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "common";
    resources: Namespaces;
  }
}

/** The words of each room in each language, loaded when the room is entered. */
const FILES = import.meta.glob<ResourceKey>(["./*/*.json", "!./en/common.json", "!./*/server.json"], { import: "default" });

const files: BackendModule = {
  type: "backend",
  init: () => undefined,
  read(language, namespace, done) {
    const file = FILES[`./${language}/${namespace}.json`];
    if (!file) return done(new Error(`there are no words of ${namespace} in ${language}`), null);
    file().then(
      (words) => done(null, words),
      (error: unknown) => done(error as Error, null),
    );
  },
};

function preferred(): Language {
  const stored = localStorage.getItem(STORED);
  const wishes = [stored, ...navigator.languages].map((it) => it?.slice(0, 2));
  const found = wishes.find((it): it is Language => it !== undefined && it in LANGUAGES);
  return found ?? "en";
}

/**
 * The language of the page with the region of whoever reads it: dates and numbers are written
 * differently in London and in New York.
 */
export function locale(): string {
  const own = navigator.languages.find((it) => it.startsWith(`${i18n.language}-`));
  return own ?? i18n.language;
}

const formats = new Map<string, Intl.NumberFormat>();

/** "12,345" or "12.345". */
export function number(value: number): string {
  const name = locale();
  const format = formats.get(name) ?? new Intl.NumberFormat(name);
  formats.set(name, format);
  return format.format(value);
}

/** Numbers in texts are written as the language does; that of a conversation is its name. */
const figures: FormatterModule = {
  type: "formatter",
  init: () => undefined,
  add: () => undefined,
  addCached: () => undefined,
  format: (value: unknown, _, __, options) =>
    typeof value === "number" && options?.["interpolationkey"] !== "number" ? number(value) : (value as string),
};

/** Says on the page which language it is in, and which way that runs. */
function tell(language: Language): void {
  document.documentElement.lang = language;
  // No language of ours runs from right to left yet; a browser may ask for it all the same.
  document.documentElement.dir = localStorage.getItem(DIRECTION) ?? i18n.dir(language);
}

export async function choose(language: Language): Promise<void> {
  localStorage.setItem(STORED, language);
  await Promise.all([i18n.changeLanguage(language), learn(language)]);
  tell(language);
}

/** Has the words of a room at hand before it is shown. */
export const words = (...namespaces: Namespace[]): Promise<void> => i18n.loadNamespaces(namespaces);

export async function start(): Promise<void> {
  const language = preferred();
  await i18n
    .use(files)
    .use(figures)
    .use(initReactI18next)
    .init({
      resources: { en: { common } },
      partialBundledLanguages: true,
      ns: ["common"],
      defaultNS: "common",
      lng: language,
      // A test sees to it that no language lacks a text.
      fallbackLng: false,
      // React escapes.
      interpolation: { escapeValue: false, alwaysFormat: true },
    });
  tell(language);
  // Nothing is said before somebody asks.
  void learn(language);
}

export default i18n;
