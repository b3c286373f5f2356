/** What was written without formats: its web addresses can be followed, and nothing else of it does anything. */

import { Anchor } from "@mantine/core";
import type { ReactNode } from "react";

const ADDRESS = /\bhttps?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]}]/gi;

export function Linked({ text }: { text: string }) {
  const parts: ReactNode[] = [];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    if (!URL.canParse(found)) continue;
    parts.push(
      text.slice(from, index),
      <Anchor key={index} href={found} target="_blank" rel="noopener noreferrer nofollow" inherit underline="always">
        {found}
      </Anchor>,
    );
    from = index + found.length;
  }
  return [...parts, text.slice(from)];
}
