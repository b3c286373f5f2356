//! What may be sent to write a message.

use desk::messages::{Draft, forward};
use domain::{
    Timestamp,
    ids::{AttachmentId, CannedReplyId, ChannelId, DraftId, MessageId},
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::parse;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Send {
    text: String,
    html: Option<String>,
    private: Option<bool>,
    #[schema(value_type = Option<Vec<Uuid>>)]
    attachment_ids: Option<Vec<AttachmentId>>,
    cc: Option<Vec<String>>,
    bcc: Option<Vec<String>>,
    #[serde(default, deserialize_with = "parse::optional_time")]
    #[schema(value_type = Option<String>, format = DateTime)]
    send_at: Option<Timestamp>,
    cancel_if_customer_writes: Option<bool>,
    #[schema(value_type = Option<Uuid>)]
    last_seen_message_id: Option<MessageId>,
    force: Option<bool>,
    /// What it was written from: its use is counted and its actions are done.
    #[schema(value_type = Option<Uuid>)]
    canned_reply_id: Option<CannedReplyId>,
    /// The `suggestion_id` it was written from.
    #[schema(value_type = Option<Uuid>)]
    suggestion_id: Option<DraftId>,
}

impl From<Send> for Draft {
    fn from(it: Send) -> Self {
        Self {
            text: it.text,
            html: it.html,
            private: it.private.unwrap_or(false),
            attachments: it.attachment_ids.unwrap_or_default(),
            cc: it.cc.unwrap_or_default(),
            bcc: it.bcc.unwrap_or_default(),
            send_at: it.send_at,
            cancel_if_customer_writes: it.cancel_if_customer_writes.unwrap_or(false),
            last_seen: it.last_seen_message_id,
            force: it.force.unwrap_or(false),
            canned_reply: it.canned_reply_id,
            suggestion: it.suggestion_id,
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Forward {
    to: String,
    text: Option<String>,
    /// Whether an answer from there joins the conversation.
    add_participant: Option<bool>,
    /// The e-mail channel to send it over, where the conversation is not a mailbox's and there are
    /// several.
    #[schema(value_type = Option<Uuid>)]
    channel_id: Option<ChannelId>,
}

impl From<Forward> for forward::Forward {
    fn from(it: Forward) -> Self {
        let as_participant = it.add_participant.unwrap_or(false);
        Self { to: it.to, text: it.text, as_participant, over: it.channel_id }
    }
}
