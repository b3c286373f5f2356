/** What there is to set up: each section is a page of its own, loaded when it is opened. */

import type { ComponentType } from "react";

import type { Namespace } from "../i18n";
import type settings from "../i18n/en/settings.json";

export interface Section {
  /** Its place in the address: `/settings/{path}`, and `/settings/{path}/{item}` below it. */
  path: keyof (typeof settings)["sections"];
  /** Whose it is: an agent's own, or the workspace's and therefore for admins. */
  of: "you" | "workspace";
  /** Of the workspace's: every agent may use it. */
  open?: boolean;
  /** The words it needs besides `settings`. */
  words: Namespace[];
  load: () => Promise<{ default: ComponentType<SectionProps> }>;
}

export interface SectionProps {
  /** What of the section is open: the last part of the address. */
  item: string | undefined;
}

export const SECTIONS: readonly Section[] = [
  { path: "profile", of: "you", words: ["profile", "access"], load: () => import("./profile/ProfilePage") },
  { path: "alerts", of: "you", words: ["alerts"], load: () => import("./alerts/AlertsPage") },
  { path: "channels", of: "workspace", words: ["channels"], load: () => import("./channels/ChannelsPage") },
  { path: "agents", of: "workspace", words: ["agents"], load: () => import("./agents/AgentsPage") },
  { path: "general", of: "workspace", words: ["workspace"], load: () => import("./workspace/GeneralPage") },
  { path: "hours", of: "workspace", words: ["workspace"], load: () => import("./workspace/HoursPage") },
  { path: "automations", of: "workspace", words: ["automations"], load: () => import("./automations/AutomationsPage") },
  { path: "canned", of: "workspace", open: true, words: ["canned"], load: () => import("./canned/CannedPage") },
  { path: "tags", of: "workspace", words: ["tags"], load: () => import("./tags/TagsPage") },
  { path: "knowledge", of: "workspace", words: ["knowledge"], load: () => import("./knowledge/KnowledgePage") },
  { path: "ai", of: "workspace", words: ["ai"], load: () => import("./ai/AiPage") },
  { path: "keys", of: "workspace", words: ["keys", "agents"], load: () => import("./keys/KeysPage") },
  { path: "audit", of: "workspace", words: ["audit"], load: () => import("./audit/AuditPage") },
  { path: "operations", of: "workspace", words: ["operations"], load: () => import("./operations/OperationsPage") },
];
