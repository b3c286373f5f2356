// @vitest-environment node
/** What an agent does all day, in a real browser against a real server. */

import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";

import { EMAIL, PASSWORD, Server } from "./server";

let server: Server | undefined;
let browser: Browser | undefined;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
  [server, browser] = await Promise.all([
    Server.start(300),
    chromium.launch({ executablePath, args: ["--no-sandbox"] }),
  ]);
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

beforeEach(async () => {
  complaints = [];
  const context = await browser!.newContext({ viewport: { width: 1440, height: 900 }, locale: "en-GB" });
  page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`${message.text()} ${message.location().url}`);
  });
});

afterEach(async () => {
  await page.context().close();
  expect(complaints).toEqual([]);
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

async function serious(): Promise<string[]> {
  // Not by a script tag: the content security policy would refuse it.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run({
      runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"],
    }),
  );
  return violations.map((it) => `${it.id}: ${it.nodes.map((node) => node.html).join("\n")}`);
}

test("a wrong password is told, the right one leads where one wanted to go", async () => {
  await page.goto(`${server!.url}/inbox?status=pending`);
  await page.getByLabel("E-mail").fill(EMAIL);
  await page.locator("input[name=password]").fill("a wrong password");
  await page.getByRole("button", { name: "Sign in" }).click();
  expect(await page.getByRole("alert").textContent()).toContain("wrong e-mail address or password");
  // A browser reports each refusal; this one was asked for.
  expect(complaints.splice(0)).toEqual([expect.stringContaining("/api/auth/login")]);
  expect(await serious()).toEqual([]);
  await page.locator("input[name=password]").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("option").first().waitFor();
  expect(new URL(page.url()).search).toBe("?status=pending");
}, 60_000);

test("a conversation is read, answered, taken back, noted, assigned and resolved", async () => {
  await signIn();
  await switchChannelsOn();
  expect(await serious()).toEqual([]);
  await page.getByRole("option").first().click();
  await page.getByRole("article").first().waitFor();
  expect(await serious()).toEqual([]);

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
}, 90_000);

test("what is typed survives a reload", async () => {
  await signIn();
  await page.getByRole("option").first().click();
  await page.getByRole("textbox", { name: "Reply" }).fill("Half a thought");
  await page.reload();
  await expect.poll(() => page.getByRole("textbox", { name: "Reply" }).textContent()).toBe("Half a thought");
}, 60_000);

test("words are searched for and what is found is marked", async () => {
  await signIn("/inbox?status=resolved");
  await page.getByRole("searchbox", { name: "Search" }).fill("order");
  await page.locator("mark").first().waitFor();
  expect((await page.locator("mark").first().textContent())?.toLowerCase()).toContain("order");
  await page.getByRole("searchbox", { name: "Search" }).fill("nobody wrote this");
  await page.getByText("Nothing found").waitFor();
}, 60_000);

test("on a phone there is one thing at a time", async () => {
  await page.setViewportSize({ width: 360, height: 740 });
  await signIn();
  await page.getByRole("option").first().click();
  await page.getByRole("article").first().waitFor();
  expect(await page.getByRole("option").first().isVisible()).toBe(false);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(360);
  await page.getByRole("link", { name: "Back to the list" }).click();
  await page.getByRole("option").first().waitFor();
  await page.getByRole("button", { name: "Show views" }).click();
  await page.getByRole("link", { name: "Spam" }).click();
  await expect.poll(() => new URL(page.url()).search).toBe("?spam=true");
}, 60_000);

test("the languages change at once", async () => {
  await signIn();
  await page.getByRole("button", { name: "Account" }).click();
  await page.getByRole("menuitem", { name: "Deutsch" }).click();
  await page.getByRole("link", { name: /^Nicht zugewiesen/ }).waitFor();
  expect(await page.locator("html").getAttribute("lang")).toBe("de");
}, 60_000);
