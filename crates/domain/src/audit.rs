//! The audit trail: what somebody did that an admin may be asked about.

use std::{collections::BTreeSet, net::IpAddr};

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::{
    Timestamp,
    events::{Actor, Event},
    ids::{ApiKeyId, ConversationId},
};

crate::words!(
    /// What something was done to.
    ObjectKind, "object", {
        Agent => "agent",
        ApiKey => "api_key",
        Article => "article",
        Automation => "automation",
        CannedReply => "canned_reply",
        Channel => "channel",
        Contact => "contact",
        Conversation => "conversation",
        Import => "import",
        Mail => "mail",
        Message => "message",
        Tag => "tag",
        View => "view",
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
pub const ACTIONS: [&str; 53] = [
    "agent_changed",
    "agent_created",
    "agent_deleted",
    "agent_invited",
    "ai_settings_changed",
    "api_key_created",
    "api_key_revoked",
    "article_changed",
    "article_created",
    "article_deleted",
    "audit_exported",
    "backfill_requested",
    "canned_reply_changed",
    "canned_reply_created",
    "canned_reply_deleted",
    "channel_changed",
    "channel_created",
    "channel_deleted",
    "contact_erased",
    "contact_merge_undone",
    "contacts_exported",
    "contacts_merged",
    "conversation_merged",
    "conversation_split",
    "held_jobs_released",
    "import_cancelled",
    "import_failed",
    "import_finished",
    "import_started",
    "invitation_accepted",
    "mail_read",
    "mail_replayed",
    "master_key_rotated",
    "merge_undone",
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
    "tag_changed",
    "tag_created",
    "tag_deleted",
    "tags_merged",
    "view_changed",
    "view_created",
    "view_deleted",
];

/// What an audited event was done to, where `conversation` is whose event it is. `None`: everyday
/// work, which the conversation itself tells.
pub fn object_of(event: &Event, conversation: Option<ConversationId>) -> Option<Object> {
    let one = |kind, id: Uuid| Some(Object { kind, id: Some(id) });
    // What two conversations tell stands in the trail once.
    let told_in = |id: ConversationId| {
        conversation.filter(|it| *it == id).and_then(|it| one(ObjectKind::Conversation, it.0))
    };
    match event {
        Event::AgentCreated { agent_id }
        | Event::AgentChanged { agent_id, .. }
        | Event::AgentDeleted { agent_id }
        | Event::RoleChanged { agent_id, .. }
        | Event::SignedIn { agent_id }
        | Event::SignedOut { agent_id }
        | Event::SessionsEnded { agent_id, .. }
        | Event::AgentInvited { agent_id }
        | Event::InvitationAccepted { agent_id }
        | Event::PasswordChanged { agent_id } => one(ObjectKind::Agent, agent_id.0),
        Event::SignInFailed { agent_id } => {
            Some(Object { kind: ObjectKind::Agent, id: agent_id.map(|it| it.0) })
        }
        Event::ApiKeyCreated { key_id } | Event::ApiKeyRevoked { key_id } => {
            one(ObjectKind::ApiKey, key_id.0)
        }
        Event::ArticleCreated { article_id }
        | Event::ArticleChanged { article_id, .. }
        | Event::ArticleDeleted { article_id, .. } => one(ObjectKind::Article, article_id.0),
        Event::CannedReplyCreated { reply_id }
        | Event::CannedReplyChanged { reply_id, .. }
        | Event::CannedReplyDeleted { reply_id, .. } => one(ObjectKind::CannedReply, reply_id.0),
        Event::ChannelCreated { channel_id }
        | Event::ChannelChanged { channel_id, .. }
        | Event::BackfillRequested { channel_id, .. }
        | Event::ChannelDeleted { channel_id } => one(ObjectKind::Channel, channel_id.0),
        Event::ContactErased { contact_id } => one(ObjectKind::Contact, contact_id.0),
        Event::ContactsMerged { into, .. } | Event::ContactMergeUndone { into, .. } => {
            one(ObjectKind::Contact, into.0)
        }
        Event::ConversationMerged { into, .. } | Event::MergeUndone { into, .. } => told_in(*into),
        Event::ConversationSplit { from, .. } => told_in(*from),
        // What is only tried changes nothing.
        Event::ImportStarted { import_id, dry_run: false, .. }
        | Event::ImportFinished { import_id, dry_run: false, .. }
        | Event::ImportFailed { import_id, .. }
        | Event::ImportCancelled { import_id } => one(ObjectKind::Import, import_id.0),
        Event::MailRead { mail_id } | Event::MailReplayed { mail_id } => {
            one(ObjectKind::Mail, mail_id.0)
        }
        Event::MessageSourceRead { message_id } => one(ObjectKind::Message, message_id.0),
        Event::RuleCreated { rule_id }
        | Event::RuleChanged { rule_id, .. }
        | Event::RuleDisabled { rule_id, .. }
        | Event::RuleDeleted { rule_id } => one(ObjectKind::Automation, rule_id.0),
        Event::TagCreated { tag_id }
        | Event::TagChanged { tag_id, .. }
        | Event::TagDeleted { tag_id, .. }
        | Event::TagsMerged { into: tag_id, .. } => one(ObjectKind::Tag, tag_id.0),
        Event::ViewCreated { view_id, .. }
        | Event::ViewChanged { view_id, .. }
        | Event::ViewDeleted { view_id, .. } => one(ObjectKind::View, view_id.0),
        Event::SettingsChanged { .. }
        | Event::AiSettingsChanged { .. }
        | Event::HeldJobsReleased { .. }
        | Event::MasterKeyRotated { .. }
        | Event::ContactsExported
        | Event::AuditExported => Some(Object { kind: ObjectKind::Workspace, id: None }),
        _ => None,
    }
}

/// Text longer than this is told cut.
const SHOWN: usize = 200;
/// A list or the like larger than this is told by that it changed, in bytes.
const SHOWN_BYTES: usize = 1_000;

/// What is different between two documents: each field by its path, as it was before and after.
pub fn differences(before: &Value, after: &Value) -> Map<String, Value> {
    let mut found = Map::new();
    compare("", before, after, &mut found);
    found
}

fn compare(path: &str, before: &Value, after: &Value, found: &mut Map<String, Value>) {
    if before == after {
        return;
    }
    let (Value::Object(old), Value::Object(new)) = (before, after) else {
        found.insert(path.to_owned(), json!({ "before": shown(before), "after": shown(after) }));
        return;
    };
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in names {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let of = |all: &Map<String, Value>| all.get(name).cloned().unwrap_or_default();
        compare(&path, &of(old), &of(new), found);
    }
}

fn shown(it: &Value) -> Value {
    match it {
        Value::String(text) if text.chars().count() > SHOWN => {
            Value::from(format!("{}…", text.chars().take(SHOWN).collect::<String>()))
        }
        Value::Array(_) | Value::Object(_) if it.to_string().len() > SHOWN_BYTES => "…".into(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        agents::Role,
        ids::{
            AgentId, ArticleId, CannedReplyId, ChannelId, ContactId, ImportId, InboundId,
            MessageId, RuleId, TagId, ViewId,
        },
    };

    #[test]
    fn every_audited_event_is_an_action_one_may_filter_by() {
        let agent_id = AgentId::new();
        let (key_id, reply_id) = (ApiKeyId::new(), CannedReplyId::new());
        let (channel_id, import_id) = (ChannelId::new(), ImportId::new());
        let rule_id = RuleId::new();
        let (article_id, view_id) = (ArticleId::new(), ViewId::new());
        let (tag_id, name) = (TagId::new(), "x".to_owned());
        let (conversation, now) = (ConversationId::new(), Timestamp(0));
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
            Event::CannedReplyChanged { reply_id, fields: vec![] },
            Event::CannedReplyDeleted { reply_id, name: "x".to_owned() },
            Event::ArticleCreated { article_id },
            Event::ArticleChanged { article_id, fields: vec![] },
            Event::ArticleDeleted { article_id, title: "x".to_owned() },
            Event::TagCreated { tag_id },
            Event::TagChanged { tag_id, changes: Map::new() },
            Event::TagDeleted { tag_id, name: name.clone() },
            Event::TagsMerged { from: tag_id, into: tag_id, name: name.clone(), into_name: name },
            Event::ViewCreated { view_id, shared: true },
            Event::ViewChanged { view_id, shared: true, fields: vec![] },
            Event::ViewDeleted { view_id, shared: false },
            Event::AgentInvited { agent_id },
            Event::InvitationAccepted { agent_id },
            Event::BackfillRequested { channel_id, since: now, before: now },
            Event::MailReplayed { mail_id: InboundId::new() },
            Event::ConversationMerged { from: ConversationId::new(), into: conversation },
            Event::MergeUndone { from: ConversationId::new(), into: conversation },
            Event::ConversationSplit { from: conversation, made: ConversationId::new() },
            Event::ContactsMerged { from: ContactId::new(), into: ContactId::new() },
            Event::ContactMergeUndone { from: ContactId::new(), into: ContactId::new() },
            Event::AiSettingsChanged { changes: Map::new() },
            Event::ChannelCreated { channel_id },
            Event::ChannelChanged { channel_id, fields: vec![], changes: Map::new() },
            Event::ChannelDeleted { channel_id },
            Event::ContactErased { contact_id: ContactId::new() },
            Event::ImportStarted { import_id, dry_run: false, run_automations: true },
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
            Event::SettingsChanged { fields: vec![], changes: Map::new() },
            Event::HeldJobsReleased { count: 1 },
            Event::MasterKeyRotated {
                key_before: "a".to_owned(),
                key_after: "b".to_owned(),
                secrets: 1,
            },
            Event::ContactsExported,
            Event::AuditExported,
        ];
        let mut kinds: Vec<String> = events
            .iter()
            .map(|it| {
                assert!(object_of(it, Some(conversation)).is_some(), "{it:?}");
                serde_json::to_value(it).unwrap()["kind"].as_str().unwrap().to_owned()
            })
            .collect();
        kinds.sort();
        assert_eq!(kinds, ACTIONS);
        let everyday = [
            Event::ConversationOpened,
            Event::ImportStarted { import_id, dry_run: true, run_automations: true },
            Event::ImportProgressed { import_id, done: 1, total: 2 },
            Event::ContactCreated { contact_id: ContactId::new() },
            Event::Assigned { from: None, to: Some(agent_id) },
            // The other one's line of the same merge.
            Event::ConversationMerged { from: conversation, into: ConversationId::new() },
        ];
        assert!(everyday.iter().all(|it| object_of(it, Some(conversation)).is_none()));
    }

    #[test]
    fn what_changed_is_told_by_its_path() {
        let before = json!({ "name": "A", "imap": { "host": "a", "port": 1 }, "days": [1] });
        let after =
            json!({ "name": "A", "imap": { "host": "b", "port": 1 }, "days": [1, 2], "x": 1 });
        let want = json!({
            "days": { "before": [1], "after": [1, 2] },
            "imap.host": { "before": "a", "after": "b" },
            "x": { "before": null, "after": 1 },
        });
        assert_eq!(Value::Object(differences(&before, &after)), want);
        assert!(differences(&before, &before).is_empty());
        let long = differences(&json!({ "a": "x".repeat(500) }), &json!({ "a": vec![0; 900] }));
        assert_eq!(long["a"]["before"].as_str().unwrap().chars().count(), SHOWN + 1);
        assert_eq!(long["a"]["after"], "…");
    }
}
