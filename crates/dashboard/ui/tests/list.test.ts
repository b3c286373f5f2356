// @vitest-environment node
/** Finding, sorting and doing many things at once: the list, its views, its keys and its colleagues. */

import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { enter, inspect, PHONE, unhindered, useBrowser } from "./browser";
import { PASSWORD, Server } from "./server";

let server: Server | undefined;
const { open } = useBrowser();

beforeAll(async () => {
  server = await Server.start(400);
});
afterAll(async () => server?.stop());

const rows = (page: Page) => page.getByRole("listbox", { name: "Conversations" }).getByRole("option");
const ticked = (page: Page) => page.locator('[role=option][aria-selected="true"]');
const command = (page: Page, name: string) => page.getByRole("dialog").getByRole("button", { name });

/** What the bar of a selection offers behind its three points. */
async function more(page: Page, name: string): Promise<void> {
  await page.getByRole("toolbar").getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name, exact: true }).click();
}

async function list(path: string): Promise<Page> {
  const page = await open();
  await enter(page, server!, path);
  await rows(page).first().waitFor();
  return page;
}

async function post(page: Page, path: string, data: object): Promise<{ id: string }> {
  const answer = await page.request.post(server!.url + path, { data });
  expect([200, 201], await answer.text()).toContain(answer.status());
  return (await answer.json()) as { id: string };
}

/** A conversation that begins now, on a channel that may send. */
async function begin(page: Page, subject: string): Promise<{ id: string }> {
  const listed = await page.request.get(`${server!.url}/api/channels`);
  const { data } = (await listed.json()) as { data: { id: string }[] };
  const channel_id = data[0]!.id;
  await page.request.patch(`${server!.url}/api/channels/${channel_id}`, { data: { is_active: true } });
  const contact = { name: "Nora New", email: `nora${Math.random()}@customers.example` };
  return post(page, "/api/conversations", { channel_id, contact, subject, text: "Hello Nora" });
}

test("the list is narrowed, sorted and searched, and says what it is narrowed to", async () => {
  const page = await list("/inbox?status=resolved");
  await inspect(page, "list");
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  await page.getByRole("combobox", { name: "Tag" }).click();
  await page.getByRole("option", { name: "billing", exact: true }).click();
  await expect.poll(() => new URL(page.url()).search).toBe("?status=resolved&tag=billing");
  await page.getByLabel("From").fill("2023-01-01");
  await expect.poll(() => new URL(page.url()).searchParams.get("after")).toBe("2023-01-01");
  await unhindered(page);
  await page.keyboard.press("Escape");
  await rows(page).first().waitFor();
  await expect.poll(() => rows(page).first().textContent()).toContain("billing");

  await page.getByRole("button", { name: "Newest first" }).click();
  await page.getByRole("menuitem", { name: "Oldest first" }).click();
  await expect.poll(() => new URL(page.url()).searchParams.get("sort")).toBe("oldest");
  await page.getByRole("button", { name: "Clear filters" }).click();
  await expect.poll(() => new URL(page.url()).search).toBe("?sort=oldest");

  await page.getByRole("button", { name: "What you can search for" }).click();
  await unhindered(page);
  await page.getByRole("button", { name: "is:unread" }).click();
  await expect.poll(() => new URL(page.url()).searchParams.get("search")).toBe("is:unread");
  await page.getByRole("searchbox").fill("no such words anywhere");
  await page.getByText("Nothing found").waitFor();
  await inspect(page, "list-empty");
});

test("many are resolved at once, and one press takes it back", async () => {
  const page = await list("/inbox?status=resolved");
  const subject = await rows(page).first().textContent();
  await rows(page).nth(0).locator("span").first().click();
  await rows(page).nth(2).click({ modifiers: ["Shift"] });
  await expect.poll(() => ticked(page).count()).toBe(3);
  await page.getByText("3 ticked").waitFor();
  await inspect(page, "list-ticked");
  await more(page, "Status");
  await command(page, "Open").click();
  await page.getByText("Reopened. 3 conversations changed.").waitFor();
  await expect.poll(() => rows(page).first().textContent()).not.toBe(subject);
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("Undone: 3 conversations are as they were.").waitFor();
  await expect.poll(() => rows(page).first().textContent()).toBe(subject);
});

test("marks are set on many at once, and taken back at once", async () => {
  const page = await list("/inbox?status=resolved");
  const unread = () => rows(page).locator('[aria-label$="unread message"]').count();
  const before = await unread();
  const subject = (await rows(page).nth(1).textContent())!;
  await rows(page).nth(0).locator("span").first().click();
  await rows(page).nth(2).click({ modifiers: ["Shift"] });
  await more(page, "Mark as unread");
  await page.getByText("Marked as unread. 3 conversations changed.").waitFor();
  await expect.poll(unread).toBe(before + 3);
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("Undone: 3 conversations are as they were.").waitFor();
  await expect.poll(unread).toBe(before);

  await rows(page).nth(1).locator("span").first().click();
  await more(page, "Priority");
  await command(page, "Urgent").click();
  await rows(page).nth(1).getByRole("img", { name: "Urgent" }).waitFor();
  await rows(page).nth(1).locator("span").first().click();
  await more(page, "Mark as spam");
  await expect.poll(() => rows(page).nth(1).textContent()).not.toBe(subject);
  await page.keyboard.press("z");
  await expect.poll(() => rows(page).nth(1).textContent()).toBe(subject);
}, 90_000);

test("all that match are changed, also those that were never shown", async () => {
  const page = await list("/inbox?tag=shipping&status=resolved");
  await page.keyboard.press("Shift+X");
  await page.getByRole("button", { name: /^Tick all/ }).click();
  await page.keyboard.press("t");
  await page.getByRole("textbox", { name: "Add which tag?" }).fill("winter");
  await command(page, "New tag “winter”").click();
  await page.getByText(/Tagged “winter”\. \d{2,} conversations changed\./).waitFor();
  await page.goto(`${server!.url}/inbox?tag=winter`);
  await rows(page).nth(5).waitFor();
});

test("a search is kept as a view, renamed, moved and deleted", async () => {
  const page = await list("/inbox?status=resolved&tag=billing");
  for (const name of ["Bills", "More bills"]) {
    await page.getByRole("button", { name: "Save as a view" }).click();
    // Once a view is open, it may be changed instead.
    if (name !== "Bills") await page.getByRole("menuitem", { name: "Save as a view" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill(name);
    // A menu that closes is none any more.
    await page.locator("[role=menu]").waitFor({ state: "detached" });
    await unhindered(page);
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByRole("link", { name: new RegExp(`^${name}`) }).waitFor();
    // The second one finds more.
    if (name === "Bills") await page.getByRole("button", { name: "Remove billing" }).click();
  }
  await page.getByRole("link", { name: /^Bills/ }).click();
  await expect.poll(() => new URL(page.url()).searchParams.get("tag")).toBe("billing");
  await expect.poll(() => page.getByRole("link", { name: /^Bills/ }).getAttribute("aria-current")).toBe("page");

  const manage = async (name: string, what: string) => {
    await page.getByRole("link", { name: new RegExp(`^${name}`) }).hover();
    await page.getByRole("button", { name: `Change ${name}`, exact: true }).click();
    await page.getByRole("menuitem", { name: what }).click();
  };
  await manage("Bills", "Rename or share");
  await page.getByRole("textbox", { name: "Name" }).fill("Invoices");
  await page.getByRole("switch", { name: "Everybody sees it" }).click();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  const names = () => page.getByRole("link", { name: /^(Invoices|More bills)/ }).allTextContents();
  await expect.poll(names).toEqual([expect.stringMatching(/^Invoices\d/), expect.stringMatching(/^More bills/)]);
  await manage("Invoices", "Move down");
  await expect.poll(names).toEqual([expect.stringMatching(/^More bills/), expect.stringMatching(/^Invoices\d/)]);
  await manage("More bills", "Delete");
  await expect.poll(names).toHaveLength(1);
  await page.reload();
  await expect.poll(names).toEqual([expect.stringMatching(/^Invoices\d/)]);
});

test("everything goes by keys, and nothing does while somebody types", async () => {
  const page = await list("/inbox?status=resolved");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  const second = await page.locator("[data-current]").textContent();
  await page.keyboard.press("Enter");
  await page.getByRole("article").first().waitFor();
  await expect.poll(() => page.locator("[role=option][aria-current]").textContent()).toBe(second);
  const before = page.url();
  await page.keyboard.press("j");
  await expect.poll(() => page.url()).not.toBe(before);
  await page.keyboard.press("k");
  await expect.poll(() => page.url()).toBe(before);

  // Keys only type in a field.
  await page.keyboard.press("/");
  await page.keyboard.type("je?");
  await expect.poll(() => page.getByRole("searchbox").inputValue()).toBe("je?");
  await page.getByRole("searchbox").fill("");
  await page.keyboard.press("Escape");

  await page.keyboard.press("u");
  await page.getByRole("article").first().waitFor({ state: "detached" });
  await page.keyboard.press("e");
  await page.getByText("Reopened.").waitFor();
  await page.keyboard.press("z");
  await page.getByText("Undone: 1 conversation is as it was.").waitFor();

  await page.keyboard.press("?");
  await page.getByRole("dialog").getByText("Undo the last change").waitFor();
  await inspect(page, "keys");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });

  await page.keyboard.press("Control+k");
  await page.getByRole("textbox", { name: "Type a command, or what to search for" }).fill("to unas");
  await inspect(page, "palette");
  await page.keyboard.press("Enter");
  await expect.poll(() => new URL(page.url()).search).toBe("?assigned_to=none&status=open");
  await page.keyboard.press("g");
  await page.keyboard.press("m");
  await expect.poll(() => new URL(page.url()).search).toBe("?assigned_to=me&status=open");
});

test("the palette assigns, snoozes by words and finds people and conversations", async () => {
  const page = await list("/inbox?status=resolved");
  for (let at = 0; at < 4; at++) await page.keyboard.press("j");
  await page.keyboard.press("a");
  await command(page, "Me (Ann Admin)").click();
  await page.getByText("Assigned to you.").waitFor();
  await page.keyboard.press("s");
  await page.getByRole("textbox", { name: /^Until when/ }).fill("in 2 days");
  await page.keyboard.press("Enter");
  await page.getByText(/^Snoozed until/).waitFor();

  await page.keyboard.press("Control+k");
  await page.getByRole("textbox", { name: "Type a command, or what to search for" }).fill("order");
  await command(page, "Search everywhere for “order”").click();
  await page.locator("mark").first().waitFor();
  await expect.poll(() => new URL(page.url()).search).toBe("?search=order");
});

test("two agents at one conversation see each other", async () => {
  const ann = await list("/inbox?status=resolved");
  const ben = { name: "Ben Baker", email: "ben@desk.example", role: "agent", password: PASSWORD };
  await post(ann, "/api/agents", ben);
  const other = await open();
  await other.goto(`${server!.url}/inbox?status=resolved`);
  await other.getByLabel("E-mail").fill(ben.email);
  await other.locator("input[name=password]").fill(PASSWORD);
  await other.getByRole("button", { name: "Sign in" }).click();
  await rows(other).nth(1).click();
  await other.getByRole("article").first().waitFor();

  await rows(ann).nth(1).getByRole("img", { name: "Ben Baker is looking at this" }).waitFor();
  await rows(ann).nth(1).click();
  await ann.getByRole("status").getByText("Ben Baker is looking at this").waitFor();
  await other.getByRole("status").getByText("Ann Admin is looking at this").waitFor();
  await other.getByRole("textbox", { name: "Reply" }).pressSequentially("Hel");
  await ann.getByRole("status").getByText("Ben Baker is writing").waitFor();
  await inspect(ann, "presence");
  await rows(other).nth(0).click();
  await ann.getByText(/^Ben Baker is/).waitFor({ state: "detached" });

  // Whoever comes later sees who is there already.
  await ann.reload();
  await rows(ann).nth(0).getByRole("img", { name: "Ben Baker is looking at this" }).waitFor();
});

test("what arrives shows at once, and moves nothing that is read", async () => {
  const page = await list("/inbox");
  await begin(page, "The first to come");
  await rows(page).first().getByText("The first to come").waitFor();

  await page.getByRole("listbox", { name: "Conversations" }).evaluate((it) => it.scrollTo(0, 1_500));
  // The top of the list is put away: what is read is drawn.
  await rows(page).filter({ hasText: "The first to come" }).waitFor({ state: "detached" });
  const seen = rows(page).filter({ visible: true }).nth(10);
  const text = (await seen.textContent()) ?? "";
  const row = page.locator(`#${await seen.getAttribute("id")}`);
  const top = (await row.boundingBox())?.y;
  await begin(page, "The second to come");
  await begin(page, "The third to come");
  await page.getByRole("button", { name: "2 new" }).waitFor();
  await expect.poll(() => row.textContent()).toBe(text);
  await expect.poll(async () => (await row.boundingBox())?.y).toBe(top);
  await unhindered(page);
  await page.getByRole("button", { name: "2 new" }).click();
  await rows(page).first().getByText("The third to come").waitFor();
  await page.getByRole("button", { name: "2 new" }).waitFor({ state: "detached" });
});

test("a second tab hears what happens by the first one's connection", async () => {
  const page = await list("/inbox");
  const streams: string[] = [];
  const tab = await page.context().newPage();
  tab.on("request", (it) => it.url().endsWith("/sse") && streams.push(it.url()));
  await tab.goto(`${server!.url}/inbox`);
  await rows(tab).first().waitFor();
  await begin(page, "Told to all tabs");
  await rows(tab).first().getByText("Told to all tabs").waitFor();
  expect(streams).toEqual([]);
  await page.close();
  await expect.poll(() => streams.length).toBe(1);
  await begin(tab, "Heard without the first");
  await rows(tab).first().getByText("Heard without the first").waitFor();
});

test("on a phone several are ticked by touch", async () => {
  const page = await open();
  await page.setViewportSize(PHONE);
  await enter(page, server!, "/inbox?status=resolved");
  await rows(page).first().waitFor();
  await page.getByRole("button", { name: "Tick several" }).click();
  await rows(page).nth(0).click();
  await rows(page).nth(1).click();
  await page.getByText("2 ticked").waitFor();
  await unhindered(page);
  await page.getByRole("button", { name: "Untick all" }).click();
  await rows(page).nth(0).click();
  await page.getByRole("article").first().waitFor();
});
