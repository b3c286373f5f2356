import { expect, test } from "vitest";

import { guess, providerOf } from "./providers";

test("well-known addresses lead to their servers, others to the usual names", () => {
  expect(guess("Team@GMail.com")).toEqual({ imap: "imap.gmail.com", smtp: "smtp.gmail.com", starttls: false });
  expect(guess("team@outlook.com")?.starttls).toBe(true);
  expect(guess("help@acme.example")).toEqual({
    imap: "imap.acme.example",
    smtp: "smtp.acme.example",
    starttls: false,
  });
});

test.each(["", "help", "help@", "help@acme", "help@acme.", "help@a b.example"])("%j is no address yet", (text) => {
  expect(guess(text)).toBeUndefined();
});

test("a domain named like a property of objects is nobody's", () => {
  expect(providerOf("x@constructor")).toBeUndefined();
});
