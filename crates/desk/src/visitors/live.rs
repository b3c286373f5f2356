//! Who has a chat open just now, and what they hear.
//!
//! A visitor's stream holds no queue: when something happened in their conversation it is told so, and
//! reads the events after the last one it has. So ten thousand idle visitors cost a map entry each, and
//! what a browser missed is read by the same query.

mod limits;
mod signals;
mod watchers;

use std::sync::Arc;

use domain::{
    Timestamp,
    events::Event,
    ids::{ChannelId, ContactId, ConversationId, MessageId},
};
use storage::{
    Reader,
    events::{self, Stored},
    messages,
};
use tokio::sync::broadcast::error::RecvError;

use signals::Moment;

pub use limits::{Limits, Refusal};
pub use signals::Woken;
pub use watchers::{TypingChange, Watcher, Watchers};

use super::{Guest, Site, admit, chats_of, history, let_in, sites, unblocked};
use crate::{Desk, DeskError, Result, tokens::Token};

pub use history::Shown;

/// Further back than this, loading anew is faster.
const RESUMED_EVENTS: u32 = 300;
/// Older than this nobody resumes.
const RESUMED_MILLIS: i64 = 24 * 3_600_000;

/// What a visitor is told.
#[derive(Debug)]
pub enum Heard {
    Message(Box<Shown>),
    /// An agent has read what the visitor wrote.
    Read(Timestamp),
    /// Resolved, or open again.
    Status {
        is_resolved: bool,
    },
    /// What they see must be loaded anew.
    Reset,
}

/// What happened since a visitor's last event.
#[derive(Debug)]
pub struct News {
    /// The visitor, by their `seq`.
    pub visitor: i64,
    pub heard: Vec<(i64, Heard)>,
    /// The last event looked at.
    pub read_to: i64,
    /// Their conversations by now.
    pub conversations: Vec<ConversationId>,
    /// Who they are by now.
    pub contact: Option<ContactId>,
    /// Until when they may listen.
    pub until: Timestamp,
    /// When this was asked for: what happened later is not in it.
    asked: Moment,
}

/// What happened to a visitor after the event at `last`; none begins now.
///
/// # Errors
/// `NotSignedIn` when the token is good no longer; a conflict for who is blocked.
pub async fn news(
    desk: &Desk,
    channel: ChannelId,
    token: Token,
    last: Option<i64>,
) -> Result<News> {
    let now = desk.clock.now();
    // Before the chat is looked up: that it changed meanwhile must not go unnoticed either.
    let asked = desk.watchers.moment();
    let site = sites::find(desk, channel).await?;
    let news = desk.store.read(move |db| {
        let guest = listener(db, site, &token, now)?;
        let chats = chats_of(db, guest.visitor.seq)?;
        let head = events::head(db)?;
        let until = guest.signed_until.map_or(guest.expires_at, |it| it.min(guest.expires_at));
        let mut news = News {
            visitor: guest.visitor.seq,
            heard: Vec::new(),
            read_to: head,
            conversations: chats.iter().map(|it| it.conversation.id).collect(),
            contact: guest.visitor.contact_id,
            until,
            asked,
        };
        let Some(last) = last.filter(|it| *it < head) else {
            // A number of the future is none of ours.
            if last.is_some_and(|it| it > head) {
                news.heard.push((head, Heard::Reset));
            }
            return Ok::<_, DeskError>(news);
        };
        let mut found: Vec<Stored> = Vec::new();
        for it in &chats {
            found.extend(events::of_after(db, it.conversation.number, last, RESUMED_EVENTS)?);
        }
        let is_old = found.iter().any(|it| now.since(it.at) > RESUMED_MILLIS);
        if found.len() >= RESUMED_EVENTS as usize || is_old || last < 0 {
            news.heard.push((head, Heard::Reset));
            return Ok(news);
        }
        found.sort_unstable_by_key(|it| it.seq);
        for event in found {
            let seq = event.seq;
            let told = match event.kind.as_str() {
                "message_received" | "message_queued" | "delivery_changed" => {
                    message(db, guest.viewer(), &event)?
                }
                "conversation_read" => Some(Heard::Read(event.at)),
                "status_changed" => status(&event),
                "conversation_merged" | "merge_undone" | "conversation_split" => Some(Heard::Reset),
                _ => None,
            };
            news.heard.extend(told.map(|it| (seq, it)));
        }
        Ok(news)
    });
    let mut news = news.await?;
    clean(&mut news).await?;
    Ok(news)
}

/// Lets in who may hear what happens. Nobody writes to who is blocked.
fn listener(db: &Reader<'_>, site: Arc<Site>, token: &Token, now: Timestamp) -> Result<Guest> {
    unblocked(db, let_in(db, site, token, now)?)
}

fn message(db: &Reader<'_>, viewer: history::Viewer, event: &Stored) -> Result<Option<Heard>> {
    // Of a delivery only that it has left is news: then it is seen for the first time.
    let status = event.payload.get("status").and_then(|it| it.as_str());
    if status.is_some_and(|it| it != "sent") {
        return Ok(None);
    }
    let Some(id) = event.id::<MessageId>("message_id") else { return Ok(None) };
    let found = messages::find(db, id)?.filter(history::is_shown);
    let mut shown = history::shown(db, viewer, found.into_iter().collect())?;
    Ok(shown.pop().map(|it| Heard::Message(Box::new(it))))
}

fn status(event: &Stored) -> Option<Heard> {
    let is = |field: &str| event.payload.get(field).and_then(|it| it.as_str()) == Some("resolved");
    let (before, after) = (is("before"), is("after"));
    (before != after).then_some(Heard::Status { is_resolved: after })
}

async fn clean(news: &mut News) -> Result<()> {
    for (_, heard) in &mut news.heard {
        if let Heard::Message(it) = heard
            && it.html.is_some()
        {
            let cleaned = history::cleaned(vec![(**it).clone()]).await?;
            **it = cleaned.into_iter().next().unwrap_or_else(|| (**it).clone());
        }
    }
    Ok(())
}

/// The visitor types, or has stopped.
///
/// # Errors
/// `NotSignedIn`.
pub async fn set_typing(
    desk: &Desk,
    channel: ChannelId,
    token: Token,
    is_typing: bool,
) -> Result<()> {
    let now = desk.clock.now();
    let found = desk.store.read(move |db| {
        let guest = admit(db, channel, &token, now)?;
        let chats = chats_of(db, guest.visitor.seq)?;
        let current = super::latest(&chats).map(|it| it.conversation.clone());
        Ok::<_, DeskError>((guest.visitor.seq, current))
    });
    // Before the first message there is nowhere to type.
    if let (visitor, Some(conversation)) = found.await? {
        desk.watchers.types(visitor, &conversation, is_typing, now);
    }
    Ok(())
}

/// Tells visitors' streams that something happened, until the server stops.
pub async fn feed(desk: Desk) {
    let listeners = desk.listeners.clone();
    let mut happened = desk.store.events();
    desk.watchers.start(desk.clock.now());
    loop {
        let heard = tokio::select! {
            () = listeners.ended() => break,
            heard = happened.recv() => heard,
        };
        match heard {
            Ok(it) => {
                if let Some(conversation) = it.conversation {
                    desk.watchers.tell(conversation);
                }
                match &it.event {
                    Event::ChannelChanged { channel_id, .. }
                    | Event::ChannelDeleted { channel_id } => {
                        // First, so that who looks again looks at the chat as it is now.
                        desk.sites.forget();
                        desk.watchers.tell_channel(*channel_id);
                    }
                    // Whether they are let in again is decided then.
                    Event::ContactErased { contact_id } => desk.watchers.end_contact(*contact_id),
                    Event::ContactChanged { contact_id, fields } if fields.contains(&"blocked") => {
                        desk.watchers.end_contact(*contact_id);
                    }
                    Event::ContactsMerged { from, .. } => desk.watchers.tell_contact(*from),
                    _ => {}
                }
            }
            Err(RecvError::Lagged(_)) => desk.watchers.tell_all(),
            Err(RecvError::Closed) => break,
        }
    }
    desk.watchers.end();
}

#[cfg(test)]
mod tests;
