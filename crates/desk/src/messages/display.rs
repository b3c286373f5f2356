//! A message's HTML as it may be shown: cleaned when read, its pictures mapped to signed links.

use connectors::email::{
    clean::{self, Display, RemoteImages},
    escape,
};
use domain::{
    Timestamp,
    ids::{AgentId, AttachmentId, MessageId},
    messages::{Attachment, Message},
    policy::{Action, Caller, Denied},
};
use storage::messages::Listed;

use super::find;
use crate::{Desk, DeskError, Keys, Result, attachments::links::Link};

/// A message's body for a frame of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub html: String,
    /// Pictures from elsewhere that were left out.
    pub blocked_images: usize,
}

/// A message whose HTML may be shown as it is.
#[derive(Debug, Clone)]
pub struct Safe {
    /// Its HTML is cleaned, or left out.
    pub message: Message,
    /// Whether there is HTML to be read by itself, also where it is left out here.
    pub has_html: bool,
    /// A text of it goes on where it is read by itself.
    pub is_cut: bool,
}

impl Safe {
    /// As lists show it, without its HTML, cleaned or not.
    pub fn without_html(message: Message) -> Self {
        Self::from(Listed::cut(message, find::LISTED_TEXT))
    }
}

impl From<Listed> for Safe {
    fn from(it: Listed) -> Self {
        let Listed { mut message, is_cut, has_html } = it;
        message.html = None;
        Self { message, has_html, is_cut }
    }
}

/// Cleans one message's HTML; a message without any is its text.
#[tracing::instrument(skip_all, fields(message.id = %id))]
pub async fn html(desk: &Desk, caller: Caller, id: MessageId, images: bool) -> Result<Shown> {
    let reader = caller.agent().ok_or(Denied::NotSignedIn)?;
    let now = desk.clock.now();
    let keys = desk.keys.clone();
    let message =
        desk.store.read(move |db| find::load(db, &caller, Action::ReadConversations, id)).await?;
    let remote = if images { RemoteImages::Shown } else { RemoteImages::Blocked };
    off_thread(move || match message.html.as_deref() {
        Some(html) => cleaned(&keys, reader, &message.attachments, html, remote, now),
        None => Shown { html: escape::escape(&message.text), blocked_images: 0 },
    })
    .await
}

/// Cleans the HTML of one message, without pictures from elsewhere.
pub async fn safe(desk: &Desk, caller: Caller, message: Message) -> Result<Safe> {
    let mut all = all_safe(desk, caller, vec![Listed::whole(message)]).await?;
    all.pop().ok_or_else(|| DeskError::Internal("a cleaned message is gone".to_owned()))
}

/// Cleans the HTML of a page of messages, without pictures from elsewhere.
pub async fn all_safe(desk: &Desk, caller: Caller, messages: Vec<Listed>) -> Result<Vec<Safe>> {
    if messages.iter().all(|it| it.message.html.is_none()) {
        return Ok(messages.into_iter().map(Safe::from).collect());
    }
    let reader = caller.agent().ok_or(Denied::NotSignedIn)?;
    let now = desk.clock.now();
    let keys = desk.keys.clone();
    off_thread(move || {
        let clean = |mut listed: Listed| {
            let html = listed.message.html.take();
            let mut safe = Safe::from(listed);
            safe.message.html = html.map(|html| {
                let files = &safe.message.attachments;
                cleaned(&keys, reader, files, &html, RemoteImages::Blocked, now).html
            });
            safe
        };
        messages.into_iter().map(clean).collect()
    })
    .await
}

fn cleaned(
    keys: &Keys,
    reader: AgentId,
    attachments: &[Attachment],
    html: &str,
    remote_images: RemoteImages,
    now: Timestamp,
) -> Shown {
    let inline = |content_id: &str| {
        let found = attachments.iter().find(|it| it.content_id.as_deref() == Some(content_id))?;
        Some(link(keys, found.id, reader, now))
    };
    let cleaned = clean::clean(html, &Display { inline: &inline, remote_images });
    Shown { html: cleaned.html, blocked_images: cleaned.blocked_images }
}

fn link(keys: &Keys, id: AttachmentId, reader: AgentId, now: Timestamp) -> String {
    Link::new(keys, id, reader, now).path()
}

/// Cleaning takes time that other requests must not wait for.
pub(crate) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| DeskError::Internal(format!("cleaning a message: {error}")))
}
