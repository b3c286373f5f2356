/** What changes of channels touch. */

import type { QueryClient } from "@tanstack/react-query";

import { type Channel, channel, channels } from "../queries";

/** Puts a channel as the server now sees it wherever it is shown. */
export async function adoptChannel(client: QueryClient, it: Channel): Promise<void> {
  // What was asked before the change must not come after it.
  await client.cancelQueries({ queryKey: channel(it.id).queryKey });
  client.setQueryData(channel(it.id).queryKey, it);
  void client.invalidateQueries({ queryKey: channels.queryKey });
  void client.invalidateQueries({ queryKey: ["counts"] });
}
