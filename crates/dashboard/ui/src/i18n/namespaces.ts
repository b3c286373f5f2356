/** The rooms that have words of their own, by the names of their files. */

import type channels from "./en/channels.json";
import type common from "./en/common.json";
import type settings from "./en/settings.json";

export interface Namespaces {
  channels: typeof channels;
  common: typeof common;
  settings: typeof settings;
}
