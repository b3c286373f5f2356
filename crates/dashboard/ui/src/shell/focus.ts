/**
 * Where the focus goes when what lay over the page is gone. A dialog gives it back to what had it
 * before; if that was an item of a menu, it is gone too, and a keyboard would begin anew at the top.
 */

/** What lies over the page for a while. */
const OVER = "[role=dialog], [role=menu]";
/** After the component library's own attempt, in milliseconds. */
const SETTLED = 60;

const isOver = (it: EventTarget | null): boolean => it instanceof Element && it.closest(OVER) !== null;
const isCovered = (): boolean => [...document.querySelectorAll(OVER)].some((it) => it.checkVisibility());
const isLost = (): boolean => document.activeElement === null || document.activeElement === document.body;

/** Watches until the function that is returned is called. */
export function bringFocusHome(): () => void {
  let home: HTMLElement | undefined;
  let timer = 0;

  function onFocusIn({ target }: FocusEvent): void {
    if (target instanceof HTMLElement && !isOver(target)) home = target;
  }

  /** Whoever leaves everything, leaves it: nothing is to call them back. */
  function onFocusOut({ target, relatedTarget }: FocusEvent): void {
    if (relatedTarget !== null || isOver(target)) return;
    setTimeout(() => {
      if (isLost() && !isCovered()) home = undefined;
    });
  }

  function look(): void {
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      if (home?.isConnected && isLost() && !isCovered()) home.focus({ preventScroll: true });
    }, SETTLED);
  }

  // All of that stands beside the page, in places of its own.
  const within = new MutationObserver(look);
  const places = new MutationObserver(observe);
  const seen = new WeakSet<Element>();
  function observe(): void {
    for (const place of document.querySelectorAll("body > [data-portal]")) {
      if (seen.has(place)) continue;
      seen.add(place);
      within.observe(place, { childList: true, subtree: true });
    }
    look();
  }

  document.addEventListener("focusin", onFocusIn);
  document.addEventListener("focusout", onFocusOut);
  places.observe(document.body, { childList: true });
  observe();
  return () => {
    document.removeEventListener("focusin", onFocusIn);
    document.removeEventListener("focusout", onFocusOut);
    clearTimeout(timer);
    within.disconnect();
    places.disconnect();
  };
}
