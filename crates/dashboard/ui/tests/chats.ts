/** What journeys of web chat share: the panel on a site's page, and what agents do about it. */

import type { APIRequestContext, FrameLocator, Page } from "playwright-core";
import { expect } from "vitest";

import type { Server } from "./server";

export function panelOf(page: Page): FrameLocator {
  return page.frameLocator("#deskbell-chat iframe");
}

export async function openChat(page: Page): Promise<FrameLocator> {
  await page.getByRole("button", { name: /^Open chat/ }).click();
  return panelOf(page);
}

export async function write(panel: FrameLocator, text: string): Promise<void> {
  await panel.getByRole("textbox", { name: "Message" }).fill(text);
  await panel.getByRole("button", { name: "Send", exact: true }).click();
}

/** The conversation the last message came in. */
export async function conversationOf(server: Server, request: APIRequestContext, text: string): Promise<string> {
  let found: string | undefined;
  await expect
    .poll(async () => {
      const listed = await request.get(`${server.url}/api/conversations`);
      const { data } = (await listed.json()) as { data: { id: string; last_message: { text: string } | null }[] };
      found = data.find((it) => it.last_message?.text.includes(text))?.id;
      return found;
    })
    .toBeDefined();
  return found!;
}

/** Makes a channel and says what the server made of it. */
export async function channel<Made>(server: Server, request: APIRequestContext, data: object): Promise<Made> {
  const made = await request.post(`${server.url}/api/channels`, { data: { is_active: true, ...data } });
  expect(made.status(), await made.text()).toBe(201);
  return (await made.json()) as Made;
}
