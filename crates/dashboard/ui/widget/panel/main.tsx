/** @jsxImportSource preact */
/** `/widget/{channel_id}/frame`: the chat itself, in a frame on a site's page. */

import { render } from "preact";

import { ACCENT, inkOn, isColor } from "../colors";
import { languageOf } from "../languages";
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

const page = host((message) => {
  switch (message.type) {
    case "hello":
      speak(languageOf(message.locale));
      void chat.identify(message.identity);
      chat.show(message.open);
      begin();
      return;
    case "identify":
      return void chat.identify(message.identity);
    case "forget":
      return chat.forget();
    case "open":
      return chat.show(true);
    case "close":
      return chat.show(false);
  }
});
const chat = new Chat(channel, new Api(`/widget/${channel}`), kept(channel), page);

let begun = false;
function begin(): void {
  if (begun || !root) return;
  begun = true;
  chat.onArrival = () => {
    const looked = chat.state.open && document.hasFocus();
    if (isSoundOn(chat.kept) && !looked) play();
  };
  const stopWatching = chat.watch(() => {
    const { config } = chat.state;
    if (!config) return;
    stopWatching();
    const color = isColor(config.color) ? config.color : ACCENT;
    document.documentElement.style.setProperty("--accent", color);
    document.documentElement.style.setProperty("--ink", inkOn(color));
  });
  document.addEventListener("visibilitychange", () => chat.seen());
  render(<App chat={chat} close={() => page.send({ type: "close" })} />, root);
  page.send({ type: "ready" });
  void chat.start();
}

// Opened by itself, as somebody who looks at the address does, there is nobody to greet us.
if (parent === window) {
  speak(languageOf(...navigator.languages));
  chat.show(true);
  begin();
}
