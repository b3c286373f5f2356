//! Making one conversation of two, and taking them apart again.

use domain::{
    Timestamp,
    conversations::{Conversation, Status},
    events::Event,
    ids::ConversationId,
    messages::lines::What,
    operations::{
        Details, Operation,
        merges::{Merge, Merged},
        traces::{AssigneeTrace, StatusTrace, Trace},
    },
    policy::{Action, Caller},
    tags::TagName,
};
use storage::{
    Tx, agents,
    conversations::{self, merged},
    jobs, messages,
    search::index,
    tags as stored_tags,
};

use super::{
    access,
    assign::hand_over,
    change::{LONGEST_NOTES, MOST_ATTRIBUTES},
    record, tags,
};
use crate::{Desk, DeskError, Result, drafts, idempotency::Claim, operations as all_operations};

/// Messages that move in one transaction.
pub(super) const MOST_MESSAGES: u32 = 5_000;

/// Merges `from` into `into`: its messages go over, and its number and id lead there.
///
/// # Errors
/// A conflict when they are of different customers or kinds of channels.
#[tracing::instrument(skip_all, fields(conversation.id = %from))]
pub async fn merge(
    desk: &Desk,
    caller: Caller,
    from: ConversationId,
    into: ConversationId,
    claim: Option<Claim>,
) -> Result<Operation> {
    let merging = move |tx: &Tx<'_>, now: Timestamp| {
        if from == into {
            return Err(DeskError::invalid("into", "is this conversation itself"));
        }
        let action = Action::ChangeConversations;
        let from = access::load(tx, &caller, action, from)?.conversation;
        let into = access::load(tx, &caller, action, into)?.conversation;
        refuse(tx, &from, &into)?;
        Ok(Details::MergeConversations(merge_in(tx, &caller, from, into, now)?))
    };
    all_operations::at_once(desk, caller, claim, merging).await
}

fn refuse(tx: &Tx<'_>, from: &Conversation, into: &Conversation) -> Result<()> {
    if from.contact_id != into.contact_id {
        let message = "these are of different contacts, who would read each other's words; if \
                       they are one person, merge the contacts first";
        return Err(DeskError::conflict(message));
    }
    if from.channel_kind != into.channel_kind {
        let message = "these came over different kinds of channels; an answer goes out over one";
        return Err(DeskError::conflict(message));
    }
    refuse_long(tx, from.number)
}

pub(super) fn refuse_long(tx: &Tx<'_>, number: i64) -> Result<()> {
    if messages::count(tx, number, MOST_MESSAGES + 1)? <= MOST_MESSAGES {
        return Ok(());
    }
    let message = format!("this has more than {MOST_MESSAGES} messages, too many to move");
    Err(DeskError::conflict(message))
}

/// Merges two conversations that may be merged.
pub(crate) fn merge_in(
    tx: &Tx<'_>,
    caller: &Caller,
    mut from: Conversation,
    mut into: Conversation,
    now: Timestamp,
) -> Result<Merge> {
    let names = stored_tags::of_conversation(tx, from.number)?;
    let mut was = Merged::of(&from, names);
    let moved = merged::move_messages(tx, from.number, into.number, None)?;
    hide(tx, &mut from, into.id, now)?;
    drafts::follow_merge(tx, from.number, into.number, now)?;

    let before = into.clone();
    let mut trace = Trace::default();
    let mut events = Vec::new();
    if from.status == Status::Open && !was.spam && into.status != Status::Open {
        events.extend(into.set_status(Status::Open, None, None, now)?);
    }
    was.add_to(&mut into, &from);
    was.add_words(&mut into, &from, LONGEST_NOTES, MOST_ATTRIBUTES);
    merged::recount(tx, &mut into)?;
    into.updated_at = now;
    conversations::update(tx, &into)?;
    for event in events {
        record::record(tx, &into, event, caller.actor(), now)?;
        trace.status = StatusTrace::between(&before, &into);
    }
    for name in &was.tags {
        if let Ok(tag) = TagName::parse(name)
            && tx.savepoint(|tx| tags::put(tx, caller, &mut into, &tag, now)).unwrap_or(false)
        {
            trace.tags_added.push(name.clone());
        }
    }
    if let (None, Some(to)) = (into.assignee, from.assignee)
        && agents::find(tx, to)?.is_some_and(|it| it.can_work())
    {
        hand_over(tx, caller, &mut into, Some(to), now)?;
        trace.assignee = Some(AssigneeTrace { before: None, after: into.assignee });
    }
    let event = Event::ConversationMerged { from: from.id, into: into.id };
    for (it, line) in [
        (&into, What::MergedHere { number: from.number }),
        (&from, What::MergedInto { number: into.number }),
    ] {
        record::tell(tx, it, line, caller.actor(), now)?;
        storage::events::append(tx, Some(it), event.clone(), caller.actor(), now)?;
    }
    Ok(Merge { from: from.id, into: into.id, moved, was, trace })
}

/// Takes a conversation out of every list, count and search. Its row stays and leads on.
fn hide(tx: &Tx<'_>, from: &mut Conversation, into: ConversationId, now: Timestamp) -> Result<()> {
    stored_tags::clear(tx, from.number)?;
    index::delete_conversation(tx, from.number)?;
    jobs::remove(tx, domain::jobs::JobKind::WakeConversation, from.id.0)?;
    from.merged_into = Some(into);
    from.spam = true;
    from.unread_count = 0;
    from.waiting_since = None;
    from.message_count = 0;
    from.last_message = None;
    from.updated_at = now;
    Ok(conversations::update(tx, from)?)
}

/// Takes two conversations apart. What came since stays where it came.
pub(crate) fn undo(tx: &Tx<'_>, caller: &Caller, it: &Merge, now: Timestamp) -> Result<()> {
    let (mut from, mut into) = (part(tx, caller, it.from)?, part(tx, caller, it.into)?);
    if from.merged_into != Some(into.id) {
        return Err(DeskError::conflict("these are not merged any more"));
    }
    if let Some(next) = into.merged_into {
        return Err(DeskError::Conflict {
            message: format!("#{} was merged itself since; undo that first", into.number),
            existing_id: Some(next.0),
        });
    }
    merged::move_these(tx, into.number, from.number, &it.moved)?;
    let still_waits = into.waiting_since.is_some() && into.waiting_since <= it.was.waiting_since;
    let still_unread = into.unread_count > 0;

    from.merged_into = None;
    from.spam = it.was.spam;
    from.unread_count = if still_unread { it.was.unread_count } else { 0 };
    from.waiting_since = it.was.waiting_since.filter(|_| still_waits);
    merged::recount(tx, &mut from)?;
    from.updated_at = now;
    conversations::update(tx, &from)?;
    for name in &it.was.tags {
        if let Ok(tag) = TagName::parse(name) {
            stored_tags::add(tx, &from, &tag, now)?;
        }
    }
    index::put_conversation(tx, from.number, from.subject.as_deref(), &it.was.tags)?;

    it.was.take_words(&mut into, &from);
    into.unread_count = into.unread_count.saturating_sub(it.was.unread_count);
    merged::recount(tx, &mut into)?;
    if into.waiting_since.is_some() {
        into.waiting_since = merged::unanswered(tx, into.number)?;
    }
    into.updated_at = now;
    conversations::update(tx, &into)?;
    all_operations::restore(tx, caller, &it.trace, &mut into, now)?;
    tell_undone(tx, caller, &from, &into, now)?;
    record::resume_snooze(tx, &from, now)
}

fn tell_undone(
    tx: &Tx<'_>,
    caller: &Caller,
    from: &Conversation,
    into: &Conversation,
    now: Timestamp,
) -> Result<()> {
    let event = Event::MergeUndone { from: from.id, into: into.id };
    for (it, other) in [(from, into), (into, from)] {
        let line = What::Separated { number: other.number };
        record::tell(tx, it, line, caller.actor(), now)?;
        storage::events::append(tx, Some(it), event.clone(), caller.actor(), now)?;
    }
    Ok(())
}

/// One of two that were merged, wherever it leads to.
pub(super) fn part(tx: &Tx<'_>, caller: &Caller, id: ConversationId) -> Result<Conversation> {
    let found = storage::conversations::overviews::find(tx, id)?;
    let gone =
        || DeskError::conflict("what was merged has been erased; nothing is left to restore");
    let found = found.ok_or_else(gone)?.conversation;
    access::check(caller, Action::ChangeConversations, &found)?;
    Ok(found)
}
