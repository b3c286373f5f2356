/** The panel's frame: loaded once it is wanted, spoken to only in its own origin. */

import { sealed, type ToHost, toHost, type ToPanel } from "../wire";

/** Milliseconds a panel has to answer; a page that may not frame it never hears back. */
const PATIENCE = 20_000;

export interface Frame {
  send(message: ToPanel): void;
  focus(): void;
  remove(): void;
}

export interface Wanted {
  place: HTMLElement;
  origin: string;
  channel: string;
  title: string;
  /** What the panel is told first, as things are when it asks. */
  hello: () => ToPanel;
  heard: (message: ToHost) => void;
  failed: () => void;
}

export function frame(wanted: Wanted): Frame {
  const { place, origin } = wanted;
  const element = document.createElement("iframe");
  element.title = wanted.title;
  element.allow = "clipboard-write";
  element.src = `${origin}/widget/${wanted.channel}/frame`;
  let ready = false;
  const waiting: ToPanel[] = [];
  // Named by its origin: whatever page ended up in the frame, only ours reads this.
  const post = (message: ToPanel) => element.contentWindow?.postMessage(sealed(message), origin);

  const hear = (event: MessageEvent) => {
    if (event.origin !== origin || event.source !== element.contentWindow) return;
    const message = toHost(event.data);
    if (!message) return;
    if (message.type === "ready" && !ready) {
      ready = true;
      clearTimeout(patience);
      place.classList.add("ready");
      waiting.splice(0).forEach(post);
    }
    wanted.heard(message);
  };
  const remove = () => {
    clearTimeout(patience);
    removeEventListener("message", hear);
    unfit();
    place.classList.remove("ready");
    element.remove();
  };
  const patience = setTimeout(() => {
    remove();
    wanted.failed();
  }, PATIENCE);
  const unfit = fit(place);
  addEventListener("message", hear);
  // The panel's script has run by then, and listens.
  element.addEventListener("load", () => post(wanted.hello()));
  place.append(element);
  return {
    send: (message) => void (ready ? post(message) : waiting.push(message)),
    focus: () => element.focus(),
    remove,
  };
}

/** Keeps the panel above the keyboard of a phone, which covers the page instead of shrinking it. */
function fit(place: HTMLElement): () => void {
  const view = window.visualViewport;
  if (!view) return () => undefined;
  const fitted = () => {
    const covered = innerHeight - view.height > 100 && place.offsetWidth >= innerWidth;
    place.style.height = covered ? `${view.height}px` : "";
    place.style.top = covered ? `${view.offsetTop}px` : "";
  };
  view.addEventListener("resize", fitted);
  return () => view.removeEventListener("resize", fitted);
}
