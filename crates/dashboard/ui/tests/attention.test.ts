// @vitest-environment node
/** What draws somebody's attention, and what is seen when the connection is gone. */

import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { enter, inspect, unhindered, useBrowser } from "./browser";
import { PASSWORD, Server } from "./server";

let server: Server | undefined;
const { open, refused } = useBrowser();

beforeAll(async () => {
  server = await Server.start(60);
});
afterAll(async () => server?.stop());

const rows = (page: Page) => page.getByRole("listbox", { name: "Conversations" }).getByRole("option");

test("a colleague's mention rings the bell, and leads to the note", async () => {
  const page = await open();
  await enter(page, server!, "/inbox");
  await rows(page).first().waitFor();
  const ben = { name: "Ben Baker", email: "ben@desk.example", role: "agent", password: PASSWORD };
  expect((await page.request.post(`${server!.url}/api/agents`, { data: ben })).status()).toBe(201);
  const other = await open();
  const { email, password } = ben;
  expect((await other.request.post(`${server!.url}/api/auth/login`, { data: { email, password } })).status()).toBe(200);
  const listed = await other.request.get(`${server!.url}/api/conversations?per_page=1`);
  const { data } = (await listed.json()) as { data: { id: string }[] };
  const about = `${server!.url}/api/conversations/${data[0]!.id}`;
  await other.request.post(`${about}/status`, { data: { status: "open" } });
  await other.request.patch(about, { data: { unread: true } });
  await expect.poll(() => page.title()).toMatch(/^\(\d+\) Deskbell$/);

  const note = { text: "@Ann Admin please have a look", private: true };
  expect((await other.request.post(`${about}/messages`, { data: note })).status()).toBe(201);

  await page.getByRole("button", { name: "1 unread notice" }).click();
  const notices = page.getByRole("region", { name: "Notices" });
  await notices.getByRole("listitem").first().waitFor();
  await unhindered(page);
  await notices.getByRole("listitem").first().getByRole("button").click();
  await page.getByRole("article").filter({ hasText: "please have a look" }).waitFor();
  await page.getByRole("button", { name: "Notices", exact: true }).waitFor();
});

test("attention is a matter of taste, kept in the browser", async () => {
  const page = await open();
  await enter(page, server!, "/settings/alerts");
  const keys = page.getByRole("switch", { name: "Keyboard shortcuts" });
  await keys.waitFor();
  await inspect(page, "alerts");
  await expect.poll(() => page.getByRole("switch", { name: "Play a sound" }).isChecked()).toBe(false);
  await page.getByRole("switch", { name: "Play a sound" }).click();
  await keys.click();
  await page.reload();
  await keys.waitFor();
  await expect.poll(() => keys.isChecked()).toBe(false);
  await expect.poll(() => page.getByRole("switch", { name: "Play a sound" }).isChecked()).toBe(true);
  await page.locator("body").press("?");
  await page.locator("body").press("Control+k");
  await page.getByRole("textbox", { name: /^Type a command/ }).waitFor();
  await expect.poll(() => page.getByText("Undo the last change").count()).toBe(0);
});

test("a lost connection shows, and heals by itself", async () => {
  refused("429 /sse");
  const page = await open();
  let isRefused = true;
  await page.route("**/sse", (route) => (isRefused ? route.fulfill({ status: 429, body: "{}" }) : route.continue()));
  await enter(page, server!, "/inbox");
  await page.getByText("The connection is lost.", { exact: false }).waitFor();
  await unhindered(page);
  isRefused = false;
  await page.getByRole("button", { name: "Try now" }).click();
  await page.getByText("The connection is lost.", { exact: false }).waitFor({ state: "detached" });
});
