//! Giving the later messages of a conversation one of their own.

use domain::{
    Timestamp,
    conversations::Conversation,
    events::Event,
    ids::{ConversationId, MessageId},
    messages::lines::What,
    operations::{Details, Operation, merges::Split},
    policy::{Action, Caller},
    tags::TagName,
};
use storage::{
    Tx,
    conversations::{self, merged},
    messages::{self, Place},
    search::index,
    tags,
    visitors::chats,
};

use super::{
    access, change,
    merges::{merge_in, part, refuse_long},
    record,
};
use crate::{Desk, DeskError, Problems, Result, idempotency::Claim, operations as all_operations};

/// Splits a conversation: `message` and all that people wrote after it go to a new one of the same
/// contact. What the customer answers there goes on there.
///
/// # Errors
/// `Invalid` when the message is not of this conversation, a conflict when it is the first.
#[tracing::instrument(skip_all, fields(conversation.id = %id))]
pub async fn split(
    desk: &Desk,
    caller: Caller,
    id: ConversationId,
    message: MessageId,
    subject: Option<String>,
    claim: Option<Claim>,
) -> Result<Operation> {
    let mut problems = Problems::default();
    let subject = subject.and_then(|it| change::subject_line(&mut problems, &it));
    problems.finish()?;
    let splitting = move |tx: &Tx<'_>, now: Timestamp| {
        let from = access::load(tx, &caller, Action::ChangeConversations, id)?.conversation;
        let since = place(tx, &from, message)?;
        Ok(Details::SplitConversation(split_in(tx, &caller, from, since, subject, now)?))
    };
    all_operations::at_once(desk, caller, claim, splitting).await
}

fn place(tx: &Tx<'_>, from: &Conversation, message: MessageId) -> Result<i64> {
    let place = messages::place(tx, message)?.filter(|(number, _)| *number == from.number);
    let Some((_, seq)) = place else {
        return Err(DeskError::invalid("message_id", "is not a message of this conversation"));
    };
    let found = messages::find_by_seq(tx, seq)?;
    if found.is_none_or(|it| it.direction == domain::messages::Direction::Event) {
        return Err(DeskError::invalid("message_id", "nobody wrote this; choose a message"));
    }
    let mut earlier = messages::page(tx, from.number, Place::Before(seq), 100)?.into_iter();
    if !earlier.any(|it| it.direction != domain::messages::Direction::Event) {
        let message = "this is the first message: nothing would stay; choose a later one";
        return Err(DeskError::conflict(message));
    }
    refuse_long(tx, from.number)?;
    Ok(seq)
}

fn split_in(
    tx: &Tx<'_>,
    caller: &Caller,
    mut from: Conversation,
    since: i64,
    subject: Option<String>,
    now: Timestamp,
) -> Result<Split> {
    let channel = (from.channel_id, from.channel_kind);
    let subject = subject.or_else(|| from.subject.clone());
    let id = ConversationId::new();
    let mut made = Conversation::open(id, channel, from.contact_id, subject, now);
    (made.priority, made.spam, made.related_id) = (from.priority, from.spam, Some(from.id));
    conversations::insert(tx, &mut made)?;
    merged::move_messages(tx, from.number, made.number, Some(since))?;
    merged::copy_participants(tx, from.number, made.number)?;
    chats::go_on_in(tx, from.number, made.number)?;

    merged::recount(tx, &mut made)?;
    made.assignee = from.assignee;
    made.unread_count = from.unread_count.min(merged::inbound_count(tx, made.number)?);
    made.waiting_since = merged::unanswered(tx, made.number)?;
    conversations::update(tx, &made)?;
    if let Some(agent) = made.assignee {
        let by = caller.agent();
        conversations::record_assignment(tx, made.number, Some(agent), by, now)?;
    }
    let names = tags::of_conversation(tx, from.number)?;
    for tag in names.iter().filter_map(|it| TagName::parse(it).ok()) {
        tags::add(tx, &made, &tag, now)?;
    }
    index::put_conversation(tx, made.number, made.subject.as_deref(), &names)?;

    merged::recount(tx, &mut from)?;
    from.unread_count -= made.unread_count;
    if from.waiting_since.is_some() {
        from.waiting_since = merged::unanswered(tx, from.number)?;
    }
    from.updated_at = now;
    conversations::update(tx, &from)?;
    let event = Event::ConversationSplit { from: from.id, made: made.id };
    for (it, line) in [
        (&from, What::SplitTo { number: made.number }),
        (&made, What::SplitFrom { number: from.number }),
    ] {
        record::tell(tx, it, line, caller.actor(), now)?;
        storage::events::append(tx, Some(it), event.clone(), caller.actor(), now)?;
    }
    Ok(Split { from: from.id, made: made.id })
}

/// Puts what was split off back, with all that came since.
pub(crate) fn undo(tx: &Tx<'_>, caller: &Caller, it: &Split, now: Timestamp) -> Result<()> {
    let (made, from) = (part(tx, caller, it.made)?, part(tx, caller, it.from)?);
    for one in [&made, &from] {
        if let Some(next) = one.merged_into {
            return Err(DeskError::Conflict {
                message: format!("#{} was merged since; undo that first", one.number),
                existing_id: Some(next.0),
            });
        }
    }
    refuse_long(tx, made.number)?;
    merge_in(tx, caller, made, from, now)?;
    Ok(())
}
