import { queryOptions, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { answer, api } from "../../api/client";
import { assignees } from "../../api/queries";
import { cannedReplies, channels } from "../queries";
import type { Names } from "./sentences";

export const automations = queryOptions({
  queryKey: ["settings", "automations"],
  queryFn: async () => {
    const first = await answer(api.GET("/api/automations", { params: { query: { per_page: 100 } } }));
    if (!first.pagination.next_cursor) return first.data;
    // There are at most two hundred.
    const query = { per_page: 100, cursor: first.pagination.next_cursor };
    const second = await answer(api.GET("/api/automations", { params: { query } }));
    return [...first.data, ...second.data];
  },
});

/** The people, channels and replies a rule may name. */
export function useNames(): Names & { agents: Named[]; channels: Named[]; replies: Named[] } {
  const { t } = useTranslation("automations");
  const agents = useQuery(assignees).data?.data ?? [];
  const known = useQuery(channels).data ?? [];
  const replies = (useQuery(cannedReplies).data ?? []).map((it) => ({ id: it.id, name: it.name }));
  const find = (list: Named[]) => (id: string) => list.find((it) => it.id === id)?.name ?? (id || t("unknown"));
  return {
    agents,
    channels: known,
    replies,
    agent: find(agents),
    channel: find(known),
    reply: find(replies),
  };
}

export interface Named {
  id: string;
  name: string;
}
