/**
 * How much room a mail takes. Its frame has no origin, so nobody can look into it; its shape is built
 * beside the frame instead, unseen, element by element from the same cleaned HTML. Of attributes only
 * those come along that take up room.
 */

import { queryOptions } from "@tanstack/react-query";

import { quotesAtEnd } from "./quotes";

/** Those of the server's list that stand in a way of their own; others are as wide as their words. */
const TAGS = new Set(
  (
    "address article aside b big blockquote br caption center code col colgroup dd div dl dt em figcaption figure " +
    "font footer h1 h2 h3 h4 h5 h6 header hr i img kbd li main ol p pre q samp section small strong sub sup table " +
    "tbody td tfoot th thead tr ul"
  ).split(" "),
);
const ATTRIBUTES = (
  "align border cellpadding cellspacing clear colspan dir face height rowspan size span start type valign value width"
).split(" ");
/** For what cannot be loaded here but stands there, of a size that only it knows. */
const EMPTY = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=";
/** Of a bar below what is too wide. */
const BAR = 18;

export interface MailHtml {
  body: HTMLElement;
  /** How the page styles itself. */
  style: string;
  blockedImages: number;
}

export const mailHtml = (url: string) =>
  queryOptions({
    queryKey: ["mail-html", url],
    // Its pictures are signed for ten minutes.
    staleTime: 5 * 60_000,
    structuralSharing: false,
    queryFn: async ({ signal }): Promise<MailHtml> => {
      const response = await fetch(url, { signal });
      if (!response.ok) throw new Error(`${url} answered ${response.status}`);
      const text = await response.text();
      // Cut out before it is parsed: our own policy would refuse it there, aloud.
      const [element = "", style = ""] = /<style>([^<]*)<\/style>/.exec(text) ?? [];
      const { body } = new DOMParser().parseFromString(text.replace(element, ""), "text/html");
      return { body, style, blockedImages: Number(response.headers.get("X-Blocked-Images")) };
    },
  });

export interface Room {
  height: number;
  /** Every picture that is not loaded here has a size that the mail names. */
  sure: boolean;
  /** Where that begins which only repeats what was said before. */
  quotes: number | undefined;
}

/** Tells the room a mail takes within `place`, and again when that changes; until it is called back. */
export function measure(html: MailHtml, place: HTMLElement, tell: (room: Room) => void): () => void {
  const box = document.createElement("div");
  const root = box.attachShadow({ mode: "closed" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`:host{all:initial;display:flow-root}${html.style}`);
  root.adoptedStyleSheets = [sheet];
  const body = root.appendChild(document.createElement("body"));
  copy(html.body, body);
  place.append(box);
  const quote = quotesAtEnd(body).at(-1);
  const observer = new ResizeObserver(() => {
    const { top, height } = box.getBoundingClientRect();
    const bar = box.scrollWidth > box.clientWidth ? BAR : 0;
    const quotes = quote && quote.getBoundingClientRect().top - top;
    tell({ height: Math.ceil(height) + bar, sure: !body.querySelector(`img[src="${EMPTY}"]`), quotes });
  });
  observer.observe(box);
  return () => {
    observer.disconnect();
    box.remove();
  };
}

function copy(from: Node, to: Node): void {
  for (const it of from.childNodes) {
    if (it instanceof Text) to.appendChild(document.createTextNode(it.data));
    else if (it instanceof Element) copy(it, to.appendChild(shaped(it)));
  }
}

function shaped(it: Element): HTMLElement {
  const made = document.createElement(TAGS.has(it.localName) ? it.localName : "span");
  for (const name of ATTRIBUTES) {
    const value = it.getAttribute(name);
    if (value !== null) made.setAttribute(name, value);
  }
  const source = it.getAttribute("src");
  // Only pictures of our own are loaded by this page.
  if (made instanceof HTMLImageElement && source) made.src = /^\/(?![/\\])/.test(source) ? source : standIn(made);
  return made;
}

/** As wide and as high as the mail says that the picture is: most that are sent to many say it. */
export function standIn(it: HTMLImageElement): string {
  const [width, height] = ["width", "height"].map((name) => Number(it.getAttribute(name)));
  if (!width || !height || width < 0 || height < 0) return EMPTY;
  const picture = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"/>`;
  return `data:image/svg+xml,${encodeURIComponent(picture)}`;
}
