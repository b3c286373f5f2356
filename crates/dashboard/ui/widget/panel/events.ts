/** Reads a stream of events as the browser's own reader does, which cannot send a token. */

export interface Heard {
  name: string;
  data: string;
  /** The last id the stream gave, of this event or one before it. */
  id: string | null;
}

/** Text in, events out, wherever the text is cut (HTML standard, §9.2.6). */
export function reader(heard: (event: Heard) => void): (piece: string) => void {
  let rest = "";
  let name = "";
  let data: string[] = [];
  let id: string | null = null;
  const line = (it: string) => {
    if (it === "") {
      if (data.length > 0) heard({ name: name || "message", data: data.join("\n"), id });
      name = "";
      data = [];
      return;
    }
    const colon = it.indexOf(":");
    const field = colon < 0 ? it : it.slice(0, colon);
    const value = colon < 0 ? "" : it.slice(colon + 1).replace(/^ /, "");
    if (field === "event") name = value;
    else if (field === "data") data.push(value);
    else if (field === "id" && !value.includes("\0")) id = value;
  };
  return (piece) => {
    rest += piece;
    // A lone CR at the end may be half of a CRLF.
    const whole = /\r$/.test(rest) ? rest.slice(0, -1) : rest;
    const lines = whole.split(/\r\n|\r|\n/);
    const open = lines.pop() ?? "";
    rest = open + rest.slice(whole.length);
    lines.forEach(line);
  };
}
