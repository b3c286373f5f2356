/** A browser for one file of journeys. Whatever a page complains of in its console fails the journey. */

import axe from "axe-core";
import { type Browser, type BrowserContext, chromium, type Frame, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";

import { EMAIL, PASSWORD, type Server } from "./server";

const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 360, height: 740 };

/** Opens pages, each as somebody who was never here. */
export function useBrowser(): { open: (languages?: string) => Promise<Page> } {
  let browser: Browser | undefined;
  let contexts: BrowserContext[] = [];
  let complaints: string[] = [];

  beforeAll(async () => {
    const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  }, 120_000);

  afterAll(async () => browser?.close());

  afterEach(async () => {
    await Promise.all(contexts.map((it) => it.close()));
    contexts = [];
    const told = complaints;
    complaints = [];
    expect(told).toEqual([]);
  });

  async function open(locale = "en-GB"): Promise<Page> {
    const context = await browser!.newContext({ viewport: DESKTOP, locale });
    contexts.push(context);
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      // What the server refuses, browsers log; the journeys look at the page instead.
      const refused = /status of 4\d\d/.test(message.text());
      if (message.type() === "error" && !refused) complaints.push(`${message.text()} ${message.location().url}`);
    });
    return page;
  }
  return { open };
}

/** Signs in without the form, and goes to an address. */
export async function enter(page: Page, server: Server, path: string, email = EMAIL): Promise<void> {
  const data = { email, password: PASSWORD };
  const answer = await page.request.post(`${server.url}/api/auth/login`, { data });
  expect(answer.status()).toBe(200);
  // What the form would have left: who is not known to have signed in is not asked for.
  await page.addInitScript(() => {
    try {
      localStorage.setItem("deskbell.signed-in", "yes");
    } catch {
      // A document in a sandbox has no storage, and does not ask.
    }
  });
  await page.goto(server.url + path);
}

/** What hinders people with disabilities, on the page as it is now. */
export async function hindrances(page: Page | Frame): Promise<string[]> {
  // Not by a script tag: the content security policy would refuse it.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run({
      runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"],
    }),
  );
  return violations.map((it) => `${it.id}: ${it.nodes.map((node) => node.html).join("\n")}`);
}

/**
 * On a desktop, on a phone and in the dark: nothing hinders anybody, nothing is wider than the
 * screen. With SCREENSHOTS naming a folder, pictures are kept there.
 */
export async function inspect(page: Page, name: string): Promise<void> {
  const folder = process.env["SCREENSHOTS"];
  const looks = [
    { suffix: "", size: DESKTOP, colorScheme: "light" },
    { suffix: "-phone", size: PHONE, colorScheme: "light" },
    { suffix: "-dark", size: DESKTOP, colorScheme: "dark" },
  ] as const;
  for (const { suffix, size, colorScheme } of looks) {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.waitForFunction(
      (wanted) => document.documentElement.dataset["mantineColorScheme"] === wanted,
      colorScheme,
    );
    // Two frames: what watches the size of its place has drawn itself anew.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    if (folder) await page.screenshot({ path: `${folder}/${name}${suffix}.png` });
    // Colours fade into each other: what is judged is where they end.
    await expect.poll(() => hindrances(page), { message: `${name}${suffix}`, timeout: 10_000 }).toEqual([]);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width, `${name}${suffix} is wider than its screen`).toBeLessThanOrEqual(size.width);
  }
  await page.setViewportSize(DESKTOP);
  await page.emulateMedia({ colorScheme: "light" });
}
