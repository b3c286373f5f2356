// @vitest-environment node
/** A visitor leaves before the answer: it follows them by mail, and what they answer is in the chat again. */

import { afterAll, beforeAll, expect, test } from "vitest";

import { enter, useBrowser } from "./browser";
import { channel, conversationOf, openChat, write } from "./chats";
import { MailServer, reasonAgainst } from "./mails";
import { Server } from "./server";
import { Site } from "./site";

const noMail = reasonAgainst();
if (noMail) console.warn(`Journeys of mail are skipped: ${noMail}`);

/** Seconds somebody must have left; the fewest that may be asked for. */
const ABSENCE = 5;
/** A mail has to be fetched, and who left has to be missed. */
const PATIENCE = { timeout: 90_000, interval: 250 };

let server: Server;
let site: Site;
let mails: MailServer;
const browser = useBrowser();

beforeAll(async () => {
  if (noMail) return;
  mails = MailServer.start(3);
  [server, site] = await Promise.all([Server.start(20), Site.start(() => server.url)]);
});
afterAll(async () => {
  site?.stop();
  await server?.stop();
  mails?.stop();
});

test.skipIf(noMail)("a visitor of another origin leaves, gets the answer by mail, and answers by mail", async () => {
  const [lena, maker] = [mails.other(1), mails.other(2)];
  const agent = await browser.open();
  await enter(agent, server, "/inbox");
  const mailbox = { type: "email", name: "Help", config: mails.config };
  const { id: mailboxId } = await channel<{ id: string }>(server, agent.request, mailbox);
  const { id: chat } = await channel<{ id: string }>(server, agent.request, {
    type: "webchat",
    name: "Lantern Works",
    config: {
      allowed_origins: [site.near],
      pre_chat: [{ field: "email", label: "Your e-mail address", required: true }],
      email_channel_id: mailboxId,
      email_after_seconds: ABSENCE,
    },
  });

  let page = await browser.open();
  const visitor = page.context();
  await page.goto(`${site.near}/chat/${chat}`);
  let panel = await openChat(page);
  await panel.getByLabel("Your e-mail address").fill(lena.address);
  await panel.getByRole("button", { name: "Start chat" }).click();
  await write(panel, "Does the lantern float?");
  await panel.getByText("Sent", { exact: true }).waitFor();
  await page.close();

  const row = agent.getByRole("option").filter({ hasText: "Does the lantern float?" });
  await row.click();
  await agent.getByText("nobody has verified that it is theirs", { exact: false }).waitFor();
  await agent.getByRole("textbox", { name: /Reply/ }).first().pressSequentially("It does, for an hour.");
  await agent.getByRole("button", { name: "Send", exact: true }).click();
  await agent.getByText(`The visitor had left: this was sent to ${lena.address}`, { exact: false }).waitFor(PATIENCE);

  let mail = "";
  await expect.poll(async () => (mail = (await mails.received(lena))[0] ?? ""), PATIENCE).toContain("It does, for an hour.");
  expect(mail).toContain("Subject: Reply from Help");
  expect(mail).not.toContain("Does the lantern float?");
  const id = /^Message-ID: (<\S+>)/im.exec(mail)![1]!;
  await mails.deliver(`Lena <${lena.address}>`, "Re: Reply from Help", "Then I take two.", "text/plain", id);

  // In the same conversation, and live.
  await agent.getByRole("article").filter({ hasText: "Then I take two." }).waitFor(PATIENCE);
  const conversation = await conversationOf(server, agent.request, "Then I take two.");
  await expect.poll(() => agent.url()).toContain(conversation);

  page = await visitor.newPage();
  page.setDefaultTimeout(45_000);
  await page.goto(`${site.near}/chat/${chat}`);
  panel = await openChat(page);
  const history = panel.getByRole("log");
  for (const text of ["Does the lantern float?", "It does, for an hour.", "Then I take two."]) {
    await history.getByText(text).waitFor();
  }
  await write(panel, "And a hook, please.");
  await agent.getByRole("article").filter({ hasText: "And a hook, please." }).waitFor();
  await agent.getByRole("textbox", { name: /Reply/ }).first().pressSequentially("They come with one.");
  await agent.getByRole("button", { name: "Send", exact: true }).click();
  await history.getByText("They come with one.").waitFor();

  // What is shown to somebody else goes by mail and is none of the visitor's.
  const asked = agent.getByRole("article").filter({ hasText: "And a hook, please." });
  await asked.getByRole("button", { name: "What to do with this message" }).click();
  await agent.getByRole("menuitem", { name: "Forward" }).click();
  const dialog = agent.getByRole("dialog");
  await dialog.getByText("A chat has no mailbox of its own", { exact: false }).waitFor();
  await dialog.getByLabel("To").fill(maker.address);
  await dialog.getByLabel("Your words above it").fill("Do we have hooks?");
  await dialog.getByRole("button", { name: "Forward" }).click();
  await agent.getByRole("article").filter({ hasText: "Do we have hooks?" }).waitFor();
  await expect.poll(async () => (await mails.received(maker)).join("\n"), PATIENCE).toContain("Do we have hooks?");
  await expect.poll(() => history.getByText("Do we have hooks?").count()).toBe(0);
});
