import { expect, test } from "vitest";

import { fromConfig, type MailConfig, newMailbox, toConfig, withAddress, withAuth } from "./mail";

test("an address brings its servers and its user name along, until somebody types others", () => {
  let form = withAddress(newMailbox(), "help@acme.example");
  expect(form.imap).toMatchObject({ host: "imap.acme.example", username: "help@acme.example", port: 993 });
  form = withAddress(form, "help@outlook.com");
  expect(form.smtp).toMatchObject({ host: "smtp.office365.com", security: "starttls", port: 587 });
  form = { ...form, imap: { ...form.imap, host: "mx.acme.example", username: "help" } };
  form = withAddress(form, "help@gmail.com");
  expect(form.imap).toMatchObject({ host: "mx.acme.example", username: "help" });
  expect(form.smtp.host).toBe("smtp.gmail.com");
});

test("one login goes to both servers, and secrets left empty are left out", () => {
  const form = withAddress(newMailbox(), "help@acme.example");
  const typed = { ...form, imap: { ...form.imap, password: "secret" } };
  expect(toConfig(typed)).toMatchObject({
    imap: { username: "help@acme.example", password: "secret" },
    smtp: { username: "help@acme.example", password: "secret" },
  });
  const kept = toConfig(form) as { imap: object; smtp: object };
  expect(kept.imap).not.toHaveProperty("password");
  expect(kept.smtp).not.toHaveProperty("password");
});

test("tokens are asked for where the provider renews them", () => {
  const form = withAuth(withAddress(newMailbox(), "help@gmail.com"), "xoauth2");
  expect(form.oauth.token_url).toBe("https://oauth2.googleapis.com/token");
  expect(toConfig(form)).toHaveProperty("oauth.scope", "https://mail.google.com/");
});

test("what the server shows becomes the form it came from", () => {
  const shown: MailConfig = {
    address: "help@acme.example",
    from_name: null,
    imap: { host: "a", port: 993, security: "tls", username: "u", auth: "password", password: { set: true }, folders: ["INBOX"] },
    smtp: { host: "b", port: 587, security: "starttls", username: "u", auth: "password", password: { set: true } },
    oauth: null,
    new_conversation_after_days: 30,
    quote_history: false,
    plus_addressing: false,
    subject_number: true,
    signature: null,
  };
  const config = toConfig(fromConfig("Help", shown));
  expect(config).toMatchObject({
    address: "help@acme.example",
    new_conversation_after_days: 30,
    subject_number: true,
    smtp: { host: "b", port: 587, security: "starttls" },
  });
  expect(config).not.toHaveProperty("oauth");
});
