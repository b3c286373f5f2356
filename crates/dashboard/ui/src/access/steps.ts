/** What is left to do before customers are answered. */

import { queryOptions } from "@tanstack/react-query";

import { answer, api } from "../api/client";

/** In the order they are shown. */
export const STEPS = ["mail", "chat", "team"] as const;

/** Mails from before a mailbox was connected that are being read. */
export interface Older {
  found: number;
  read: number;
}

/** Which steps are done. Only an admin may ask. */
export const steps = queryOptions({
  queryKey: ["first-steps"],
  queryFn: async (): Promise<Record<(typeof STEPS)[number], boolean> & { older: Older | undefined }> => {
    const query = { per_page: 100 };
    const [channels, agents] = await Promise.all([
      answer(api.GET("/api/channels", { params: { query } })),
      answer(api.GET("/api/agents", { params: { query } })),
    ]);
    // One that was kept for later is no way to write to us yet.
    const has = (type: string) => channels.data.some((it) => it.type === type && it.is_active);
    const all = channels.data.map((it) => it.health.backfill).filter((it) => it !== null && it.state !== "failed");
    const sum = (of: "found" | "read") => all.reduce((count, it) => count + (it?.[of] ?? 0), 0);
    const older = all.length > 0 ? { found: sum("found"), read: sum("read") } : undefined;
    return { mail: has("email"), chat: has("webchat"), team: agents.data.length > 1, older };
  },
});
