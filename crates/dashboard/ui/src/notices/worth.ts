/** What is worth interrupting somebody for. */

import type { Happened } from "../live/happened";
import type { Preferences } from "../lib/preferences";

export type Worth = "message" | "assigned" | "notice";

/** Why somebody should hear of it, if they should. `looking`: the address they look at just now. */
export function worth(
  it: Happened,
  me: string,
  scope: Preferences["scope"],
  looking: string | undefined,
): Worth | undefined {
  if (it.kind === "notice_raised") return "notice";
  if (!it.conversation_id || looking?.includes(it.conversation_id)) return undefined;
  if (it.kind === "assigned") return it["to"] === me && it.actor.id !== me ? "assigned" : undefined;
  if (it.kind !== "message_received" || it.conversation?.spam) return undefined;
  const to = it.conversation?.assigned_agent_id ?? null;
  const mine = to === me || scope === "all" || (scope === "team" && to === null);
  return mine ? "message" : undefined;
}
