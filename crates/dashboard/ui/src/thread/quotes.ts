/** Which part of an HTML mail only repeats what was said before. */

/** Letters without the spaces between them: mails are laid out in many ways. */
const letters = (text: string | null): number => text?.replace(/\s+/g, "").length ?? 0;

/** The quotations after which nothing more is said, the last one first. */
export function quotesAtEnd(body: HTMLElement): HTMLElement[] {
  const outer = [...body.querySelectorAll("blockquote")].filter((it) => !it.parentElement?.closest("blockquote"));
  const found: HTMLElement[] = [];
  let folded = 0;
  for (const it of outer.toReversed()) {
    const after = body.ownerDocument.createRange();
    after.setStartAfter(it);
    after.setEndAfter(body.lastChild ?? it);
    if (letters(after.toString()) > folded) break;
    found.push(it);
    folded += letters(it.textContent);
  }
  return found;
}
