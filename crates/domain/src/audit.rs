//! The audit trail: what somebody did that an admin may be asked about.

use std::net::IpAddr;

use uuid::Uuid;

use crate::{
    Timestamp,
    events::{Actor, Event},
    ids::ApiKeyId,
};

crate::words!(
    /// What something was done to.
    ObjectKind, "object", {
        Agent => "agent",
        ApiKey => "api_key",
        Automation => "automation",
        CannedReply => "canned_reply",
        Channel => "channel",
        Contact => "contact",
        Import => "import",
        Mail => "mail",
        Message => "message",
        /// All of it, or its settings.
        Workspace => "workspace",
    }
);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Object {
    pub kind: ObjectKind,
    pub id: Option<Uuid>,
}

/// One line of the trail. It names people by their ids alone: an erased contact leaves none.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub seq: i64,
    /// One of [`ACTIONS`].
    pub action: String,
    pub actor: Actor,
    pub object: Object,
    /// Names of fields, words and numbers.
    pub details: serde_json::Map<String, serde_json::Value>,
    pub ip: Option<IpAddr>,
    /// The API key the actor used.
    pub key: Option<ApiKeyId>,
    pub at: Timestamp,
}

/// The kinds of events that are audited.
pub const ACTIONS: [&str; 32] = [
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
    "import_cancelled",
    "import_failed",
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
];

/// What an audited event was done to. `None`: everyday work, which the conversation itself tells.
pub fn object_of(event: &Event) -> Option<Object> {
    let one = |kind, id: Uuid| Some(Object { kind, id: Some(id) });
    match event {
        Event::AgentCreated { agent_id }
        | Event::AgentChanged { agent_id, .. }
        | Event::AgentDeleted { agent_id }
        | Event::RoleChanged { agent_id, .. }
        | Event::SignedIn { agent_id }
        | Event::SignedOut { agent_id }
        | Event::SessionsEnded { agent_id, .. }
        | Event::PasswordChanged { agent_id } => one(ObjectKind::Agent, agent_id.0),
        Event::SignInFailed { agent_id } => {
            Some(Object { kind: ObjectKind::Agent, id: agent_id.map(|it| it.0) })
        }
        Event::ApiKeyCreated { key_id } | Event::ApiKeyRevoked { key_id } => {
            one(ObjectKind::ApiKey, key_id.0)
        }
        Event::CannedReplyCreated { reply_id }
        | Event::CannedReplyChanged { reply_id }
        | Event::CannedReplyDeleted { reply_id } => one(ObjectKind::CannedReply, reply_id.0),
        Event::ChannelCreated { channel_id }
        | Event::ChannelChanged { channel_id, .. }
        | Event::ChannelDeleted { channel_id } => one(ObjectKind::Channel, channel_id.0),
        Event::ContactErased { contact_id } => one(ObjectKind::Contact, contact_id.0),
        // What is only tried changes nothing.
        Event::ImportStarted { import_id, dry_run: false }
        | Event::ImportFinished { import_id, dry_run: false, .. }
        | Event::ImportFailed { import_id, .. }
        | Event::ImportCancelled { import_id } => one(ObjectKind::Import, import_id.0),
        Event::MailRead { mail_id } => one(ObjectKind::Mail, mail_id.0),
        Event::MessageSourceRead { message_id } => one(ObjectKind::Message, message_id.0),
        Event::RuleCreated { rule_id }
        | Event::RuleChanged { rule_id, .. }
        | Event::RuleDisabled { rule_id, .. }
        | Event::RuleDeleted { rule_id } => one(ObjectKind::Automation, rule_id.0),
        Event::SettingsChanged { .. }
        | Event::HeldJobsReleased { .. }
        | Event::ContactsExported
        | Event::AuditExported => Some(Object { kind: ObjectKind::Workspace, id: None }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        agents::Role,
        ids::{
            AgentId, CannedReplyId, ChannelId, ContactId, ImportId, InboundId, MessageId, RuleId,
        },
    };

    #[test]
    fn every_audited_event_is_an_action_one_may_filter_by() {
        let agent_id = AgentId::new();
        let (key_id, reply_id) = (ApiKeyId::new(), CannedReplyId::new());
        let (channel_id, import_id) = (ChannelId::new(), ImportId::new());
        let rule_id = RuleId::new();
        let events = [
            Event::AgentCreated { agent_id },
            Event::AgentChanged { agent_id, fields: vec!["name"] },
            Event::AgentDeleted { agent_id },
            Event::RoleChanged { agent_id, before: Role::Agent, after: Role::Admin },
            Event::SignedIn { agent_id },
            Event::SignedOut { agent_id },
            Event::SignInFailed { agent_id: None },
            Event::SessionsEnded { agent_id, count: 1 },
            Event::PasswordChanged { agent_id },
            Event::ApiKeyCreated { key_id },
            Event::ApiKeyRevoked { key_id },
            Event::CannedReplyCreated { reply_id },
            Event::CannedReplyChanged { reply_id },
            Event::CannedReplyDeleted { reply_id },
            Event::ChannelCreated { channel_id },
            Event::ChannelChanged { channel_id, fields: vec![] },
            Event::ChannelDeleted { channel_id },
            Event::ContactErased { contact_id: ContactId::new() },
            Event::ImportStarted { import_id, dry_run: false },
            Event::ImportFinished {
                import_id,
                dry_run: false,
                created: 1,
                updated: 0,
                skipped: 0,
                failed: 0,
            },
            Event::ImportFailed { import_id, reason: "x".to_owned() },
            Event::ImportCancelled { import_id },
            Event::MailRead { mail_id: InboundId::new() },
            Event::MessageSourceRead { message_id: MessageId::new() },
            Event::RuleCreated { rule_id },
            Event::RuleChanged { rule_id, fields: vec![] },
            Event::RuleDisabled { rule_id, name: "x".to_owned(), reason: "x".to_owned() },
            Event::RuleDeleted { rule_id },
            Event::SettingsChanged { fields: vec![] },
            Event::HeldJobsReleased { count: 1 },
            Event::ContactsExported,
            Event::AuditExported,
        ];
        let mut kinds: Vec<String> = events
            .iter()
            .map(|it| {
                assert!(object_of(it).is_some(), "{it:?}");
                serde_json::to_value(it).unwrap()["kind"].as_str().unwrap().to_owned()
            })
            .collect();
        kinds.sort();
        assert_eq!(kinds, ACTIONS);
        let everyday = [
            Event::ConversationOpened,
            Event::ImportStarted { import_id, dry_run: true },
            Event::ImportProgressed { import_id, done: 1, total: 2 },
            Event::ContactCreated { contact_id: ContactId::new() },
            Event::Assigned { from: None, to: Some(agent_id) },
        ];
        assert!(everyday.iter().all(|it| object_of(it).is_none()));
    }
}
