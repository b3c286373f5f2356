//! What a visitor thought of how it went.

use domain::{
    Timestamp,
    conversations::{Conversation, Status},
    events::{Actor, Event},
    ids::{ChannelId, ContactId},
    messages::lines::What,
    text,
};
use storage::{
    Tx,
    visitors::ratings::{self as stored, Rating},
};

use super::{
    admit_unblocked, chats_of,
    history::{self, Current},
    latest,
};
use crate::{Desk, DeskError, Problems, Result, conversations::record, tokens::Token};

const LONGEST_COMMENT: usize = 1_000;
/// Each change is told in the thread.
const MOST_CHANGES: u32 = 10;

/// Rates the resolution of the visitor's conversation, or changes that rating.
///
/// # Errors
/// `NotSignedIn`; `Invalid`; a conflict while it is not resolved, for who is blocked, and for who changes
/// it again and again.
pub async fn rate(
    desk: &Desk,
    channel: ChannelId,
    token: Token,
    score: u8,
    comment: Option<String>,
) -> Result<Current> {
    let now = desk.clock.now();
    let mut problems = Problems::default();
    if !(1..=5).contains(&score) {
        problems.add("score", "must be 1 to 5");
    }
    let comment = comment.filter(|it| !it.trim().is_empty());
    let comment =
        comment.and_then(|it| problems.check("comment", text::block(it.trim(), LONGEST_COMMENT)));
    problems.finish()?;
    desk.write(move |tx| {
        let visitor = admit_unblocked(tx, channel, &token, now)?.visitor;
        let chats = chats_of(tx, visitor.seq)?;
        let it = latest(&chats).map(|it| it.conversation.clone());
        let it = it.filter(|it| it.status == Status::Resolved);
        let (Some(it), Some(contact)) = (it, visitor.contact_id) else {
            return Err(DeskError::conflict("this can be rated once it is resolved"));
        };
        put(tx, &it, contact, Rating { score, comment }, now)?;
        history::current(tx, &it)
    })
    .await
}

/// Rates the last resolution of a conversation.
pub(crate) fn put(
    tx: &Tx<'_>,
    it: &Conversation,
    contact: ContactId,
    rating: Rating,
    now: Timestamp,
) -> Result<()> {
    let resolved_at = it.resolved_at.unwrap_or(it.updated_at);
    let before = stored::find(tx, it.number, resolved_at)?;
    if before.as_ref() == Some(&rating) {
        return Ok(());
    }
    if before.is_some() && stored::changes(tx, it.number, resolved_at)? >= MOST_CHANGES {
        return Err(DeskError::conflict("this rating was changed often enough; it stays as it is"));
    }
    stored::put(tx, it.number, resolved_at, it.assignee, &rating, now)?;
    let (score, actor) = (rating.score, Actor::Contact(contact));
    let event = Event::ConversationRated { score, before: before.as_ref().map(|it| it.score) };
    record::record(tx, it, event, actor, now)?;
    let known = before.and_then(|it| it.comment);
    if let Some(comment) = rating.comment.filter(|it| known.as_ref() != Some(it)) {
        record::tell(tx, it, What::Commented { text: comment }, actor, now)?;
    }
    Ok(())
}
