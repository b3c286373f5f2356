import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { sealed, type ToHost } from "../wire";
import { type Frame, frame } from "./frame";

const ORIGIN = "https://desk.example";
let heard: ToHost[];
let failed: number;
let place: HTMLElement;
let panel: Frame;
let posted: [unknown, string][];

beforeEach(() => {
  vi.useFakeTimers();
  [heard, failed, posted] = [[], 0, []];
  place = document.createElement("div");
  document.body.append(place);
  panel = frame({
    place,
    origin: ORIGIN,
    channel: "c",
    title: "Chat",
    hello: () => ({ type: "hello", locale: "en", open: true, identity: null, kept: new Map() }),
    heard: (it) => void heard.push(it),
    failed: () => void (failed += 1),
  });
  const inside = place.querySelector("iframe")!.contentWindow!;
  inside.postMessage = ((data: unknown, to: string) => posted.push([data, to])) as typeof inside.postMessage;
});
afterEach(() => {
  panel.remove();
  place.remove();
  vi.useRealTimers();
});

function says(data: unknown, origin = ORIGIN, source = place.querySelector("iframe")!.contentWindow): void {
  dispatchEvent(new MessageEvent("message", { data, origin, source }));
}

test("only the panel is heard: not another origin, another window, or another shape", () => {
  says(sealed({ type: "unread", count: 1 }), "https://evil.example");
  says(sealed({ type: "unread", count: 2 }), "null");
  says(sealed({ type: "unread", count: 3 }), ORIGIN, window);
  says({ type: "unread", count: 4 });
  says("ready");
  expect(heard).toEqual([]);
  says(sealed({ type: "unread", count: 5 }));
  expect(heard).toEqual([{ type: "unread", count: 5 }]);
});

test("what is said early waits for the panel, and goes to its origin alone", () => {
  panel.send({ type: "open" });
  expect(posted).toEqual([]);
  says(sealed({ type: "ready" }));
  panel.send({ type: "close" });
  expect(posted).toEqual([
    [sealed({ type: "open" }), ORIGIN],
    [sealed({ type: "close" }), ORIGIN],
  ]);
});

test("a panel that never answers is taken away", () => {
  vi.advanceTimersByTime(30_000);
  expect([failed, place.querySelector("iframe")]).toEqual([1, null]);
});
