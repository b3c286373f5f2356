// @vitest-environment node
/** Writing to a customer first. */

import { afterAll, beforeAll, expect, test } from "vitest";

import { enter, inspect, useBrowser } from "./browser";
import { Server } from "./server";

let server: Server | undefined;
const { open, refused } = useBrowser();

beforeAll(async () => {
  server = await Server.start(50);
});
afterAll(async () => server?.stop());

test("somebody known is written to by the beginning of their name, and nothing typed is lost", async () => {
  const page = await open();
  await enter(page, server!, "/inbox");
  const channels = await page.request.get(`${server!.url}/api/channels`);
  for (const { id } of ((await channels.json()) as { data: { id: string }[] }).data) {
    await page.request.patch(`${server!.url}/api/channels/${id}`, { data: { is_active: true } });
  }
  const known = { name: "Zora Zimmer", email: "zora@customers.example" };
  expect((await page.request.post(`${server!.url}/api/contacts`, { data: known })).status()).toBe(201);

  await page.getByRole("button", { name: "New message" }).click();
  const dialog = page.getByRole("dialog", { name: "New message" });
  await dialog.getByRole("combobox", { name: "To" }).fill("zor");
  await page.getByRole("option", { name: "Zora Zimmer" }).click();
  await expect.poll(() => dialog.getByRole("combobox", { name: "To" }).inputValue()).toBe(known.email);
  await dialog.getByLabel("Subject").fill("Your tent is ready");
  await dialog.getByRole("textbox", { name: "Message" }).fill("You may fetch it from Monday.");
  await inspect(page, "compose");

  await dialog.getByRole("button", { name: "Later" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.keyboard.press("c");
  const text = dialog.getByRole("textbox", { name: "Message" });
  await text.waitFor();
  await expect.poll(() => text.inputValue()).toBe("You may fetch it from Monday.");
  await text.press("Control+Enter");

  await page.waitForURL(/\/inbox\/[0-9a-f-]{36}/);
  await page.getByRole("heading", { level: 1, name: "Your tent is ready" }).waitFor();
  await page.getByRole("article").filter({ hasText: "You may fetch it from Monday." }).waitFor();
  await page.keyboard.press("c");
  await expect.poll(() => text.inputValue()).toBe("");
});

test("a contact is written to from their page, and a wrong address is told at its field", async () => {
  refused("400 /api/conversations");
  const page = await open();
  await enter(page, server!, "/contacts");
  await page.getByRole("option", { name: "Zora Zimmer" }).click();
  await page.getByRole("button", { name: "Write", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "New message" });
  const to = dialog.getByRole("combobox", { name: "To" });
  await expect.poll(() => to.inputValue()).toBe("zora@customers.example");
  // A browser takes it for an address; no mail server would.
  await to.fill("zora..zimmer@customers.example");
  await dialog.getByRole("textbox", { name: "Message" }).fill("Hello");
  await dialog.getByRole("button", { name: "Send" }).click();
  await dialog.getByText("not an e-mail address", { exact: false }).waitFor();
  await expect.poll(() => to.getAttribute("aria-invalid")).toBe("true");
});
