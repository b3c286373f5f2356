/** @jsxImportSource preact */
/** The conversation so far, kept at its end unless the visitor reads further up. */

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import type { Message } from "./api";
import { Bubble, PendingBubble } from "./Bubble";
import type { Chat } from "./chat";
import { Icon } from "./icons";
import { Resolved } from "./Resolved";
import type { State } from "./state";
import { day, say } from "./words";

/** Milliseconds after which the same author's next message gets a name again. */
const TOGETHER = 5 * 60_000;
/** Pixels from the end that still count as being there. */
const NEAR = 60;

export function MessageList({ chat, state }: { chat: Chat; state: State }) {
  const { messages, pending, config, typing, startsNew } = state;
  const list = useRef<HTMLDivElement>(null);
  const { away, toEnd } = useStickyEnd(list, state);
  const [loading, setLoading] = useState(false);
  const earlier = () => {
    const box = list.current;
    const fromEnd = box ? box.scrollHeight - box.scrollTop : 0;
    setLoading(true);
    chat
      .earlier()
      // Asked for again with the next press.
      .catch(() => undefined)
      .finally(() => {
        setLoading(false);
        requestAnimationFrame(() => box?.scrollTo({ top: box.scrollHeight - fromEnd }));
      });
  };
  const isResolved = state.conversation?.status === "resolved" && pending.length === 0;
  return (
    <div class="scroll">
      {/* A box that scrolls must be reachable by keyboard. */}
      <div class="list" ref={list} role="log" aria-label={say("messages")} tabIndex={0}>
        {state.hasMore && (
          <button type="button" class="quiet" disabled={loading} onClick={earlier}>
            {say("earlier")}
          </button>
        )}
        {!state.hasMore && (
          <div class="row theirs">
            <p class="bubble words" dir="auto">
              {config?.greeting || say("defaultGreeting")}
            </p>
            {config && !config.is_open && <p class="bubble words">{say("leaveMessage")}</p>}
          </div>
        )}
        {messages.map((it, at) => (
          <Entry key={it.id} message={it} before={messages[at - 1]} mark={markOf(it, state)} />
        ))}
        {isResolved && !startsNew && <Resolved chat={chat} state={state} />}
        {startsNew && <p class="divider">{say("startsNew")}</p>}
        {pending.map((it) => (
          <PendingBubble key={it.clientId} chat={chat} pending={it} connected={state.connected} />
        ))}
        {typing !== null && (
          <p class="typing">
            <span class="dots" aria-hidden="true">
              <i />
              <i />
              <i />
            </span>
            <span class="said">{typing ? say("typing", { name: typing }) : say("somebodyTyping")}</span>
          </p>
        )}
      </div>
      {away && (
        <button type="button" class="toEnd" onClick={toEnd}>
          <Icon name="down" /> {say("newMessages")}
        </button>
      )}
    </div>
  );
}

/** "Sent" or "Read" below the visitor's last message; nothing below the others. */
function markOf(message: Message, { messages, agentReadAt, pending }: State): string | null {
  if (message.from !== "visitor" || pending.length > 0) return null;
  if (message !== messages.findLast((it) => it.from === "visitor")) return null;
  return agentReadAt !== null && agentReadAt >= message.created_at ? say("read") : say("sent");
}

function Entry({ message, before, mark }: { message: Message; before: Message | undefined; mark: string | null }) {
  const today = day(message.created_at);
  const newDay = !before || day(before.created_at) !== today;
  const apart =
    newDay ||
    before.from !== message.from ||
    before.author?.name !== message.author?.name ||
    Date.parse(message.created_at) - Date.parse(before.created_at) > TOGETHER;
  return (
    <>
      {newDay && <p class="divider">{today}</p>}
      <Bubble message={message} named={apart} mark={mark} />
    </>
  );
}

/** Follows the end while the visitor is there; says so when news came while they were not. */
function useStickyEnd(list: { current: HTMLDivElement | null }, state: State) {
  const atEnd = useRef(true);
  const [away, setAway] = useState(false);
  const last = state.messages[state.messages.length - 1];
  const toEnd = () => {
    list.current?.scrollTo({ top: list.current.scrollHeight });
    setAway(false);
  };
  useLayoutEffect(() => {
    if (atEnd.current || state.pending.length > 0) toEnd();
    else if (last && last.from !== "visitor") setAway(true);
  }, [last?.id, state.pending.length]);
  useEffect(() => {
    const box = list.current;
    if (!box) return;
    const scrolled = () => {
      atEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
      if (atEnd.current) setAway(false);
    };
    // Pictures, the form of the rating, a keyboard: whatever changes the heights.
    const resized = new ResizeObserver(() => atEnd.current && toEnd());
    resized.observe(box);
    const added = new MutationObserver(() => {
      for (const child of box.children) resized.observe(child);
      if (atEnd.current) toEnd();
    });
    added.observe(box, { childList: true });
    box.addEventListener("scroll", scrolled, { passive: true });
    toEnd();
    return () => {
      resized.disconnect();
      added.disconnect();
      box.removeEventListener("scroll", scrolled);
    };
  }, []);
  return { away, toEnd };
}
