import { expect, test } from "vitest";

import { formatOf, titleOf } from "./files";

test("a file is written in what its name says", () => {
  expect(["a.md", "b.HTML", "c.txt", "d"].map(formatOf)).toEqual(["markdown", "html", "text", "text"]);
});

test.each([
  ["shipping-times.md", "Intro\n\n# How long shipping takes #\n", "How long shipping takes"],
  ["shipping-times.md", "no heading", "shipping times"],
  ["page.html", "<title>Shop</title><h1>Returns &amp; refunds</h1>", "Returns & refunds"],
  ["page.html", "<title>Shop</title>", "Shop"],
  ["faq_2026.txt", "# not markdown", "faq 2026"],
])("%s with %j is called %s", (name, content, title) => expect(titleOf(name, content)).toBe(title));
