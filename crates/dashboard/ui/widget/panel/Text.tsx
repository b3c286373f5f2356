/** @jsxImportSource preact */
/** What people wrote, shown without trusting it: text with links, or HTML built anew from a short list. */

import type { ComponentChildren, JSX } from "preact";
import { useMemo } from "preact/hooks";

/** Shown as they are, without any attribute. */
const PLAIN = ["p", "br", "b", "strong", "i", "em", "u", "s", "ul", "ol", "li", "blockquote", "code", "pre"] as const;
/** Not even their text is for people. */
const DROPPED = new Set(["script", "style", "template", "title", "noscript", "iframe", "object", "svg", "math", "textarea", "select"]);
/** Elements nested deeper than this are somebody's joke. */
const DEEPEST = 40;

export function Text({ text, html }: { text: string; html: string | null }) {
  // Parsed apart from the page: nothing in it runs, nothing is fetched.
  const body = useMemo(() => (html ? new DOMParser().parseFromString(bare(html), "text/html").body : null), [html]);
  if (!body) {
    return (
      <div class="words" dir="auto">
        {linked(text)}
      </div>
    );
  }
  return (
    <div class="words rich" dir="auto">
      {children(body, 0, false)}
    </div>
  );
}

const TAG = /<([a-z][a-z0-9]*)\b(?:[^<>"']|"[^"]*"|'[^']*')*>/gi;
const TARGET = /\shref\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+)/i;

/** Tags without their attributes, or the browser complains of each one that the page's policy forbids. */
function bare(html: string): string {
  return html.replace(TAG, (tag, name: string) => `<${name}${name.toLowerCase() === "a" ? (TARGET.exec(tag)?.[0] ?? "") : ""}>`);
}

function children(of: Node, depth: number, inLink: boolean): ComponentChildren {
  return depth > DEEPEST ? null : [...of.childNodes].map((it) => node(it, depth + 1, inLink));
}

function node(it: Node, depth: number, inLink: boolean): ComponentChildren {
  if (it.nodeType === Node.TEXT_NODE) return inLink ? it.textContent : linked(it.textContent ?? "");
  if (!(it instanceof Element)) return null;
  const name = it.localName;
  if (DROPPED.has(name)) return null;
  const Tag = PLAIN.find((plain) => plain === name);
  if (Tag === "br") return <br />;
  if (Tag) return <Tag>{children(it, depth, inLink)}</Tag>;
  const target = name === "a" && !inLink ? targetOf(it.getAttribute("href")) : null;
  if (target) return link(target, children(it, depth, true));
  const inside = children(it, depth, inLink);
  return name === "div" || name === "tr" || /^h[1-6]$/.test(name) ? <p>{inside}</p> : inside;
}

/** The address of a link that may be followed, or null. */
function targetOf(href: string | null): string | null {
  try {
    const url = new URL(href ?? "");
    return ["https:", "http:", "mailto:", "tel:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

const LINK = /\bhttps?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]}]/g;

/** Text with its web addresses made links. */
export function linked(text: string): ComponentChildren[] {
  const parts: ComponentChildren[] = [];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(LINK)) {
    const target = targetOf(found);
    if (!target) continue;
    parts.push(text.slice(from, index), link(target, found));
    from = index + found.length;
  }
  parts.push(text.slice(from));
  return parts;
}

function link(target: string, inside: ComponentChildren): JSX.Element {
  return (
    <a href={target} target="_blank" rel="noopener noreferrer nofollow">
      {inside}
    </a>
  );
}
