/** @jsxImportSource preact */
import { render } from "preact";
import { expect, test } from "vitest";

import { Text } from "./Text";

function shown(text: string, html: string | null = null): string {
  const box = document.createElement("div");
  render(<Text text={text} html={html} />, box);
  return box.firstElementChild!.innerHTML;
}

const link = (target: string, inside: string) =>
  `<a href="${target}" target="_blank" rel="noopener noreferrer nofollow">${inside}</a>`;

test("text stays text, and addresses in it become links without the dot after them", () => {
  expect(shown("1 < 2 & <b>not bold</b>")).toBe("1 &lt; 2 &amp; &lt;b&gt;not bold&lt;/b&gt;");
  expect(shown("See https://a.example/x?y=1. Or javascript:alert(1)")).toBe(
    `See ${link("https://a.example/x?y=1", "https://a.example/x?y=1")}. Or javascript:alert(1)`,
  );
});

test("of HTML the plain parts stay, without attributes", () => {
  const html = '<div class="x" style="color:red"><p onclick="alert(1)">A <b id="b">bold</b> <em>one</em></p><ul><li>x</li></ul></div>';
  expect(shown("", html)).toContain("<p>A <b>bold</b> <em>one</em></p><ul><li>x</li></ul>");
  expect(shown("", html)).not.toMatch(/class|style|onclick|id=/);
});

test.each([
  ["a script", "a<script>alert(1)</script>b", "ab"],
  ["a picture", 'a<img src="https://x.example/y.png" onerror="alert(1)">b', "ab"],
  ["a style sheet", "a<style>p{}</style>b", "ab"],
  ["a frame", '<iframe src="https://x.example"></iframe>b', "b"],
  ["a picture of lines", "a<svg><script>alert(1)</script></svg>b", "ab"],
  ["a link that runs", '<a href="javascript:alert(1)">x</a>', "x"],
  ["a link that hides", '<a href=" java\nscript:alert(1)">x</a>', "x"],
  ["a relative link", '<a href="/api/agents">x</a>', "x"],
  ["a form", '<form action="https://x.example"><input name="p">x</form>', "x"],
  ["an attribute with a bracket", '<p title=">" onclick="alert(1)">x</p>', "<p>x</p>"],
])("of %s nothing stays that could do something", (_, html, left) => {
  expect(shown("", html)).toBe(left);
});

test("a link keeps its target and nothing else", () => {
  expect(shown("", '<a class="b" href="https://a.example/x" onclick="y()">A</a>')).toBe(link("https://a.example/x", "A"));
});

test("what is nested too deep ends", () => {
  expect(shown("", "<blockquote>".repeat(200) + "x").match(/<blockquote>/g)?.length).toBeLessThan(50);
});
