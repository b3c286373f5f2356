// @vitest-environment node
/** Reading a conversation, and what is done with it and its messages. */

import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { enter, fits, inspect, PHONE, unhindered, useBrowser } from "./browser";
import { Server } from "./server";

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mNk+M9Qz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC",
  "base64",
);

interface Row {
  id: string;
  number: number;
  contact_id: string;
  subject: string;
}

let server: Server | undefined;
const { open } = useBrowser();

beforeAll(async () => {
  server = await Server.start(200);
});
afterAll(async () => server?.stop());

async function get<Answer>(page: Page, path: string): Promise<Answer> {
  const answer = await page.request.get(server!.url + path);
  expect(answer.status(), path).toBe(200);
  return (await answer.json()) as Answer;
}

async function post(page: Page, path: string, data: object): Promise<{ id: string }> {
  const answer = await page.request.post(server!.url + path, { data });
  expect(answer.status(), `${path}: ${await answer.text()}`).toBeLessThan(300);
  return (await answer.json()) as { id: string };
}

const list = async (page: Page, query: string): Promise<Row[]> =>
  (await get<{ data: Row[] }>(page, `/api/conversations?per_page=100&${query}`)).data;

/** Somebody at a conversation that no other journey has. */
let next = 0;
async function at(chosen?: Row, prepare?: (page: Page, it: Row) => Promise<void>): Promise<{ page: Page; it: Row }> {
  const page = await open();
  await enter(page, server!, "/healthz");
  for (const { id } of (await get<{ data: { id: string }[] }>(page, "/api/channels")).data) {
    await page.request.patch(`${server!.url}/api/channels/${id}`, { data: { is_active: true } });
  }
  const it = chosen ?? (await list(page, "status=resolved"))[next++]!;
  await prepare?.(page, it);
  await page.goto(`${server!.url}/inbox/${it.id}`);
  await page.getByRole("article").first().waitFor();
  await page.getByRole("textbox", { name: "Reply" }).waitFor();
  return { page, it };
}

const reply = (page: Page) => page.getByRole("textbox", { name: "Reply" });
const heading = (page: Page) => page.getByRole("heading", { level: 1 });
const more = async (page: Page, action: string) => {
  await page.getByRole("button", { name: "More", exact: true }).click();
  await page.getByRole("menuitem", { name: action }).click();
};

test("a conversation is put away in words and comes back by itself", async () => {
  const { page, it } = await at();
  await page.getByRole("button", { name: "Reopen" }).click();
  await page.getByRole("button", { name: "Resolve", exact: true }).waitFor();
  await page.getByRole("button", { name: "Snooze", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Snooze until" });
  await dialog.getByRole("textbox", { name: "When" }).fill("in 3 days at 8:15");
  await inspect(page, "snooze");
  await dialog.getByRole("textbox", { name: "When" }).press("Enter");
  await page.getByRole("banner").or(page.locator("header")).getByText(/^Snoozed/).first().waitFor();
  await more(page, "Wake up now");
  await page.locator("header").getByText("Open", { exact: true }).waitFor();

  // The clock wakes it, and the page hears of it.
  const snoozed_until = new Date(Date.now() + 8_000).toISOString();
  await post(page, `/api/conversations/${it.id}/status`, { status: "snoozed", snoozed_until });
  await page.locator("header").getByText(/^Snoozed/).waitFor();
  await page.locator("header").getByText("Open", { exact: true }).waitFor();
});

test("two conversations of a person become one, and two again", async () => {
  const page = await open();
  await enter(page, server!, "/healthz");
  const rows = await list(page, "sort=newest");
  const one = rows.find((it) => rows.some((other) => other.id !== it.id && other.contact_id === it.contact_id))!;
  const target = (await list(page, `contact_id=${one.contact_id}`)).find((it) => it.id !== one.id)!;
  const { page: reading } = await at(one);
  await more(reading, "Merge into another…");
  const dialog = reading.getByRole("dialog", { name: "Merge into another conversation" });
  await dialog.getByRole("radio", { name: `#${target.number}` }).check();
  await unhindered(reading);
  await dialog.getByRole("button", { name: "Merge", exact: true }).click();
  await expect.poll(() => new URL(reading.url()).pathname).toBe(`/inbox/${target.id}`);
  await reading.getByText(`merged #${one.number} into this conversation`, { exact: false }).waitFor();
  await reading.getByText(`#${one.number} was merged into this.`).waitFor();
  await reading.getByRole("button", { name: "Undo" }).last().click();
  await expect.poll(() => new URL(reading.url()).pathname).toBe(`/inbox/${one.id}`);
  await expect.poll(() => heading(reading).textContent()).toBe(one.subject);
});

test("a message and what follows become a conversation of their own", async () => {
  const { page, it } = await at();
  await page.getByRole("article").last().getByRole("button", { name: "What to do with this message" }).click();
  await page.getByRole("menuitem", { name: "Split off from here" }).click();
  const dialog = page.getByRole("dialog", { name: "Split off from here" });
  await dialog.getByRole("textbox", { name: "Subject" }).fill("Something else");
  await dialog.getByRole("button", { name: "Split off" }).click();
  await expect.poll(() => heading(page).textContent()).toBe("Something else");
  await expect.poll(() => new URL(page.url()).pathname).not.toBe(`/inbox/${it.id}`);
  await page.getByRole("button", { name: "Undo" }).last().click();
  await expect.poll(() => heading(page).textContent()).toBe(it.subject);
});

test("a message is shown to somebody else", async () => {
  const { page } = await at();
  await page.getByRole("article").first().getByRole("button", { name: "What to do with this message" }).click();
  await page.getByRole("menuitem", { name: "Forward" }).click();
  const dialog = page.getByRole("dialog", { name: "Forward the message" });
  await dialog.getByRole("textbox", { name: "To" }).fill("repairs@partner.example");
  await dialog.getByRole("textbox", { name: "Your words above it" }).fill("Can you look at this?");
  await unhindered(page);
  await dialog.getByRole("button", { name: "Forward" }).click();
  await page.getByText("Forwarded to repairs@partner.example.").waitFor();
  await page.getByRole("article").filter({ hasText: "Can you look at this?" }).waitFor();
});

test("pictures open, sound plays, other files are saved", async () => {
  const { page } = await at(undefined, async (page, it) => {
    const files = [
      ["plug.png", "image/png", PNG],
      ["socket.png", "image/png", PNG],
      ["hum.wav", "audio/wav", Buffer.from("RIFF$\0\0\0WAVEfmt ")],
      ["manual.pdf", "application/pdf", Buffer.from("%PDF-1.7")],
    ] as const;
    const attachment_ids: string[] = [];
    for (const [name, mimeType, buffer] of files) {
      const answer = await page.request.post(`${server!.url}/api/attachments`, {
        multipart: { file: { name, mimeType, buffer } },
      });
      attachment_ids.push(((await answer.json()) as { id: string }).id);
    }
    await post(page, `/api/conversations/${it.id}/messages`, { text: "Four files", private: true, attachment_ids });
  });
  const note = page.getByRole("article").filter({ hasText: "Four files" });
  await note.getByRole("link", { name: "manual.pdf" }).waitFor();
  await note.locator("audio").waitFor();
  await inspect(page, "thread");
  await note.getByRole("button", { name: "Show plug.png" }).click();
  await page.getByRole("dialog", { name: "plug.png" }).getByRole("img", { name: "plug.png" }).waitFor();
  await unhindered(page);
  await page.keyboard.press("ArrowRight");
  await page.getByRole("dialog", { name: "socket.png" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
});

test("it is told what automations did, and why", async () => {
  const { page, it } = await at();
  await post(page, "/api/automations", {
    name: "Hurry for VIPs",
    trigger: "tag_added",
    conditions: { match: "all", rules: [{ field: "changed_tag", operator: "eq", value: "vip" }] },
    actions: [{ type: "set_priority", priority: "high" }],
  });
  const tags = page.getByRole("combobox", { name: "Tags of this conversation" });
  await tags.fill("vip");
  await tags.press("Enter");
  await page.locator("header").getByText("High", { exact: true }).waitFor();
  await more(page, "What automations did");
  const dialog = page.getByRole("dialog", { name: "What automations did here" });
  await dialog.getByText("Hurry for VIPs").waitFor();
  await dialog.getByText("Matched").waitFor();
  await inspect(page, "automation-trace");
  expect(it.id).toBeTruthy();
});

test("the contact is corrected beside the thread", async () => {
  const { page, it } = await at();
  const panel = page.getByRole("complementary", { name: "Contact" });
  await panel.getByRole("button", { name: "Edit" }).click();
  await panel.getByRole("textbox", { name: "Name" }).fill("Dr. Paula New");
  await unhindered(page);
  await panel.getByRole("button", { name: "Save" }).click();
  await panel.getByRole("heading", { name: "Dr. Paula New" }).waitFor();
  await panel.getByRole("textbox", { name: "About this contact" }).fill("Prefers to be called.");
  await heading(page).click();
  await expect
    .poll(async () => (await get<{ notes: string | null }>(page, `/api/contacts/${it.contact_id}`)).notes)
    .toBe("Prefers to be called.");
  await more(page, "Block the contact");
  await panel.getByText("Blocked").waitFor();
  await more(page, "Unblock the contact");
  await panel.getByText("Blocked").waitFor({ state: "detached" });
});

test("keys write, merge and forward", async () => {
  const { page } = await at();
  await heading(page).click();
  await page.keyboard.press("n");
  await page.keyboard.type("A note by keys");
  await page.keyboard.press("Control+Enter");
  await page.getByRole("article").filter({ hasText: "A note by keys" }).waitFor();
  for (const [key, name] of [
    ["m", "Merge into another conversation"],
    ["f", "Forward the message"],
  ] as const) {
    await heading(page).click();
    await page.keyboard.press(key);
    await page.getByRole("dialog", { name }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  }
  await heading(page).click();
  await page.keyboard.press("r");
  await expect.poll(() => reply(page).evaluate((it) => it === document.activeElement)).toBe(true);
});

test("the focus returns to where a dialog was opened", async () => {
  const { page } = await at();
  const opener = page.getByRole("button", { name: "More", exact: true });
  const focused = (place: Locator) => expect.poll(() => place.evaluate((it) => it === document.activeElement));
  for (const name of ["Merge into another…", "What automations did"]) {
    await opener.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("menuitem", { name }).press("Enter");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await focused(opener).toBe(true);
  }
  await page.getByRole("textbox", { name: "Reply" }).focus();
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await focused(reply(page)).toBe(true);
});

test("on a phone everything is at hand", async () => {
  const { page } = await at();
  await page.setViewportSize(PHONE);
  await page.getByRole("button", { name: "Contact", exact: true }).click();
  const drawer = page.getByRole("dialog", { name: "Contact" });
  await drawer.getByRole("combobox", { name: "Priority" }).waitFor();
  await unhindered(page);
  await drawer.getByRole("button", { name: "Close" }).click();
  await page.getByRole("textbox", { name: "Reply" }).fill("Sent from a phone");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByRole("article").filter({ hasText: "Sent from a phone" }).waitFor();
  await fits(page);
});

test("changes in a row are one line until they are asked for", async () => {
  const somebody = await open();
  await enter(somebody, server!, "/healthz");
  // One that no other journey has been at.
  const chosen = (await list(somebody, "status=pending")).at(-1);
  const { page, it } = await at(chosen, async (page, it) => {
    for (const status of ["open", "pending", "open", "resolved"]) {
      await post(page, `/api/conversations/${it.id}/status`, { status });
    }
  });
  const log = page.getByRole("log");
  const fold = log.getByRole("button", { name: /^3 changes by Ann Admin – reopened, pending/ });
  await fold.waitFor();
  await log.getByText("Ann Admin resolved this conversation").waitFor();
  const waiting = log.getByText("Ann Admin set this conversation to Pending");
  expect(await waiting.count()).toBe(0);
  await inspect(page, "folded lines");

  // What happens meanwhile is told at the end and unfolds nothing.
  await post(page, `/api/conversations/${it.id}/tags`, { tag: "vip-journey" });
  await log.getByText("Ann Admin added the tag vip-journey").waitFor();
  const more = log.getByRole("button", { name: /^4 changes by Ann Admin/ });
  expect(await more.getAttribute("aria-expanded")).toBe("false");
  await more.focus();
  await page.keyboard.press("Enter");
  await waiting.waitFor();
  await post(page, `/api/conversations/${it.id}/status`, { status: "open" });
  await log.getByRole("button", { name: /^5 changes by Ann Admin/, expanded: true }).waitFor();
  await inspect(page, "unfolded lines");
  await page.keyboard.press("Enter");
  await expect.poll(() => waiting.count()).toBe(0);
});
