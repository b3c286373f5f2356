import { expect, test } from "vitest";

import { newWebchat, originOf, snippet } from "./config";

test.each([
  ["shop.example", "https://shop.example"],
  ["https://Shop.example/cart?x=1", "https://shop.example"],
  ["http://localhost:3000/", "http://localhost:3000"],
  ["not a host", "not a host"],
])("%s is understood as %s", (typed, origin) => expect(originOf(typed)).toBe(origin));

test("a chat writes to who left from the only mailbox", () => {
  const from = (ids: string[]) => newWebchat(ids.map((id) => ({ id }))).email_channel_id;
  expect([from([]), from(["help"]), from(["help", "sales"])]).toEqual([null, "help", null]);
});

test("the snippet names the server and the channel", () => {
  expect(snippet("https://desk.example", "abc")).toBe(
    '<script src="https://desk.example/widget.js" data-channel="abc" async></script>',
  );
});
