//! Messages as they are shown.

use desk::messages::{display::Safe, find::Delivery};
use domain::messages::{
    Attachment, DeliveryStatus, Direction, MessageType, Sender, SenderType, Unreached,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::lines::LineView;
use crate::openapi::{optional_word, word};

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MessageView {
    id: String,
    conversation_id: String,
    #[schema(schema_with = word::<Direction>)]
    direction: &'static str,
    #[schema(schema_with = word::<MessageType>)]
    r#type: &'static str,
    sender: SenderView,
    text: String,
    /// What an event line tells, for showing it in other words than `text`; `null` in lines of before
    /// it was kept.
    event: Option<LineView>,
    /// A list shows the first 16 KB of `text`, `quoted` and `signature`: one of them is longer, and
    /// the message read by itself has all of it.
    is_cut: bool,
    /// Cleaned; `null` where there is none or it is too large to stand here.
    html: Option<String>,
    /// Where the HTML is shown by itself.
    html_url: Option<String>,
    quoted: Option<String>,
    signature: Option<String>,
    attachments: Vec<AttachmentView>,
    #[schema(schema_with = optional_word::<DeliveryStatus>)]
    status: Option<&'static str>,
    error: Option<String>,
    subject: Option<String>,
    from: Option<MailboxView>,
    to: Vec<String>,
    cc: Vec<String>,
    bcc: Vec<String>,
    /// Where its sender wants answers, if not at `from`. Anybody can name any address here.
    reply_to: Option<String>,
    message_id: Option<String>,
    /// Recipients who have not got it though others have.
    unreached: Vec<UnreachedView>,
    /// No person wrote it.
    automatic: bool,
    /// What a reader should know of it, e.g. that its sender is unclear.
    remark: Option<String>,
    /// Where the mail can be had as it came.
    raw_url: Option<String>,
    #[schema(format = DateTime)]
    send_at: Option<String>,
    cancel_if_customer_writes: bool,
    #[schema(format = DateTime)]
    sent_at: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct SenderView {
    #[schema(schema_with = word::<SenderType>)]
    r#type: &'static str,
    id: Option<String>,
    name: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct MailboxView {
    name: Option<String>,
    address: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AttachmentView {
    id: String,
    name: String,
    /// What the file is kept as; a download's type is decided by its bytes.
    mime_type: String,
    size: u64,
    inline: bool,
    url: String,
}

impl From<Safe> for MessageView {
    fn from(safe: Safe) -> Self {
        let Safe { message: it, has_html, is_cut } = safe;
        let mail = it.mail.unwrap_or_default();
        let address = |name: &str| format!("/api/messages/{}/{name}", it.id);
        Self {
            id: it.id.to_string(),
            conversation_id: it.conversation_id.to_string(),
            direction: it.direction.as_str(),
            r#type: it.kind.as_str(),
            sender: it.sender.into(),
            text: it.text,
            event: it.event.map(LineView::from),
            is_cut,
            html: it.html,
            html_url: has_html.then(|| address("html")),
            quoted: it.quoted,
            signature: it.signature,
            attachments: it.attachments.into_iter().map(AttachmentView::from).collect(),
            status: it.status.map(|it| it.as_str()),
            error: it.error,
            subject: mail.subject,
            from: mail.from_address.map(|address| MailboxView { name: mail.from_name, address }),
            to: mail.to,
            cc: mail.cc,
            bcc: mail.bcc,
            reply_to: mail.reply_to,
            message_id: mail.message_id,
            unreached: mail.unreached.into_iter().map(UnreachedView::from).collect(),
            automatic: mail.automatic,
            remark: mail.remark,
            raw_url: mail.inbound_id.map(|_| address("raw")),
            send_at: it.send_at.map(|it| it.to_string()),
            cancel_if_customer_writes: it.cancel_if_customer_writes,
            sent_at: it.sent_at.map(|it| it.to_string()),
            created_at: it.created_at.to_string(),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct UnreachedView {
    address: String,
    /// In the mail server's words.
    reason: String,
    /// Whether it is tried again by itself; else it was given up.
    pending: bool,
}

impl From<Unreached> for UnreachedView {
    fn from(it: Unreached) -> Self {
        Self { address: it.address, reason: it.reason, pending: it.pending }
    }
}

impl From<Sender> for SenderView {
    fn from(it: Sender) -> Self {
        Self { r#type: it.kind.as_str(), id: it.id.map(|it| it.to_string()), name: it.name }
    }
}

impl From<Attachment> for AttachmentView {
    fn from(it: Attachment) -> Self {
        Self {
            url: format!("/api/attachments/{}", it.id),
            id: it.id.to_string(),
            name: it.name,
            mime_type: it.mime,
            size: it.size,
            inline: it.inline,
        }
    }
}

/// One message with every attempt to deliver it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DetailedView {
    #[serde(flatten)]
    message: MessageView,
    deliveries: Vec<DeliveryView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct DeliveryView {
    #[schema(format = DateTime)]
    started_at: String,
    #[schema(format = DateTime)]
    finished_at: Option<String>,
    outcome: Option<&'static str>,
    code: Option<i64>,
    detail: Option<String>,
}

impl DetailedView {
    pub(super) fn new(message: Safe, deliveries: Vec<Delivery>) -> Self {
        let deliveries = deliveries.into_iter().map(|it| DeliveryView {
            started_at: it.started_at.to_string(),
            finished_at: it.finished_at.map(|it| it.to_string()),
            outcome: it.outcome.map(|it| it.as_str()),
            code: it.code,
            detail: it.detail,
        });
        Self { message: message.into(), deliveries: deliveries.collect() }
    }
}

/// A message that was taken back, as it was.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Cancelled {
    #[serde(flatten)]
    message: MessageView,
    result: &'static str,
}

impl From<Safe> for Cancelled {
    fn from(it: Safe) -> Self {
        Self { message: it.into(), result: "cancelled" }
    }
}
