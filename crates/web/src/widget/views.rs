//! What a visitor's browser is shown.

use desk::{
    Keys,
    visitors::{
        files::Link,
        history::{Current, Shown, Viewer},
    },
};
use domain::{
    Timestamp,
    ids::ChannelId,
    messages::{Attachment, Direction, SenderType},
};
use serde::Serialize;

/// A page's links are made with these.
#[derive(Clone, Copy)]
pub(super) struct Links<'a> {
    pub keys: &'a Keys,
    pub channel: ChannelId,
    pub now: Timestamp,
}

#[derive(Debug, Serialize)]
pub(super) struct MessageView {
    id: String,
    /// `visitor`, `agent` or `bot`.
    from: &'static str,
    author: Option<AuthorView>,
    text: String,
    html: Option<String>,
    attachments: Vec<AttachmentView>,
    created_at: String,
    client_id: Option<String>,
}

#[derive(Debug, Serialize)]
struct AuthorView {
    name: String,
}

#[derive(Debug, Serialize)]
struct AttachmentView {
    id: String,
    name: String,
    r#type: String,
    size: u64,
    url: String,
    picture_url: Option<String>,
}

impl MessageView {
    pub(super) fn new(it: Shown, links: Links<'_>) -> Self {
        let Shown { message, html, client_id, viewer } = it;
        let from = match (message.direction, message.sender.kind) {
            (Direction::Inbound, _) => "visitor",
            (_, SenderType::Agent) => "agent",
            _ => "bot",
        };
        // How rules are called is the desk's own business.
        let name = message.sender.name.filter(|_| from == "agent");
        let files = message.attachments.into_iter();
        Self {
            id: message.id.to_string(),
            from,
            author: name.map(|name| AuthorView { name }),
            text: message.text,
            html,
            attachments: files.map(|it| AttachmentView::new(it, viewer, links)).collect(),
            created_at: message.created_at.to_string(),
            client_id,
        }
    }
}

/// Pictures a browser may show in place; the download decides by the bytes.
const PICTURES: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];

impl AttachmentView {
    fn new(it: Attachment, viewer: Viewer, links: Links<'_>) -> Self {
        let url = Link::new(links.keys, it.id, viewer, links.now).path(links.channel);
        let is_picture = PICTURES.contains(&it.mime.as_str());
        Self {
            id: it.id.to_string(),
            name: it.name,
            r#type: it.mime,
            size: it.size,
            picture_url: is_picture.then(|| format!("{url}&inline=1")),
            url,
        }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct ConversationView {
    id: String,
    /// `open` or `resolved`: how the desk sorts its work concerns nobody else.
    status: &'static str,
    rating: Option<RatingView>,
}

#[derive(Debug, Serialize)]
struct RatingView {
    score: u8,
    comment: Option<String>,
}

pub(super) fn status(is_resolved: bool) -> &'static str {
    if is_resolved { "resolved" } else { "open" }
}

impl From<Current> for ConversationView {
    fn from(it: Current) -> Self {
        Self {
            id: it.id.to_string(),
            status: status(it.is_resolved),
            rating: it.rating.map(|it| RatingView { score: it.score, comment: it.comment }),
        }
    }
}
