/** The languages visitors are spoken to in, and which of them a visitor gets. */

export type Language = "en" | "de" | "id";

const LANGUAGES: readonly string[] = ["en", "de", "id"] satisfies Language[];

/** The first wish we can fulfil. A wish is a tag such as "de-AT", or nothing. */
export function languageOf(...wishes: (string | null | undefined)[]): Language {
  const found = wishes.map((it) => it?.slice(0, 2).toLowerCase()).find((it) => it && LANGUAGES.includes(it));
  return (found as Language | undefined) ?? "en";
}
