import { expect, test } from "vitest";

import { BLANK, type Content, since, type Upload } from "./content";

const file = (id: string) => ({ id }) as Upload;
const reply = (text: string, more: Partial<Content> = {}): Content => ({ ...BLANK, text, ...more });

test.each<[string, Content, Content, Content]>([
  ["what goes on from it", reply("Hello"), reply("Hello\n\nand bye"), reply("and bye")],
  ["what was written instead", reply("Hello"), reply("Bye", { html: "<p>Bye</p>" }), reply("Bye", { html: "<p>Bye</p>" })],
  ["a note begun", reply("Hello"), reply("Hello?", { kind: "note" }), reply("?", { kind: "note" })],
  ["nothing, taken away elsewhere", reply("Hello"), reply(""), BLANK],
  ["a file added", reply("Hello", { files: [file("1")] }), reply("Hello", { files: [file("1"), file("2")] }), reply("", { files: [file("2")] })],
])("of what was typed while it was sent stays %s", (_, sent, now, left) => {
  expect(since(sent, now)).toEqual(left);
});

test("of what was sent nothing stays", () => {
  const sent = reply("Hello");
  expect(since(sent, sent)).toBe(BLANK);
});
