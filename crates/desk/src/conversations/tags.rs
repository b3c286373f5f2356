//! Tags on conversations: made on first use, unique ignoring case.

use domain::{
    Timestamp,
    conversations::{Conversation, Overview},
    events::Event,
    ids::ConversationId,
    policy::{Action, Caller},
    tags::TagName,
    text,
};
use storage::{Tx, conversations, search::index, tags};

use super::{access, record::record};
use crate::{Desk, DeskError, Result};

/// More than this on one conversation tells nobody anything.
const MOST_TAGS: usize = 50;

/// Adds a tag; one that is there already stays as it is.
#[tracing::instrument(skip_all, fields(conversation.id = %id))]
pub async fn add(desk: &Desk, caller: Caller, id: ConversationId, tag: &str) -> Result<Overview> {
    let now = desk.clock.now();
    let tag = TagName::parse(tag).map_err(|it| DeskError::invalid("tag", it))?;
    desk.write_then(
        move |tx| {
            let action = Action::ChangeConversations;
            let mut conversation = access::load(tx, &caller, action, id)?.conversation;
            put(tx, &caller, &mut conversation, &tag, now)?;
            Ok(())
        },
        move |tx, ()| access::as_it_is(tx, id),
    )
    .await
}

/// Removes a tag, whatever the case it is written in.
///
/// # Errors
/// `NotFound` when the conversation does not have it.
#[tracing::instrument(skip_all, fields(conversation.id = %id))]
pub async fn remove(
    desk: &Desk,
    caller: Caller,
    id: ConversationId,
    tag: &str,
) -> Result<Overview> {
    let now = desk.clock.now();
    // What cannot be a tag is one nobody has.
    let tag = TagName::parse(tag).map_err(|_| DeskError::NotFound("tag"))?;
    desk.write_then(
        move |tx| {
            let action = Action::ChangeConversations;
            let mut conversation = access::load(tx, &caller, action, id)?.conversation;
            if !take(tx, &caller, &mut conversation, &tag, now)? {
                return Err(DeskError::NotFound("tag"));
            }
            Ok(())
        },
        move |tx, ()| access::as_it_is(tx, id),
    )
    .await
}

/// Adds a tag inside a transaction. Returns false when the conversation has it already.
pub(crate) fn put(
    tx: &Tx<'_>,
    caller: &Caller,
    conversation: &mut Conversation,
    tag: &TagName,
    now: Timestamp,
) -> Result<bool> {
    if !tags::add(tx, conversation, tag, now)? {
        return Ok(false);
    }
    let names = tags::of_conversation(tx, conversation.number)?;
    if names.len() > MOST_TAGS {
        let message = format!("a conversation has at most {MOST_TAGS} tags");
        return Err(DeskError::conflict(message));
    }
    let event = Event::TagAdded { tag: spelled(&names, tag) };
    changed(tx, caller, conversation, event, now)?;
    Ok(true)
}

/// Removes a tag inside a transaction. Returns false when the conversation does not have it.
pub(crate) fn take(
    tx: &Tx<'_>,
    caller: &Caller,
    conversation: &mut Conversation,
    tag: &TagName,
    now: Timestamp,
) -> Result<bool> {
    let spelled = spelled(&tags::of_conversation(tx, conversation.number)?, tag);
    if !tags::remove(tx, conversation, tag)? {
        return Ok(false);
    }
    changed(tx, caller, conversation, Event::TagRemoved { tag: spelled }, now)?;
    Ok(true)
}

/// The tag as it was first written.
fn spelled(names: &[String], tag: &TagName) -> String {
    let found = names.iter().find(|it| text::fold(it) == tag.key());
    found.map_or_else(|| tag.as_str().to_owned(), Clone::clone)
}

fn changed(
    tx: &Tx<'_>,
    caller: &Caller,
    conversation: &mut Conversation,
    event: Event,
    now: Timestamp,
) -> Result<()> {
    conversation.updated_at = now;
    conversations::update(tx, conversation)?;
    let names = tags::of_conversation(tx, conversation.number)?;
    let subject = conversation.subject.as_deref();
    index::put_conversation(tx, conversation.number, subject, &names)?;
    record(tx, conversation, event, caller.actor(), now)
}
