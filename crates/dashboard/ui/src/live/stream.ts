/**
 * What happens elsewhere, as it happens: one connection to `/sse` for all tabs of this browser, held
 * by the tab that has the lock and told to the others by a channel.
 */

import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

const LOCK = "deskbell.stream";
const CHANNEL = "deskbell.stream";
/** Milliseconds until a refused connection is tried again. */
const PAUSE = 5_000;

/** Events of conversations, by the names the server gives them. */
const KINDS = [
  "conversation_opened",
  "conversation_changed",
  "conversation_read",
  "message_received",
  "message_queued",
  "message_cancelled",
  "note_added",
  "delivery_changed",
  "assigned",
  "status_changed",
  "priority_changed",
  "tag_added",
  "tag_removed",
] as const;

/** What the tab with the connection tells the others. */
type Told = { kind: "event"; conversation: string | null } | { kind: "reset" } | { kind: "connected"; now: boolean };

/** Keeps what is shown up to date. True while the connection stands. */
export function useLive(): boolean {
  const client = useQueryClient();
  const [connected, setConnected] = useState(true);
  useEffect(() => {
    const channel = new BroadcastChannel(CHANNEL);
    const stop = new AbortController();
    const take = (told: Told) => {
      if (told.kind === "connected") setConnected(told.now);
      else show(client, told);
    };
    channel.onmessage = (event: MessageEvent<Told>) => take(event.data);
    const tell = (told: Told) => {
      if (stop.signal.aborted) return;
      take(told);
      channel.postMessage(told);
    };
    void hold(stop.signal, tell);
    return () => {
      stop.abort();
      channel.close();
    };
  }, [client]);
  return connected;
}

/** Waits for the lock, then connects until the page goes. */
async function hold(stopped: AbortSignal, tell: (told: Told) => void): Promise<void> {
  const connect = () =>
    new Promise<void>((done) => {
      let source = new EventSource("/sse");
      let again: ReturnType<typeof setTimeout> | undefined;
      const listen = () => {
        source.onopen = () => tell({ kind: "connected", now: true });
        source.onerror = () => {
          tell({ kind: "connected", now: false });
          // Refused, the browser gives up; what it missed meanwhile is read again.
          if (source.readyState !== EventSource.CLOSED || stopped.aborted) return;
          again = setTimeout(() => {
            source = new EventSource("/sse");
            listen();
            tell({ kind: "reset" });
          }, PAUSE);
        };
        for (const kind of KINDS) {
          source.addEventListener(kind, (event: MessageEvent) =>
            tell({ kind: "event", conversation: conversationOf(event.data) }),
          );
        }
        source.addEventListener("reset", () => tell({ kind: "reset" }));
      };
      listen();
      stopped.addEventListener("abort", () => {
        clearTimeout(again);
        source.close();
        done();
      });
    });
  try {
    await navigator.locks.request(LOCK, { signal: stopped }, connect);
  } catch {
    // Stopped while waiting: the page goes.
  }
}

function conversationOf(data: unknown): string | null {
  if (typeof data !== "string") return null;
  try {
    const parsed = JSON.parse(data) as { conversation_id?: unknown };
    return typeof parsed.conversation_id === "string" ? parsed.conversation_id : null;
  } catch {
    return null;
  }
}

function show(client: QueryClient, told: Told): void {
  if (told.kind === "reset") {
    void client.invalidateQueries();
    return;
  }
  void client.invalidateQueries({ queryKey: ["conversations"] });
  void client.invalidateQueries({ queryKey: ["counts"] });
  if (told.kind === "event" && told.conversation) {
    void client.invalidateQueries({ queryKey: ["messages", told.conversation] });
    void client.invalidateQueries({ queryKey: ["conversation", told.conversation] });
  }
}
