import { expect, test } from "vitest";

import { originOf, snippet } from "./config";

test.each([
  ["shop.example", "https://shop.example"],
  ["https://Shop.example/cart?x=1", "https://shop.example"],
  ["http://localhost:3000/", "http://localhost:3000"],
  ["not a host", "not a host"],
])("%s is understood as %s", (typed, origin) => expect(originOf(typed)).toBe(origin));

test("the snippet names the server and the channel", () => {
  expect(snippet("https://desk.example", "abc")).toBe(
    '<script src="https://desk.example/widget.js" data-channel="abc" async></script>',
  );
});
