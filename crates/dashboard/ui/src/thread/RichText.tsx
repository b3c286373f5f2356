/**
 * What colleagues wrote with formats, as elements of ours: only what is named here is shown, whatever
 * the HTML holds besides.
 */

import { Anchor } from "@mantine/core";
import { Fragment, type ReactNode, useMemo } from "react";

import classes from "./RichText.module.css";

const PLAIN = new Set([
  "p", "br", "b", "strong", "i", "em", "u", "s", "ul", "ol", "li", "blockquote", "pre", "code", "h1", "h2", "h3", "div",
]);
const EMPTY = new Set(["br"]);

export function RichText({ html }: { html: string }) {
  const shown = useMemo(() => children(new DOMParser().parseFromString(html, "text/html").body), [html]);
  return <div className={classes.text}>{shown}</div>;
}

const children = (parent: Node): ReactNode[] => [...parent.childNodes].map((it, index) => element(it, index));

function element(it: Node, key: number): ReactNode {
  if (it.nodeType === Node.TEXT_NODE) return it.textContent;
  if (!(it instanceof HTMLElement)) return null;
  const name = it.tagName.toLowerCase();
  const href = it.getAttribute("href") ?? "";
  const src = it.getAttribute("src") ?? "";
  if (name === "a" && /^(https?:|mailto:|tel:)/i.test(href)) {
    return (
      <Anchor key={key} href={href} target="_blank" rel="noopener noreferrer nofollow" inherit underline="always">
        {children(it)}
      </Anchor>
    );
  }
  // Only our own: one from elsewhere would tell its sender that somebody reads.
  if (name === "img") {
    return src.startsWith("/api/attachments/") ? <img key={key} src={src} alt={it.getAttribute("alt") ?? ""} /> : null;
  }
  if (["script", "style", "template"].includes(name)) return null;
  if (!PLAIN.has(name)) return <Fragment key={key}>{children(it)}</Fragment>;
  const Tag = name as "p";
  return EMPTY.has(name) ? <Tag key={key} /> : <Tag key={key}>{children(it)}</Tag>;
}
