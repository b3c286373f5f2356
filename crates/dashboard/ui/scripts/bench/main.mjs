/** Measures the dashboard as an agent meets it, and prints one table; see `scripts/bench-ui`. */

import { parseArgs } from "node:util";

import { chromium } from "playwright-core";

import { loads } from "./loads.mjs";
import { report } from "./report.mjs";
import { serve } from "./server.mjs";
import { switches } from "./switches.mjs";

const { values: options } = parseArgs({
  options: {
    binary: { type: "string" },
    data: { type: "string" },
    /** Of a server that runs already, instead of a binary and its data. */
    url: { type: "string" },
    email: { type: "string", default: "bench@northwind.example" },
    password: { type: "string", default: "bench-only-passphrase" },
    loads: { type: "string", default: "10" },
    switches: { type: "string", default: "30" },
  },
});

const server = options.url ? { url: options.url, stop: () => undefined } : await serve(options.binary, options.data);
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  const account = { base: server.url, email: options.email, password: options.password };
  const loaded = await loads(browser, account, Number(options.loads));
  const switched = await switches(browser, account, Number(options.switches));
  console.log(report(browser.version(), loaded, switched));
} finally {
  await browser.close();
  await server.stop();
}
