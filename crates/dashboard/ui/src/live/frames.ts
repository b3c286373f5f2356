/** Server-sent events taken from bytes (the WHATWG HTML standard, §9.2.6). */

export interface Frame {
  /** The last id that was named, in this frame or before. */
  id: string | undefined;
  event: string;
  data: string;
}

/** Reads pieces of a stream as they come; returns the frames each piece completes. */
export class Reader {
  /** Milliseconds after which the server wants to be asked again. */
  retry = 2_000;
  private rest = "";
  private id: string | undefined;
  private event = "";
  private data: string[] = [];

  read(text: string): Frame[] {
    const lines = (this.rest + text).split("\n");
    this.rest = lines.pop() ?? "";
    return lines.flatMap((line) => this.take(line.replace(/\r$/, "")));
  }

  private take(line: string): Frame[] {
    if (line === "") {
      const frame = { id: this.id, event: this.event || "message", data: this.data.join("\n") };
      const told = this.data.length > 0;
      this.event = "";
      this.data = [];
      return told ? [frame] : [];
    }
    const [, name = "", value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (name === "data") this.data.push(value);
    if (name === "event") this.event = value;
    if (name === "id") this.id = value;
    if (name === "retry" && /^\d+$/.test(value)) this.retry = Number(value);
    return [];
  }
}
