/**
 * What happens elsewhere, as it happens: one connection for all tabs of this browser, held by the tab
 * that has the lock and told to the others by a channel. Browsers open six connections to a server.
 */

import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { type Counts, me } from "../api/queries";
import { alone } from "../lib/locks";
import { Applier } from "./apply";
import { listen, tryNow } from "./connection";
import { tellDraft } from "./drafts";
import { type Happened, tell } from "./happened";
import { type Presences, presences, setPresence, type Here } from "./presence";
import { Store, useStore } from "./store";
import { setVisitorTyping } from "./visitors";

const NAME = "deskbell.stream";
/** Milliseconds without a connection before it is worth a word: a restart takes less. */
const PATIENCE = 3_000;

/** What tabs tell each other. */
type Told =
  | { kind: "event"; event: string; data: string }
  | { kind: "state"; connected: boolean; presences: Presences }
  /** Just opened: what is the state of things? */
  | { kind: "hello" }
  /** A stream begins: nobody told what happened between the one before it and this. */
  | { kind: "begins" }
  | { kind: "hurry" };

/** Whether the connection is lost, long enough to be told. */
const lost = new Store(false);
export const useLost = (): boolean => useStore(lost);

const channelOf = (): BroadcastChannel => new BroadcastChannel(NAME);

/** Tries to connect at once, whichever tab does. */
export function hurry(): void {
  tryNow();
  const channel = channelOf();
  channel.postMessage({ kind: "hurry" } satisfies Told);
  channel.close();
}

/** Keeps what is shown up to date, as long as the page is shown. */
export function useLive(): void {
  const client = useQueryClient();
  useEffect(() => {
    const tab = new Tab(client);
    return () => tab.stop();
  }, [client]);
}

class Tab {
  /** Without TLS browsers let tabs take no turns: then each has a connection of its own. */
  private readonly channel = "locks" in navigator ? channelOf() : undefined;
  private readonly stopped = new AbortController();
  private readonly applier: Applier;
  private patience: ReturnType<typeof setTimeout> | undefined;
  private holds = false;
  /** Whether what is shown goes on from the stream there is, in whichever tab. */
  private begun = false;
  private connected = false;

  constructor(private readonly client: QueryClient) {
    this.applier = new Applier(client);
    if (this.channel) this.channel.onmessage = ({ data }: MessageEvent<Told>) => this.take(data);
    this.send({ kind: "hello" });
    this.state(false);
    void this.hold();
  }

  stop(): void {
    this.stopped.abort();
    this.applier.stop();
    clearTimeout(this.patience);
    lost.set(false);
    this.channel?.close();
  }

  private async hold(): Promise<void> {
    const { signal } = this.stopped;
    const connect = async () => {
      this.holds = true;
      this.begun = false;
      await listen(signal, {
        hear: ({ event, data }) => {
          this.send({ kind: "event", event, data });
          this.event(event, data);
        },
        connected: (now) => {
          // Who is where is told anew by every connection.
          if (now) presences.set({});
          this.state(now);
          this.send({ kind: "state", connected: now, presences: presences.get() });
        },
        refused: () => void this.client.invalidateQueries({ queryKey: me.queryKey }),
      });
    };
    await alone(NAME, connect, signal).catch(() => {
      // Stopped while waiting: the page goes.
    });
  }

  private take(told: Told): void {
    if (told.kind === "event") this.event(told.event, told.data);
    else if (told.kind === "hurry") tryNow();
    else if (told.kind === "begins") this.begin();
    else if (told.kind === "state") {
      presences.set(told.presences);
      this.state(told.connected);
      // It stood before this tab came: what was read until now may lack what was told meanwhile.
      if (told.connected && !this.begun) this.begin();
    } else if (this.holds) {
      this.send({ kind: "state", connected: this.connected, presences: presences.get() });
    }
  }

  private event(event: string, data: string): void {
    const it = JSON.parse(data) as unknown;
    if (event === "presence") {
      const { conversation_id, here } = it as { conversation_id: string; here: Here[] };
      setPresence(conversation_id, here);
    } else if (event === "counters") this.applier.count(it as Partial<Counts>);
    else if (event === "reset") this.applier.reset();
    else if (event === "visitor_typing") {
      const { conversation_id, is_typing } = it as { conversation_id: string; is_typing: boolean };
      setVisitorTyping(conversation_id, is_typing);
    } else if (event === "draft") {
      const changed = it as { conversation_id: string; version: number };
      tellDraft(changed);
      void this.client.invalidateQueries({ queryKey: ["drafts"] });
    } else if (event === "ready") {
      if (!this.holds || this.begun) return;
      this.begin();
      this.send({ kind: "begins" });
    } else {
      this.applier.take(it as Happened);
      tell(it as Happened, this.holds);
    }
  }

  private begin(): void {
    this.begun = true;
    this.applier.begin();
  }

  private state(connected: boolean): void {
    this.connected = connected;
    clearTimeout(this.patience);
    if (connected) lost.set(false);
    else this.patience = setTimeout(() => lost.set(true), PATIENCE);
  }

  private send(told: Told): void {
    if (!this.stopped.signal.aborted) this.channel?.postMessage(told);
  }
}
