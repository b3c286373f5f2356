//! One entry in a conversation, and what may happen to it on its way out.

pub mod lines;

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    ids::{AttachmentId, ChannelId, ConversationId, InboundId, MessageId},
};

crate::words!(Direction, "direction", {
    Inbound => "inbound",
    Outbound => "outbound",
    /// Private: only agents see it.
    Note => "note",
    /// What happened, told in the thread: assigned, resolved, …
    Event => "event",
});

crate::words!(MessageType, "message type", {
    Text => "text",
    Image => "image",
    Audio => "audio",
    Video => "video",
    Document => "document",
    Location => "location",
    Contact => "contact",
    Event => "event",
});

impl MessageType {
    /// What a message is, whoever wrote it: one without words is what its only file is.
    pub fn of(text: &str, files: &[Attachment]) -> Self {
        let [only] = files else { return Self::Text };
        if !text.trim().is_empty() {
            return Self::Text;
        }
        match only.mime.split('/').next() {
            Some("image") => Self::Image,
            Some("audio") => Self::Audio,
            Some("video") => Self::Video,
            _ => Self::Document,
        }
    }
}

crate::words!(SenderType, "sender type", {
    Contact => "contact",
    Agent => "agent",
    Ai => "ai",
    System => "system",
});

crate::words!(
    /// How far an outbound message has come. It never moves back.
    DeliveryStatus, "delivery status", {
        Queued => "queued",
        Sent => "sent",
        Delivered => "delivered",
        Read => "read",
        Failed => "failed",
    }
);

impl DeliveryStatus {
    /// Whether news of `next` changes anything: providers repeat and reorder what they tell.
    /// A failure can follow everything but a reading; nothing follows a failure but a retry, which
    /// starts from `Queued` by an agent's hand.
    pub fn may_become(self, next: Self) -> bool {
        match (self, next) {
            (Self::Failed, _) | (Self::Read, _) => false,
            (_, Self::Failed) => true,
            _ => next > self,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    pub kind: SenderType,
    /// The agent's or contact's id; none for the system.
    pub id: Option<uuid::Uuid>,
    pub name: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// The order of all messages; 0 until stored.
    pub seq: i64,
    pub id: MessageId,
    pub conversation_id: ConversationId,
    pub conversation_number: i64,
    pub direction: Direction,
    pub kind: MessageType,
    pub sender: Sender,
    /// What was newly written, without quoted history and signature.
    pub text: String,
    /// HTML as it came. Never show it without cleaning it.
    pub html: Option<String>,
    pub quoted: Option<String>,
    pub signature: Option<String>,
    pub attachments: Vec<Attachment>,
    /// Outbound messages only.
    pub status: Option<DeliveryStatus>,
    /// Why it failed, for a person.
    pub error: Option<String>,
    pub send_at: Option<Timestamp>,
    pub cancel_if_customer_writes: bool,
    pub mail: Option<MailFacts>,
    /// What an event line tells; `text` says it, too. None in lines of before it was kept.
    pub event: Option<lines::Line>,
    pub created_at: Timestamp,
    pub sent_at: Option<Timestamp>,
}

impl Message {
    /// Whether somebody is still to get it.
    pub fn is_to_be_sent(&self) -> bool {
        self.status == Some(DeliveryStatus::Queued) || self.unreached().iter().any(|it| it.pending)
    }

    /// The channel it leaves over, in a conversation of the channel `own`.
    pub fn carrier(&self, own: ChannelId) -> ChannelId {
        self.mail.as_ref().and_then(|it| it.over).unwrap_or(own)
    }

    /// Recipients who have not got it though others have.
    pub fn unreached(&self) -> &[Unreached] {
        self.mail.as_ref().map_or(&[], |it| &it.unreached)
    }
}

/// What a mail has beyond its text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MailFacts {
    /// Without the angle brackets.
    pub message_id: Option<String>,
    pub in_reply_to: Option<String>,
    /// Oldest first, as in the header.
    pub references: Vec<String>,
    pub subject: Option<String>,
    pub from_name: Option<String>,
    pub from_address: Option<String>,
    pub to: Vec<String>,
    pub cc: Vec<String>,
    pub bcc: Vec<String>,
    /// No person wrote it: an automatic reply, a mailing list, a report. Nothing answers it by itself.
    pub automatic: bool,
    /// What a reader should know of it, e.g. that its sender is unclear.
    pub remark: Option<String>,
    /// The ledger's row of the raw mail it came from.
    pub inbound_id: Option<InboundId>,
    /// Where its sender wants answers, if elsewhere than at `from_address`. Only ever an address to
    /// write to: anybody can name any, so it never says who somebody is.
    pub reply_to: Option<String>,
    /// Recipients who have not got a mail that others have.
    pub unreached: Vec<Unreached>,
    /// The mailbox it leaves over, where that is not its conversation's channel. What does is for
    /// somebody else: a visitor of a chat never sees it.
    pub over: Option<ChannelId>,
}

/// A recipient whom the mail server did not accept while it accepted others. Stored as a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreached {
    pub address: String,
    /// In the server's words.
    pub reason: String,
    /// Tried again by itself; else it was given up.
    pub pending: bool,
}

/// A file on a message, or an upload waiting for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    pub id: AttachmentId,
    /// SHA-256 of the bytes, in hex: the name they are stored under.
    pub file_hash: String,
    pub name: String,
    pub mime: String,
    /// Bytes.
    pub size: u64,
    /// A mail refers to its inline pictures by this (RFC 2392), without angle brackets.
    pub content_id: Option<String>,
    pub inline: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_never_moves_back_whatever_order_the_news_comes_in() {
        use DeliveryStatus::*;
        let cases = [
            (Queued, Sent, true),
            (Sent, Read, true),
            (Delivered, Sent, false),
            (Read, Delivered, false),
            (Sent, Sent, false),
            (Sent, Failed, true),
            (Failed, Sent, false),
            (Read, Failed, false),
        ];
        for (from, to, want) in cases {
            assert_eq!(from.may_become(to), want, "{from} to {to}");
        }
    }

    #[test]
    fn a_message_without_words_is_what_its_only_file_is() {
        let file = |mime: &str| Attachment {
            id: AttachmentId::new(),
            file_hash: String::new(),
            name: "file".into(),
            mime: mime.into(),
            size: 1,
            content_id: None,
            inline: false,
        };
        let cases = [
            ("", vec!["image/png"], MessageType::Image),
            (" \n", vec!["video/mp4"], MessageType::Video),
            ("", vec!["application/pdf"], MessageType::Document),
            ("Look", vec!["image/png"], MessageType::Text),
            ("", vec!["image/png", "image/png"], MessageType::Text),
            ("", vec![], MessageType::Text),
        ];
        for (text, files, want) in cases {
            let all: Vec<_> = files.iter().map(|it| file(it)).collect();
            assert_eq!(MessageType::of(text, &all), want, "{text:?} {files:?}");
        }
    }
}
