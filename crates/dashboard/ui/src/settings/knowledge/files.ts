/** Articles from files: what they are written in, and what they are called. */

export type Format = "text" | "markdown" | "html";

export function formatOf(name: string): Format {
  if (/\.html?$/i.test(name)) return "html";
  if (/\.(md|markdown)$/i.test(name)) return "markdown";
  return "text";
}

/** The first heading, else the name of the file. */
export function titleOf(name: string, content: string): string {
  const format = formatOf(name);
  const start = content.slice(0, 5000);
  const heading = format === "markdown" ? /^#{1,2}[ \t]+(.+?)[ \t#]*$/m.exec(start)?.[1] : format === "html" ? headingOf(start) : undefined;
  const plain = name.replace(/\.[^.]+$/, "").replace(/[-_]+/g, " ").trim();
  return (heading?.trim() || plain || name).slice(0, 200);
}

function headingOf(html: string): string | undefined {
  // Parsed only, never shown: nothing in it runs or loads.
  const page = new DOMParser().parseFromString(html, "text/html");
  return page.querySelector("h1")?.textContent ?? page.querySelector("title")?.textContent ?? undefined;
}
