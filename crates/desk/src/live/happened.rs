//! What listeners are told, read from the events with what they are about as it is now.

use std::collections::{HashMap, hash_map::Entry};

use domain::{
    conversations::Overview,
    events::Audience,
    ids::{AgentId, ConversationId, MessageId, NoticeId},
    notices::Notice,
};
pub use storage::events::Stored;
use storage::{Reader, conversations::overviews, events, messages, notices};

use crate::{Desk, Result, messages::display::Safe};

/// One event, and whom it is for.
#[derive(Debug)]
pub struct Happened {
    pub event: Stored,
    pub audience: Audience,
    pub message: Option<Safe>,
    pub notice: Option<Notice>,
}

/// Events in their order.
#[derive(Debug)]
pub struct Page {
    pub happened: Vec<Happened>,
    /// The conversations they are about.
    pub conversations: HashMap<ConversationId, Overview>,
    /// The last event looked at, told of or not.
    pub read_to: i64,
    /// Whether more follow.
    pub has_more: bool,
}

/// Where somebody who was away goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// After the last event they had.
    After(i64),
    /// Too much happened, or too much is forgotten: they must load anew, and go on from here.
    Reset(i64),
}

/// Older than this nobody resumes; a page has to be loaded anew then anyway.
const RESUMED_MILLIS: i64 = 24 * 3_600_000;
/// Further back than this, loading anew is faster.
const RESUMED_EVENTS: i64 = 5_000;

/// Of a conversation, and yet for the audit trail alone.
const ONLY_AUDITED: [&str; 2] = ["message_source_read", "mail_read"];

/// The newest event of all.
pub async fn head(desk: &Desk) -> Result<i64> {
    desk.store.read(|db| Ok(events::head(db)?)).await
}

/// Where somebody goes on who had the event `last`.
pub async fn resume(desk: &Desk, last: i64) -> Result<Place> {
    let now = desk.clock.now();
    desk.store
        .read(move |db| {
            let head = events::head(db)?;
            if last == head {
                return Ok(Place::After(last));
            }
            // One that is gone, or never was, says nothing about what else is gone.
            let at = if last < head { events::at(db, last)? } else { None };
            let is_near = head.saturating_sub(last) <= RESUMED_EVENTS;
            let is_recent = at.is_some_and(|it| now.since(it) <= RESUMED_MILLIS);
            Ok(if is_near && is_recent { Place::After(last) } else { Place::Reset(head) })
        })
        .await
}

/// At most `limit` events after the one at `seq`, without those nobody is told of.
pub async fn page(desk: &Desk, seq: i64, limit: u32) -> Result<Page> {
    desk.store.read(move |db| read(db, seq, limit)).await
}

fn read(db: &Reader<'_>, seq: i64, limit: u32) -> Result<Page> {
    let found = events::after(db, seq, limit)?;
    let mut page = Page {
        read_to: found.last().map_or(seq, |it| it.seq),
        has_more: found.len() >= limit as usize,
        happened: Vec::with_capacity(found.len()),
        conversations: HashMap::new(),
    };
    for event in found {
        let Some(audience) = audience(db, &mut page.conversations, &event)? else { continue };
        let message = match event.id::<MessageId>("message_id") {
            Some(id) => messages::find(db, id)?.map(Safe::without_html),
            None => None,
        };
        let notice = match event.id::<NoticeId>("notice_id") {
            Some(id) => notices::find(db, id)?,
            None => None,
        };
        page.happened.push(Happened { event, audience, message, notice });
    }
    Ok(page)
}

/// None where nobody is told: it is for the audit trail, or its conversation is gone.
fn audience(
    db: &Reader<'_>,
    known: &mut HashMap<ConversationId, Overview>,
    event: &Stored,
) -> Result<Option<Audience>> {
    if matches!(event.kind.as_str(), "notice_raised" | "notices_read") {
        return Ok(event.id::<AgentId>("agent_id").map(Audience::One));
    }
    if ONLY_AUDITED.contains(&event.kind.as_str()) {
        return Ok(None);
    }
    let Some(id) = event.conversation else { return Ok(Audience::of_kind(&event.kind)) };
    let overview = match known.entry(id) {
        Entry::Occupied(it) => it.into_mut(),
        Entry::Vacant(it) => match overviews::find(db, id)? {
            Some(found) => it.insert(found),
            None => return Ok(None),
        },
    };
    Ok(Some(Audience::of_conversation(overview.conversation.assignee)))
}
