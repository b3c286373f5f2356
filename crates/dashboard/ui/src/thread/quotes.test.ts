import { expect, test } from "vitest";

import { quotesAtEnd } from "./quotes";

const folded = (html: string): (string | null)[] =>
  quotesAtEnd(new DOMParser().parseFromString(html, "text/html").body).map((it) => it.textContent);

test.each([
  ["<p>Thanks</p><p>On Monday Ann wrote:</p><blockquote>Hello <blockquote>Hi</blockquote></blockquote><br> ", ["Hello Hi"]],
  ["<div><div>Thanks</div><div><blockquote>Hello</blockquote></div></div>\n", ["Hello"]],
  ["<p>Thanks</p><blockquote>one</blockquote>\n<blockquote>two</blockquote>", ["two", "one"]],
  ["<blockquote>Is it blue?</blockquote><p>Yes, it is.</p>", []],
  ["<blockquote>Is it blue?</blockquote><p>Yes.</p><blockquote>And old?</blockquote>", ["And old?"]],
  ["<p>No quote</p>", []],
])("%s", (html, want) => {
  expect(folded(html)).toEqual(want);
});
