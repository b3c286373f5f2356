/**
 * What happens on the desk's side, as it happens: one connection for all tabs of a site, held by the
 * tab that has the lock and told to the others by a channel.
 */

import { type Api, Refused } from "./api";
import { type Heard, reader } from "./events";
import { alone } from "../../src/lib/locks";

/** Milliseconds of silence after which a connection counts as dead; the server speaks every 25 s. */
const SILENCE = 60_000;
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;

/** `fresh`: connected, but what happened before is not known. */
export type Told =
  | { kind: "event"; event: Heard }
  | { kind: "fresh" }
  | { kind: "connected"; now: boolean }
  /** Nobody knows the token any more. */
  | { kind: "unknown" }
  /** The desk does not want to hear from this visitor. */
  | { kind: "closed" };

export interface Streaming {
  /** Tells the other tabs what this one did. */
  share(event: Heard): void;
  stop(): void;
}

export interface Asked {
  api: Api;
  /** The same for all tabs of this visitor. Without one, tabs do not know of each other. */
  name: string | null;
  told: (it: Told) => void;
}

export function stream({ api, name, told }: Asked): Streaming {
  const stopped = new AbortController();
  const others = name ? new BroadcastChannel(name) : null;
  if (others) others.onmessage = (event: MessageEvent<Told>) => told(event.data);
  const tell = (it: Told) => {
    if (stopped.signal.aborted) return;
    told(it);
    others?.postMessage(it);
  };
  const run = () => connect(api, tell, stopped.signal);
  // Stopped while waiting for the turn: nothing to do.
  if (name) alone(name, run, stopped.signal).catch(() => undefined);
  else void run();
  return {
    share: (event) => others?.postMessage({ kind: "event", event } satisfies Told),
    stop() {
      stopped.abort();
      others?.close();
    },
  };
}

/** Connects again and again, with growing pauses, until it is stopped. */
async function connect(api: Api, tell: (it: Told) => void, stopped: AbortSignal): Promise<void> {
  let last: string | null = null;
  let pause = FIRST_PAUSE;
  while (!stopped.aborted) {
    try {
      const heard = (event: Heard) => {
        last = event.id ?? last;
        tell({ kind: "event", event });
      };
      await listen(api, last, heard, stopped, () => {
        pause = FIRST_PAUSE;
        tell({ kind: "connected", now: true });
        if (last === null) tell({ kind: "fresh" });
      });
    } catch (error) {
      if (stopped.aborted) return;
      if (error instanceof Refused && (error.status === 401 || error.status === 403)) return tell({ kind: "unknown" });
      if (error instanceof Refused && error.status === 409) return tell({ kind: "closed" });
      if (error instanceof Refused && error.retryAfter) pause = Math.max(pause, error.retryAfter);
    }
    if (stopped.aborted) return;
    tell({ kind: "connected", now: false });
    await again(pause * (0.75 + Math.random() / 2), stopped);
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  }
}

async function listen(
  api: Api,
  last: string | null,
  heard: (event: Heard) => void,
  stopped: AbortSignal,
  open: () => void,
): Promise<void> {
  const silent = new AbortController();
  const signal = AbortSignal.any([stopped, silent.signal]);
  let watch = setTimeout(() => silent.abort(), SILENCE);
  const offline = () => silent.abort();
  addEventListener("offline", offline);
  try {
    const pieces = (await api.events(last, signal)).getReader();
    open();
    const text = new TextDecoder();
    const take = reader(heard);
    for (;;) {
      const { done, value } = await pieces.read();
      if (done) return;
      clearTimeout(watch);
      watch = setTimeout(() => silent.abort(), SILENCE);
      take(text.decode(value, { stream: true }));
    }
  } finally {
    clearTimeout(watch);
    removeEventListener("offline", offline);
  }
}

/** After so many milliseconds, or as soon as the browser says it is online again. */
function again(pause: number, stopped: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const over = () => {
      clearTimeout(timer);
      removeEventListener("online", over);
      stopped.removeEventListener("abort", over);
      done();
    };
    const timer = setTimeout(over, pause);
    addEventListener("online", over);
    stopped.addEventListener("abort", over);
  });
}
