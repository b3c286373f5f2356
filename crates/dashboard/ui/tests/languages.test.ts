// @vitest-environment node
/** Every page in each language on a phone, and from right to left. */

import { mkdirSync } from "node:fs";

import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { enter, fits, PHONE, unhindered, useBrowser } from "./browser";
import { Server } from "./server";

const SECTIONS = "profile alerts channels agents general hours automations canned knowledge ai keys audit operations".split(" ");
const DESKTOP = { width: 1440, height: 900 };

let server: Server;
const browser = useBrowser();

beforeAll(async () => {
  server = await Server.start(120);
});
afterAll(() => server?.stop());

/** By name, with what is there once the page is. */
async function pages(page: Page): Promise<[name: string, path: string, ready: string][]> {
  const first = async (path: string) => {
    const answer = await page.request.get(server.url + path);
    return ((await answer.json()) as { data: { id: string }[] }).data[0]!.id;
  };
  const [conversation, contact, channel, agent] = await Promise.all([
    first("/api/conversations?status=resolved"),
    first("/api/contacts"),
    first("/api/channels"),
    first("/api/agents"),
  ]);
  return [
    ["inbox", "/inbox?status=resolved", "[role=option]"],
    ["thread", `/inbox/${conversation}?status=resolved`, "article"],
    ["contacts", "/contacts", "[role=option]"],
    ["contact", `/contacts/${contact}`, "h1"],
    ["import", "/contacts/import", "h1"],
    ["analytics", "/analytics?from=2025-10-01&to=2025-12-15", ".recharts-surface"],
    ["first-steps", "/first-steps", "h1"],
    ["settings", "/settings", "nav a[href='/settings/profile']"],
    ["automation", "/settings/automations/new", "h1"],
    ["channel", `/settings/channels/${channel}`, "h1"],
    ["mailbox", `/settings/channels/${channel}?tab=settings`, "form"],
    ["ledger", `/settings/channels/${channel}?tab=mail`, "[role=tabpanel]"],
    ["new-channel", "/settings/channels/new", "h1"],
    ["new-mailbox", "/settings/channels/new-email", "form"],
    ["new-webchat", "/settings/channels/new-webchat", "form"],
    ["agent", `/settings/agents/${agent}`, "h1"],
    ["new-canned", "/settings/canned/new", "form"],
    ...SECTIONS.map((it): [string, string, string] => [it, `/settings/${it}`, "h1"]),
  ];
}

/** Goes through all pages; pictures are kept where SCREENSHOTS says. */
async function walk(
  page: Page,
  name: string,
  sizes: { width: number; height: number }[],
  look: (at: string) => Promise<void>,
  wanted = (_path: string) => true,
): Promise<void> {
  // Each page listens anew, sooner than the server sees the one before leave.
  browser.perhaps("429 /sse");
  const folder = process.env["SCREENSHOTS"] && `${process.env["SCREENSHOTS"]}/${name}`;
  if (folder) mkdirSync(folder, { recursive: true });
  for (const [at, path, ready] of (await pages(page)).filter((it) => wanted(it[1]))) {
    await page.goto(server.url + path);
    await page.locator(ready).filter({ visible: true }).first().waitFor();
    for (const size of sizes) {
      await page.setViewportSize(size);
      await fits(page, `${at} in ${name} at ${size.width}`);
      if (folder) await page.screenshot({ path: `${folder}/${at}-${size.width}.png` });
    }
    await look(at);
  }
}

test.each([
  ["de", "de-DE"],
  ["id", "id-ID"],
])("no page is too narrow for its words (%s)", async (language, locale) => {
  const page = await browser.open(locale);
  await page.setViewportSize(PHONE);
  await enter(page, server, "/inbox");
  await walk(page, language, [PHONE], async () => {
    await expect.poll(() => page.locator("html").getAttribute("lang")).toBe(language);
  });
});

const isSettings = (path: string): boolean => path.startsWith("/settings");

test.each([
  ["outside the settings", (path: string) => !isSettings(path)],
  ["of the settings", isSettings],
] as const)("every page %s is mirrored where people read from right to left", async (_, wanted) => {
  const page = await browser.open();
  await page.addInitScript(() => {
    if (globalThis.origin !== "null") localStorage.setItem("deskbell.direction", "rtl");
  });
  await enter(page, server, "/inbox");
  const look = async (at: string) => {
    await expect.poll(() => page.locator("html").getAttribute("dir")).toBe("rtl");
    await unhindered(page, `${at} from right to left`);
  };
  await walk(page, "rtl", [PHONE, DESKTOP], look, wanted);
});

test("letters that run from right to left do so on a page that does not", async () => {
  const page = await browser.open();
  await enter(page, server, "/healthz");
  const channels = await page.request.get(`${server.url}/api/channels`);
  const { data } = (await channels.json()) as { data: { id: string }[] };
  const channel_id = data[0]!.id;
  await page.request.patch(`${server.url}/api/channels/${channel_id}`, { data: { is_active: true } });
  const contact = { name: "ليلى حداد", email: "layla@customers.example" };
  const begun = { channel_id, contact, subject: "أين طلبي؟", text: "مرحبا، أين طلبي رقم 1042؟" };
  const made = await page.request.post(`${server.url}/api/conversations`, { data: begun });
  expect(made.status(), await made.text()).toBe(201);
  const { id } = (await made.json()) as { id: string };
  await page.goto(`${server.url}/inbox/${id}`);
  const runs = (place: Locator) => expect.poll(() => place.evaluate((it) => getComputedStyle(it).direction));
  await runs(page.getByRole("heading", { level: 1, name: begun.subject })).toBe("rtl");
  await runs(page.locator(`#row-${id}`).getByText(begun.subject)).toBe("rtl");
  await runs(page.getByRole("main").first()).toBe("ltr");
  await page.getByRole("article").filter({ hasText: "1042" }).waitFor();
  await page.getByRole("textbox", { name: "Reply" }).fill("شكرا");
  const folder = process.env["SCREENSHOTS"];
  if (folder) await page.screenshot({ path: `${folder}/arabic.png` });
});
