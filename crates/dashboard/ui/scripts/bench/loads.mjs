/** How long it takes from asking for the inbox until somebody can work in it. */

import { probe } from "./probe.mjs";

/** Milliseconds without a task of 50 ms or more, after which a page has come to rest. */
const QUIET = 1_000;
/** Browsers keep compiled code from the second or third time on. */
const BEFORE_WARM = 3;

/** A browser of its own, signed in, that was never here. */
export async function enter(browser, { base, email, password }) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "en-GB" });
  await context.addInitScript(probe);
  const answer = await context.request.post(`${base}/api/auth/login`, { data: { email, password } });
  if (!answer.ok()) throw new Error(`signing in failed: ${await answer.text()}`);
  return context;
}

export async function inbox(context, base) {
  const page = await context.newPage();
  await page.goto(`${base}/inbox?status=open`, { waitUntil: "commit" });
  const times = await page.evaluate((quiet) => globalThis.bench.interactive(quiet), QUIET);
  if (!times.clickable) throw new Error("the first row cannot be clicked");
  return { page, times };
}

/** With nothing in the cache, each time; then with the files of the time before. */
export async function loads(browser, account, count) {
  const cold = [];
  for (let at = 0; at < count; at++) {
    const context = await enter(browser, account);
    cold.push((await inbox(context, account.base)).times);
    await context.close();
  }
  const warm = [];
  const context = await enter(browser, account);
  for (let at = -BEFORE_WARM; at < count; at++) {
    const { page, times } = await inbox(context, account.base);
    if (at >= 0) warm.push(times);
    await page.close();
  }
  await context.close();
  return { cold, warm };
}
