/** A Deskbell on a data folder, for as long as it is measured. */

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export async function serve(binary, data) {
  // Started where no deskbell.toml lies about, and without variables of another one.
  const folder = mkdtempSync(join(tmpdir(), "deskbell-bench-"));
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith("DESKBELL_"));
  const env = { ...Object.fromEntries(others), DESKBELL_DATA: data, DESKBELL_LISTEN: "127.0.0.1:0" };
  const child = spawn(binary, ["serve"], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  const over = new Promise((done) => child.on("exit", done));
  let said = "";
  const url = await new Promise((found, failed) => {
    const hear = (bytes) => {
      said += bytes;
      const address = /Serving on (http:\/\/[\d.:]+)/.exec(said)?.[1];
      if (address) found(address);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("error", failed);
    child.on("exit", () => failed(new Error(`it did not start:\n${said}`)));
  });
  return {
    url,
    stop: async () => {
      child.kill();
      await over;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
