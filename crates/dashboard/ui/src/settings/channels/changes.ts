/** What changes of channels touch. */

import type { QueryClient } from "@tanstack/react-query";

import { type Channel, channel, channels } from "../queries";

/** Puts a channel as the server now sees it wherever it is shown. */
export function adoptChannel(client: QueryClient, it: Channel): void {
  client.setQueryData(channel(it.id).queryKey, it);
  void client.invalidateQueries({ queryKey: channels.queryKey });
  void client.invalidateQueries({ queryKey: ["counts"] });
}
