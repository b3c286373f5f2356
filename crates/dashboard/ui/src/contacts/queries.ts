/** What the pages of contacts read and change. */

import { infiniteQueryOptions, type QueryClient, queryOptions } from "@tanstack/react-query";

import { answer, api, type Schemas } from "../api/client";
import type { Contact } from "../api/queries";

export type { Contact };
export type ContactPatch = Schemas["ContactPatch"];
export type Operation = Schemas["Operation"];

/** What is looked for in the list, as it stands in the page's address. */
export interface ContactFilter {
  search?: string | undefined;
  tag?: string | undefined;
  blocked?: string | undefined;
}

const FILTERS = ["search", "tag", "blocked"] as const;

interface Page {
  data: Contact[];
  pagination: Schemas["Pagination"];
}

export const contactList = (filter: ContactFilter) =>
  infiniteQueryOptions({
    queryKey: ["contacts", filter],
    queryFn: async ({ pageParam, signal }) => {
      const cursor = pageParam ? { cursor: pageParam } : {};
      const query = { ...given(filter), per_page: 50, ...cursor };
      // Asked for without `Accept: text/csv`, it is never that.
      return (await answer(api.GET("/api/contacts", { params: { query }, signal }))) as Page;
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.pagination.next_cursor ?? undefined,
  });

/** What they wrote and what was answered, the newest first. */
export const conversationsOf = (contact: string) =>
  infiniteQueryOptions({
    queryKey: ["conversations", "timeline", contact],
    queryFn: ({ pageParam }) => {
      const cursor = pageParam ? { cursor: pageParam } : {};
      const query = { contact_id: contact, per_page: 20, ...cursor };
      return answer(api.GET("/api/conversations", { params: { query } }));
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.pagination.next_cursor ?? undefined,
  });

/** The newest messages and notes of a conversation, the newest last. */
export const lastMessages = (conversation: string) =>
  queryOptions({
    queryKey: ["messages", conversation, "last"],
    queryFn: () => {
      const params = { path: { id: conversation }, query: { per_page: 10 } };
      return answer(api.GET("/api/conversations/{id}/messages", { params }));
    },
  });

export const operation = (id: string) =>
  queryOptions({
    queryKey: ["operation", id],
    queryFn: () => answer(api.GET("/api/operations/{id}", { params: { path: { id } } })),
    // It goes on by itself; once it is over nothing changes any more.
    refetchInterval: ({ state }) => (isOver(state.data?.state) ? false : 1000),
  });

export const isOver = (state: Operation["state"] | undefined): boolean =>
  state === "done" || state === "failed" || state === "undone";

export function given(filter: ContactFilter): Record<string, string> {
  const set = FILTERS.map((name) => [name, filter[name]] as const).filter(([, value]) => value);
  return Object.fromEntries(set) as Record<string, string>;
}

/** Puts a contact as the server now sees it wherever it is shown. */
export function adoptContact(client: QueryClient, it: Contact): void {
  client.setQueryData(["contact", it.id], it);
  void client.invalidateQueries({ queryKey: ["contacts"] });
  void client.invalidateQueries({ queryKey: ["conversations"] });
}
