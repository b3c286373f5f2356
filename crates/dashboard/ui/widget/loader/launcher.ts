/** The button on the site's page, and the place where the panel's frame goes. */

import { ACCENT, inkOn, isColor } from "../colors";
import type { Language } from "../languages";
import css from "./style.css?inline";
import { WORDS } from "./words";

/** More than this is shown as "9+". */
const MOST_SHOWN = 9;
const TALK = "M4 5.5h16v11H10.5L6 20v-3.500H4z";
const DOWN = "M6 9.500l6 6 6-6";

export interface Launcher {
  /** Where the panel's frame belongs. */
  readonly place: HTMLElement;
  show(open: boolean): void;
  unread(count: number): void;
  /** Says that the panel did not come; or takes that back. */
  failed(is: boolean): void;
  focus(): void;
}

export interface Look {
  language: Language;
  color: unknown;
  position: string | undefined;
}

export function launcher(look: Look, pressed: () => void): Launcher {
  const words = WORDS[look.language];
  const host = document.createElement("div");
  host.id = "deskbell-chat";
  host.lang = look.language;
  if (look.position) host.dataset["position"] = look.position;
  const color = isColor(look.color) ? look.color : ACCENT;
  host.style.setProperty("--accent", color);
  host.style.setProperty("--ink", inkOn(color));

  // A sheet made by script is no inline style: a page with a strict content security policy keeps it.
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];

  const place = part("div", "frame");
  place.id = "panel";
  const button = part("button", "");
  button.type = "button";
  button.setAttribute("aria-controls", "panel");
  button.append(icon(TALK, "talk"), icon(DOWN, "down"));
  const badge = part("span", "badge");
  badge.hidden = true;
  badge.setAttribute("aria-hidden", "true");
  button.append(badge);
  const said = part("span", "said");
  said.role = "status";
  const note = part("div", "note");
  note.role = "alert";
  note.hidden = true;
  button.addEventListener("click", pressed);
  root.append(place, button, said, note);
  document.body.append(host);

  let open = false;
  let count = 0;
  const unread = (many: number) => `${many} ${many === 1 ? words.oneUnread : words.unread}`;
  const name = () => {
    button.setAttribute("aria-expanded", String(open));
    const waiting = count > 0 ? ` (${unread(count)})` : "";
    button.setAttribute("aria-label", open ? words.close : words.open + waiting);
  };
  name();
  return {
    place,
    show(now) {
      open = now;
      place.classList.toggle("open", now);
      name();
    },
    unread(now) {
      if (now > count) said.textContent = unread(now);
      count = now;
      badge.hidden = now === 0;
      badge.textContent = now > MOST_SHOWN ? `${MOST_SHOWN}+` : String(now);
      name();
    },
    failed(is) {
      note.hidden = !is;
      note.textContent = is ? words.failed : "";
    },
    focus: () => button.focus(),
  };
}

function part<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, name: string): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  made.className = name;
  return made;
}

function icon(path: string, name: string): SVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", name);
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(space, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}
