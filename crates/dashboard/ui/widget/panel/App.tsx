/** @jsxImportSource preact */
/** The whole panel. */

import { useEffect, useState } from "preact/hooks";

import type { Chat } from "./chat";
import { Composer } from "./Composer";
import { Header } from "./Header";
import { MessageList } from "./MessageList";
import { PreChat, unanswered } from "./PreChat";
import type { State } from "./state";
import { say } from "./words";

interface Props {
  chat: Chat;
  close: () => void;
}

export function App({ chat, close }: Props) {
  const state = useChat(chat);
  const interrupted = useInterrupted(state.connected);
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented) close();
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  }, [close]);

  return (
    <main class="panel" aria-label={say("title", { name: state.config?.name ?? "" })}>
      <Header chat={chat} config={state.config} close={close} />
      {interrupted && (
        <p class="notice" role="status">
          {say("offline")}
        </p>
      )}
      <Content chat={chat} state={state} />
    </main>
  );
}

function Content({ chat, state }: { chat: Chat; state: State }) {
  const { config, phase } = state;
  if (phase === "failed") {
    return (
      <div class="middle" role="alert">
        <p>{say("loadFailed")}</p>
        <button class="main" onClick={() => void chat.start()}>
          {say("tryAgain")}
        </button>
      </div>
    );
  }
  if (phase === "loading" || !config) {
    return (
      <div class="middle">
        <p role="status">{say("loading")}</p>
      </div>
    );
  }
  const asked = state.conversation || state.answers ? [] : unanswered(config.pre_chat, state.visitor);
  if (state.unvouched || state.closed) {
    return (
      <>
        <MessageList chat={chat} state={state} />
        <p class="notice" role="status">
          {say(state.closed ? "chatClosed" : "signInFirst")}
        </p>
      </>
    );
  }
  if (asked.length > 0) {
    return <PreChat chat={chat} fields={asked} greeting={config.greeting} misformed={state.misformed} />;
  }
  return (
    <>
      <MessageList chat={chat} state={state} />
      <Composer chat={chat} open={state.open} />
    </>
  );
}

function useChat(chat: Chat): State {
  const [state, setState] = useState(chat.state);
  useEffect(() => {
    setState(chat.state);
    return chat.watch(() => setState(chat.state));
  }, [chat]);
  return state;
}

/** A connection that is back within a moment was never gone, as far as the visitor is concerned. */
function useInterrupted(connected: boolean): boolean {
  const [interrupted, setInterrupted] = useState(false);
  const [online, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const changed = () => setOnline(navigator.onLine);
    addEventListener("online", changed);
    addEventListener("offline", changed);
    return () => {
      removeEventListener("online", changed);
      removeEventListener("offline", changed);
    };
  }, []);
  const fine = connected && online;
  useEffect(() => {
    if (fine) return setInterrupted(false);
    const timer = setTimeout(() => setInterrupted(true), 2_000);
    return () => clearTimeout(timer);
  }, [fine]);
  return interrupted;
}
