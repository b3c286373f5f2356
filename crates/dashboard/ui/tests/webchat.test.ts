// @vitest-environment node
/** A visitor of somebody's site chats with the desk. */

import { createHmac } from "node:crypto";

import type { APIRequestContext, Frame, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { enter, fits, inspect, PHONE, unhindered, useBrowser } from "./browser";
import { channel, conversationOf, openChat, panelOf, write } from "./chats";
import { Server } from "./server";
import { Site } from "./site";

interface Channel {
  id: string;
  config: { identity_secret: string };
}

let server: Server;
let site: Site;
const browser = useBrowser();

beforeAll(async () => {
  [server, site] = await Promise.all([Server.start(20), Site.start(() => server.url)]);
});
afterAll(async () => {
  site?.stop();
  await server?.stop();
});

/** An agent at work, and a chat to be answered. */
async function desk(config: object = {}, path = "/inbox"): Promise<{ agent: Page; chat: Channel }> {
  const agent = await browser.open();
  // What signing in by the form leaves: a stranger is not asked who they are.
  await agent.addInitScript(() => {
    if (globalThis.origin !== "null") localStorage.setItem("deskbell.signed-in", "yes");
  });
  await enter(agent, server, path);
  const data = {
    type: "webchat",
    name: "Lantern Works",
    config: { allowed_origins: [site.near, site.far], greeting: "Ask us anything.", color: "#2f5d50", ...config },
  };
  return { agent, chat: await channel<Channel>(server, agent.request, data) };
}

const conversation = (request: APIRequestContext, text: string) => conversationOf(server, request, text);

async function answer(request: APIRequestContext, id: string, text: string): Promise<void> {
  const data = { text };
  const sent = await request.post(`${server.url}/api/conversations/${id}/messages`, { data });
  expect(sent.status(), await sent.text()).toBe(201);
}

const inside = (page: Page): Frame => page.frames().find((it) => it.url().includes("/frame"))!;

async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env["SCREENSHOTS"];
  if (folder) await page.screenshot({ path: `${folder}/${name}.png` });
}

test.each(["near", "far"] as const)(
  "on a page of another origin (%s) a visitor asks, an agent answers, and it is there after a reload",
  async (where) => {
    const preChat = [
      { field: "name", label: "Your name", required: true },
      { field: "email", label: "Your e-mail address", required: false },
    ];
    const { agent, chat } = await desk({ pre_chat: preChat });
    const page = await browser.open();
    await page.goto(`${site[where]}/chat/${chat.id}`);
    const panel = await openChat(page);

    await panel.getByRole("button", { name: "Start chat" }).click();
    await panel.getByText("Please fill this in.").waitFor();
    await unhindered(() => inside(page));
    await picture(page, "chat-form");
    await panel.getByLabel("Your name").fill("Lena Lind");
    await panel.getByLabel("Your e-mail address").fill("lena at home");
    await panel.getByRole("button", { name: "Start chat" }).click();
    await panel.getByText("Please enter an e-mail address", { exact: false }).waitFor();
    await panel.getByLabel("Your e-mail address").fill("lena@customers.example");
    await panel.getByRole("button", { name: "Start chat" }).click();

    const question = `Is the lantern ${where} waterproof?`;
    await write(panel, question);
    await panel.getByText("Sent", { exact: true }).waitFor();
    // The agent's list shows it by itself.
    await agent.getByRole("option").filter({ hasText: question }).waitFor();
    const id = await conversation(agent.request, question);
    await agent.getByRole("option").filter({ hasText: question }).getByText("Chat with Lena Lind").waitFor();
    await agent.getByRole("option").filter({ hasText: question }).click();
    await agent.getByRole("heading", { level: 1, name: "Chat with Lena Lind" }).waitFor();
    await panel.getByRole("textbox", { name: "Message" }).pressSequentially("And ");
    await agent.getByText("Lena Lind is typing…").waitFor();
    await agent.getByRole("textbox", { name: /Reply/ }).first().pressSequentially("Yes");
    await panel.getByText("Ann Admin is typing").waitFor({ state: "attached" });
    await answer(agent.request, id, "Yes, down to one metre.");
    await panel.getByText("Yes, down to one metre.").waitFor();
    await unhindered(() => inside(page));

    await page.reload();
    await openChat(page);
    await panel.getByText(question).waitFor();
    await panel.getByText("Yes, down to one metre.").waitFor();
    await expect.poll(() => panel.getByRole("button", { name: "Start chat" }).count()).toBe(0);
  },
);

test("an answer to a closed chat shows at its button, and the site's own scripts hear of it", async () => {
  const { agent, chat } = await desk();
  const page = await browser.open();
  await page.goto(`${site.near}/chat/${chat.id}`);
  const panel = await openChat(page);
  await write(panel, "Do you ship to Norway?");
  await panel.getByText("Sent", { exact: true }).waitFor();
  await page.keyboard.press("Escape");
  const button = page.getByRole("button", { name: /^Open chat/ });
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("deskbell-chat");

  const id = await conversation(agent.request, "Norway");
  await answer(agent.request, id, "We do.");
  await page.getByRole("button", { name: "Open chat (1 unread message)" }).waitFor();
  await picture(page, "chat-badge");
  // The next page of the site shows it too, though nobody opened the chat there.
  await page.reload();
  await page.getByRole("button", { name: "Open chat (1 unread message)" }).waitFor();
  await button.click();
  await panel.getByText("We do.").waitFor();
  await expect.poll(() => page.evaluate(() => (globalThis as unknown as { heard: unknown[] }).heard)).toEqual([1, "open", 0]);
  await page.reload();
  await page.getByRole("button", { name: "Open chat", exact: true }).waitFor();
});

test("the site's page looks as it did, and its rules do not reach the chat", async () => {
  const { chat } = await desk();
  const page = await browser.open();
  const styles = () =>
    page.evaluate(() =>
      ["html", "body", "h1", "body > button", "p"].map((it) => {
        const style = getComputedStyle(document.querySelector(it)!);
        return [...style].map((name) => `${name}: ${style.getPropertyValue(name)}`).join();
      }),
    );
  await page.goto(`${site.near}/chat/none`);
  const before = await styles();
  await page.goto(`${site.near}/chat/${chat.id}`);
  const button = page.getByRole("button", { name: "Open chat" });
  await button.waitFor();
  await expect.poll(styles).toEqual(before);
  await expect.poll(() => button.boundingBox()).toMatchObject({ width: 56, height: 56 });
  await unhindered(page);
  await button.click();
  await panelOf(page).getByText("Ask us anything.").waitFor();
  await expect.poll(styles).toEqual(before);
});

test("files are chosen, shown and sent", async () => {
  const { chat } = await desk();
  const page = await browser.open();
  await page.goto(`${site.near}/chat/${chat.id}`);
  const panel = await openChat(page);
  const buffer = await page.screenshot();
  await panel.locator("input[type=file]").setInputFiles([
    { name: "lantern.png", mimeType: "image/png", buffer },
    { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("It leaks.") },
  ]);
  await panel.getByText("notes.txt").waitFor();
  await panel.getByRole("button", { name: "Remove notes.txt" }).waitFor();
  await expect.poll(() => panel.getByRole("progressbar").count()).toBe(0);
  await write(panel, "This is how it looks.");
  const shown = panel.getByRole("img", { name: "lantern.png" });
  await expect.poll(() => shown.evaluate((it: HTMLImageElement) => it.naturalWidth)).toBeGreaterThan(0);
  const note = panel.getByRole("link", { name: "Open notes.txt" });
  const fetched = await page.request.get(new URL((await note.getAttribute("href"))!, server.url).href);
  expect(await fetched.text()).toBe("It leaks.");
});

test("after it was resolved a visitor rates it, and begins another one", async () => {
  const { agent, chat } = await desk({ ask_rating: true });
  const page = await browser.open();
  await page.goto(`${site.near}/chat/${chat.id}`);
  const panel = await openChat(page);
  await write(panel, "Where is my parcel?");
  await panel.getByText("Sent", { exact: true }).waitFor();
  const id = await conversation(agent.request, "parcel");
  await answer(agent.request, id, "At your neighbour's.");
  await panel.getByText("At your neighbour's.").waitFor();
  const data = { status: "resolved" };
  const resolved = await agent.request.post(`${server.url}/api/conversations/${id}/status`, { data });
  expect(resolved.status()).toBe(200);
  await panel.getByText("How did we do?").waitFor();
  await panel.getByRole("radio", { name: "Very good" }).check();
  await panel.getByLabel("Anything you would like to add?").fill("Quick!");
  await unhindered(() => inside(page));
  await picture(page, "chat-rating");
  await panel.getByRole("button", { name: "Send rating" }).click();
  await panel.getByText("Thank you for your rating!").waitFor();
  // The agent sees it where they are.
  await agent.getByRole("option").filter({ hasText: "neighbour's" }).click();
  await agent.getByText("The customer rated this conversation 5 of 5", { exact: false }).waitFor();
  await agent.getByText("The customer said: “Quick!”", { exact: false }).waitFor();
  await panel.getByRole("button", { name: "Change" }).click();
  await panel.getByRole("radio", { name: "Good", exact: true }).check();
  await panel.getByRole("button", { name: "Send rating" }).click();
  await agent.getByText("changed the rating from 5 to 4 of 5", { exact: false }).waitFor();
  await agent.goto(`${server.url}/analytics`);
  const rated = agent.locator("dl > *").filter({ has: agent.getByText("Rating", { exact: true }) });
  await rated.getByText("4.0").waitFor();
  const scores = agent.getByRole("region", { name: "Ratings" });
  await scores.getByText("1 rating: 4.0 of 5").waitFor();
  await inspect(agent, "analytics-ratings");

  await panel.getByRole("button", { name: "Start a new conversation" }).click();
  await write(panel, "Another thing");
  await panel.getByText("Sent", { exact: true }).waitFor();
  expect(await conversation(agent.request, "Another thing")).not.toBe(id);
});

test("what is written without a connection goes out when there is one", async () => {
  const { agent, chat } = await desk();
  const page = await browser.open();
  // Browsers log every request that fails: here that is what is wanted.
  page.removeAllListeners("console");
  await page.goto(`${site.near}/chat/${chat.id}`);
  const panel = await openChat(page);
  await write(panel, "First");
  await panel.getByText("Sent", { exact: true }).waitFor();
  await page.context().setOffline(true);
  await write(panel, "From the tunnel");
  await panel.getByText("No connection.", { exact: false }).waitFor();
  await panel.getByText("Waiting for a connection…").waitFor();
  await panel.getByRole("textbox", { name: "Message" }).fill("Half a thought");
  const id = await conversation(agent.request, "First");
  await answer(agent.request, id, "Are you there?");
  await page.context().setOffline(false);
  await panel.getByText("Are you there?").waitFor();
  await panel.getByText("Sent", { exact: true }).waitFor();
  await conversation(agent.request, "From the tunnel");
  await page.reload();
  await openChat(page);
  await expect.poll(() => panel.getByRole("textbox", { name: "Message" }).inputValue()).toBe("Half a thought");
});

test("the tabs of a site share one connection, and what happens in them", async () => {
  const { chat } = await desk();
  const page = await browser.open();
  const streams: string[] = [];
  page.context().on("request", (it) => it.url().endsWith("/events") && streams.push(it.url()));
  await page.goto(`${site.near}/chat/${chat.id}`);
  const panel = await openChat(page);
  await write(panel, "From the first tab");
  await panel.getByText("Sent", { exact: true }).waitFor();
  const second = await page.context().newPage();
  await second.goto(`${site.near}/chat/${chat.id}`);
  const other = await openChat(second);
  await other.getByText("From the first tab").waitFor();
  await write(other, "From the second tab");
  await panel.getByText("From the second tab").waitFor();
  expect(streams).toHaveLength(1);
  // The one that held it goes; the other takes over.
  await page.close();
  await expect.poll(() => streams.length).toBe(2);
});

test("a site that may not show the chat does not", async () => {
  const { chat } = await desk({ allowed_origins: ["https://shop.example"] });
  const page = await browser.open();
  page.removeAllListeners("console");
  const warned = page.waitForEvent("console", (it) => it.text().includes("allowed origins"));
  await page.goto(`${site.near}/chat/${chat.id}`);
  await warned;
  await expect.poll(() => page.locator("#deskbell-chat").count()).toBe(0);
  // Nor in a frame of its own making.
  await page.evaluate((address) => {
    const frame = document.createElement("iframe");
    frame.src = address;
    document.body.append(frame);
    return new Promise((done) => frame.addEventListener("load", done));
  }, `${server.url}/widget/${chat.id}/frame`);
  await expect.poll(() => page.frames()[1]?.url()).toBe("chrome-error://chromewebdata/");
});

test("with enforcement on, only those write whom their site vouches for", async () => {
  const { agent, chat } = await desk({ enforce_identity: true });
  const page = await browser.open();
  await page.goto(`${site.near}/chat/${chat.id}`);
  const panel = await openChat(page);
  await panel.getByText("Please sign in to chat with us.").waitFor();
  await expect.poll(() => panel.getByRole("textbox").count()).toBe(0);

  const expiresAt = Math.floor(Date.now() / 1000) + 600;
  const signed = `${chat.id}\nuser-42\n${expiresAt}`;
  const signature = createHmac("sha256", chat.config.identity_secret).update(signed).digest("hex");
  await page.evaluate(
    (it) => (window as unknown as { Deskbell: { push(call: unknown): void } }).Deskbell.push(["identify", it]),
    { userId: "user-42", name: "Lena Lind", email: "lena@customers.example", expiresAt, signature },
  );
  await write(panel, "It is me");
  await panel.getByText("Sent", { exact: true }).waitFor();
  await conversation(agent.request, "It is me");
});

test("on a phone the chat is the whole screen, and has a way back", async () => {
  const { chat } = await desk();
  const page = await browser.open();
  await page.setViewportSize(PHONE);
  await page.goto(`${site.near}/shop/${chat.id}`);
  await page.getByRole("button", { name: "Open chat" }).waitFor();
  await picture(page, "shop-phone");
  await unhindered(page);
  await fits(page);
  await page.getByRole("button", { name: "Open chat" }).click();
  const panel = panelOf(page);
  await panel.getByText("Ask us anything.").waitFor();
  await expect.poll(() => page.locator("#deskbell-chat iframe").boundingBox()).toEqual({ x: 0, y: 0, ...PHONE });
  await expect.poll(() => page.getByRole("button", { name: "Close chat" }).first().isVisible()).toBe(false);
  await write(panel, "Do you repair the Fjell jacket?");
  await panel.getByText("Sent", { exact: true }).waitFor();
  await picture(page, "chat-phone");
  await panel.getByRole("button", { name: "Close chat" }).click();
  await page.getByRole("button", { name: "Open chat" }).waitFor();
});

test("who is closed says so on one line, also on a phone, and in the long words of any language", async () => {
  const { agent, chat } = await desk({ reply_time: "minutes" });
  // Open for an hour some days from now.
  const day = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"][(new Date().getUTCDay() + 3) % 7]!;
  const data = { business_hours: { [day]: [{ from: "13:00", to: "14:00" }] } };
  const set = await agent.request.post(`${server.url}/api/settings/workspace`, { data });
  expect(set.status(), await set.text()).toBe(200);
  try {
    for (const [language, open] of [["en", "Open chat"], ["de", "Chat öffnen"], ["id", "Buka obrolan"]] as const) {
      const page = await browser.open(language);
      await page.setViewportSize(PHONE);
      await page.goto(`${site.near}/chat/${chat.id}/${language}`);
      await page.getByRole("button", { name: open }).click();
      const header = panelOf(page).locator("header");
      await header.locator("p.away").waitFor();
      const lines = () =>
        header.locator("h1, p").evaluateAll((all) =>
          all.map((it) => Math.round(it.getBoundingClientRect().height / parseFloat(getComputedStyle(it).lineHeight))),
        );
      await expect.poll(lines, { message: language }).toEqual([1, 1]);
      await unhindered(() => inside(page));
      await picture(page, `chat-closed-phone-${language}`);
    }
  } finally {
    await agent.request.post(`${server.url}/api/settings/workspace`, { data: { business_hours: null } });
  }
});

test("who is blocked hears so, and writes no more", async () => {
  browser.refused("409 /widget/{id}/events");
  const { agent, chat } = await desk();
  const page = await browser.open();
  await page.goto(`${site.near}/chat/${chat.id}`);
  const panel = await openChat(page);
  await write(panel, "Buy my lanterns!");
  await panel.getByText("Sent", { exact: true }).waitFor();
  const id = await conversation(agent.request, "Buy my lanterns!");
  const found = await agent.request.get(`${server.url}/api/conversations/${id}`);
  const { contact_id } = (await found.json()) as { contact_id: string };
  const data = { blocked: true };
  expect((await agent.request.patch(`${server.url}/api/contacts/${contact_id}`, { data })).status()).toBe(200);
  await panel.getByText("This chat is closed.").waitFor();
  await expect.poll(() => panel.getByRole("textbox", { name: "Message" }).count()).toBe(0);
});

test.each([
  ["de", "Chat öffnen", "Nachricht", "Gesendet"],
  ["id", "Buka obrolan", "Pesan", "Terkirim"],
])("a page in another language (%s) has its chat in it", async (language, open, message, sent) => {
  const { chat } = await desk();
  const page = await browser.open();
  await page.goto(`${site.near}/chat/${chat.id}/${language}`);
  await page.getByRole("button", { name: open }).click();
  const panel = panelOf(page);
  await panel.getByRole("textbox", { name: message }).fill("…");
  await page.keyboard.press("Enter");
  await panel.getByText(sent, { exact: true }).waitFor();
  await unhindered(() => inside(page));
});

test("the shop of the demo and its chat, by day and by night", async () => {
  const { agent, chat } = await desk({ reply_time: "minutes" });
  const page = await browser.open();
  await page.goto(`${site.near}/shop/${chat.id}`);
  await page.getByRole("button", { name: "Ask us" }).click();
  const panel = panelOf(page);
  await write(panel, "Is the Fjell jacket true to size? I am between M and L.");
  await panel.getByText("Sent", { exact: true }).waitFor();
  const id = await conversation(agent.request, "Fjell jacket true");
  await answer(agent.request, id, "It runs a little large, so take the M. Here is the chart: https://nordwald.example/sizes");
  await panel.getByText("It runs a little large", { exact: false }).waitFor();
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await unhindered(page);
    await unhindered(() => inside(page));
    await page.evaluate(() => scrollTo(0, 0));
    await picture(page, colorScheme === "dark" ? "chat-dark" : "chat");
  }
});
