/** Names with values, as one edits them: attributes and ids of other systems. */

export interface Pair {
  /** Tells rows apart while their names change. */
  key: number;
  name: string;
  value: string;
}

let keys = 0;

export const emptyPair = (): Pair => ({ key: keys++, name: "", value: "" });

/** What is no text is shown as JSON. */
export function toPairs(map: Record<string, unknown>): Pair[] {
  return Object.entries(map).map(([name, value]) => ({ ...emptyPair(), name, value: shown(value) }));
}

/** What was not touched stays what it was, also where it is no text; rows without a name are none. */
export function fromPairs(pairs: Pair[], before: Record<string, unknown>): Record<string, unknown> {
  const named = pairs.filter((it) => it.name.trim());
  return Object.fromEntries(
    named.map(({ name, value }) => {
      const key = name.trim();
      return [key, key in before && shown(before[key]) === value ? before[key] : value];
    }),
  );
}

const shown = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
