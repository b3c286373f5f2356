/** What to call somebody: by name, else by what reaches them. */
export function nameOf(
  it: { name: string | null; email: string | null; phone: string | null } | null | undefined,
  unknown: string,
): string {
  return it?.name || it?.email || it?.phone || unknown;
}
