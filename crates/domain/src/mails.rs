//! An e-mail channel's configuration and the ledger of everything its mailbox has shown us.

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    ids::{ChannelId, ConversationId, InboundId, MessageId},
};

crate::words!(
    /// What became of a mail the server has seen; each is exactly one of these.
    Fate, "fate", {
        Pending => "pending",
        Message => "message",
        Duplicate => "duplicate",
        Ignored => "ignored",
        Quarantined => "quarantined",
    }
);

/// One sight of one mail.
#[derive(Debug, Clone, PartialEq)]
pub struct Inbound {
    pub id: InboundId,
    pub channel_id: ChannelId,
    /// Where it was seen: folder, UIDVALIDITY and UID.
    pub source_key: String,
    /// What it is: Message-ID and SHA-256.
    pub content_key: String,
    pub file_hash: Option<String>,
    pub size: u64,
    pub received_at: Timestamp,
    pub from_address: Option<String>,
    pub subject: Option<String>,
    pub backfill: bool,
    pub fate: Fate,
    /// Why it was ignored or quarantined, for a person.
    pub reason: Option<String>,
    pub message_id: Option<MessageId>,
    pub conversation_id: Option<ConversationId>,
    pub attempts: u32,
    pub settled_at: Option<Timestamp>,
}

/// How a connection is protected. `none` is for loopback only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    Tls,
    Starttls,
    None,
}

/// Where to reach a mail server, without its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    pub host: String,
    pub port: u16,
    pub security: Security,
    /// None where the server asks for no login (a relay on loopback).
    pub username: Option<String>,
    #[serde(default)]
    pub auth: Auth,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Auth {
    #[default]
    Password,
    /// XOAUTH2 with a refresh token; see [`MailConfig::oauth`].
    Xoauth2,
}

/// Where an access token comes from (RFC 6749 §6). The secrets are kept apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OAuth {
    pub token_url: String,
    pub client_id: String,
    #[serde(default)]
    pub scope: Option<String>,
}

/// The stored configuration of an e-mail channel, without its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailConfig {
    pub address: String,
    pub from_name: Option<String>,
    pub imap: Server,
    pub folders: Vec<String>,
    pub smtp: Server,
    #[serde(default)]
    pub oauth: Option<OAuth>,
    /// A reply to a conversation resolved longer ago than this opens a new one; none always reopens.
    pub new_conversation_after_days: Option<u32>,
    /// Whether replies quote the message they answer.
    pub quote_history: bool,
    /// Whether the reply address carries a token (`desk+token@…`); needs plus-addressing at the host.
    pub plus_addressing: bool,
    /// Whether the subject carries the conversation's number.
    pub subject_number: bool,
    /// Larger mails stay on the server and are listed as quarantined. Bytes.
    pub max_mail_bytes: u64,
    pub signature: Option<String>,
}

/// The names under which an e-mail channel's secrets are kept.
pub const SECRETS: [&str; 4] =
    ["imap.password", "smtp.password", "oauth.client_secret", "oauth.refresh_token"];
