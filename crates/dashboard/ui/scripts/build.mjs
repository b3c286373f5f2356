/**
 * Builds everything a browser gets: the dashboard, the visitors' panel with the demo's shop, and the
 * loader. Into `../dist`, or the folder that is named.
 */

import { join } from "node:path";
import { argv } from "node:process";

import { build } from "vite";

import { compress } from "./compress.mjs";
import { checkSizes } from "./sizes.mjs";

const ui = join(import.meta.dirname, "..");
const outDir = argv[2] ?? join(ui, "../dist");

async function made(config, emptyOutDir) {
  const outputs = await build({
    configFile: join(ui, config),
    root: ui,
    logLevel: "warn",
    build: { outDir, emptyOutDir },
  });
  return [outputs].flat().flatMap((it) => it.output);
}

const dashboard = await made("vite.config.ts", true);
const panel = await made("widget/vite.config.ts", false);
const loader = await made("widget/loader/vite.config.ts", false);
checkSizes({ dashboard, panel, loader });
compress(outDir);
