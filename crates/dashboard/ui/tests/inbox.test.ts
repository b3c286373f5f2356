// @vitest-environment node
/** What an agent does all day, in a real browser against a real server. */

import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { fits, PHONE, unhindered, useBrowser } from "./browser";
import { EMAIL, PASSWORD, Server } from "./server";

let server: Server | undefined;
let page: Page;
const browser = useBrowser();

beforeAll(async () => {
  server = await Server.start(300);
});
afterAll(async () => server?.stop());
beforeEach(async () => {
  page = await browser.open();
});

async function signIn(path = "/"): Promise<void> {
  await page.goto(server!.url + path);
  await page.getByLabel("E-mail").fill(EMAIL);
  await page.locator("input[name=password]").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("option").first().waitFor();
}

/** A demo sends nothing to anybody: its channels are switched off. Their servers are nowhere. */
async function switchChannelsOn(): Promise<void> {
  const listed = await page.request.get(`${server!.url}/api/channels`);
  const { data } = (await listed.json()) as { data: { id: string }[] };
  for (const { id } of data) {
    const changed = await page.request.patch(`${server!.url}/api/channels/${id}`, { data: { is_active: true } });
    expect(changed.status()).toBe(200);
  }
}

test("a wrong password is told, the right one leads where one wanted to go", async () => {
  browser.refused("401 /api/auth/login");
  await page.goto(`${server!.url}/inbox?status=pending`);
  await page.getByLabel("E-mail").fill(EMAIL);
  await page.locator("input[name=password]").fill("a wrong password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect.poll(() => page.getByRole("alert").textContent()).toContain("wrong e-mail address or password");
  await unhindered(page);
  await page.locator("input[name=password]").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("option").first().waitFor();
  await expect.poll(() => new URL(page.url()).search).toBe("?status=pending");
});

test("a conversation is read, answered, taken back, noted, assigned and resolved", async () => {
  await signIn();
  await switchChannelsOn();
  await unhindered(page);
  await page.getByRole("option").first().click();
  await page.getByRole("article").first().waitFor();
  await unhindered(page);

  await page.getByRole("textbox", { name: "Reply" }).fill("It is on its way.");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  const reply = page.getByRole("article").filter({ hasText: "It is on its way." });
  await reply.getByRole("button", { name: "Undo" }).click();
  await reply.waitFor({ state: "detached" });

  await page.getByText("Note", { exact: true }).last().click();
  await page.getByRole("textbox", { name: "Note", exact: true }).fill("Be generous.");
  await page.getByRole("button", { name: "Add note" }).click();
  await page.getByRole("article").filter({ hasText: "Be generous." }).waitFor();

  await page.getByRole("combobox", { name: "Assigned to" }).fill("Ann Admin");
  await page.getByRole("option", { name: "Ann Admin" }).click();
  await page.getByRole("button", { name: "Resolve", exact: true }).click();
  await page.getByRole("button", { name: "Reopen" }).waitFor();
});

test("what is typed survives a reload", async () => {
  await signIn();
  await page.getByRole("option").first().click();
  await page.getByRole("textbox", { name: "Reply" }).fill("Half a thought");
  await page.reload();
  await expect.poll(() => page.getByRole("textbox", { name: "Reply" }).textContent()).toBe("Half a thought");
});

test("words are searched for and what is found is marked", async () => {
  await signIn("/inbox?status=resolved");
  await page.getByRole("searchbox", { name: "Search" }).fill("order");
  await page.locator("mark").first().waitFor();
  await expect.poll(() => page.locator("mark").first().textContent()).toMatch(/order/i);
  await page.getByRole("searchbox", { name: "Search" }).fill("nobody wrote this");
  await page.getByText("Nothing found").waitFor();
});

test("on a phone there is one thing at a time", async () => {
  await page.setViewportSize(PHONE);
  await signIn();
  await page.getByRole("option").first().click();
  await page.getByRole("article").first().waitFor();
  await expect.poll(() => page.getByRole("option").first().isVisible()).toBe(false);
  await fits(page);
  await page.getByRole("link", { name: "Back to the list" }).click();
  await page.getByRole("option").first().waitFor();
  await page.getByRole("button", { name: "Show views" }).click();
  await page.getByRole("link", { name: "Spam" }).click();
  await expect.poll(() => new URL(page.url()).search).toBe("?spam=true");
});

test("the languages change at once", async () => {
  await signIn();
  await page.getByRole("button", { name: "Account" }).click();
  await page.getByRole("menuitem", { name: "Deutsch" }).click();
  await page.getByRole("link", { name: /^Nicht zugewiesen/ }).waitFor();
  await expect.poll(() => page.locator("html").getAttribute("lang")).toBe("de");
});
