/** What the first page needs of the server, asked for at once instead of one after the other. */

import type { QueryClient } from "@tanstack/react-query";

import { readFilter } from "./api/filters";
import { conversations, counts, isStranger, me } from "./api/queries";

export function ask(client: QueryClient): void {
  void client.prefetchQuery(me);
  const { pathname, search } = location;
  if (isStranger() || !/^\/(inbox(\/.*)?)?$/.test(pathname)) return;
  const filter = pathname === "/" ? { status: "open" } : readFilter(Object.fromEntries(new URLSearchParams(search)));
  void client.prefetchInfiniteQuery(conversations(filter));
  void client.prefetchQuery(counts);
}
