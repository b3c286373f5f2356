import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { sealed, type ToPanel } from "../wire";
import { host } from "./host";

const SITE = "https://shop.example";
const hello: ToPanel = { type: "hello", locale: "en", open: false, identity: null, kept: new Map() };
let heard: string[];
let posted: [unknown, string][];
let page: Window;
let stop: AbortController;

beforeEach(() => {
  [heard, posted] = [[], []];
  page = { postMessage: (data: unknown, to: string) => posted.push([data, to]) } as unknown as Window;
  vi.stubGlobal("parent", page);
  // Each test with listeners of its own.
  stop = new AbortController();
  const listen = globalThis.addEventListener;
  vi.stubGlobal("addEventListener", (type: string, heard: EventListener) =>
    listen.call(globalThis, type, heard, { signal: stop.signal }),
  );
});
afterEach(() => {
  stop.abort();
  vi.unstubAllGlobals();
});

function says(data: unknown, origin = SITE, source: unknown = page): void {
  const event = new MessageEvent("message", { data, origin });
  Object.defineProperty(event, "source", { value: source });
  dispatchEvent(event);
}

test("only the page around the panel is heard, from the origin of its first greeting", () => {
  const it = host((message) => void heard.push(message.type));
  it.send({ type: "ready" });
  says(sealed({ type: "open" }));
  says(sealed(hello), SITE, window);
  says(sealed(hello), "null");
  says(hello);
  expect([heard, posted]).toEqual([[], []]);
  says(sealed(hello));
  says(sealed({ type: "forget" }), "https://evil.example");
  says(sealed({ type: "forget" }), SITE, window);
  says({ type: "forget" });
  says(sealed({ type: "open" }));
  expect(heard).toEqual(["hello", "open"]);
});

test("what the panel says goes to that origin alone", () => {
  const it = host(() => undefined);
  says(sealed(hello));
  it.send({ type: "unread", count: 1 });
  expect(posted).toEqual([[sealed({ type: "unread", count: 1 }), SITE]]);
});

test("a panel opened by itself hears nobody", () => {
  vi.stubGlobal("parent", window);
  host((message) => void heard.push(message.type));
  says(sealed(hello), SITE, window);
  expect(heard).toEqual([]);
});
