/** What may travel before somebody can work or chat. A build that is larger fails. */

import { brotliCompressSync, gzipSync } from "node:zlib";

/** Bytes. The button is paid for by every visitor of a site, the inbox by an agent on a train. */
const MOST = { loader: 15_000, panel: 40_000, inbox: 250_000 };
/** What the inbox is made of, besides what these import. */
const INBOX = ["index.html", "src/i18n/en/inbox.json"];
const PANEL = ["widget.html"];

export function checkSizes({ dashboard, panel, loader }) {
  const sizes = {
    loader: sum(loader, gzipSync),
    panel: sum(needed(panel, PANEL), brotliCompressSync),
    inbox: sum(needed(dashboard, INBOX), brotliCompressSync),
  };
  for (const [name, size] of Object.entries(sizes)) {
    console.log(`${name}: ${size} of ${MOST[name]} bytes`);
    if (size > MOST[name]) throw new Error(`the ${name} has become too large`);
  }
}

/** The chunks of these modules, and all that they cannot run without. */
function needed(output, modules) {
  const chunks = new Map(output.filter((it) => it.type === "chunk").map((it) => [it.fileName, it]));
  const wanted = [...chunks.values()].filter((it) => modules.some((name) => it.facadeModuleId?.endsWith(`/ui/${name}`)));
  if (wanted.length === 0) throw new Error(`nothing was built of ${modules}`);
  const found = new Set();
  for (const it of wanted) {
    if (found.has(it)) continue;
    found.add(it);
    wanted.push(...it.imports.map((name) => chunks.get(name)).filter(Boolean));
  }
  return [...found];
}

const sum = (chunks, compress) =>
  chunks.filter((it) => it.type === "chunk").reduce((total, it) => total + compress(it.code).length, 0);
