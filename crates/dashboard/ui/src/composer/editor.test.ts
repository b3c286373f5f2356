import { expect, test } from "vitest";

import { addressOf, fromEditor, isAddress, toEditor } from "./content";
import { tokenIn } from "./editor";

test.each([
  ["/", "canned", ""],
  ["Hello /ref", "canned", "ref"],
  ["@", "mention", ""],
  ["ask @Änn", "mention", "Änn"],
  ["(@ann", "mention", "ann"],
  ["ask @Ann Ad", "mention", "Ann Ad"],
])("%s looks something up", (before, kind, query) => {
  expect(tokenIn(before, true)).toEqual({ kind, query });
});

test.each(["a/b", "https://x", "1/2", "/ref ", "ann@x", "@ann is here", "/a/b"])("%s does not", (before) => {
  expect(tokenIn(before, true)).toBeUndefined();
});

test("replies mention nobody", () => expect(tokenIn("@ann", false)).toBeUndefined());

test("pictures are kept by the id of their upload", () => {
  const id = "019a0000-0000-7000-8000-000000000000";
  const kept = `<p>a <img src="cid:${id}" alt="x"></p>`;
  expect(toEditor(kept)).toBe(`<p>a <img src="/api/attachments/${id}?inline=1" alt="x"></p>`);
  expect(fromEditor(toEditor(kept))).toBe(kept);
  const shown = `<img src="/api/attachments/${id}/picture?agent=a&amp;signature=b">`;
  expect(fromEditor(shown)).toBe(`<img src="cid:${id}">`);
  expect(fromEditor('<img src="https://x.example/a.png">')).toBe('<img src="https://x.example/a.png">');
});

test("addresses are taken as people paste them", () => {
  expect(addressOf(" Ann Admin <ann@x.example> ")).toBe("ann@x.example");
  expect(["ann@x.example", "half", "a@b", "a b@x.example"].map(isAddress)).toEqual([true, false, false, false]);
});
