/** One connection to `/sse` that comes back by itself, and goes on where it was. */

import { type Frame, Reader } from "./frames";

/** Milliseconds. The server says something every 15 s; without a word for longer it is gone. */
const SILENCE = 40_000;
const LONGEST_PAUSE = 30_000;

export interface Hearer {
  hear: (frame: Frame) => void;
  /** Whether the connection stands. */
  connected: (now: boolean) => void;
  /** The session is over. */
  refused: () => void;
}

/** Wakes a connection that waits for its next try. */
const hurry = new EventTarget();
export const tryNow = (): boolean => hurry.dispatchEvent(new Event("now"));

/** Returns when `stopped`. */
export async function listen(stopped: AbortSignal, hearer: Hearer): Promise<void> {
  const reader = { last: undefined as string | undefined, retry: 2_000 };
  let failures = 0;
  while (!stopped.aborted) {
    const began = Date.now();
    const told = await once(stopped, hearer, reader).catch(() => false);
    if (stopped.aborted) return;
    hearer.connected(false);
    // One that stood and was ended, as by a restart, is no failure.
    failures = told && Date.now() - began > 1_000 ? 0 : failures + 1;
    const pause = Math.min(LONGEST_PAUSE, reader.retry * 2 ** Math.max(0, failures - 1));
    await rest(pause * (0.75 + Math.random() / 2), stopped);
  }
}

/** True when it stood. */
async function once(
  stopped: AbortSignal,
  { hear, connected, refused }: Hearer,
  place: { last: string | undefined; retry: number },
): Promise<boolean> {
  const silent = new AbortController();
  let watch = setTimeout(() => silent.abort(), SILENCE);
  try {
    const headers = { Accept: "text/event-stream", ...(place.last && { "Last-Event-ID": place.last }) };
    const signal = AbortSignal.any([stopped, silent.signal]);
    const response = await fetch("/sse", { headers, signal, cache: "no-store" });
    if (response.status === 401) refused();
    if (!response.ok || !response.body) return false;
    connected(true);
    const reader = new Reader();
    const pieces = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await pieces.read();
      if (done) return true;
      clearTimeout(watch);
      watch = setTimeout(() => silent.abort(), SILENCE);
      for (const frame of reader.read(value)) {
        place.last = frame.id ?? place.last;
        hear(frame);
      }
      place.retry = reader.retry;
    }
  } finally {
    clearTimeout(watch);
  }
}

/** Waits, but not once there is a reason to hope. */
function rest(millis: number, stopped: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const over = new AbortController();
    const end = () => {
      clearTimeout(timer);
      over.abort();
      done();
    };
    const timer = setTimeout(end, millis);
    const { signal } = over;
    addEventListener("online", end, { signal });
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && end(), { signal });
    hurry.addEventListener("now", end, { signal });
    stopped.addEventListener("abort", end, { signal });
  });
}
