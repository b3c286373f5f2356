/** `widget.js`: what a site's page loads. Small, because every visitor pays for it. */

import { chat, type Deskbell } from "./chat";

declare global {
  interface Window {
    Deskbell?: Deskbell | unknown[];
  }
}

function start(): void {
  const script = document.currentScript ?? document.querySelector("script[data-channel][src*='/widget.js']");
  if (!(script instanceof HTMLScriptElement)) return;
  const { channel, locale, position } = script.dataset;
  const before = window.Deskbell;
  // A page that names the script twice has one chat.
  if (before && !Array.isArray(before)) return;
  if (!channel || !/^[0-9a-f-]{36}$/i.test(channel)) {
    console.warn("Deskbell: the script needs data-channel, the id of a web chat channel");
    return;
  }
  const { origin } = new URL(script.src);
  const begin = () => {
    const api = chat({ origin, channel, locale, position });
    const early = window.Deskbell;
    window.Deskbell = api;
    if (Array.isArray(early)) api.push(...early);
  };
  if (document.body) begin();
  else addEventListener("DOMContentLoaded", begin, { once: true });
}

start();
