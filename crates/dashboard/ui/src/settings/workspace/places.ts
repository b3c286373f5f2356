/** Places and languages as the browser knows them, in the language of the page. */

interface Choice {
  value: string;
  label: string;
}

export const zones = (): string[] => ["UTC", ...Intl.supportedValuesOf("timeZone")];

/** ISO 3166: of all two-letter codes, those that have a name. */
export function countries(language: string): Choice[] {
  const names = new Intl.DisplayNames([language], { type: "region", fallback: "none" });
  const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
  const codes = letters.flatMap((first) => letters.map((second) => first + second));
  const found = codes.flatMap((value) => {
    const label = names.of(value);
    return label && !NO_COUNTRIES.has(value) ? [{ value, label }] : [];
  });
  return found.sort((a, b) => a.label.localeCompare(b.label, language));
}

/** Codes with a name that no phone number begins with: unions, and codes of former states and tests. */
const NO_COUNTRIES = new Set([
  ...["AN", "BU", "CS", "DD", "DY", "EU", "EZ", "FX", "HV", "NH", "NT", "QO", "RH", "SU", "TP", "UK", "UN", "VD", "YD"],
  ...["YU", "XA", "XB", "ZR", "ZZ"],
]);

const LOCALES = [
  ...["ar", "bg", "cs", "da", "de", "de-AT", "de-CH", "el", "en", "en-AU", "en-CA", "en-GB", "en-US", "es", "es-MX"],
  ...["et", "fi", "fr", "fr-CA", "fr-CH", "he", "hi", "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "ms", "nb", "nl"],
  ...["pl", "pt", "pt-BR", "ro", "ru", "sk", "sl", "sr", "sv", "th", "tr", "uk", "vi", "zh-CN", "zh-TW"],
];

/** Each under its own name too, for whoever does not read the page's language. */
export function locales(language: string): Choice[] {
  const names = new Intl.DisplayNames([language], { type: "language" });
  return LOCALES.map((value) => {
    const own = new Intl.DisplayNames([value], { type: "language" }).of(value);
    const here = names.of(value) ?? value;
    return { value, label: own && own !== here ? `${here} (${own})` : here };
  }).sort((a, b) => a.label.localeCompare(b.label, language));
}
