//! What happened, in order, kept for the live stream, webhooks and the audit trail.

mod audience;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

pub use audience::Audience;

use crate::{
    Timestamp,
    agents::Role,
    conversations::{Priority, Status},
    ids::{
        AgentId, ApiKeyId, ArticleId, CannedReplyId, ChannelId, ContactId, ConversationId,
        ImportId, InboundId, MessageId, NoticeId, RuleId, TagId, ViewId,
    },
    messages::{DeliveryStatus, SenderType},
};

/// Who caused an event or acts in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    Agent(AgentId),
    Contact(ContactId),
    /// An automation.
    Rule(RuleId),
    /// Deskbell itself: a timer, an import, the command line.
    System,
}

impl Actor {
    pub fn kind(self) -> SenderType {
        match self {
            Self::Agent(_) => SenderType::Agent,
            Self::Contact(_) => SenderType::Contact,
            Self::Rule(_) | Self::System => SenderType::System,
        }
    }

    pub fn id(self) -> Option<uuid::Uuid> {
        match self {
            Self::Agent(id) => Some(id.0),
            Self::Contact(id) => Some(id.0),
            Self::Rule(id) => Some(id.0),
            Self::System => None,
        }
    }

    pub fn agent(self) -> Option<AgentId> {
        match self {
            Self::Agent(id) => Some(id),
            _ => None,
        }
    }
}

/// Stored as JSON: a variant or field may be added, never renamed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", rename_all_fields = "snake_case", tag = "kind")]
pub enum Event {
    ConversationOpened,
    MessageReceived {
        message_id: MessageId,
    },
    MessageQueued {
        message_id: MessageId,
    },
    NoteAdded {
        message_id: MessageId,
    },
    /// A message was made from a model's draft.
    SuggestionUsed {
        message_id: MessageId,
    },
    MessageCancelled {
        message_id: MessageId,
    },
    DeliveryChanged {
        message_id: MessageId,
        #[serde(serialize_with = "word")]
        status: DeliveryStatus,
    },
    /// Of a message that has left: who has not got it yet, or never will.
    RecipientsChanged {
        message_id: MessageId,
    },
    Assigned {
        from: Option<AgentId>,
        to: Option<AgentId>,
    },
    StatusChanged {
        #[serde(serialize_with = "word")]
        before: Status,
        #[serde(serialize_with = "word")]
        after: Status,
        #[serde(serialize_with = "instant", skip_serializing_if = "Option::is_none")]
        snoozed_until: Option<Timestamp>,
    },
    PriorityChanged {
        #[serde(serialize_with = "word")]
        before: Priority,
        #[serde(serialize_with = "word")]
        after: Priority,
    },
    ConversationChanged {
        fields: Vec<&'static str>,
    },
    ConversationRead,
    /// One went into another; told in both.
    ConversationMerged {
        from: ConversationId,
        into: ConversationId,
    },
    MergeUndone {
        from: ConversationId,
        into: ConversationId,
    },
    /// Later messages became a conversation of their own; told in both.
    ConversationSplit {
        from: ConversationId,
        made: ConversationId,
    },
    /// The customer said how it went, 1 to 5.
    ConversationRated {
        score: u8,
        /// What they had said of it before.
        #[serde(skip_serializing_if = "Option::is_none")]
        before: Option<u8>,
    },
    TagAdded {
        tag: String,
    },
    TagRemoved {
        tag: String,
    },
    ContactCreated {
        contact_id: ContactId,
    },
    ContactChanged {
        contact_id: ContactId,
        fields: Vec<&'static str>,
    },
    ContactsMerged {
        from: ContactId,
        into: ContactId,
    },
    ContactMergeUndone {
        from: ContactId,
        into: ContactId,
    },
    ContactErased {
        contact_id: ContactId,
    },
    ChannelCreated {
        channel_id: ChannelId,
    },
    ChannelChanged {
        channel_id: ChannelId,
        fields: Vec<&'static str>,
        /// What stood there before and after; of secrets only that they changed.
        #[serde(skip_serializing_if = "Map::is_empty")]
        changes: Map<String, Value>,
    },
    ChannelDeleted {
        channel_id: ChannelId,
    },
    /// Older mail was asked for.
    BackfillRequested {
        channel_id: ChannelId,
        #[serde(serialize_with = "word")]
        since: Timestamp,
        #[serde(serialize_with = "word")]
        before: Timestamp,
    },
    /// A mail that became no message was tried again.
    MailReplayed {
        mail_id: InboundId,
    },
    AgentCreated {
        agent_id: AgentId,
    },
    AgentChanged {
        agent_id: AgentId,
        fields: Vec<&'static str>,
    },
    RoleChanged {
        agent_id: AgentId,
        #[serde(serialize_with = "word")]
        before: Role,
        #[serde(serialize_with = "word")]
        after: Role,
    },
    AgentDeleted {
        agent_id: AgentId,
    },
    AgentInvited {
        agent_id: AgentId,
    },
    InvitationAccepted {
        agent_id: AgentId,
    },
    SessionsEnded {
        agent_id: AgentId,
        count: u64,
    },
    SignedIn {
        agent_id: AgentId,
    },
    /// Nobody is known by an address that is not an agent's, and it may be a password in the wrong
    /// field: it is not kept.
    SignInFailed {
        agent_id: Option<AgentId>,
    },
    SignedOut {
        agent_id: AgentId,
    },
    PasswordChanged {
        agent_id: AgentId,
    },
    SettingsChanged {
        fields: Vec<&'static str>,
        #[serde(skip_serializing_if = "Map::is_empty")]
        changes: Map<String, Value>,
    },
    /// Which model drafts, and how it is asked: for admins alone.
    AiSettingsChanged {
        changes: Map<String, Value>,
    },
    ApiKeyCreated {
        key_id: ApiKeyId,
    },
    ApiKeyRevoked {
        key_id: ApiKeyId,
    },
    CannedReplyCreated {
        reply_id: CannedReplyId,
    },
    CannedReplyChanged {
        reply_id: CannedReplyId,
        fields: Vec<&'static str>,
    },
    CannedReplyDeleted {
        reply_id: CannedReplyId,
        name: String,
    },
    ArticleCreated {
        article_id: ArticleId,
    },
    ArticleChanged {
        article_id: ArticleId,
        fields: Vec<&'static str>,
    },
    ArticleDeleted {
        article_id: ArticleId,
        title: String,
    },
    TagCreated {
        tag_id: TagId,
    },
    /// What it was called and how it looked, before and after.
    TagChanged {
        tag_id: TagId,
        changes: Map<String, Value>,
    },
    TagDeleted {
        tag_id: TagId,
        name: String,
    },
    /// What had the one has the other now.
    TagsMerged {
        from: TagId,
        into: TagId,
        name: String,
        into_name: String,
    },
    ViewCreated {
        view_id: ViewId,
        shared: bool,
    },
    ViewChanged {
        view_id: ViewId,
        shared: bool,
        fields: Vec<&'static str>,
    },
    ViewDeleted {
        view_id: ViewId,
        shared: bool,
    },
    /// Somebody saved a mail of the ledger as it came.
    MailRead {
        mail_id: InboundId,
    },
    /// Somebody saved the mail a message came from.
    MessageSourceRead {
        message_id: MessageId,
    },
    AuditExported,
    ContactsExported,
    ImportStarted {
        import_id: ImportId,
        dry_run: bool,
        /// Each contact is told of and looked at by rules.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        run_automations: bool,
    },
    /// For who watches, a hundred times an import at most.
    ImportProgressed {
        import_id: ImportId,
        done: u64,
        total: u64,
    },
    ImportFinished {
        import_id: ImportId,
        dry_run: bool,
        created: u64,
        updated: u64,
        skipped: u64,
        failed: u64,
    },
    ImportFailed {
        import_id: ImportId,
        reason: String,
    },
    ImportCancelled {
        import_id: ImportId,
    },
    /// A rule matched, or failed at it.
    RuleRan {
        rule_id: RuleId,
        name: String,
        matched: bool,
        /// What it did, by the documented names of actions.
        actions: Vec<&'static str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    /// A rule went round in a circle or kept failing.
    RuleDisabled {
        rule_id: RuleId,
        name: String,
        reason: String,
    },
    RuleCreated {
        rule_id: RuleId,
    },
    RuleChanged {
        rule_id: RuleId,
        fields: Vec<&'static str>,
    },
    RuleDeleted {
        rule_id: RuleId,
    },
    HeldJobsReleased {
        count: u64,
    },
    /// The names of both keys, and how many secrets were sealed again.
    MasterKeyRotated {
        key_before: String,
        key_after: String,
        secrets: u64,
    },
    /// Somebody has something to hear of; nobody else gets this one.
    NoticeRaised {
        notice_id: NoticeId,
        agent_id: AgentId,
    },
    /// All of them when none is named.
    NoticesRead {
        agent_id: AgentId,
        notice_id: Option<NoticeId>,
    },
}

/// An event as it was stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// The order of all events; a stream's `Last-Event-ID`.
    pub seq: i64,
    pub event: Event,
    pub conversation: Option<ConversationId>,
    pub actor: Actor,
    pub at: Timestamp,
}

fn word<T: std::fmt::Display, S: Serializer>(it: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(it)
}

fn instant<S: Serializer>(it: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match it {
        Some(at) => serializer.collect_str(at),
        None => serializer.serialize_none(),
    }
}
