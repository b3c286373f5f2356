/** The plain text of HTML, as somebody would have typed it, for mail programs that show no HTML. */

const BLOCKS = new Set(["P", "DIV", "UL", "OL", "LI", "BLOCKQUOTE", "PRE", "H1", "H2", "H3", "H4", "HR", "TABLE", "TR"]);

export function textOf(html: string): string {
  const page = new DOMParser().parseFromString(html, "text/html");
  return tidy(blocks(page.body));
}

/** HTML of plain text: a paragraph for each block of lines. */
export function htmlOf(text: string): string {
  return text
    .split(/\n{2,}/)
    .map((part) => `<p>${escape(part).replaceAll("\n", "<br>")}</p>`)
    .join("");
}

export function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** Whether there is anything to read in it, be it a picture. */
export function isEmpty(html: string): boolean {
  const { body } = new DOMParser().parseFromString(html, "text/html");
  return !body.textContent?.trim() && !body.querySelector("img");
}

function tidy(text: string): string {
  return text
    .replace(/[ \t]+\n/g, "\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

/** The blocks of a node, with an empty line between paragraphs. */
function blocks(parent: Node): string {
  let out = "";
  for (const it of parent.childNodes) {
    if (!(it instanceof HTMLElement) || !BLOCKS.has(it.tagName)) {
      out += inline(it);
      continue;
    }
    if (out && !out.endsWith("\n")) out += "\n";
    out += block(it);
  }
  return out;
}

function block(it: HTMLElement): string {
  switch (it.tagName) {
    case "UL":
      return `${list(it, () => "- ")}\n`;
    case "OL":
      return `${list(it, (index) => `${Number(it.getAttribute("start") ?? 1) + index}. `)}\n`;
    case "BLOCKQUOTE":
      return `${prefixed(tidy(blocks(it)), "> ", "> ")}\n\n`;
    case "PRE":
      return `${it.textContent?.trimEnd() ?? ""}\n\n`;
    case "HR":
      return "---\n\n";
    case "LI":
    case "TR":
    case "DIV":
      return `${blocks(it)}\n`;
    default:
      return `${blocks(it)}\n\n`;
  }
}

function list(it: HTMLElement, mark: (index: number) => string): string {
  const items = [...it.children].filter((child) => child.tagName === "LI");
  return items
    .map((item, index) => {
      const first = mark(index);
      return `${prefixed(tidy(blocks(item)).replace(/\n\n/g, "\n"), first, " ".repeat(first.length))}\n`;
    })
    .join("");
}

function prefixed(text: string, first: string, others: string): string {
  return text
    .split("\n")
    .map((line, index) => (index === 0 ? first : others) + line)
    .join("\n");
}

function inline(it: Node): string {
  if (it.nodeType === Node.TEXT_NODE) return (it.textContent ?? "").replace(/\s+/g, " ");
  if (!(it instanceof HTMLElement)) return "";
  if (it.tagName === "BR") return "\n";
  if (it.tagName === "IMG") return it.getAttribute("alt") ? `[${it.getAttribute("alt") ?? ""}]` : "";
  const text = blocks(it);
  if (it.tagName !== "A") return text;
  const href = it.getAttribute("href") ?? "";
  const same = [text.trim(), `mailto:${text.trim()}`, `https://${text.trim()}`, `http://${text.trim()}`];
  return !href || same.some((other) => other.replace(/\/$/, "") === href.replace(/\/$/, "")) ? text : `${text} <${href}>`;
}
