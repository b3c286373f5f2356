/** Everything the screens read, each under one key. */

import { infiniteQueryOptions, type QueryClient, queryOptions } from "@tanstack/react-query";

import { ApiError, answer, api, type Schemas } from "./client";
import { asked, type Filter } from "./filters";

export type Conversation = Schemas["ConversationView"];
export type Message = Schemas["MessageView"];
export type Contact = Schemas["ContactView"];
export type Counts = Schemas["CountsView"];
export type Status = Conversation["status"];

export const STATUSES = ["open", "pending", "snoozed", "resolved"] as const satisfies Status[];
export const PRIORITIES = ["low", "normal", "high", "urgent"] as const satisfies Conversation["priority"][];

export type { Filter } from "./filters";

const PER_PAGE = 40;

/** Whether the page was asked for without a session: there is nobody to ask about until somebody comes in. */
let stranger = document.querySelector<HTMLMetaElement>('meta[name="session"]')?.content === "none";

export const me = queryOptions({
  queryKey: ["me"],
  queryFn: async () => {
    // Asked by a stranger it is a 401, which browsers report as an error.
    if (stranger) return null;
    try {
      return await answer(api.GET("/api/auth/me"));
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

/** Notices that somebody came in, whichever way: from then on it pays to ask. */
export function noticeEntry(client: QueryClient): void {
  client.getQueryCache().subscribe(({ query }) => {
    if (query.queryKey[0] === "me" && query.state.data) stranger = false;
  });
}

export const isStranger = (): boolean => stranger;

export function noticeExit(): void {
  stranger = true;
}

export const counts = queryOptions({
  queryKey: ["counts"],
  queryFn: () => answer(api.GET("/api/conversations/counts")),
});

export const conversations = (filter: Filter) =>
  infiniteQueryOptions({
    queryKey: ["conversations", asked(filter)],
    queryFn: ({ pageParam, signal }) => {
      const cursor = pageParam ? { cursor: pageParam } : {};
      const query = { ...asked(filter), per_page: PER_PAGE, ...cursor };
      return answer(api.GET("/api/conversations", { params: { query }, signal }));
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.pagination.next_cursor ?? undefined,
    // The live stream keeps it as it is; what it cannot tell makes it stale.
    staleTime: 60_000,
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

/** The conversations in which one has begun to write. */
export const drafts = queryOptions({
  queryKey: ["drafts"],
  queryFn: () => answer(api.GET("/api/drafts", { params: { query: { per_page: 100 } } })),
  staleTime: 60_000,
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

export const views = queryOptions({
  queryKey: ["views"],
  queryFn: () => answer(api.GET("/api/views", { params: { query: { per_page: 100 } } })),
  staleTime: 30_000,
});

export const notices = queryOptions({
  queryKey: ["notices"],
  queryFn: () => answer(api.GET("/api/notices", { params: { query: { per_page: 30 } } })),
  staleTime: 60_000,
});

/** How many notices were not read; the list holds only the newest. */
export const unreadNotices = queryOptions({
  queryKey: ["notices", "unread"],
  queryFn: () => answer(api.GET("/api/notices", { params: { query: { unread: "true", per_page: 1 } } })),
  staleTime: 60_000,
});
