// @vitest-environment node
/** People are found, corrected, merged, parted again, erased, and taken away as a table. */

import { readFileSync } from "node:fs";

import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { enter, inspect, PHONE, useBrowser } from "./browser";
import { Server } from "./server";

let server: Server;
const browser = useBrowser();

beforeAll(async () => {
  server = await Server.start(120);
});
afterAll(() => server?.stop());

async function make(page: Page, data: object): Promise<string> {
  const made = await page.request.post(`${server.url}/api/contacts`, { data });
  expect(made.status(), await made.text()).toBe(201);
  return ((await made.json()) as { id: string }).id;
}

const person = (page: Page, name: string) => page.getByRole("option", { name: new RegExp(name) });

test("somebody is found, read and corrected", async () => {
  browser.refused("400 /api/contacts/{id}");
  const page = await browser.open();
  await enter(page, server, "/contacts");
  await page.getByRole("option").first().click();
  await page.getByRole("heading", { name: "Conversations and notes" }).waitFor();
  await page.getByRole("button", { name: "Read here" }).first().click();
  await page.getByRole("button", { name: "Show less" }).waitFor();
  await inspect(page, "contact");
  await page.goto(`${server.url}/contacts`);
  await page.getByRole("option").first().waitFor();
  await inspect(page, "contacts");

  await page.getByRole("button", { name: "New contact" }).click();
  const form = page.getByRole("dialog");
  await form.getByRole("textbox", { name: "Name", exact: true }).fill("Mina Okafor");
  await form.getByRole("combobox", { name: "E-mail addresses" }).fill("mina@x.example");
  await form.getByRole("combobox", { name: "E-mail addresses" }).press("Enter");
  await form.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { name: "Mina Okafor" }).waitFor();
  await page.getByRole("textbox", { name: "Notes", exact: true }).fill("Prefers mornings.");
  await page.getByRole("button", { name: "Add to Attributes" }).click();
  await page.getByLabel("Attributes: name").fill("plan");
  await page.getByLabel("Attributes: value of plan").fill("gold");
  await page.getByRole("combobox", { name: "E-mail addresses" }).fill("no address");
  await page.getByRole("combobox", { name: "E-mail addresses" }).press("Enter");
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator("[aria-invalid=true]").first().waitFor();
  await page.getByRole("combobox", { name: "E-mail addresses" }).press("Backspace");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved").waitFor();
  const search = page.getByRole("searchbox", { name: "Search contacts" });
  await search.fill("mina okafor");
  await expect.poll(() => page.getByRole("option").count()).toBe(1);
  const stored = await page.request.get(`${server.url}/api/contacts?search=mina%20okafor`);
  const { data } = (await stored.json()) as { data: object[] };
  expect(data[0]).toMatchObject({ notes: "Prefers mornings.", attributes: { plan: "gold" }, emails: ["mina@x.example"] });
});

test("an address somebody has leads to them; two become one, and two again", async () => {
  browser.refused("409 /api/contacts/{id}");
  const page = await browser.open();
  await enter(page, server, "/contacts");
  await make(page, { name: "Lee Home", emails: ["lee@home.example"] });
  const work = await make(page, { name: "Lee Work", emails: ["lee@work.example"], tags: ["vip"] });
  await page.goto(`${server.url}/contacts/${work}`);
  await page.getByRole("combobox", { name: "E-mail addresses" }).fill("lee@home.example");
  await page.getByRole("combobox", { name: "E-mail addresses" }).press("Enter");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("link", { name: "Lee Home" }).waitFor();
  await page.getByRole("button", { name: "Merge with them" }).click();
  const dialog = page.getByRole("dialog", { name: "Merge two contacts" });
  await dialog.getByRole("cell", { name: "lee@home.example lee@work.example" }).waitFor();
  await inspect(page, "contact-merge");
  await dialog.getByRole("button", { name: "Merge", exact: true }).click();
  await page.getByRole("heading", { name: "Lee Home" }).waitFor();
  await page.getByText("Merged.").waitFor();
  await page.getByText("lee@work.example", { exact: true }).first().waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("The merge is undone.").waitFor();
  const parted = await page.request.get(`${server.url}/api/contacts/${work}`);
  expect(await parted.json()).toMatchObject({ id: work, name: "Lee Work", emails: ["lee@work.example"] });
});

test("somebody is erased by who types the name, and everybody goes into a table", async () => {
  // The page may hear of it before the answer is there.
  browser.perhaps("404 /api/contacts/{id}");
  const page = await browser.open();
  await enter(page, server, "/contacts");
  const id = await make(page, { name: "Go Away", emails: ["go@away.example"] });
  await page.goto(`${server.url}/contacts/${id}`);
  await page.getByRole("button", { name: "Actions for Go Away" }).click();
  await page.getByRole("menuitem", { name: "Erase…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("0 conversations").waitFor();
  await expect.poll(() => dialog.getByRole("button", { name: "Erase for good" }).isEnabled()).toBe(false);
  await dialog.getByLabel("Type Go Away to confirm").fill("Go Away");
  await dialog.getByRole("button", { name: "Erase for good" }).click();
  await page.getByText("Go Away is erased", { exact: false }).waitFor();
  expect((await page.request.get(`${server.url}/api/contacts/${id}`)).status()).toBe(404);
  await expect.poll(() => person(page, "Go Away").count()).toBe(0);

  await page.getByRole("button", { name: "Import and export" }).click();
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("menuitem", { name: "Export as CSV" }).click(),
  ]);
  const table = readFileSync(await file.path(), "utf8");
  const listed = await page.request.get(`${server.url}/api/contacts`);
  const { pagination } = (await listed.json()) as { pagination: { total: number } };
  expect(table.trim().split("\n").length).toBe(pagination.total + 1);
});

test("on a phone one reads, and goes back to the list", async () => {
  const page = await browser.open();
  await page.setViewportSize(PHONE);
  await enter(page, server, "/contacts");
  await page.getByRole("option").first().click();
  await page.getByRole("heading", { name: "Details" }).waitFor();
  await expect.poll(() => page.getByRole("option").first().isVisible()).toBe(false);
  await page.getByRole("link", { name: "All contacts" }).click();
  await page.getByRole("option").first().waitFor();
});

test("a table is tried, its columns are told apart, and it comes in with a report", async () => {
  const page = await browser.open();
  await enter(page, server, "/contacts/import");
  const table = [
    "Full name;Mail;Town",
    "Ria Stone;ria@import.example;Bremen",
    "Tom Reed;tom@import.example;Kiel",
    "No Mail;not an address;Ulm",
  ].join("\n");
  await page.locator("input[type=file]").setInputFiles({ name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(table) });
  await page.getByRole("button", { name: "Try it" }).click();
  await page.getByRole("heading", { name: "What would become of the rows" }).waitFor();
  await page.getByLabel("What “Full name” becomes").selectOption("name");
  await page.getByLabel("What “Mail” becomes").selectOption("emails");
  await page.getByLabel("What “Town” becomes").selectOption("attributes.town");
  await page.getByRole("button", { name: "Try again with these" }).click();
  await page.getByRole("button", { name: "Import 2 contacts" }).waitFor();
  await inspect(page, "contact-import");
  await page.getByRole("button", { name: "Import 2 contacts" }).click();
  await page.getByRole("heading", { name: "What became of the rows" }).waitFor();
  await page.getByRole("cell", { name: "Not taken in" }).waitFor();
  const found = await page.request.get(`${server.url}/api/contacts?search=ria@import.example`);
  const { data } = (await found.json()) as { data: object[] };
  expect(data[0]).toMatchObject({ name: "Ria Stone", attributes: { town: "Bremen" } });
});
