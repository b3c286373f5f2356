import { join } from "node:path";

import { defineConfig } from "vite";

const ui = join(import.meta.dirname, "..");

/** What visitors get: the panel in its frame, and the shop of the demo. */
export default defineConfig({
  root: ui,
  // Not the dashboard's: its library has a meaning of its own for light-dark().
  css: { postcss: { plugins: [] } },
  build: {
    outDir: "../dist",
    emptyOutDir: false,
    target: "es2022",
    assetsDir: "assets/app",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: { input: [join(ui, "widget.html"), join(ui, "demo.html")] },
  },
});
