/** Everything the screens read, each under one key. */

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { ApiError, answer, api, type Schemas } from "./client";

export type Conversation = Schemas["ConversationView"];
export type Message = Schemas["MessageView"];
export type Contact = Schemas["ContactView"];
export type Counts = Schemas["CountsView"];
export type Status = Conversation["status"];

/** What an agent looks at in the list, as it stands in the page's address. */
export interface Filter {
  status?: string | undefined;
  assigned_to?: string | undefined;
  channel_id?: string | undefined;
  tag?: string | undefined;
  unread?: string | undefined;
  spam?: string | undefined;
  search?: string | undefined;
}

const PER_PAGE = 40;

export const me = queryOptions({
  queryKey: ["me"],
  queryFn: async () => {
    try {
      return await answer(api.GET("/api/auth/me"));
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

export const counts = queryOptions({
  queryKey: ["counts"],
  queryFn: () => answer(api.GET("/api/conversations/counts")),
});

export const conversations = (filter: Filter) =>
  infiniteQueryOptions({
    queryKey: ["conversations", filter],
    queryFn: ({ pageParam, signal }) => {
      const cursor = pageParam ? { cursor: pageParam } : {};
      const query = { ...withoutGaps(filter), per_page: PER_PAGE, ...cursor };
      return answer(api.GET("/api/conversations", { params: { query }, signal }));
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.pagination.next_cursor ?? undefined,
  });

export const conversation = (id: string) =>
  queryOptions({
    queryKey: ["conversation", id],
    queryFn: () => answer(api.GET("/api/conversations/{id}", { params: { path: { id } } })),
  });

export const messages = (id: string) =>
  infiniteQueryOptions({
    queryKey: ["messages", id],
    queryFn: ({ pageParam }) => {
      const before = pageParam ? { before: pageParam } : {};
      const params = { path: { id }, query: { per_page: 50, ...before } };
      return answer(api.GET("/api/conversations/{id}/messages", { params }));
    },
    initialPageParam: "",
    // The newest page comes first; within a page the oldest does.
    getNextPageParam: (page) => (page.pagination.has_more ? page.data[0]?.id : undefined),
  });

/** One message as a whole: lists show the start of long ones. */
export const message = (id: string) =>
  queryOptions({
    queryKey: ["message", id],
    queryFn: () => answer(api.GET("/api/messages/{id}", { params: { path: { id } } })),
  });

export const contact = (id: string) =>
  queryOptions({
    queryKey: ["contact", id],
    queryFn: () => answer(api.GET("/api/contacts/{id}", { params: { path: { id } } })),
  });

export const assignees = queryOptions({
  queryKey: ["assignees"],
  queryFn: () => answer(api.GET("/api/assignees", { params: { query: { per_page: 100 } } })),
  staleTime: 60_000,
});

export const tags = queryOptions({
  queryKey: ["tags"],
  queryFn: () => answer(api.GET("/api/tags", { params: { query: { per_page: 100 } } })),
  staleTime: 60_000,
});

function withoutGaps(filter: Filter): Record<string, string> {
  const set = Object.entries(filter).filter(([, value]) => value !== undefined && value !== "");
  return Object.fromEntries(set) as Record<string, string>;
}
