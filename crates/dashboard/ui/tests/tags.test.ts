// @vitest-environment node
/** Tags: made, coloured, renamed, merged and deleted by an admin, and seen at once by everybody. */

import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { enter, inspect, unhindered, useBrowser } from "./browser";
import { Server } from "./server";

let server: Server | undefined;
const { open, refused } = useBrowser();

beforeAll(async () => {
  server = await Server.start(200);
}, 120_000);
afterAll(async () => server?.stop());

const row = (page: Page, name: string) =>
  page.getByRole("list", { name: "Tags" }).getByRole("listitem").filter({ has: page.getByTitle(name, { exact: true }) });
const rows = (page: Page) => page.getByRole("listbox", { name: "Conversations" }).getByRole("option");

async function at(path: string): Promise<Page> {
  const page = await open();
  await enter(page, server!, path);
  return page;
}

async function more(page: Page, name: string, what: string): Promise<void> {
  await page.getByRole("button", { name: `More for “${name}”` }).click();
  await page.getByRole("menuitem", { name: what }).click();
}

test("a tag is made, renamed, coloured, merged and deleted, and every list follows", async () => {
  refused("409 /api/tags/{id}");
  const page = await at("/settings/tags");
  await row(page, "billing").waitFor();
  await inspect(page, "settings-tags");
  const watching = await at("/inbox?tag=billing");
  await rows(watching).first().getByTitle("billing").waitFor();

  await page.getByRole("button", { name: "Edit “billing”" }).click();
  const name = page.getByRole("textbox", { name: "Name" });
  await name.fill("shipping");
  await page.getByRole("textbox", { name: "Colour" }).fill("#e03131");
  await page.keyboard.press("Tab");
  await unhindered(page);
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("the tag “shipping” is there already", { exact: false }).waitFor();
  await page.getByRole("button", { name: "Merge into “shipping”" }).waitFor();
  await name.fill("invoices");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await row(page, "invoices").waitFor();
  await watching.goto(`${server!.url}/inbox?status=resolved`);
  await watching.getByRole("link", { name: "invoices", exact: true }).click();
  await rows(watching).first().getByTitle("invoices").waitFor();
  const chip = rows(watching).first().getByTitle("invoices");
  const color = () => chip.evaluate((it) => getComputedStyle(it, "::before").backgroundColor);
  await expect.poll(color).toBe("rgb(224, 49, 49)");

  await page.getByRole("button", { name: "New tag" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("money");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await row(page, "money").getByText("0 conversations").waitFor();
  await watching.getByRole("link", { name: "money", exact: true }).waitFor();

  await more(page, "invoices", "Merge into another");
  await page.getByRole("combobox", { name: "The tag that stays" }).fill("money");
  await page.getByRole("option", { name: "money" }).click();
  await unhindered(page);
  await page.getByRole("button", { name: "Merge into another" }).click();
  await row(page, "invoices").waitFor({ state: "detached" });
  await row(page, "money").getByText(/[1-9]\d* conversations/).waitFor();
  await watching.getByRole("link", { name: "money", exact: true }).click();
  await rows(watching).first().getByTitle("money").waitFor();

  await more(page, "money", "Delete");
  await page.getByText(/It goes from \d+ conversations/).waitFor();
  await page.getByLabel("Type money to confirm").fill("money");
  await unhindered(page);
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await row(page, "money").waitFor({ state: "detached" });
  await watching.getByRole("link", { name: "money", exact: true }).waitFor({ state: "detached" });
}, 150_000);
