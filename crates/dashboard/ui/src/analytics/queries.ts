/** What the team got done, of which days and of whom. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { answer, api, type Schemas } from "../api/client";

export type Analytics = Schemas["Analytics"];
export type Figures = Schemas["AnalyticsFigures"];
export type Times = Schemas["AnalyticsTimes"];

/** What is asked for, as it stands in the page's address. */
export interface Asked {
  days?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  channel_id?: string | undefined;
  agent_id?: string | undefined;
  tag?: string | undefined;
}

export const analytics = (asked: Asked) =>
  queryOptions({
    queryKey: ["analytics", asked],
    queryFn: async ({ signal }) => {
      const { days, ...rest } = given(asked);
      const query = { ...rest, ...(days ? { days: Number(days) } : {}) };
      // Asked for without `Accept: text/csv`, it is never that.
      return (await answer(api.GET("/api/analytics", { params: { query }, signal }))) as Analytics;
    },
    staleTime: 30_000,
    placeholderData: keepPreviousData,
  });

/** Without what was left empty; days only where no dates are given. */
export function given(asked: Asked): Record<string, string> {
  const { days, ...rest } = asked;
  const wanted = rest.from || rest.to ? rest : asked;
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value)) as Record<string, string>;
}
