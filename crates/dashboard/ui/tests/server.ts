/** A server with a demo workspace of its own, for one file of journeys. */

import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const EMAIL = "ann@desk.example";
export const PASSWORD = "a long enough password";

export class Server {
  private constructor(
    readonly url: string,
    private readonly process: ChildProcess,
    private readonly folder: string,
  ) {}

  static async start(conversations: number): Promise<Server> {
    const binary = process.env["SERVER_BINARY"];
    if (!binary) throw new Error("SERVER_BINARY must name the server's binary");
    const folder = mkdtempSync(join(tmpdir(), "deskbell-journey-"));
    // Variables of the server's own names only: it refuses those it does not know.
    const own = Object.entries(process.env).filter(([name]) => !name.startsWith("DESKBELL_"));
    const env = { ...Object.fromEntries(own), DESKBELL_DATA: folder, DESKBELL_LISTEN: "127.0.0.1:0" };
    const run = (args: string[], input = "") => {
      const done = spawnSync(binary, args, { env, input, encoding: "utf8" });
      if (done.status !== 0) throw new Error(`${args.join(" ")}: ${done.stderr}`);
    };
    run(["demo", "--conversations", String(conversations)]);
    run(["admin", "create", "--email", EMAIL, "--name", "Ann Admin"], `${PASSWORD}\n`);
    const served = spawn(binary, ["serve"], { env, stdio: ["ignore", "pipe", "pipe"] });
    const url = await new Promise<string>((found, failed) => {
      let said = "";
      const hear = (bytes: Buffer) => {
        said += bytes.toString();
        const address = /Serving on (http:\/\/[\d.:]+)/.exec(said)?.[1];
        if (address) found(address);
      };
      served.stdout.on("data", hear);
      served.stderr.on("data", hear);
      served.on("exit", () => failed(new Error(said)));
    });
    return new Server(url, served, folder);
  }

  async stop(): Promise<void> {
    const over = new Promise((done) => this.process.on("exit", done));
    this.process.kill();
    await over;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
