//! Web chat: who visits a site, how its channel is set up, and how the site says who somebody is.

mod origins;

use serde::{Deserialize, Serialize};

pub use origins::{NotAnOrigin, WebOrigin};

use crate::{
    Timestamp,
    ids::{ChannelId, ContactId, VisitorId},
};

/// Somebody with the chat of a site in their browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    /// 0 until stored.
    pub seq: i64,
    pub id: VisitorId,
    pub channel_id: ChannelId,
    /// Who the site says they are. None for who is anonymous.
    pub user_id: Option<String>,
    pub name: Option<String>,
    /// As they typed it: nobody has verified that it is theirs.
    pub email: Option<String>,
    pub phone: Option<String>,
    /// None until they write.
    pub contact_id: Option<ContactId>,
    pub created_at: Timestamp,
}

impl Visitor {
    /// What agents see of somebody who gave no name.
    pub fn made_up_name(&self) -> String {
        // The last bytes are random.
        let bytes = self.id.0.as_bytes();
        format!("Visitor {:02X}{:02X}", bytes[14], bytes[15])
    }
}

/// The stored configuration of a web chat, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebchatConfig {
    /// Whose pages may show the chat, besides our own.
    pub allowed_origins: Vec<WebOrigin>,
    pub greeting: Option<String>,
    /// `#rrggbb`.
    pub color: Option<String>,
    pub reply_time: ReplyTime,
    pub pre_chat: Vec<PreChatField>,
    pub ask_rating: bool,
    pub enforce_identity: bool,
    /// Over which mailbox replies go out to somebody who left.
    pub email_channel_id: Option<ChannelId>,
    /// How long somebody must have left before replies go out by mail, in seconds.
    #[serde(default = "usual_absence")]
    pub email_after_seconds: u32,
}

/// Pages are loaded anew, and trains leave tunnels.
pub const EMAIL_AFTER_SECONDS: u32 = 120;

fn usual_absence() -> u32 {
    EMAIL_AFTER_SECONDS
}

/// How soon visitors are told to expect an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReplyTime {
    Minutes,
    Hours,
    Day,
}

/// What a visitor is asked before the first message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreChatField {
    /// `name`, `email`, `phone`, or the name of an attribute of the contact.
    pub field: String,
    pub label: String,
    pub required: bool,
}

/// Attributes of a contact that say what a visitor told of themselves, and who their site says they are.
pub const UNVERIFIED_EMAIL: &str = "unverified_email";
pub const UNVERIFIED_PHONE: &str = "unverified_phone";
pub const USER_ID: &str = "user_id";

/// Whether no answer of a visitor may stand under this name: agents would take it for what we know.
pub fn is_reserved(field: &str) -> bool {
    [UNVERIFIED_EMAIL, UNVERIFIED_PHONE, USER_ID].iter().any(|it| it.eq_ignore_ascii_case(field))
}

/// The name under which a web chat's secret is kept.
pub const IDENTITY_SECRET: &str = "identity_secret";

/// A chat resolved longer ago than this stays as it is; the next message opens another one.
pub const NEW_CONVERSATION_AFTER_DAYS: u32 = 1;

/// What a site signs to say who somebody is; `expires_at` in seconds since 1970, UTC. A user id has no
/// line breaks, so no two visitors share a text.
pub fn signed_text(channel: ChannelId, user_id: &str, expires_at: i64) -> String {
    format!("{channel}\n{user_id}\n{expires_at}")
}
