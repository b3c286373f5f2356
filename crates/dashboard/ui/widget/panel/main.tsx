/** @jsxImportSource preact */
/** `/widget/{channel_id}/frame`: the chat itself, in a frame on a site's page. */

import { render } from "preact";

import { ACCENT, inkOn, isColor } from "../colors";
import { languageOf } from "../languages";
import type { Identity } from "../wire";
import { Api } from "./api";
import { App } from "./App";
import { Chat } from "./chat";
import { host } from "./host";
import { kept } from "./kept";
import "./panel.css";
import { isSoundOn, play } from "./sound";
import { speak } from "./words";

const channel = location.pathname.split("/")[2] ?? "";
const root = document.getElementById("root");

/** Made with the first greeting: only then it is known what is kept, and where. */
let chat: Chat | undefined;

const page = host((message) => {
  switch (message.type) {
    case "hello":
      if (chat) return;
      speak(languageOf(message.locale));
      return begin(message.kept, message.identity, message.open);
    case "identify":
      return void chat?.identify(message.identity);
    case "forget":
      return chat?.forget();
    case "open":
      return chat?.show(true);
    case "close":
      return chat?.show(false);
  }
});

function begin(keepsakes: ReadonlyMap<string, string>, identity: Identity | null, open: boolean): void {
  if (!root) return;
  const keep = (name: string, value: string | null) => page.send({ type: "keep", name, value });
  const it = new Chat(channel, new Api(`/widget/${channel}`), kept(channel, { kept: keepsakes, keep }), page);
  chat = it;
  it.onArrival = () => {
    const looked = it.state.open && document.hasFocus();
    if (isSoundOn(it.kept) && !looked) play();
  };
  const stopWatching = it.watch(() => {
    const { config } = it.state;
    if (!config) return;
    stopWatching();
    const color = isColor(config.color) ? config.color : ACCENT;
    document.documentElement.style.setProperty("--accent", color);
    document.documentElement.style.setProperty("--ink", inkOn(color));
  });
  document.addEventListener("visibilitychange", () => it.seen());
  void it.identify(identity);
  it.show(open);
  render(<App chat={it} close={() => page.send({ type: "close" })} />, root);
  page.send({ type: "ready" });
  void it.start();
}

// Opened by itself, as somebody who looks at the address does, there is nobody to greet us.
if (parent === window) {
  speak(languageOf(...navigator.languages));
  begin(new Map(), null, true);
}
