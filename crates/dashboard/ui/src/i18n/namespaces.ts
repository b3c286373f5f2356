/** The rooms that have words of their own, by the names of their files. */

import type access from "./en/access.json";
import type channels from "./en/channels.json";
import type common from "./en/common.json";
import type profile from "./en/profile.json";
import type inbox from "./en/inbox.json";
import type settings from "./en/settings.json";

export interface Namespaces {
  access: typeof access;
  channels: typeof channels;
  common: typeof common;
  profile: typeof profile;
  inbox: typeof inbox;
  settings: typeof settings;
}
