//! A connected account that customers write to.

use crate::{Timestamp, ids::ChannelId};

crate::words!(
    /// The Open API shows `webchat` as `livechat` and `facebook` as `messenger`.
    ChannelType, "channel type", {
        Email => "email",
        Webchat => "webchat",
        Whatsapp => "whatsapp",
        Facebook => "facebook",
        Instagram => "instagram",
        Telegram => "telegram",
        Viber => "viber",
        Sms => "sms",
    }
);

#[derive(Debug, Clone, PartialEq)]
pub struct Channel {
    pub id: ChannelId,
    pub kind: ChannelType,
    pub name: String,
    /// What the channel's type needs to connect, without its secrets. An e-mail channel's is
    /// [`crate::mails::MailConfig`].
    pub config: serde_json::Value,
    pub is_active: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub deleted_at: Option<Timestamp>,
}

/// How a channel fares, in words an admin understands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    pub receive_ok_at: Option<Timestamp>,
    pub receive_error: Option<String>,
    pub receive_error_at: Option<Timestamp>,
    pub send_ok_at: Option<Timestamp>,
    pub send_error: Option<String>,
    pub send_error_at: Option<Timestamp>,
}
