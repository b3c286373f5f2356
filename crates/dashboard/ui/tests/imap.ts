/** As much of IMAP (RFC 3501) as it takes to look into a mailbox. */

import { connect, type Socket } from "node:net";

/** All mails of the inbox, as they came. */
export async function inbox(port: number, user: { address: string; password: string }): Promise<string[]> {
  const line = new Line(connect(port, "127.0.0.1"));
  try {
    await line.until(/^\* OK/m);
    await line.ask(`LOGIN "${user.address}" "${user.password}"`);
    const count = Number(/\* (\d+) EXISTS/.exec(await line.ask("EXAMINE INBOX"))?.[1] ?? 0);
    const mails: string[] = [];
    for (let n = 1; n <= count; n += 1) {
      const told = await line.ask(`FETCH ${n} BODY.PEEK[]`);
      const size = /\{(\d+)\}\r\n/.exec(told);
      if (size) mails.push(told.slice(size.index + size[0].length, size.index + size[0].length + Number(size[1])));
    }
    return mails;
  } finally {
    line.close();
  }
}

class Line {
  private heard = "";
  private tag = 0;
  private waiting: { sign: RegExp; found: (text: string) => void; failed: (why: Error) => void } | undefined;

  constructor(private readonly socket: Socket) {
    // Bytes, each a letter: lengths are counted in bytes.
    socket.setEncoding("latin1");
    socket.on("data", (piece: string) => {
      this.heard += piece;
      this.look();
    });
    socket.on("error", (error) => this.waiting?.failed(error));
    socket.on("close", () => this.waiting?.failed(new Error(`the line is closed: ${this.heard}`)));
  }

  async ask(command: string): Promise<string> {
    this.tag += 1;
    this.socket.write(`a${this.tag} ${command}\r\n`);
    const told = await this.until(new RegExp(`^a${this.tag} (OK|NO|BAD).*\r\n`, "m"));
    if (!new RegExp(`^a${this.tag} OK`, "m").test(told)) throw new Error(told);
    return told;
  }

  until(sign: RegExp): Promise<string> {
    return new Promise((found, failed) => {
      this.waiting = { sign, found, failed };
      this.look();
    });
  }

  close(): void {
    this.waiting = undefined;
    this.socket.destroy();
  }

  private look(): void {
    const match = this.waiting && this.waiting.sign.exec(this.heard);
    if (!match) return;
    const end = match.index + match[0].length;
    const told = this.heard.slice(0, end);
    this.heard = this.heard.slice(end);
    const { found } = this.waiting!;
    this.waiting = undefined;
    found(told);
  }
}
