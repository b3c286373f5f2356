/** A real mail server, as `scripts/mail-server` starts it, for journeys of mail. */

import { spawnSync } from "node:child_process";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { inbox } from "./imap";

const SCRIPT = fileURLToPath(new URL("../../../../scripts/mail-server", import.meta.url));

interface Place {
  host: string;
  port: number;
}

export interface Box {
  address: string;
  password: string;
}

interface Told {
  imap: Place;
  smtp: Place;
  users: Box[];
  dir: string;
}

/** Why it cannot run here, if so. */
export function reasonAgainst(): string | undefined {
  const done = spawnSync(SCRIPT, ["check"], { encoding: "utf8" });
  return done.status === 0 ? undefined : done.stderr || done.error?.message || "it cannot run here";
}

export class MailServer {
  private constructor(private readonly told: Told) {}

  static start(mailboxes = 1): MailServer {
    const done = spawnSync(SCRIPT, ["start", "--mailboxes", String(mailboxes)], { encoding: "utf8" });
    if (done.status !== 0) throw new Error(done.stderr);
    return new MailServer(JSON.parse(done.stdout) as Told);
  }

  get imap(): Place {
    return this.told.imap;
  }

  get smtp(): Place {
    return this.told.smtp;
  }

  get box(): Box {
    return this.told.users[0]!;
  }

  /** Somebody else's mailbox, of as many as were started. */
  other(at: number): Box {
    return this.told.users[at]!;
  }

  /** A channel's configuration for our mailbox. */
  get config(): object {
    const { address, password } = this.box;
    const place = ({ port }: Place) => ({ host: "127.0.0.1", port, security: "none", username: address, password });
    return { address, from_name: "Help", imap: { ...place(this.imap), folders: ["INBOX"] }, smtp: place(this.smtp) };
  }

  /** What came into a mailbox, as it came. */
  received(box: Box): Promise<string[]> {
    return inbox(this.imap.port, box);
  }

  /** Hands a mail in, as a stranger's server would. */
  async deliver(from: string, subject: string, text: string, type = "text/plain", answers?: string): Promise<void> {
    const to = this.box.address;
    const mail = [
      `From: ${from}`,
      `To: <${to}>`,
      `Subject: ${subject}`,
      `Message-ID: <${crypto.randomUUID()}@elsewhere.example>`,
      `Date: ${new Date().toUTCString()}`,
      ...(answers ? [`In-Reply-To: ${answers}`, `References: ${answers}`] : []),
      "MIME-Version: 1.0",
      `Content-Type: ${type}; charset=utf-8`,
      "",
      text,
      ".",
    ].join("\r\n");
    const sender = /<(.+)>/.exec(from)![1]!;
    await this.speak(["EHLO elsewhere.example", `MAIL FROM:<${sender}>`, `RCPT TO:<${to}>`, "DATA", mail, "QUIT"]);
  }

  /** One line after another, each when the one before was taken (RFC 5321). */
  private speak(lines: string[]): Promise<void> {
    return new Promise((done, failed) => {
      const socket = connect(this.smtp.port, "127.0.0.1");
      socket.on("error", failed);
      socket.on("close", () => (lines.length === 0 ? done() : failed(new Error(`left before ${lines[0]}`))));
      createInterface({ input: socket }).on("line", (answer) => {
        if (/^[45]/.test(answer)) failed(new Error(answer));
        const next = /^\d{3} /.test(answer) ? lines.shift() : undefined;
        if (next !== undefined) socket.write(`${next}\r\n`);
      });
    });
  }

  stop(): void {
    spawnSync(SCRIPT, ["stop", this.told.dir]);
  }
}
