// @vitest-environment node
/** A rule is built, tried, ordered, and then acts by itself and can be explained. */

import { afterAll, beforeAll, expect, test } from "vitest";

import { enter, inspect, useBrowser } from "./browser";
import { Server } from "./server";

let server: Server;
const browser = useBrowser();

beforeAll(async () => {
  server = await Server.start(150);
});
afterAll(() => server?.stop());

test("a rule is built from a template, tried, fired and explained", async () => {
  browser.refused("400 /api/automations");
  const page = await browser.open();
  await enter(page, server, "/settings/automations");
  await page.getByText("Nothing happens by itself yet").waitFor();
  await page.getByRole("button", { name: "New automation" }).click();
  await page.getByRole("button", { name: /^VIPs first/ }).waitFor();
  await inspect(page, "automation-templates");
  await page.getByRole("button", { name: /^From nothing/ }).click();

  await page.getByRole("textbox", { name: "Name" }).fill("Refunds first");
  await page.getByRole("combobox", { name: "When", exact: true }).selectOption("tag_added");
  await page.getByRole("button", { name: "Add a condition" }).click();
  await page.getByLabel("What is looked at").selectOption("changed_tag");
  await page.getByLabel("How", { exact: true }).selectOption("eq");
  await page.getByRole("textbox", { name: "Value" }).fill("refund");
  await page.getByRole("button", { name: "Add a group" }).click();
  const group = page.getByRole("group", { name: "Conditions" }).last();
  await group.getByLabel("What is looked at").selectOption("spam");
  await group.getByRole("button", { name: "Add a condition" }).click();
  await group.getByLabel("What is looked at").last().selectOption("subject");
  await group.getByLabel("How", { exact: true }).last().selectOption("is_not_empty");
  await page.getByLabel("Action", { exact: true }).selectOption("set_priority");
  await page.getByRole("combobox", { name: "Set the priority to" }).click();
  await page.getByRole("option", { name: "Urgent" }).click();
  await page.getByRole("button", { name: "Add an action" }).click();
  await page.getByRole("textbox", { name: "Add the tag" }).fill("");
  await page.getByRole("button", { name: "Create" }).click();
  // What is missing is told where it is missing.
  await page.locator("[aria-invalid=true]").first().waitFor();
  await page.getByRole("textbox", { name: "Add the tag" }).fill("first");
  await page.getByText("When a tag is added and Changed tag is “refund” and", { exact: false }).waitFor();
  await inspect(page, "automation");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("link", { name: "Refunds first" }).waitFor();

  const listed = await page.request.get(`${server.url}/api/conversations`);
  const { data } = (await listed.json()) as { data: { id: string; subject: string }[] };
  const id = data.find((it) => it.subject)!.id;
  await page.request.post(`${server.url}/api/conversations/${id}/tags`, { data: { tag: "refund" } });
  const changed = await page.request.get(`${server.url}/api/conversations/${id}`);
  expect(await changed.json()).toMatchObject({ priority: "urgent" });
  await page.reload();
  await page.getByText("Matched 1 time", { exact: false }).waitFor();
  const trace = await page.request.get(`${server.url}/api/conversations/${id}/automations`);
  expect(await trace.text()).toContain("Refunds first");
});

test("a rule is tried on past conversations, with the reasons", async () => {
  const page = await browser.open();
  await enter(page, server, "/settings/automations/new");
  await page.getByRole("button", { name: /^Urgent words/ }).click();
  await page.getByLabel("Value").first().fill("order");
  await page.getByRole("button", { name: "Try on past conversations" }).click();
  await page.getByText(/Looked at \d+ conversations; matching: \d+/).waitFor();
  await page.getByText("Would do").first().waitFor();
  await page.getByText("Set the priority to Urgent", { exact: true }).first().waitFor();
  await page.getByText("Some that do not match, and why").click();
  await page.getByText("does not hold", { exact: false }).first().waitFor();
  await inspect(page, "automation-dry-run");
});

test("rules change places, and are switched off", async () => {
  const page = await browser.open();
  await enter(page, server, "/settings/automations");
  const data = { name: "Second", trigger: "message_received", actions: [{ type: "add_tag", tag: "seen" }] };
  expect((await page.request.post(`${server.url}/api/automations`, { data })).status()).toBe(201);
  await page.reload();
  await page.getByRole("button", { name: "Move “Second” up" }).click();
  await expect.poll(() => page.getByRole("listitem").first().textContent()).toContain("Second");
  await inspect(page, "automations");
  await page.getByRole("switch", { name: "“Second” is switched on" }).uncheck({ force: true });
  await expect
    .poll(async () => {
      const stored = await page.request.get(`${server.url}/api/automations`);
      return ((await stored.json()) as { data: object[] }).data;
    })
    .toMatchObject([{ name: "Second", is_active: false }, { name: "Refunds first", is_active: true }]);
});
