// @vitest-environment node
/** What an admin sets up, in a real browser against real servers. */

import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { enter, inspect, useBrowser } from "./browser";
import { MailServer, reasonAgainst } from "./mails";
import { EMAIL, PASSWORD, Server } from "./server";

let server: Server;
const browser = useBrowser();
const noMail = reasonAgainst();
if (noMail) console.warn(`Journeys of mail are skipped: ${noMail}`);

beforeAll(async () => {
  server = await Server.start(60);
});
afterAll(() => server?.stop());

async function open(path: string): Promise<Page> {
  const page = await browser.open();
  await enter(page, server, path);
  return page;
}

/** Puts away what was told in the corner. */
async function hush(page: Page): Promise<void> {
  const crosses = page.getByRole("alert").getByRole("button", { name: "Close" });
  const left = async () => {
    const count = await crosses.count();
    // One that goes by itself meanwhile is gone as well.
    if (count > 0) await crosses.first().click({ timeout: 1_000 }).catch(() => undefined);
    return count;
  };
  await expect.poll(left).toBe(0);
}

/** Presses what saves, until the server has it. */
async function save(page: Page): Promise<void> {
  const kept = page.waitForResponse((it) => it.request().method() !== "GET" && it.ok());
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await kept;
}

test.skipIf(noMail)("a mailbox is connected, and a mail arrives live", async () => {
  const mails = MailServer.start();
  try {
    const page = await open("/settings/channels");
    await page.getByRole("link", { name: "Add a channel" }).click();
    await page.getByRole("link", { name: "E-mail" }).click();
    await page.getByLabel("E-mail address").fill("help@gmail.com");
    await page.getByText("imap.gmail.com and leaves by smtp.gmail.com", { exact: false }).waitFor();
    await page.getByLabel("E-mail address").fill(mails.box.address);
    await inspect(page, "mailbox-new");
    await page.getByRole("button", { name: "Change the servers" }).click();
    for (const [part, place] of [["Incoming", mails.imap], ["Outgoing", mails.smtp]] as const) {
      const group = page.getByRole("group", { name: `${part} mail`, exact: false });
      await group.getByLabel("Server", { exact: false }).fill("127.0.0.1");
      await group.getByRole("combobox", { name: "Protection" }).click();
      await page.getByRole("option", { name: "None (this machine only)" }).click();
      await group.getByLabel("Port").fill(String(place.port));
    }
    await page.getByRole("textbox", { name: "Password" }).fill("not the password");
    await page.getByRole("button", { name: "Connect", exact: true }).click();
    const refused = page.getByRole("alert").filter({ hasText: "It does not work yet" });
    await refused.getByText("IMAP: sign in").waitFor({ timeout: 60_000 });
    await inspect(page, "mailbox-refused");

    await page.getByRole("textbox", { name: "Password" }).fill(mails.box.password);
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { name: "Health" }).waitFor({ timeout: 60_000 });
    await expect.poll(() => page.getByLabel("Switched on").isChecked()).toBe(true);
    await page.getByRole("button", { name: "Test the connection" }).click();
    await page.getByText("Everything works").waitFor({ timeout: 60_000 });
    await inspect(page, "channel");
    await page.getByRole("button", { name: "Bring it in" }).click();
    await page.getByText("All older mail of these days was read.").waitFor();
    const address = page.url();

    await page.goto(`${server.url}/inbox?status=open`);
    await page.getByRole("searchbox", { name: "Search" }).waitFor();
    await mails.deliver("Carla Customer <carla@shop.example>", "Where is my lamp?", "It should have come on Monday.");
    const row = page.getByRole("option").filter({ hasText: "Where is my lamp?" });
    await row.waitFor({ timeout: 60_000 });

    await page.goto(`${address}?tab=mail`);
    await page.getByRole("button", { name: /Where is my lamp\?/ }).waitFor();
    await inspect(page, "ledger");
    await page.getByRole("button", { name: /Where is my lamp\?/ }).click();
    await page.getByRole("link", { name: "Open the conversation" }).click();
    await page.getByRole("article").filter({ hasText: "It should have come on Monday." }).waitFor();

    const paragraphs = Array.from({ length: 12 }, (_, index) => `<p>Part ${index + 1} of my order.</p>`).join("");
    const quoted = `<p>On Monday Ann wrote:</p><blockquote>${"<p>We are on it.</p>".repeat(8)}</blockquote>`;
    const html = `${paragraphs}<p><a href="${server.url}/healthz">My order</a></p>${quoted}`;
    await page.goto(`${server.url}/inbox?status=open`);
    await page.getByRole("searchbox", { name: "Search" }).waitFor();
    await mails.deliver("Hugo Writer <hugo@shop.example>", "About all of it", html, "text/html");
    await page.getByRole("option").filter({ hasText: "About all of it" }).click({ timeout: 60_000 });
    const frame = page.locator('iframe[title="About all of it"]');
    const inside = frame.contentFrame().getByRole("link", { name: "My order" });
    await inside.waitFor();
    await expect.poll(async () => (await frame.boundingBox())!.height).toBeGreaterThan(300);
    expect(await page.getByText("Pictures from elsewhere", { exact: false }).count()).toBe(0);
    // What was said before is folded away.
    const shown = async () => (await frame.locator("..").boundingBox())!.height;
    const folded = await shown();
    await page.getByRole("button", { name: "Show quoted text" }).click();
    await expect.poll(shown).toBeGreaterThan(folded + 200);
    const [opened] = await Promise.all([page.waitForEvent("popup"), inside.click()]);
    await opened.waitForLoadState();
    expect(opened.url()).toBe(`${server.url}/healthz`);
    await opened.close();

    // Pictures from elsewhere take the room that the mail names, once somebody asks for them.
    const picture = '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="900"/>';
    await page.route("https://pictures.example/**", (it) => it.fulfill({ contentType: "image/svg+xml", body: picture }));
    await page.goto(`${server.url}/inbox?status=open`);
    await page.getByRole("searchbox", { name: "Search" }).waitFor();
    const painted = '<p>Look:</p><img src="https://pictures.example/one" width="400" height="900">';
    await mails.deliver("Pia Painter <pia@shop.example>", "My painting", painted, "text/html");
    await page.getByRole("option").filter({ hasText: "My painting" }).click({ timeout: 60_000 });
    await page.getByRole("button", { name: "Show pictures" }).click();
    const painting = page.locator('iframe[title="My painting"]');
    await expect.poll(async () => (await painting.boundingBox())!.height).toBeGreaterThan(900);
    await expect.poll(async () => (await painting.boundingBox())!.height).toBeLessThan(1100);
  } finally {
    mails.stop();
  }
});

test("what is typed while a save is under way stays, and asks before it is left", async () => {
  const page = await open("/settings/general");
  let release = () => {};
  const released = new Promise<void>((done) => (release = done));
  await page.route("**/api/settings/workspace", async (route) => {
    if (route.request().method() === "POST") await released;
    await route.continue();
  });
  const name = page.getByRole("textbox", { name: "Name of the company" });
  const signature = page.getByRole("textbox", { name: "Signature" });
  await name.fill(" Lantern & Sons ");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await signature.fill("Kind regards");
  release();
  // What was sent is as the server has it, what was typed since as it was typed.
  await expect.poll(() => name.inputValue()).toBe("Lantern & Sons");
  expect(await signature.inputValue()).toBe("Kind regards");
  await page.getByRole("link", { name: "Agents" }).click();
  const question = page.getByRole("dialog", { name: "Leave without saving?" });
  await question.getByRole("button", { name: "Stay and save" }).click();
  await question.waitFor({ state: "hidden" });
  await save(page);
  await page.getByRole("link", { name: "Agents" }).click();
  await page.getByRole("heading", { name: "Agents" }).waitFor();
});

test("a channel's settings are changed, and it is deleted only by who types its name", async () => {
  browser.refused("400 /api/channels/{id}");
  const page = await open("/settings/channels");
  await page.getByRole("link", { name: "Billing" }).click();
  await page.getByRole("tab", { name: "Settings" }).click();
  await inspect(page, "channel-settings");
  await page.getByLabel("Signature").fill("The billing team");
  await page.getByLabel("Port").first().fill("144");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("must be given again", { exact: false }).or(page.getByText("is required")).first().waitFor();
  await page.getByRole("textbox", { name: "Password" }).fill("a new password");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved").waitFor();
  await page.getByRole("tab", { name: "Overview" }).click();
  await page.getByRole("button", { name: "Delete this channel" }).click();
  const dialog = page.getByRole("dialog");
  const confirm = dialog.getByRole("button", { name: "Delete this channel" });
  await expect.poll(() => confirm.isDisabled()).toBe(true);
  await dialog.getByRole("textbox").fill("Billing");
  await confirm.click();
  await page.getByRole("list", { name: "Channels" }).waitFor();
  await expect.poll(() => page.getByRole("link", { name: "Billing" }).count()).toBe(0);
  await inspect(page, "channels");
});

test("a web chat is made, its secret told once, and put on a site", async () => {
  const page = await open("/settings/channels/new");
  await page.getByRole("link", { name: "Web chat" }).click();
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("Shop");
  await page.getByLabel("Websites that may show it").first().fill("shop.example/cart");
  await page.getByRole("textbox", { name: "Greeting" }).click();
  await page.getByText("https://shop.example", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Create the chat" }).click();
  await page.getByText('/widget.js" data-channel="', { exact: false }).waitFor();
  const secret = await page.getByLabel("Identity secret").inputValue();
  expect(secret.length).toBeGreaterThan(20);
  await page.reload();
  await page.getByRole("button", { name: "Make a new secret" }).waitFor();
  await expect.poll(() => page.getByLabel("Identity secret").count()).toBe(0);

  await page.getByRole("button", { name: "Ask for more" }).click();
  await page.getByRole("button", { name: "Ask for more" }).click();
  await page.getByRole("checkbox", { name: "Required" }).last().check();
  await save(page);
  await page.getByText("Saved").waitFor();
  await hush(page);
  await inspect(page, "webchat");

  await page.getByRole("button", { name: "Make a new secret" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Make a new secret" }).click();
  await expect.poll(() => page.getByLabel("Identity secret").inputValue()).not.toBe(secret);
  const enforced = page.getByLabel("Only known visitors may write");
  const kept = page.waitForResponse((it) => it.request().method() === "PATCH" && it.ok());
  await enforced.click();
  await kept;
  await expect.poll(() => enforced.isChecked()).toBe(true);
  await page.reload();
  await expect.poll(() => page.getByLabel("Only known visitors may write").isChecked()).toBe(true);
  await expect.poll(() => page.getByRole("checkbox", { name: "Required" }).count()).toBe(2);
});

test("an agent is invited, made an admin, disabled and deleted", async () => {
  browser.refused("409 /api/agents");
  const page = await open("/settings/agents");
  await page.getByRole("button", { name: "Invite an agent" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("Ben Bright");
  await dialog.getByLabel("E-mail").fill(EMAIL);
  await dialog.getByRole("button", { name: "Invite" }).click();
  await dialog.getByText("exists already", { exact: false }).waitFor();
  await dialog.getByLabel("E-mail").fill("ben@desk.example");
  await dialog.getByRole("button", { name: "Invite" }).click();
  await expect.poll(() => dialog.getByLabel("Invitation link").inputValue()).toContain("/invitation#");
  await inspect(page, "invite");
  await dialog.getByRole("button", { name: "Done" }).click();
  await inspect(page, "agents");

  await page.getByRole("link", { name: "Ben Bright" }).click();
  await page.getByRole("radio", { name: "Admin" }).check();
  await page.getByRole("button", { name: "Change the role" }).click();
  await page.getByText("Ben Bright is now: Admin.").waitFor();
  await inspect(page, "agent");
  await page.getByRole("button", { name: "Disable" }).click();
  await page.getByRole("button", { name: "Enable again" }).waitFor();
  await hush(page);
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("textbox").fill("Ben Bright");
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("Ben Bright was deleted.").first().waitFor();
  await page.getByRole("link", { name: "Agents" }).first().click();
  await page.getByRole("list", { name: "Agents" }).waitFor();
  await expect.poll(() => page.getByRole("link", { name: "Ben Bright" }).count()).toBe(0);
});

test("the workspace, its hours and its holidays are changed", async () => {
  browser.refused("400 /api/settings/workspace");
  const page = await open("/settings/general");
  await page.getByLabel("Name of the company").fill("Lantern Works");
  await page.getByRole("combobox", { name: "Time zone" }).fill("Berlin");
  await page.getByRole("option", { name: "Europe/Berlin" }).click();
  await inspect(page, "general");
  await page.getByRole("link", { name: "Business hours" }).click();
  await page.getByText("Leave without saving?").waitFor();
  await page.getByRole("button", { name: "Stay and save" }).click();
  await save(page);
  await page.getByText("Saved").waitFor();

  await page.getByRole("link", { name: "Business hours" }).click();
  await page.getByText("In the time of Europe/Berlin", { exact: false }).waitFor();
  await page.getByLabel("Open at these hours").check();
  await page.getByLabel("Friday, to").fill("08:00");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("must be later than from", { exact: false }).waitFor();
  await page.getByLabel("Friday, to").fill("15:30");
  await save(page);
  await page.getByLabel("Day", { exact: true }).fill("2026-12-25");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await inspect(page, "hours");
  await save(page);
  await page.reload();
  await expect.poll(() => page.getByLabel("Friday, to").inputValue()).toBe("15:30");
  await page.getByRole("button", { name: "Remove 25 December 2026" }).waitFor();
});

test("a key is made, told once, works, and is revoked", async () => {
  browser.refused("400 /api/keys");
  const page = await open("/settings/keys");
  await inspect(page, "keys-empty");
  await page.getByRole("button", { name: "Make a key" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("Warehouse");
  await dialog.getByLabel("Your password").fill("wrong");
  await dialog.getByRole("button", { name: "Make a key" }).click();
  await dialog.getByText("is wrong").waitFor();
  await dialog.getByLabel("Your password").fill(PASSWORD);
  await dialog.getByRole("button", { name: "Make a key" }).click();
  const key = await dialog.getByLabel("Key", { exact: true }).inputValue();
  await inspect(page, "keys");
  const headers = { Authorization: `Bearer ${key}` };
  const stranger = await browser.open();
  const known = await stranger.request.get(`${server.url}/api/auth/me`, { headers });
  expect(known.status()).toBe(200);
  await dialog.getByRole("button", { name: "I have copied it" }).click();

  await page.getByRole("button", { name: "Revoke Warehouse" }).click();
  await page.getByRole("dialog").getByRole("textbox").fill("Warehouse");
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await page.getByText("No keys yet").waitFor();
  const refused = await stranger.request.get(`${server.url}/api/auth/me`, { headers });
  expect(refused.status()).toBe(401);
});

test("a canned reply is written with what is known, changed and deleted", async () => {
  browser.refused("400 /api/canned-replies");
  const page = await open("/settings/canned");
  await page.getByRole("link", { name: "New canned reply" }).click();
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("Opening hours");
  await page.getByLabel("Shortcut").fill("hours");
  await page.getByRole("textbox", { name: "Text" }).fill("Hello {{contact.nickname}}");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("there is no variable", { exact: false }).waitFor();
  await page.getByRole("textbox", { name: "Text" }).fill("Hello ");
  await page.getByRole("button", { name: "First name of the customer" }).click();
  await expect.poll(() => page.getByRole("textbox", { name: "Text" }).inputValue()).toBe("Hello {{contact.first_name}}");
  await page.getByRole("combobox", { name: "Set the status" }).click();
  await page.getByRole("option", { name: "Resolved" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("list", { name: "Canned replies" }).getByText("/hours").waitFor();
  await inspect(page, "canned");
  await page.getByRole("link", { name: "Opening hours" }).click();
  await page.getByRole("heading", { name: "Opening hours" }).waitFor();
  await hush(page);
  await inspect(page, "canned-reply");
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("Answer in two keystrokes").waitFor();
});

test("knowledge is uploaded, read and deleted", async () => {
  browser.refused("400 /api/knowledge");
  const page = await open("/settings/knowledge");
  await inspect(page, "knowledge-empty");
  await page.locator("input[type=file]").setInputFiles([
    { name: "returns.md", mimeType: "text/markdown", buffer: Buffer.from("# Returns\n\nWithin 30 days.") },
    { name: "empty.txt", mimeType: "text/plain", buffer: Buffer.from("  ") },
  ]);
  await page.getByText("empty.txt:", { exact: false }).waitFor();
  await page.getByRole("link", { name: "Returns" }).waitFor();
  await inspect(page, "knowledge");
  await page.getByRole("link", { name: "Returns" }).click();
  await expect.poll(() => page.getByLabel("Content").inputValue()).toContain("Within 30 days.");
  await inspect(page, "article");
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("Teach Deskbell what you know").waitFor();
});

test("the model, the trail and the operations are there to read", async () => {
  browser.refused("400 /api/settings/ai");
  const page = await open("/settings/ai");
  await page.getByRole("combobox", { name: "Address of the API" }).fill("ftp://nowhere");
  await page.getByRole("textbox", { name: "Model", exact: true }).fill("llama3.2");
  await page.getByRole("button", { name: "Save" }).click();
  await expect.poll(() => page.locator("[aria-invalid=true]").count()).toBeGreaterThan(0);
  await inspect(page, "ai");
  await page.getByRole("combobox", { name: "Address of the API" }).fill("");
  await page.getByRole("textbox", { name: "Model", exact: true }).fill("");

  await page.getByRole("link", { name: "Audit trail" }).click();
  await page.getByRole("row").filter({ hasText: "Settings changed" }).first().waitFor();
  await inspect(page, "audit");
  await page.getByRole("combobox", { name: "What" }).click();
  await page.getByRole("option", { name: "API key revoked" }).click();
  await expect.poll(() => page.getByRole("row").count()).toBe(2);
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download as CSV" }).click(),
  ]);
  expect(file.suggestedFilename()).toBe("audit.csv");

  await page.getByRole("link", { name: "Operations" }).click();
  await page.getByRole("button", { name: "Release held messages" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Release held messages" }).click();
  await page.getByText("0 messages and jobs were released.").waitFor();
  await inspect(page, "operations");
});

test("an agent sees what is theirs to set up", async () => {
  const page = await open("/settings");
  const made = await page.request.post(`${server.url}/api/agents`, {
    data: { name: "Cy", email: "cy@desk.example", role: "agent", password: PASSWORD },
  });
  expect(made.status()).toBe(201);
  const other = await browser.open();
  await enter(other, server, "/settings/canned", "cy@desk.example");
  await other.getByText("Answer in two keystrokes").waitFor();
  await expect.poll(() => other.getByRole("link", { name: "Channels" }).count()).toBe(0);
  await other.goto(`${server.url}/settings/keys`);
  await other.getByText("There is nothing here").waitFor();
});
