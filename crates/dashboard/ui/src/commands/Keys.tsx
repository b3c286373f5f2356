/** The keys of a command, as they stand on a keyboard. */

import { Kbd } from "@mantine/core";

import classes from "./Palette.module.css";

const IS_MAC = navigator.userAgent.includes("Mac");
const SIGNS: Record<string, string> = { ArrowDown: "↓", ArrowUp: "↑", Enter: "↵", Escape: "Esc", mod: IS_MAC ? "⌘" : "Ctrl" };

function signs(key: string): string[] {
  if (key === "mod+k") return [SIGNS["mod"] ?? "", "K"];
  // A capital is typed with Shift; a sign is what it is, wherever it stands on the keyboard.
  if (/^[A-Z]$/.test(key)) return ["⇧", key];
  return key.split(" ").map((it) => SIGNS[it] ?? it.toUpperCase());
}

export function Keys({ keys }: { keys: string }) {
  return (
    <span className={classes.key}>
      {signs(keys).map((it, at) => (
        <Kbd key={at} size="xs">
          {it}
        </Kbd>
      ))}
    </span>
  );
}
