import { join } from "node:path";

import { defineConfig } from "vite";

/** `widget.js`: one classic script of a name that never changes. */
export default defineConfig({
  root: join(import.meta.dirname, "../.."),
  // Not the dashboard's: its library has a meaning of its own for light-dark().
  css: { postcss: { plugins: [] } },
  build: {
    outDir: "../dist",
    emptyOutDir: false,
    target: "es2022",
    reportCompressedSize: false,
    lib: {
      entry: join(import.meta.dirname, "main.ts"),
      formats: ["iife"],
      name: "deskbell",
      fileName: () => "widget.js",
    },
  },
});
