/** What a list already knows of a conversation, for its page to begin with. */

import type { QueryClient } from "@tanstack/react-query";

import { isList } from "../live/lists";

export function seed(client: QueryClient, id: string): void {
  if (client.getQueryData(["conversation", id])) return;
  const lists = client.getQueriesData<unknown>({ queryKey: ["conversations"] }).map(([, it]) => it);
  const rows = lists.filter(isList).flatMap((it) => it.pages.flatMap((page) => page.data));
  const row = rows.find((it) => it.id === id);
  // Old from the beginning: opening it reads it, which also marks it as read.
  if (row) client.setQueryData(["conversation", id], { ...row, snippet: null }, { updatedAt: 1 });
}
