/**
 * A browser for one file of journeys. Whatever a page complains of in its console fails the journey.
 *
 * Nothing here may depend on how fast a machine is: what a page shows is waited for (`waitFor`) or
 * asked again until it is so (`expect.poll`), never read once.
 */

import axe from "axe-core";
import { type Browser, type BrowserContext, chromium, type ConsoleMessage, type Frame, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from "vitest";

import { EMAIL, PASSWORD, type Server } from "./server";

const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 360, height: 740 };
const ID = /[0-9a-f]{8}-[0-9a-f-]{27}/g;

/** The longest a machine with nothing to spare takes for a journey; a quick one takes a few seconds. */
const PATIENCE = { testTimeout: 300_000, hookTimeout: 180_000 };

export interface Pages {
  /** A page of somebody who was never here. */
  open: (locale?: string) => Promise<Page>;
  /**
   * What the server refuses in this journey and browsers therefore complain of, each as
   * "401 /api/auth/login", ids as "{id}". Anything else that is refused fails it, and so does one
   * of these that never is.
   */
  refused: (...answers: string[]) => void;
  /** What may be refused as well, where two answers race. */
  perhaps: (...answers: string[]) => void;
}

/** Pages for the journeys of a file. THROTTLE=4 makes their processor four times as slow. */
export function useBrowser(): Pages {
  let browser: Browser | undefined;
  let contexts: BrowserContext[] = [];
  let complaints: string[] = [];
  let refusals = new Set<string>();
  let expected: string[] = [];
  let possible: string[] = [];
  vi.setConfig(PATIENCE);

  beforeAll(async () => {
    const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  });

  afterAll(async () => browser?.close());

  beforeEach(() => {
    complaints = [];
    refusals = new Set();
    expected = [];
    possible = [];
  });

  afterEach(async ({ task }) => {
    try {
      // What went wrong in the journey tells more than what is missing for that.
      if (task.result?.state === "fail") return;
      // A browser may tell of the last answer a moment after it came.
      const told = () => [...refusals].filter((it) => !possible.includes(it)).sort();
      await expect.poll(told, { timeout: 5_000 }).toEqual([...expected].sort());
      expect(complaints).toEqual([]);
    } finally {
      await Promise.all(contexts.map((it) => it.close()));
      contexts = [];
    }
  });

  function hear(message: ConsoleMessage): void {
    if (message.type() !== "error") return;
    const { url } = message.location();
    const status = /status of (4\d\d)/.exec(message.text())?.[1];
    if (status) refusals.add(`${status} ${new URL(url).pathname.replace(ID, "{id}")}`);
    else complaints.push(`${message.text()} ${url}`);
  }

  async function open(locale = "en-GB"): Promise<Page> {
    // What slides and fades is judged where it ends.
    const context = await browser!.newContext({ viewport: DESKTOP, locale, reducedMotion: "reduce" });
    contexts.push(context);
    const page = await context.newPage();
    page.setDefaultTimeout(45_000);
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", hear);
    const rate = Number(process.env["THROTTLE"] ?? 1);
    if (rate > 1) await (await context.newCDPSession(page)).send("Emulation.setCPUThrottlingRate", { rate });
    return page;
  }
  return {
    open,
    refused: (...answers) => void (expected = answers),
    perhaps: (...answers) => void (possible = answers),
  };
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
async function hindrances(page: Page | Frame): Promise<string[]> {
  // Not by a script tag: the content security policy would refuse it.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run({
      runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"],
    }),
  );
  return violations.map((it) => `${it.id}: ${it.nodes.map((node) => node.html).join("\n")}`);
}

/** Nothing hinders anybody, once what changes has come to rest. */
export async function unhindered(page: Page | (() => Frame), message = ""): Promise<void> {
  await expect.poll(() => hindrances(typeof page === "function" ? page() : page), { message }).toEqual([]);
}

/** No wider than its screen: nobody scrolls sideways to read a line. */
export async function fits(page: Page, message = ""): Promise<void> {
  const over = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  await expect.poll(over, { message }).toBeLessThanOrEqual(0);
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
    await page.emulateMedia({ colorScheme });
    await page.waitForFunction(
      (wanted) => document.documentElement.dataset["mantineColorScheme"] === wanted,
      colorScheme,
    );
    // Two frames: what watches the size of its place has drawn itself anew.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    if (folder) await page.screenshot({ path: `${folder}/${name}${suffix}.png` });
    await unhindered(page, `${name}${suffix}`);
    await fits(page, `${name}${suffix} is wider than its screen`);
  }
  await page.setViewportSize(DESKTOP);
  await page.emulateMedia({ colorScheme: "light" });
}
