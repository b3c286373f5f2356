// @vitest-environment node
/** Going from one conversation to the next, fast: each keeps what was written for it. */

import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { enter, useBrowser } from "./browser";
import { Server } from "./server";

let server: Server | undefined;
const { open, refused } = useBrowser();

beforeAll(async () => {
  server = await Server.start(200);
}, 120_000);
afterAll(async () => server?.stop());

const reply = (page: Page) => page.getByRole("textbox", { name: "Reply" });
const row = (page: Page, id: string) => page.locator(`#row-${id}`);

/** Somebody at a list, and its first conversations. */
async function at(status: string): Promise<{ page: Page; ids: string[] }> {
  const page = await open();
  const begun = page.waitForResponse("**/api/drafts*");
  await enter(page, server!, `/inbox?status=${status}`);
  await page.getByRole("option").first().waitFor();
  await begun;
  const answer = await page.request.get(`${server!.url}/api/conversations?status=${status}&per_page=4`);
  const { data } = (await answer.json()) as { data: { id: string; channel_type: string }[] };
  return { page, ids: data.filter((it) => it.channel_type === "email").map((it) => it.id) };
}

/** Opens a conversation, and waits for nothing but its composer. */
async function go(page: Page, id: string): Promise<void> {
  await row(page, id).click();
  await page.waitForURL(`**/inbox/${id}*`);
}

test("what is typed stays with its conversation, however fast one goes on", async () => {
  const { page, ids } = await at("resolved");
  const [one, two] = ids as [string, string];
  await go(page, one);
  await reply(page).pressSequentially("For the first");
  // Before it could be saved.
  await go(page, two);
  await expect.poll(() => reply(page).textContent()).toBe("");
  await reply(page).press("Control+z");
  expect(await reply(page).textContent()).toBe("");
  await reply(page).pressSequentially("For the second");
  for (let turn = 0; turn < 2; turn++) {
    await go(page, one);
    await expect.poll(() => reply(page).textContent()).toBe("For the first");
    await go(page, two);
    await expect.poll(() => reply(page).textContent()).toBe("For the second");
  }
  // The server has both.
  await expect
    .poll(async () => {
      const { data } = (await (await page.request.get(`${server!.url}/api/drafts`)).json()) as { data: { text: string }[] };
      return data.map((it) => it.text).toSorted();
    })
    .toEqual(["For the first", "For the second"]);
}, 90_000);

test("keys held down go through the list, and the last conversation is shown with its own composer", async () => {
  const { page } = await at("open");
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await reply(page).waitFor();
  for (let turn = 0; turn < 6; turn++) await page.keyboard.press("j");
  const chosen = page.locator("[role=option][aria-current=page]");
  await expect.poll(() => chosen.getAttribute("id")).toBe(`row-${new URL(page.url()).pathname.split("/").at(-1)}`);
  await expect.poll(() => page.locator("main [inert]").count()).toBe(0);
  await page.keyboard.press("r");
  await reply(page).pressSequentially("Written at once");
  await expect.poll(() => reply(page).textContent()).toBe("Written at once");
}, 60_000);

test("a draft that comes after one began to write is not written over", async () => {
  refused("409 /api/conversations/{id}/draft");
  const { page, ids } = await at("pending");
  const id = ids[0]!;
  const body = { version: 0, kind: "reply", text: "From another window", html: null, cc: [], bcc: [], attachment_ids: [] };
  const url = `${server!.url}/api/conversations/${id}/draft`;
  // The list of drafts knows nothing of it yet: the composer waits for one that is known.
  await page.route("**/api/drafts*", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...((await response.json()) as object), data: [] } });
  });
  expect((await page.request.put(url, { data: body })).status()).toBe(200);
  let answer = () => {};
  const held = new Promise<void>((go) => (answer = go));
  await page.route("**/draft", async (route) => {
    if (route.request().method() === "GET") await held;
    await route.continue();
  });
  await go(page, id);
  await reply(page).pressSequentially("Begun here");
  answer();
  await page.getByText("You wrote something else here in another window:").waitFor();
  await page.getByText("From another window").waitFor();
  expect(await reply(page).textContent()).toBe("Begun here");
  await page.getByRole("button", { name: "Take the other" }).click();
  await expect.poll(() => reply(page).textContent()).toBe("From another window");
}, 60_000);
