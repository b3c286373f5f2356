/** Who looks at which conversation just now, who types, and saying so of oneself. */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";

import { answer, api, type Schemas } from "../api/client";
import { me } from "../api/queries";
import { Store, usePart } from "./store";

export type Here = Schemas["HereView"];
export type Presences = Readonly<Record<string, Here[]>>;

/** Milliseconds. Looking is over after 45 s on the server, typing after 8 s. */
const SAY_AGAIN = 20_000;
const SAY_TYPING_AGAIN = 4_000;

export const presences = new Store<Presences>({});
const NOBODY: Here[] = [];

export function setPresence(conversation: string, here: Here[]): void {
  const { [conversation]: _, ...others } = presences.get();
  presences.set(here.length > 0 ? { ...others, [conversation]: here } : others);
}

/** The others at a conversation. */
export function useOthers(conversation: string): Here[] {
  const { data: agent } = useQuery(me);
  const here = usePart(presences, (it) => it[conversation] ?? NOBODY);
  return useMemo(() => here.filter((it) => it.agent_id !== agent?.id), [here, agent?.id]);
}

async function say(id: string, activity: "viewing" | "typing" | null): Promise<void> {
  try {
    // Said on the way out, it must outlive the page.
    const options = { params: { path: { id } }, body: { activity }, keepalive: activity === null };
    const { here } = await answer(api.POST("/api/conversations/{id}/presence", options));
    setPresence(id, here);
  } catch {
    // It is said again soon, and over by itself.
  }
}

/** Says that this agent looks at the conversation, while the page is in sight. */
export function useLooking(conversation: string | undefined): void {
  useEffect(() => {
    if (!conversation) return;
    const look = () => {
      if (document.visibilityState === "visible") void say(conversation, "viewing");
    };
    const turn = () => {
      if (document.visibilityState === "visible") look();
      else void say(conversation, null);
    };
    const leave = () => void say(conversation, null);
    // Whoever only passes by is not there.
    const first = setTimeout(look, 400);
    const again = setInterval(look, SAY_AGAIN);
    document.addEventListener("visibilitychange", turn);
    addEventListener("pagehide", leave);
    return () => {
      clearTimeout(first);
      clearInterval(again);
      document.removeEventListener("visibilitychange", turn);
      removeEventListener("pagehide", leave);
      leave();
    };
  }, [conversation]);
}

/** Whether what was typed goes to the customer, who is told of it: a note does not, nor does what stands beside. */
export function answers(target: EventTarget): boolean {
  if (!(target instanceof HTMLElement) || !target.closest("[data-answers]")) return false;
  return target.tagName === "TEXTAREA" || target.closest("[contenteditable='true']") !== null;
}

let typed = { conversation: "", at: 0 };

/** Says that this agent writes; to be called with every key. */
export function sayTyping(conversation: string): void {
  const now = Date.now();
  if (typed.conversation === conversation && now - typed.at < SAY_TYPING_AGAIN) return;
  typed = { conversation, at: now };
  void say(conversation, "typing");
}
