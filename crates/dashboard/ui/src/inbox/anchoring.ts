/** Where a list stands still while rows come and go above what is read. */

/** How many rows are looked at; most of them stay where they were. */
const LOOKED_AT = 12;

/** By how many rows those in sight moved. One that itself moved away does not decide. */
export function moved(before: readonly string[], after: readonly string[], first: number): number {
  const places = new Map(after.map((id, at) => [id, at]));
  const votes = new Map<number, number>();
  for (const [at, id] of before.slice(first, first + LOOKED_AT).entries()) {
    const now = places.get(id);
    if (now === undefined) continue;
    const by = now - (first + at);
    votes.set(by, (votes.get(by) ?? 0) + 1);
  }
  return [...votes].sort(([, a], [, b]) => b - a)[0]?.[0] ?? 0;
}

/** Those that stand above what is read and did not before. */
export function arrived(before: readonly string[], after: readonly string[], first: number): string[] {
  const above = new Set(before.slice(0, first));
  const end = first + moved(before, after, first);
  return after.slice(0, Math.max(0, end)).filter((id) => !above.has(id));
}
