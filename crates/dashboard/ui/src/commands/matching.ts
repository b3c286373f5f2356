/** Finding by a few letters. */

const fold = (text: string): string =>
  text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase();

/** Whether each word that was typed begins a word of the text. */
export function matches(text: string, typed: string): boolean {
  const words = fold(text).split(/[^\p{L}\p{N}]+/u);
  const wanted = fold(typed).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  return wanted.every((it) => words.some((word) => word.startsWith(it)));
}
