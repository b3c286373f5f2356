/** The actions the trail knows, as the server names them. */

import type words from "../../i18n/en/audit.json";

export type AuditAction = keyof (typeof words)["actions"];

export const ACTIONS = [
  "agent_changed",
  "agent_created",
  "agent_deleted",
  "api_key_created",
  "api_key_revoked",
  "audit_exported",
  "canned_reply_changed",
  "canned_reply_created",
  "canned_reply_deleted",
  "channel_changed",
  "channel_created",
  "channel_deleted",
  "contact_erased",
  "contacts_exported",
  "held_jobs_released",
  "import_finished",
  "import_started",
  "mail_read",
  "message_source_read",
  "password_changed",
  "role_changed",
  "rule_changed",
  "rule_created",
  "rule_deleted",
  "rule_disabled",
  "sessions_ended",
  "settings_changed",
  "sign_in_failed",
  "signed_in",
  "signed_out",
] as const satisfies AuditAction[];

export const isKnown = (action: string): action is AuditAction => (ACTIONS as readonly string[]).includes(action);
