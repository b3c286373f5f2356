/** A server with a workspace of its own, for one file of journeys. */

import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const EMAIL = "ann@desk.example";
export const PASSWORD = "a long enough password";

export class Server {
  private constructor(
    readonly url: string,
    /** What it printed until it served. */
    readonly said: string,
    private readonly process: ChildProcess,
    private readonly folder: string,
  ) {}

  /** With a demo workspace and an admin. */
  static async start(conversations: number): Promise<Server> {
    const place = folder();
    const run = (args: string[], input = "") => {
      const done = spawnSync(binary(), args, { env: environment(place), input, encoding: "utf8" });
      if (done.status !== 0) throw new Error(`${args.join(" ")}: ${done.stderr}`);
    };
    run(["demo", "--conversations", String(conversations)]);
    run(["admin", "create", "--email", EMAIL, "--name", "Ann Admin"], `${PASSWORD}\n`);
    return Server.serve(place, /Serving on /);
  }

  /** With nothing: it prints a link for setting it up. */
  static empty(): Promise<Server> {
    return Server.serve(folder(), /\/setup#\S+/);
  }

  private static async serve(place: string, ready: RegExp): Promise<Server> {
    const served = spawn(binary(), ["serve"], { env: environment(place), stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    const url = await new Promise<string>((found, failed) => {
      const hear = (bytes: Buffer) => {
        said += bytes.toString();
        const address = /Serving on (http:\/\/[\d.:]+)/.exec(said)?.[1];
        if (address && ready.test(said)) found(address);
      };
      served.stdout.on("data", hear);
      served.stderr.on("data", hear);
      served.on("exit", () => failed(new Error(said)));
    });
    return new Server(url, said, served, place);
  }

  async stop(): Promise<void> {
    const over = new Promise((done) => this.process.on("exit", done));
    this.process.kill();
    await over;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const folder = () => mkdtempSync(join(tmpdir(), "deskbell-journey-"));

function binary(): string {
  const named = process.env["SERVER_BINARY"];
  if (!named) throw new Error("SERVER_BINARY must name the server's binary");
  return named;
}

/** Variables of the server's own names only: it refuses those it does not know. */
function environment(place: string): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith("DESKBELL_"));
  return { ...Object.fromEntries(others), DESKBELL_DATA: place, DESKBELL_LISTEN: "127.0.0.1:0" };
}
