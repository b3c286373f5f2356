//! What a visitor sees: their own words and what the desk has sent, nothing of its inner life.

use std::collections::HashMap;

use connectors::email::clean::{self, Display, RemoteImages};
use domain::{
    Timestamp,
    conversations::{Conversation, Status},
    ids::{ChannelId, ConversationId, MessageId, VisitorId},
    messages::{DeliveryStatus, Direction, Message},
};
use storage::{
    Reader, messages,
    visitors::{
        chats,
        ratings::{self, Rating},
    },
};

use super::{Open, admit, chats_of, latest};
use crate::{Desk, DeskError, Result, messages::display::off_thread, tokens::Token};

/// A message as its visitor may see it.
#[derive(Debug, Clone)]
pub struct Shown {
    pub message: Message,
    /// Cleaned; agents alone write HTML here.
    pub html: Option<String>,
    /// The name the visitor's browser gave it.
    pub client_id: Option<String>,
    pub viewer: Viewer,
}

/// For whom links to files are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Viewer {
    pub visitor: VisitorId,
    /// Until when their site has signed for them, if it has.
    pub signed_until: Option<Timestamp>,
}

/// The conversation the visitor is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    pub id: ConversationId,
    pub is_resolved: bool,
    /// Of its resolution.
    pub rating: Option<Rating>,
}

/// Messages in the order they were written.
#[derive(Debug)]
pub struct History {
    pub messages: Vec<Shown>,
    /// Whether there are older ones.
    pub has_more: bool,
    pub conversation: Option<Current>,
    pub agent_read_at: Option<Timestamp>,
}

/// The newest page of all conversations of a visitor, or the one before a message.
///
/// # Errors
/// `NotSignedIn`; `Invalid` for a message that is not theirs.
pub async fn page(
    desk: &Desk,
    channel: ChannelId,
    token: Token,
    before: Option<MessageId>,
    limit: u32,
) -> Result<History> {
    let now = desk.clock.now();
    let history = desk.store.read(move |db| {
        let guest = admit(db, channel, &token, now)?;
        let chats = chats_of(db, guest.visitor.seq)?;
        let before = match before {
            Some(id) => place(db, &chats, "before", id)?.1,
            None => i64::MAX,
        };
        let mut found = Vec::new();
        for it in &chats {
            let number = it.conversation.number;
            found.extend(chats::shown_before(db, number, before, limit + 1)?);
        }
        found.sort_unstable_by_key(|seq| std::cmp::Reverse(*seq));
        let has_more = found.len() > limit as usize;
        found.truncate(limit as usize);
        let open = latest(&chats);
        Ok::<_, DeskError>(History {
            messages: shown(db, guest.viewer(), messages::find_all(db, &found)?)?,
            has_more,
            conversation: open.map(|it| current(db, &it.conversation)).transpose()?,
            agent_read_at: open.and_then(|it| it.chat.agent_read_at),
        })
    });
    let mut history = history.await?;
    history.messages = cleaned(history.messages).await?;
    Ok(history)
}

/// Where a message lies, if it is in one of these conversations.
pub(super) fn place(
    db: &Reader<'_>,
    chats: &[Open],
    field: &str,
    id: MessageId,
) -> Result<(i64, i64)> {
    let place = messages::place(db, id)?;
    let theirs = |number: i64| chats.iter().any(|it| it.conversation.number == number);
    let place = place.filter(|(number, _)| theirs(*number));
    place.ok_or_else(|| DeskError::invalid(field, "is not a message of this chat"))
}

pub(super) fn current(db: &Reader<'_>, it: &Conversation) -> Result<Current> {
    let rating = match it.resolved_at {
        Some(at) => ratings::find(db, it.number, at)?,
        None => None,
    };
    Ok(Current { id: it.id, is_resolved: it.status == Status::Resolved, rating })
}

/// Whether its visitors may see a message: not what has not left, nor what agents note. What a program
/// answered to a mail is for agents, too. Of whole pages `storage::visitors::chats::shown_before` says
/// the same.
pub(super) fn is_shown(it: &Message) -> bool {
    match it.direction {
        Direction::Inbound => !it.mail.as_ref().is_some_and(|it| it.automatic),
        // It went to somebody else.
        Direction::Outbound if it.mail.as_ref().is_some_and(|it| it.over.is_some()) => false,
        Direction::Outbound => match it.status {
            // Its mail came back; in the chat it has been all along.
            Some(DeliveryStatus::Failed) => it.sent_at.is_some(),
            Some(DeliveryStatus::Queued) | None => false,
            Some(_) => true,
        },
        Direction::Note | Direction::Event => false,
    }
}

/// With the names their browsers gave them; the HTML is still to be cleaned.
pub(super) fn shown(db: &Reader<'_>, viewer: Viewer, found: Vec<Message>) -> Result<Vec<Shown>> {
    let seqs: Vec<i64> = found.iter().map(|it| it.seq).collect();
    let mut names: HashMap<i64, String> = chats::names(db, &seqs)?;
    let one = |mut message: Message| {
        let html = message.html.take().filter(|_| message.direction == Direction::Outbound);
        Shown { client_id: names.remove(&message.seq), html, message, viewer }
    };
    Ok(found.into_iter().map(one).collect())
}

/// Cleans the HTML of all; pictures from elsewhere would tell their server who reads.
pub(super) async fn cleaned(all: Vec<Shown>) -> Result<Vec<Shown>> {
    if all.iter().all(|it| it.html.is_none()) {
        return Ok(all);
    }
    off_thread(move || {
        let display = Display { inline: &|_: &str| None, remote_images: RemoteImages::Blocked };
        let one = |mut it: Shown| {
            it.html = it.html.map(|html| clean::clean(&html, &display).html);
            it
        };
        all.into_iter().map(one).collect()
    })
    .await
}
