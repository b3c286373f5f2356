/** The rooms that have words of their own, by the names of their files. */

import type access from "./en/access.json";
import type agents from "./en/agents.json";
import type ai from "./en/ai.json";
import type analytics from "./en/analytics.json";
import type audit from "./en/audit.json";
import type automations from "./en/automations.json";
import type canned from "./en/canned.json";
import type alerts from "./en/alerts.json";
import type channels from "./en/channels.json";
import type commands from "./en/commands.json";
import type common from "./en/common.json";
import type compose from "./en/compose.json";
import type contacts from "./en/contacts.json";
import type imports from "./en/imports.json";
import type inbox from "./en/inbox.json";
import type keys from "./en/keys.json";
import type knowledge from "./en/knowledge.json";
import type operations from "./en/operations.json";
import type profile from "./en/profile.json";
import type tags from "./en/tags.json";
import type settings from "./en/settings.json";
import type thread from "./en/thread.json";
import type workspace from "./en/workspace.json";

export interface Namespaces {
  alerts: typeof alerts;
  access: typeof access;
  agents: typeof agents;
  ai: typeof ai;
  analytics: typeof analytics;
  audit: typeof audit;
  automations: typeof automations;
  canned: typeof canned;
  channels: typeof channels;
  commands: typeof commands;
  common: typeof common;
  compose: typeof compose;
  contacts: typeof contacts;
  imports: typeof imports;
  inbox: typeof inbox;
  keys: typeof keys;
  knowledge: typeof knowledge;
  operations: typeof operations;
  profile: typeof profile;
  settings: typeof settings;
  tags: typeof tags;
  thread: typeof thread;
  workspace: typeof workspace;
}
