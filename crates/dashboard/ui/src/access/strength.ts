/** How hard a password is to guess, roughly: a hint while one types. The server has the last word. */

/** What the server asks for. */
const SHORTEST = 8;
export const LONGEST = 200;

export type Strength = "short" | "weak" | "fair" | "good" | "strong";

/** Bits a guesser needs, by what a guesser knows: words of the form, rows and repeated signs. */
export function strength(password: string, known: string[] = []): Strength {
  const signs = [...password];
  if (signs.length < SHORTEST) return "short";
  let rest = password.toLowerCase();
  const words = known.flatMap((it) => it.toLowerCase().split(/[^\p{L}\p{N}]+/u)).filter((it) => it.length > 2);
  for (const word of words) rest = rest.replaceAll(word, "*");
  const telling = [...rest].filter((sign, at, all) => !follows(all[at - 1], sign));
  const bits = telling.length * Math.log2(alphabet(password)) * (new Set(telling).size / telling.length || 0);
  if (bits < 30) return "weak";
  if (bits < 45) return "fair";
  return bits < 65 ? "good" : "strong";
}

/** "aa", "ab", "21": a sign that tells nothing new after the one before. */
function follows(before: string | undefined, sign: string): boolean {
  if (before === undefined) return false;
  return Math.abs((sign.codePointAt(0) ?? 0) - (before.codePointAt(0) ?? 0)) <= 1;
}

function alphabet(password: string): number {
  const kinds: [RegExp, number][] = [
    [/\p{Ll}/u, 26],
    [/\p{Lu}/u, 26],
    [/\p{N}/u, 10],
    [/[^\p{L}\p{N}]/u, 20],
    [/\p{Lo}/u, 100],
  ];
  return kinds.reduce((sum, [kind, size]) => (kind.test(password) ? sum + size : sum), 0) || 2;
}
