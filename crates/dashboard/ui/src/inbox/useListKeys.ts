/** Going through the list by keys. */

import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useRouter } from "@tanstack/react-router";
import { useEffect } from "react";

import type { Conversation, Filter } from "../api/queries";
import { useCommand } from "../commands/registry";
import { clear, cursor, selection, tickAll, toggle } from "./selection";
import { seed } from "./seed";

interface List {
  rows: readonly Conversation[];
  open: string | undefined;
  filter: Filter;
  scrollTo: (index: number) => void;
}

export function useListKeys({ rows, open, filter, scrollTo }: List): void {
  const navigate = useNavigate();
  const router = useRouter();
  const client = useQueryClient();
  const at = () => rows.findIndex((it) => it.id === (open ?? cursor.get()));
  const show = (id: string) => void navigate({ to: "/inbox/$conversationId", params: { conversationId: id }, search: filter });

  const step = (by: number) => () => {
    const to = Math.min(rows.length - 1, Math.max(0, at() + by));
    const row = rows[to];
    if (!row) return;
    scrollTo(to);
    cursor.set(row.id);
    if (open && open !== row.id) show(row.id);
  };
  useCommand("next", rows.length > 0 ? step(1) : undefined);
  useCommand("previous", rows.length > 0 ? step(-1) : undefined);
  useCommand("open", () => {
    const row = rows[Math.max(0, at())];
    if (row && row.id !== open) show(row.id);
  });
  useCommand("select", () => {
    const row = rows[at()];
    if (row) toggle(row.id);
  });
  useCommand("selectAll", () => tickAll(rows.map((it) => it.id)));
  useCommand("back", () => {
    if (selection.get().ids.size > 0 || selection.get().ticking) clear();
    else if (open) {
      cursor.set(open);
      void navigate({ to: "/inbox", search: filter });
    }
  });

  // Whoever goes on finds the next one there; whoever begins, the first and the code for reading it.
  const here = open ? rows.findIndex((it) => it.id === open) : -1;
  const next = rows[here + 1]?.id;
  const previous = rows[here - 1]?.id;
  useEffect(() => {
    const timer = setTimeout(() => {
      for (const id of [next, previous]) {
        if (!id) continue;
        seed(client, id);
        const where = { to: "/inbox/$conversationId", params: { conversationId: id }, search: filter } as const;
        router.preloadRoute(where).catch(() => {
          // It is loaded when it is opened.
        });
      }
    }, 300);
    return () => clearTimeout(timer);
  }, [next, previous, filter, client, router]);
}
