// @vitest-environment node
/** From nothing to a team, and back in after a forgotten password. */

import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { inspect, useBrowser } from "./browser";
import { Server } from "./server";

const NEW = "seven lamps shine over Berlin";

let server: Server;
const browser = useBrowser();

beforeAll(async () => {
  server = await Server.empty();
});
afterAll(() => server?.stop());

async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.goto(`${server.url}/sign-in`);
  await page.getByLabel("E-mail").fill(email);
  await page.locator("input[name=password]").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

test("a desk is set up from its printed link, and shows what comes next", async () => {
  browser.refused("400 /api/setup");
  const page = await browser.open();
  await page.goto(`${server.url}/setup`);
  await page.getByText("This link is incomplete", { exact: false }).waitFor();
  const link = /http:\S+\/setup#\S+/.exec(server.said)![0];
  await page.goto(link);
  await page.getByLabel("Name of your company or team").fill("Lantern Works");
  await expect.poll(() => new URL(page.url()).hash).toBe("");
  await page.getByLabel("Your name").fill("Ann Admin");
  await page.getByLabel("Your e-mail address").fill("ann@desk.example");
  await page.locator("input[name=new-password]").fill("lantern1");
  await page.getByText("Easy to guess.", { exact: false }).waitFor();
  await inspect(page, "setup");
  await page.locator("input[name=new-password]").fill("password1");
  await page.getByRole("button", { name: "Set up", exact: true }).click();
  await page.getByText("everybody tries first", { exact: false }).waitFor();
  await page.locator("input[name=new-password]").fill(NEW);
  await page.getByText("Good.", { exact: true }).or(page.getByText("Strong.", { exact: true })).waitFor();
  await page.getByRole("button", { name: "Set up", exact: true }).click();
  await page.getByRole("heading", { name: "First steps" }).waitFor();
  await page.getByText("0 of 3 done").waitFor();

  const mailbox = {
    type: "email",
    name: "Support",
    is_active: true,
    config: {
      address: "support@desk.example",
      imap: { host: "imap.desk.example", port: 993, security: "tls", username: "a", password: "b", folders: ["INBOX"] },
      smtp: { host: "smtp.desk.example", port: 465, security: "tls", username: "a", password: "b" },
    },
  };
  const made = await page.request.post(`${server.url}/api/channels`, { data: mailbox });
  expect(made.status(), await made.text()).toBe(201);
  await page.reload();
  await page.getByText("1 of 3 done").waitFor();
  await inspect(page, "first-steps");
});

test("an invitation is accepted once", async () => {
  browser.refused("404 /api/auth/invitation");
  const admin = await browser.open();
  await signIn(admin, "ann@desk.example", NEW);
  await admin.getByRole("button", { name: "Account" }).waitFor();
  const data = { name: "Ben Bright", email: "ben@desk.example", role: "agent" };
  const invited = await admin.request.post(`${server.url}/api/agents`, { data });
  const { invitation } = (await invited.json()) as { invitation: { link: string } };

  const guest = await browser.open("de-DE");
  await guest.goto(invitation.link);
  await guest.getByRole("heading", { name: "Willkommen" }).waitFor();
  await guest.getByRole("button", { name: "English" }).click();
  await guest.getByRole("heading", { name: "Welcome" }).waitFor();
  await guest.locator("input[name=new-password]").fill("ben likes quiet mornings");
  await inspect(guest, "invitation");
  await guest.getByRole("button", { name: "Begin" }).click();
  await guest.getByRole("button", { name: "Account" }).waitFor();
  await expect.poll(() => new URL(guest.url()).pathname).toBe("/inbox");

  const late = await browser.open();
  await late.goto(invitation.link);
  await late.locator("input[name=new-password]").fill("somebody else entirely");
  await late.getByRole("button", { name: "Begin" }).click();
  await late.getByRole("alert").waitFor();
  await admin.goto(`${server.url}/first-steps`);
  await admin.getByText("2 of 3 done").waitFor();
});

test("a forgotten password is asked for, and an old link is refused in words", async () => {
  browser.refused("404 /api/auth/reset/confirm");
  const page = await browser.open();
  await page.goto(`${server.url}/sign-in`);
  await page.getByRole("link", { name: "I forgot my password" }).click();
  await page.getByLabel("Your e-mail address").fill("ann@desk.example");
  await inspect(page, "reset");
  await page.getByRole("button", { name: "Send me a link" }).click();
  await page.getByRole("status").or(page.getByRole("alert")).first().waitFor();

  await page.goto(`${server.url}/reset#an-old-code`);
  await page.locator("input[name=new-password]").fill(NEW);
  await expect.poll(() => new URL(page.url()).hash).toBe("");
  await page.getByRole("button", { name: "Set password" }).click();
  await expect.poll(() => page.getByRole("alert").textContent()).not.toBe("");
});

test("an agent ends other sessions and changes the password", async () => {
  browser.refused("400 /api/settings/password", "401 /api/auth/me");
  browser.perhaps("401 /sse");
  const elsewhere = await browser.open();
  await signIn(elsewhere, "ann@desk.example", NEW);
  await elsewhere.getByRole("button", { name: "Account" }).waitFor();

  const page = await browser.open();
  await signIn(page, "ann@desk.example", NEW);
  await page.getByRole("button", { name: "Account" }).waitFor();
  await page.goto(`${server.url}/settings/profile`);
  await page.getByText("This one").waitFor();
  await inspect(page, "profile");
  await page.getByRole("button", { name: "End all others" }).click();
  await expect.poll(() => page.getByRole("button", { name: /^End the session/ }).count()).toBe(0);
  const refused = await elsewhere.request.get(`${server.url}/api/auth/me`);
  expect(refused.status()).toBe(401);
  // Whoever sits there is told so by being asked who they are.
  await elsewhere.getByLabel("E-mail").waitFor();

  await page.getByLabel("Present password").fill("wrong");
  await page.locator("input[name=new-password]").fill("eight lamps shine over Berlin");
  await page.getByRole("button", { name: "Change password" }).click();
  await page.getByText("is wrong").waitFor();
  await page.getByLabel("Present password").fill(NEW);
  await page.getByRole("button", { name: "Change password" }).click();
  await page.getByText("Your password is changed.").waitFor();

  await page.getByRole("textbox", { name: "Name", exact: true }).fill("Ann Adler");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved").waitFor();
  await page.reload();
  await expect.poll(() => page.getByRole("textbox", { name: "Name", exact: true }).inputValue()).toBe("Ann Adler");
});
