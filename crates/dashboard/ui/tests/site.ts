/** Somebody else's site: pages of another origin, with the chat in them. */

import { createServer, type Server as HttpServer } from "node:http";
import { existsSync, readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";

const DIST = join(import.meta.dirname, "../../dist");
const TYPES: Record<string, string> = { ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };

export class Site {
  /** Of the same site as a server on 127.0.0.1, for a browser that keeps things by site. */
  readonly near: string;
  /** Of another site: Chromium then lets the frame keep nothing. */
  readonly far: string;

  private constructor(
    private readonly http: HttpServer,
    port: number,
  ) {
    this.near = `http://127.0.0.1:${port}`;
    this.far = `http://localhost:${port}`;
  }

  /** `/chat/{channel}/{language}` is a page with that chat, `/shop/{channel}` the demo's shop. */
  static async start(deskbell: () => string): Promise<Site> {
    const http = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? "/", "http://site");
      const [, kind, channel = "", language = "en"] = pathname.split("/");
      const html = { "Content-Type": "text/html; charset=utf-8" };
      const file = join(DIST, pathname);
      if (kind === "chat") {
        response.writeHead(200, html).end(page(deskbell(), channel, language));
      } else if (kind === "shop") {
        const shop = readFileSync(join(DIST, "demo.html"), "utf8").replace("__CHANNEL__", channel);
        response.writeHead(200, html).end(shop.replace("/widget.js", `${deskbell()}/widget.js`));
      } else if (kind === "assets" && existsSync(file)) {
        response.writeHead(200, { "Content-Type": TYPES[extname(file)] ?? "text/plain" }).end(readFileSync(file));
      } else {
        response.writeHead(404).end();
      }
    });
    await new Promise<void>((done) => http.listen(0, "127.0.0.1", done));
    return new Site(http, (http.address() as AddressInfo).port);
  }

  stop(): void {
    this.http.closeAllConnections();
    this.http.close();
  }
}

/** Rules as rude as any, to see that they stay outside, and calls made before the script is there. */
const page = (deskbell: string, channel: string, language: string) => `<!doctype html>
<html lang="${language}">
  <head>
    <title>A site</title>
    <link rel="icon" href="data:," />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <style>
      * { letter-spacing: 3px; }
      div { border: 9px solid lime !important; transform: rotate(2deg); }
      button { font-size: 40px !important; position: static !important; background: red !important; }
      iframe { display: none !important; }
    </style>
    <script>
      window.heard = [];
      window.Deskbell = [["on", "open", () => heard.push("open")], ["on", "unread", (count) => heard.push(count)]];
    </script>
    <script src="${deskbell}/widget.js" data-channel="${channel}" async></script>
  </head>
  <body>
    <h1>A site</h1>
    <button type="button">Theirs</button>
    <p>Words</p>
  </body>
</html>`;
