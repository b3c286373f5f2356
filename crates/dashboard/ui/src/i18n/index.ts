/** The languages of the dashboard. English is the source: its keys are the type of all others. */

import i18n from "i18next";
import { initReactI18next } from "react-i18next";

import en from "./en.json";

export const LANGUAGES = { en: "English", de: "Deutsch", id: "Bahasa Indonesia" } as const;
export type Language = keyof typeof LANGUAGES;

const STORED = "deskbell.language";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof en };
  }
}

function preferred(): Language {
  const stored = localStorage.getItem(STORED);
  const wishes = [stored, ...navigator.languages].map((it) => it?.slice(0, 2));
  const found = wishes.find((it): it is Language => it !== undefined && it in LANGUAGES);
  return found ?? "en";
}

/** Other languages than English are loaded when they are chosen. */
async function words(language: Language): Promise<void> {
  if (i18n.hasResourceBundle(language, "translation")) return;
  const loaded = language === "de" ? await import("./de.json") : await import("./id.json");
  i18n.addResourceBundle(language, "translation", loaded.default);
}

export async function choose(language: Language): Promise<void> {
  await words(language);
  localStorage.setItem(STORED, language);
  document.documentElement.lang = language;
  await i18n.changeLanguage(language);
}

export async function start(): Promise<void> {
  const language = preferred();
  await i18n.use(initReactI18next).init({
    resources: { en: { translation: en } },
    lng: "en",
    fallbackLng: "en",
    // React escapes.
    interpolation: { escapeValue: false },
  });
  document.documentElement.lang = language;
  if (language !== "en") {
    await words(language);
    await i18n.changeLanguage(language);
  }
}

export default i18n;
