// @vitest-environment node
/** Writing replies and notes: nothing typed is lost, and nothing goes out by mistake. */

import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { enter, inspect, unhindered, useBrowser } from "./browser";
import { PASSWORD, Server } from "./server";

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mNk+M9Qz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC",
  "base64",
);

let server: Server | undefined;
const { open, refused } = useBrowser();

beforeAll(async () => {
  server = await Server.start(200);
});
afterAll(async () => server?.stop());

/** An id that was not written in yet. */
let next = 0;
async function conversation(page: Page): Promise<string> {
  const { data } = await json(page, "/api/conversations?status=resolved&per_page=50");
  return data[next++]!.id;
}

async function json(page: Page, path: string): Promise<{ data: { id: string; number: number }[] }> {
  const answer = await page.request.get(server!.url + path);
  expect(answer.status()).toBe(200);
  return (await answer.json()) as { data: { id: string; number: number }[] };
}

/** Somebody at a conversation of a channel that sends. */
async function at(id?: string, prepare = async (_: Page) => {}): Promise<{ page: Page; id: string }> {
  const page = await open();
  await enter(page, server!, "/healthz");
  await prepare(page);
  for (const it of (await json(page, "/api/channels")).data) {
    const path = `${server!.url}/api/channels/${it.id}`;
    expect((await page.request.patch(path, { data: { is_active: true } })).status()).toBe(200);
  }
  const chosen = id ?? (await conversation(page));
  await enter(page, server!, `/inbox/${chosen}`);
  await reply(page).waitFor();
  return { page, id: chosen };
}

const reply = (page: Page) => page.getByRole("textbox", { name: "Reply" });
const note = (page: Page) => page.getByRole("textbox", { name: "Note", exact: true });
const article = (page: Page, text: string) => page.getByRole("article").filter({ hasText: text });
const send = (page: Page) => page.getByRole("button", { name: "Send", exact: true });
const saved = (page: Page) => page.getByText("Draft saved").waitFor();

test("a reply with formats is sent, taken back, changed and sent again", async () => {
  const { page, id } = await at();
  await reply(page).fill("It is on its way");
  await reply(page).press("Control+a");
  await page.getByRole("button", { name: "Bold" }).click();
  await send(page).click();
  await article(page, "It is on its way").getByRole("button", { name: "Undo" }).click();
  await article(page, "It is on its way").waitFor({ state: "detached" });
  await expect.poll(() => reply(page).locator("strong").textContent()).toBe("It is on its way");
  await reply(page).press("End");
  await reply(page).pressSequentially(" today");
  await reply(page).press("Control+Enter");
  await article(page, "It is on its way today").waitFor();
  const listed = (await json(page, `/api/conversations/${id}/messages`)) as unknown as { data: { html: string | null }[] };
  expect(listed.data.at(-1)?.html).toContain("<strong>It is on its way today</strong>");
  await expect.poll(() => reply(page).textContent()).toBe("");
});

test("a draft survives a reload and is found in another browser", async () => {
  refused("409 /api/conversations/{id}/draft");
  const { page, id } = await at();
  await reply(page).fill("Half a thought");
  await page.reload();
  await expect.poll(() => reply(page).textContent()).toBe("Half a thought");
  await saved(page);
  // The list of conversations tells, too.
  await page.locator(`#row-${id}`).getByText("Draft", { exact: true }).waitFor();
  const other = await at(id);
  await expect.poll(() => reply(other.page).textContent()).toBe("Half a thought");

  let release = () => {};
  const released = new Promise<void>((done) => (release = done));
  await page.route("**/api/conversations/*/draft", async (route) => {
    if (route.request().method() === "PUT") await released;
    await route.continue();
  });
  await reply(page).fill("A third thought");
  await reply(other.page).fill("Another thought");
  await saved(other.page);
  release();
  await page.getByText("You wrote something else here in another window:").waitFor();
  await unhindered(page);
  await page.getByRole("button", { name: "Take the other" }).click();
  await expect.poll(() => reply(page).textContent()).toBe("Another thought");
});

test("a note mentions a colleague", async () => {
  const { page } = await at();
  await page.getByText("Note", { exact: true }).last().click();
  await note(page).fill("Look, ");
  await note(page).press("End");
  await note(page).pressSequentially("@ann");
  const people = page.getByRole("listbox", { name: "What to put in" });
  await people.getByRole("option", { name: "Ann Admin" }).waitFor();
  await unhindered(page);
  await note(page).press("Enter");
  await expect.poll(() => note(page).inputValue()).toBe("Look, @Ann Admin ");
  await page.getByRole("button", { name: "Add note" }).click();
  await article(page, "Look, @Ann Admin").waitFor();
});

test("a canned reply is put in by its shortcut", async () => {
  const { page } = await at();
  const canned = { name: "Thanks", shortcut: "ty", html: "<p>Thank you, <b>{{contact.name}}</b>!</p>", text: "" };
  expect((await page.request.post(`${server!.url}/api/canned-replies`, { data: canned })).status()).toBe(201);
  await reply(page).pressSequentially("/ty");
  await page.getByRole("option", { name: "/ty" }).waitFor();
  await inspect(page, "composer-canned");
  await reply(page).press("Enter");
  await expect.poll(() => reply(page).textContent()).toMatch(/^Thank you, .+!$/);
  await send(page).click();
  await article(page, "Thank you,").waitFor();
  const used = (await json(page, "/api/canned-replies")) as unknown as { data: { use_count: number }[] };
  expect(used.data[0]?.use_count).toBe(1);
});

test("a suggestion shows its sources and is put in, not sent", async () => {
  const { page } = await at();
  await page.getByRole("button", { name: "Suggest a reply" }).click();
  const suggestion = page.getByRole("region", { name: "Suggestion" });
  await suggestion.getByText(/sources?$/).click();
  await suggestion.getByRole("listitem").first().waitFor();
  await inspect(page, "composer-suggestion");
  const before = await page.getByRole("article").count();
  await suggestion.getByRole("button", { name: "Insert" }).click();
  await expect.poll(async () => (await reply(page).textContent())?.length).toBeGreaterThan(10);
  await expect.poll(() => page.getByRole("article").count()).toBe(before);
});

test("files are pasted, shown and sent", async () => {
  const { page, id } = await at();
  await reply(page).fill("See the picture: ");
  await reply(page).evaluate((it, bytes) => {
    const files = new DataTransfer();
    files.items.add(new File([new Uint8Array(bytes)], "plug.png", { type: "image/png" }));
    it.dispatchEvent(new ClipboardEvent("paste", { clipboardData: files, bubbles: true, cancelable: true }));
  }, [...PNG]);
  await reply(page).locator("img[src]").waitFor();
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Attach files" }).click();
  await (await chooser).setFiles({ name: "manual.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7") });
  const files = page.getByRole("list", { name: "Files that go along" });
  await files.getByText("manual.pdf").waitFor();
  await saved(page);
  await page.reload();
  await files.getByText("manual.pdf").waitFor();
  await reply(page).locator("img[src]").waitFor();
  await send(page).click();
  await article(page, "See the picture").getByText("manual.pdf").waitFor();
  const listed = (await json(page, `/api/conversations/${id}/messages`)) as unknown as {
    data: { attachments: { name: string; inline: boolean }[] }[];
  };
  const sent = listed.data.at(-1)?.attachments.map((it) => [it.name, it.inline]);
  expect(sent?.sort()).toEqual([["manual.pdf", false], ["plug.png", true]]);
});

test("copies go to whom one names", async () => {
  const { page, id } = await at();
  await page.getByRole("button", { name: "Cc", exact: true }).click();
  await page.getByRole("combobox", { name: "Cc" }).pressSequentially("Bea <bea@x.example>,half,");
  await page.getByText("“half” is not an e-mail address.").waitFor();
  await page.getByRole("combobox", { name: "Cc" }).press("Backspace");
  await reply(page).fill("With a copy");
  await send(page).click();
  await article(page, "With a copy").waitFor();
  const listed = (await json(page, `/api/conversations/${id}/messages`)) as unknown as { data: { cc: string[] }[] };
  expect(listed.data.at(-1)?.cc).toEqual(["bea@x.example"]);
});

test("a reply is planned in words, seen and cancelled", async () => {
  const { page } = await at();
  await reply(page).fill("Happy new week");
  await page.getByRole("button", { name: "More ways to send" }).click();
  await page.getByRole("menuitem", { name: "Send later" }).click();
  const dialog = page.getByRole("dialog", { name: "Send later" });
  await dialog.getByRole("textbox", { name: "When" }).fill("gestern vielleicht");
  await dialog.getByText("Not understood.", { exact: false }).waitFor();
  await dialog.getByRole("textbox", { name: "When" }).fill("next monday 9:30");
  await inspect(page, "composer-later");
  await dialog.getByRole("button", { name: "Schedule" }).click();
  const planned = article(page, "Happy new week");
  await planned.getByText("9:30", { exact: false }).waitFor();
  await planned.getByText("not if the customer writes first", { exact: false }).waitFor();
  await planned.getByRole("button", { name: "Cancel" }).click();
  await planned.waitFor({ state: "detached" });
  await expect.poll(() => reply(page).textContent()).toBe("Happy new week");
});

test("whoever writes on old news is told what is new", async () => {
  refused("409 /api/conversations/{id}/messages");
  const one = await at();
  // One who does not hear of anything new.
  const two = await at(one.id, async (page) => {
    let known: Awaited<ReturnType<typeof page.request.fetch>> | undefined;
    await page.route("/sse", (route) => route.fulfill({ contentType: "text/event-stream", body: "" }));
    await page.route("**/messages?*", async (route) => {
      known ??= await route.fetch();
      await route.fulfill({ response: known });
    });
  });
  await reply(two.page).fill("The second answer");
  await reply(one.page).fill("The first answer");
  await send(one.page).click();
  await article(one.page, "The first answer").waitFor();
  await send(two.page).click();
  const alert = two.page.getByRole("alert").filter({ hasText: "arrived while you wrote" });
  await alert.getByText("The first answer").waitFor();
  await unhindered(two.page);
  await two.page.unroute("**/messages?*");
  await alert.getByRole("button", { name: "Send anyway" }).click();
  await article(two.page, "The second answer").waitFor();
});

test("what came onto the page while one wrote a mail is told as well", async () => {
  refused("409 /api/conversations/{id}/messages");
  const { page, id } = await at();
  const ben = { name: "Ben Baker", email: "ben@desk.example", role: "agent", password: PASSWORD };
  expect((await page.request.post(`${server!.url}/api/agents`, { data: ben })).status()).toBe(201);
  const colleague = await open();
  await enter(colleague, server!, "/healthz", ben.email);
  await reply(page).fill("An answer to old news");
  await saved(page);
  const data = { text: "I have called them already", private: true };
  expect((await colleague.request.post(`${server!.url}/api/conversations/${id}/messages`, { data })).status()).toBe(201);
  await article(page, data.text).waitFor();
  await send(page).click();
  const alert = page.getByRole("alert").filter({ hasText: "arrived while you wrote" });
  await alert.getByText(data.text).waitFor();
  await alert.getByRole("button", { name: "Back to my reply" }).click();
  await alert.waitFor({ state: "detached" });
  await send(page).click();
  await article(page, "An answer to old news").waitFor();
});
