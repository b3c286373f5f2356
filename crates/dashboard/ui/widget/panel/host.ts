/** The page around the frame. Which pages may frame us, the server has said in `frame-ancestors`. */

import { sealed, type ToHost, type ToPanel, toPanel } from "../wire";

export interface Host {
  send(message: ToHost): void;
}

/** Listens; the first greeting of the page around us settles where answers go, and nowhere else. */
export function host(heard: (message: ToPanel) => void): Host {
  let origin: string | null = null;
  addEventListener("message", (event) => {
    if (event.source !== parent || parent === window) return;
    if (origin !== null && event.origin !== origin) return;
    const message = toPanel(event.data);
    if (!message) return;
    if (origin === null) {
      // "null" is the origin of a page nobody can be told apart from; it could not be answered.
      if (message.type !== "hello" || event.origin === "null") return;
      origin = event.origin;
    }
    heard(message);
  });
  return {
    send(message) {
      if (origin !== null) parent.postMessage(sealed(message), origin);
    },
  };
}
