/** Tags in their colours. The words stay in the colour of text: every colour can be read. */

import { useQuery } from "@tanstack/react-query";
import { type CSSProperties, useMemo } from "react";

import { tags } from "../api/queries";
import classes from "./TagChips.module.css";

/** The colour of a tag, whichever way it is written. */
export function useTagColor(): (name: string) => string {
  const { data } = useQuery(tags);
  const colors = useMemo(
    () => new Map(data?.data.map((it) => [it.name.toLowerCase(), it.color] as const)),
    [data],
  );
  return (name) => colors.get(name.toLowerCase()) ?? "var(--mantine-color-gray-6)";
}

export const inColor = (color: string) => ({ "--tag": color }) as CSSProperties;

interface Props {
  names: readonly string[];
  /** Shown at most; the number of the others follows. */
  most?: number;
}

export function TagChips({ names, most = names.length }: Props) {
  const colorOf = useTagColor();
  if (names.length === 0) return null;
  const rest = names.slice(most);
  return (
    <>
      {names.slice(0, most).map((name) => (
        <span key={name} className={classes.chip} style={inColor(colorOf(name))} title={name}>
          <span className={classes.name}>{name}</span>
        </span>
      ))}
      {rest.length > 0 && (
        <span className={classes.rest} title={rest.join(", ")}>
          +{rest.length}
        </span>
      )}
    </>
  );
}
