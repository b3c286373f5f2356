/** Everything the settings read, each under one key. */

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { answer, api, type Schemas } from "../api/client";

export type Channel = Schemas["ChannelView"];
export type Agent = Schemas["AgentView"];
export type ApiKey = Schemas["ApiKeyView"];
export type Mail = Schemas["MailView"];
export type CannedReply = Schemas["CannedReplyView"];
export type AuditEntry = Schemas["AuditEntry"];
export type UsedTag = Schemas["UsedTag"];
export type Workspace = Schemas["SettingsView"];

/** Milliseconds after which what changes by itself is read again. */
const SOON = 10_000;
/** While somebody watches how far something is. */
const NOW = 1_500;
/** Of a hundred rows each. */
const MOST_PAGES = 50;

/** Lists that are short by nature, as a whole. */
async function everything<Row>(
  read: (page: number) => Promise<{ data: Row[]; pagination: { has_more: boolean } }>,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const { data, pagination } = await read(page);
    rows.push(...data);
    if (!pagination.has_more) break;
  }
  return rows;
}

/** Milliseconds within which a mailbox that was connected or switched on has been looked at, as a rule. */
const START = 60_000;

/** A mailbox nobody has looked at yet. */
export function isStarting({ type, is_active, updated_at, health: { receive } }: Channel, now = Date.now()): boolean {
  const isYoung = now - new Date(updated_at).getTime() < START;
  return type === "email" && is_active && isYoung && !receive.last_success_at && !receive.last_error;
}

/** Whether it is about to be looked at, or older mail is being brought in. */
const isUnderway = (it: Channel): boolean =>
  isStarting(it) || (it.health.backfill !== null && it.health.backfill.state !== "failed");

export const channels = queryOptions({
  queryKey: ["settings", "channels"],
  queryFn: () => everything((page) => answer(api.GET("/api/channels", { params: { query: { per_page: 100, page } } }))),
  refetchInterval: ({ state }) => (state.data?.some(isUnderway) ? NOW : SOON),
});

export const channel = (id: string) =>
  queryOptions({
    queryKey: ["settings", "channel", id],
    queryFn: () => answer(api.GET("/api/channels/{id}", { params: { path: { id } } })),
    refetchInterval: ({ state }) => (state.data && isUnderway(state.data) ? NOW : SOON),
  });

export const mails = (id: string, fate: Mail["fate"] | undefined) =>
  infiniteQueryOptions({
    queryKey: ["settings", "mails", id, fate],
    queryFn: ({ pageParam }) => {
      const cursor = pageParam ? { cursor: pageParam } : {};
      const query = { per_page: 50, ...(fate ? { fate } : {}), ...cursor };
      return answer(api.GET("/api/channels/{id}/mail", { params: { path: { id }, query } }));
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.pagination.next_cursor ?? undefined,
    refetchInterval: SOON,
  });

export const agents = queryOptions({
  queryKey: ["settings", "agents"],
  queryFn: () => everything((page) => answer(api.GET("/api/agents", { params: { query: { per_page: 100, page } } }))),
});

export const keys = queryOptions({
  queryKey: ["settings", "keys"],
  queryFn: () => everything((page) => answer(api.GET("/api/keys", { params: { query: { per_page: 100, page } } }))),
});

export const workspace = queryOptions({
  queryKey: ["settings", "workspace"],
  queryFn: () => answer(api.GET("/api/settings/workspace")),
});

export const cannedReplies = queryOptions({
  queryKey: ["settings", "canned"],
  queryFn: () => everything((page) => answer(api.GET("/api/canned-replies", { params: { query: { per_page: 100, page } } }))),
});

/** Every tag with how many have it: below the key of those without, so that what makes these stale does so here. */
export const usedTags = queryOptions({
  queryKey: ["tags", "used"],
  queryFn: () =>
    everything((page) => answer(api.GET("/api/tags", { params: { query: { usage: "true", per_page: 100, page } } }))),
});

export const namedTag = (id: string) =>
  queryOptions({
    queryKey: ["tags", "named", id],
    queryFn: () => answer(api.GET("/api/tags/{id}", { params: { path: { id } } })),
  });

export const articles = queryOptions({
  queryKey: ["settings", "articles"],
  queryFn: () => everything((page) => answer(api.GET("/api/knowledge", { params: { query: { per_page: 100, page } } }))),
});

export const article = (id: string) =>
  queryOptions({
    queryKey: ["settings", "article", id],
    queryFn: () => answer(api.GET("/api/knowledge/{id}", { params: { path: { id } } })),
  });

export const model = queryOptions({
  queryKey: ["settings", "ai"],
  queryFn: () => answer(api.GET("/api/settings/ai")),
});

export interface AuditFilter {
  actor?: string;
  action?: string;
  from?: string;
  to?: string;
}

export const audit = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ["settings", "audit", filter],
    queryFn: async ({ pageParam }) => {
      const cursor = pageParam ? { cursor: pageParam } : {};
      const page = await answer(api.GET("/api/audit", { params: { query: { ...filter, per_page: 50, ...cursor } } }));
      // Asked for without `Accept: text/csv`, it is never that.
      return page as { data: AuditEntry[]; pagination: Schemas["Pagination"] };
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.pagination.next_cursor ?? undefined,
  });

export const operations = queryOptions({
  queryKey: ["settings", "operations"],
  queryFn: () => answer(api.GET("/api/operations", { params: { query: { per_page: 50 } } })),
  refetchInterval: SOON,
});
