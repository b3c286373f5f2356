/** Secrets the server tells once: kept in memory until the page that shows them is left. */

import type { Channel } from "../../queries";
import type { WebchatConfig } from "./config";

const told = new Map<string, string>();

/** Takes the secret out of an answer, so that it is in no cache. */
export function keepSecret(it: Channel): Channel {
  const config = it.config as unknown as WebchatConfig | null;
  if (typeof config?.identity_secret !== "string") return it;
  told.set(it.id, config.identity_secret);
  return { ...it, config: { ...config, identity_secret: { set: true } } as never };
}

export const secretOf = (channel: string): string | undefined => told.get(channel);

export const forgetSecret = (channel: string): void => void told.delete(channel);
