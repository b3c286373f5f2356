import { expect, test } from "vitest";

import { htmlOf, isEmpty, textOf } from "./html";

test.each([
  ["<p>Hello <b>you</b></p><p>Bye</p>", "Hello you\n\nBye"],
  ["<p>a<br>b</p>", "a\nb"],
  ["<ul><li><p>one</p></li><li><p>two</p></li></ul><p>end</p>", "- one\n- two\n\nend"],
  ['<ol start="3"><li>x</li><li>y</li></ol>', "3. x\n4. y"],
  ["<ul><li><p>a</p><ul><li><p>b</p></li></ul></li></ul>", "- a\n  - b"],
  ["<blockquote><p>one</p><p>two</p></blockquote><p>yes</p>", "> one\n>\n> two\n\nyes"],
  ['<p>See <a href="https://x.example/a">this</a>.</p>', "See this <https://x.example/a>."],
  ['<p><a href="https://x.example/">x.example</a> <a href="mailto:a@b.example">a@b.example</a></p>', "x.example a@b.example"],
  ["<pre><code>if (a) {\n  b\n}</code></pre><p>so</p>", "if (a) {\n  b\n}\n\nso"],
  ['<p>Look: <img src="cid:1" alt="a plug"></p>', "Look: [a plug]"],
  ["<p>1 &lt; 2 &amp;   3</p>", "1 < 2 & 3"],
  ["plain", "plain"],
  ["<p></p>", ""],
])("%s", (html, want) => {
  expect(textOf(html)).toBe(want);
});

test("text becomes HTML that says the same", () => {
  expect(htmlOf("a < b\nc\n\nd")).toBe("<p>a &lt; b<br>c</p><p>d</p>");
  expect(textOf(htmlOf("a < b\nc\n\nd"))).toBe("a < b\nc\n\nd");
});

test("a picture is something, an empty paragraph is nothing", () => {
  expect(isEmpty("<p> </p>")).toBe(true);
  expect(isEmpty('<p><img src="x"></p>')).toBe(false);
  expect(isEmpty("<p>x</p>")).toBe(false);
});
