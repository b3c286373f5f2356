import { join } from "node:path";

import { defineConfig } from "vite";

/** `widget.js`: one classic script of a name that never changes. */
export default defineConfig({
  root: join(import.meta.dirname, "../.."),
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
