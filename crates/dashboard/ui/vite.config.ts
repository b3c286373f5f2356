import react from "@vitejs/plugin-react";
import { configDefaults, defineConfig } from "vitest/config";

// `npm run dev` serves the pages and hands everything else to a running Deskbell.
// The Host header stays, or the server would take us for another site.
const server = { target: process.env["DESKBELL"] ?? "http://127.0.0.1:8080", changeOrigin: false };

export default defineConfig({
  // The visitors' panel (widget/) is not React's.
  plugins: [react({ exclude: /\/ui\/widget\// })],
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    target: "es2022",
    assetsDir: "assets/app",
    // Inlined files would need `data:` in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // What every first page needs is one file: a hundred small ones take a browser longer to ask for
    // than to read.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "first", tags: ["$initial"] }] } } },
  },
  server: {
    proxy: Object.fromEntries(["/api", "/sse", "/favicon.ico"].map((it) => [it, server])),
  },
  // Journeys need a browser and a server: `npm run journeys`.
  test: {
    environment: "jsdom",
    exclude: [...configDefaults.exclude, "tests/**"],
    // What a slow machine has not drawn yet is asked for again.
    expect: { poll: { interval: 100, timeout: 45_000 } },
  },
});
