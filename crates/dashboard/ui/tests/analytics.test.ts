// @vitest-environment node
/** The figures on the page are the API's, in pictures, tables and a file. */

import { readFileSync } from "node:fs";

import { afterAll, beforeAll, expect, test } from "vitest";

import { enter, inspect, useBrowser } from "./browser";
import { Server } from "./server";

/** When the demo's conversations took place. */
const DAYS = "from=2025-10-01&to=2025-12-15";

let server: Server;
const browser = useBrowser();

beforeAll(async () => {
  server = await Server.start(300);
});
afterAll(() => server?.stop());

interface Report {
  totals: Record<"opened" | "resolved" | "messages_in" | "messages_out", number>;
  backlog: { total: number };
  by_day: { opened: number }[];
  by_channel: { name: string; opened: number }[];
}

test("figures, charts and tables tell what the API says", async () => {
  const page = await browser.open();
  await enter(page, server, `/analytics?${DAYS}`);
  const answer = await page.request.get(`${server.url}/api/analytics?${DAYS}`);
  const report = (await answer.json()) as Report;
  expect(report.totals.opened).toBeGreaterThan(0);
  const tile = (name: string) => page.locator("dl > *").filter({ has: page.getByText(name, { exact: true }) });
  const shown = async (name: string) => Number((await tile(name).locator("dd").first().textContent())?.replaceAll(",", ""));
  await expect.poll(() => shown("Opened")).toBe(report.totals.opened);
  await expect.poll(() => shown("Resolved")).toBe(report.totals.resolved);
  await expect.poll(() => shown("Messages in")).toBe(report.totals.messages_in);
  await expect.poll(() => shown("Messages out")).toBe(report.totals.messages_out);
  await page.getByText(`${report.backlog.total} conversations are not resolved.`).waitFor();
  await page.locator(".recharts-surface").first().waitFor();
  await inspect(page, "analytics");

  const work = page.getByRole("region", { name: "Conversations" }).first();
  await work.getByRole("button", { name: "As table" }).click();
  const days = work.getByRole("rowheader");
  await expect.poll(() => days.count()).toBe(report.by_day.length);
  const first = report.by_channel[0]!;
  const row = page.getByRole("table", { name: "By channel" }).getByRole("row", { name: first.name });
  await expect.poll(() => row.getByRole("cell").first().textContent()).toBe(String(first.opened));

  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download CSV" }).click(),
  ]);
  const direct = await page.request.get(`${server.url}/api/analytics?${DAYS}`, { headers: { Accept: "text/csv" } });
  expect(readFileSync(await file.path(), "utf8")).toBe(await direct.text());
});

test("where nothing happened, the last days that have something are offered", async () => {
  const page = await browser.open();
  await enter(page, server, "/analytics?from=2020-01-01&to=2020-01-31");
  await page.getByText("No conversations in this time").waitFor();
  await inspect(page, "analytics-empty");
  await page.getByRole("button", { name: /^Show / }).click();
  await page.locator(".recharts-surface").first().waitFor();
  await expect.poll(() => new URL(page.url()).searchParams.get("from")).toMatch(/^202[56]-/);
});

test("a range stands in the address", async () => {
  const page = await browser.open();
  await enter(page, server, "/analytics");
  await page.getByText("7 days", { exact: true }).click();
  await expect.poll(() => new URL(page.url()).search).toBe("?days=7");
  await page.getByRole("textbox", { name: "From" }).fill("2026-01-01");
  await expect.poll(() => new URL(page.url()).search).toBe("?from=2026-01-01");
  await page.getByText("Business hours", { exact: true }).click();
  await page.getByText("1 Jan 2026 to", { exact: false }).waitFor();
});
