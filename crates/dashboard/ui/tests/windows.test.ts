// @vitest-environment node
/** The same desk in two windows at once, and in one that changes its size: nothing typed is lost. */

import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { enter, PHONE, useBrowser } from "./browser";
import { Server } from "./server";

let server: Server | undefined;
const { open, refused } = useBrowser();

beforeAll(async () => {
  server = await Server.start(100);
}, 120_000);
afterAll(async () => server?.stop());

const reply = (page: Page) => page.getByRole("textbox", { name: "Reply" });

async function at(path: string): Promise<Page> {
  const page = await open();
  await enter(page, server!, path);
  return page;
}

/** Somebody at the nth of the resolved conversations. */
async function conversation(nth: number): Promise<string> {
  const page = await at("/healthz");
  const answer = await page.request.get(`${server!.url}/api/conversations?status=resolved&per_page=10`);
  const { data } = (await answer.json()) as { data: { id: string }[] };
  return data[nth]!.id;
}

/** What is saved from here goes out once it is let go. */
async function hold(page: Page): Promise<() => void> {
  let release = () => {};
  const released = new Promise<void>((done) => (release = done));
  await page.route("**/api/conversations/*/draft", async (route) => {
    if (route.request().method() === "PUT") await released;
    await route.continue();
  });
  return release;
}

/** The draft as the server has it. */
async function kept(page: Page, id: string): Promise<string> {
  const answer = await page.request.get(`${server!.url}/api/conversations/${id}/draft`);
  return ((await answer.json()) as { text: string }).text;
}

test("a draft goes on in another window, and never over what is typed there", async () => {
  refused("409 /api/conversations/{id}/draft");
  const id = await conversation(0);
  const [desk, train] = [await at(`/inbox/${id}`), await at(`/inbox/${id}`)];
  await reply(train).waitFor();
  await reply(desk).pressSequentially("Dear David");
  await expect.poll(() => reply(train).textContent(), { timeout: 20_000 }).toBe("Dear David");
  await expect.poll(() => reply(train).evaluate((it) => it === document.activeElement)).toBe(false);
  await reply(train).press("End");
  await reply(train).pressSequentially(", thank you");
  // What is typed here stands, whatever comes from elsewhere meanwhile.
  await expect.poll(() => reply(desk).textContent(), { timeout: 20_000 }).toBe("Dear David, thank you");
  const release = await hold(train);
  await reply(train).pressSequentially(" for waiting");
  await reply(desk).press("End");
  await reply(desk).pressSequentially("!");
  await expect.poll(() => kept(desk, id), { timeout: 20_000 }).toBe("Dear David, thank you!");
  release();
  await train.getByText("You wrote something else here in another window:").waitFor();
  expect(await reply(train).textContent()).toBe("Dear David, thank you for waiting");
  await train.getByRole("button", { name: "Keep what stands here" }).click();
  await expect.poll(() => reply(desk).textContent(), { timeout: 20_000 }).toBe("Dear David, thank you for waiting");
  // Left and come back to, it stands as it was left, not as the other window had it.
  await reply(desk).press("End");
  await reply(desk).pressSequentially(" so long");
  await desk.getByRole("link", { name: "Contacts" }).click();
  await reply(desk).waitFor({ state: "detached" });
  await expect.poll(() => kept(desk, id), { timeout: 20_000 }).toBe("Dear David, thank you for waiting so long");
  await desk.goBack();
  await expect.poll(() => reply(desk).textContent(), { timeout: 20_000 }).toBe("Dear David, thank you for waiting so long");
}, 120_000);

test("what is changed of a contact outlives the panel it is changed in", async () => {
  const id = await conversation(1);
  const page = await at(`/inbox/${id}`);
  const name = page.getByRole("textbox", { name: "Name", exact: true });
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  await name.fill("Nora half ty");
  await page.setViewportSize({ width: 1100, height: 900 });
  await page.getByRole("dialog").waitFor();
  expect(await name.inputValue()).toBe("Nora half ty");
  await name.fill("Nora half typed");
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole("complementary", { name: "Contact" }).waitFor();
  expect(await name.inputValue()).toBe("Nora half typed");
  await page.getByRole("button", { name: "Cancel" }).click();
  await name.waitFor({ state: "detached" });
}, 90_000);

test("what is told lies over nothing one goes on to", async () => {
  const id = await conversation(2);
  const page = await at(`/inbox/${id}`);
  for (const size of [{ width: 1440, height: 900 }, { width: 1024, height: 768 }, PHONE]) {
    await page.setViewportSize(size);
    await reply(page).waitFor();
    await page.keyboard.press("p");
    const toast = page.getByRole("alert").filter({ hasText: "Marked as pending." }).first();
    await toast.waitFor();
    const end = async () => {
      const it = (await toast.boundingBox())!;
      return it.x + it.width;
    };
    // It slides in.
    await expect.poll(end, { message: `${size.width}` }).toBeLessThanOrEqual(size.width);
    const box = (await toast.boundingBox())!;
    const header = (await page.getByRole("banner").first().boundingBox())!;
    expect(box.y + box.height, `${size.width}`).toBeLessThanOrEqual(header.y + header.height + 4);
    if (size.width >= 1024) {
      const last = (await page.getByRole("navigation").first().boundingBox())!;
      expect(box.x).toBeGreaterThanOrEqual(last.x + last.width);
    }
    await toast.getByRole("button", { name: "Undo" }).click();
    await page.getByText("Undone:", { exact: false }).waitFor();
  }
}, 120_000);

test("on a page without TLS the desk sends, hears and copies all the same", async () => {
  const id = await conversation(3);
  const bare = async () => {
    const page = await open();
    // What browsers keep from such pages.
    await page.addInitScript(() => {
      Reflect.deleteProperty(Navigator.prototype, "locks");
      Reflect.deleteProperty(Navigator.prototype, "clipboard");
      Reflect.deleteProperty(Crypto.prototype, "randomUUID");
    });
    await enter(page, server!, `/inbox/${id}`);
    await reply(page).waitFor();
    return page;
  };
  const [one, other] = [await bare(), await bare()];
  await one.getByText("Note", { exact: true }).click();
  await one.getByRole("textbox", { name: "Note" }).fill("Seen without TLS");
  await one.getByRole("button", { name: "Add note" }).click();
  await other.getByRole("article").filter({ hasText: "Seen without TLS" }).waitFor();
  await one.getByRole("button", { name: "More", exact: true }).click();
  await one.getByRole("menuitem", { name: "Copy the link" }).click();
  await one.getByRole("alert").filter({ hasText: "Copied" }).waitFor();
}, 120_000);
