//! Taking back a message before it leaves.

use domain::{
    Timestamp,
    conversations::{Conversation, LastMessage, Status},
    events::{Actor, Event},
    ids::MessageId,
    jobs::{JobKind, JobState},
    messages::{DeliveryStatus, Direction, Message, SenderType},
    policy::{Action, Caller},
};
use storage::{
    Reader, Tx, attachments, contacts, conversations,
    deliveries::{self, Outcome},
    jobs, messages,
    messages::Place,
};

use super::{append, find, outgoing};
use crate::{Desk, DeskError, Result, attachments::UPLOAD_SECONDS, conversations::access};

/// How far back the search for an unanswered question goes.
const LOOKED_AT: u32 = 200;

/// Undoes a message that is still queued: it is gone, its attachments can be sent anew, and the
/// conversation is as if it had not been written.
///
/// # Errors
/// A conflict once it is being sent, or was.
#[tracing::instrument(skip_all, fields(message.id = %id))]
pub async fn cancel(desk: &Desk, caller: Caller, id: MessageId) -> Result<Message> {
    let now = desk.clock.now();
    desk.write(move |tx| {
        let message = find::load(tx, &caller, Action::CancelMessage, id)?;
        if message.direction != Direction::Outbound {
            return Err(DeskError::conflict("only a reply can be taken back"));
        }
        if message.status != Some(DeliveryStatus::Queued) || !has_not_begun(tx, &message)? {
            return Err(DeskError::conflict("this message has left already"));
        }
        jobs::remove(tx, JobKind::SendMessage, id.0)?;
        if let Some(agent) = caller.agent() {
            let expires_at = now.plus_seconds(UPLOAD_SECONDS);
            attachments::give_back(tx, message.seq, agent, expires_at)?;
        }
        messages::delete(tx, message.seq)?;
        let action = Action::ReadConversations;
        let overview = access::load(tx, &caller, action, message.conversation_id)?;
        let mut conversation = overview.conversation;
        restore(tx, &mut conversation, &message, now)?;
        let event = Event::MessageCancelled { message_id: id };
        storage::events::append(tx, Some(&conversation), event, caller.actor(), now)?;
        Ok(message)
    })
    .await
}

/// Whether nothing of the message can have reached anybody, nor is on its way.
fn has_not_begun(tx: &Tx<'_>, message: &Message) -> Result<bool> {
    let job = jobs::find(tx, JobKind::SendMessage, message.id.0)?;
    let is_running = job.is_some_and(|it| it.state == JobState::Running);
    let attempts = deliveries::of_message(tx, message.seq)?;
    let refused = |it: Option<Outcome>| matches!(it, Some(Outcome::Retry | Outcome::Failed));
    Ok(!is_running && attempts.iter().all(|it| refused(it.outcome)))
}

/// Makes the conversation what it was before the message.
fn restore(
    tx: &Tx<'_>,
    conversation: &mut Conversation,
    gone: &Message,
    now: Timestamp,
) -> Result<()> {
    let newest = messages::newest_written(tx, conversation.number)?;
    conversation.message_count = conversation.message_count.saturating_sub(1);
    conversation.active_at = newest.as_ref().map_or(conversation.created_at, |it| it.created_at);
    if newest.is_none() {
        conversation.first_message_at = None;
    }
    conversation.last_message = newest.map(|it| LastMessage {
        seq: it.seq,
        text: append::preview(&it),
        direction: it.direction,
        at: it.created_at,
    });
    let waiting = match conversation.status {
        Status::Resolved => None,
        _ => unanswered_since(tx, conversation)?,
    };
    if waiting.is_some() && conversation.first_response_at == Some(gone.created_at) {
        conversation.first_response_at = None;
        conversation.first_response_by = None;
    }
    conversation.waiting_since = waiting;
    conversation.updated_at = now;
    Ok(conversations::update(tx, conversation)?)
}

/// When the customer wrote what nobody has answered yet.
fn unanswered_since(db: &Reader<'_>, conversation: &Conversation) -> Result<Option<Timestamp>> {
    let contact = contacts::find(db, conversation.contact_id)?;
    let emails = contact.map(|it| it.emails).unwrap_or_default();
    let own: Vec<&str> = emails.iter().map(|it| it.as_str()).collect();
    let recent = messages::page(db, conversation.number, Place::Newest, LOOKED_AT)?;
    let to_them = |it: &Message| {
        it.mail.as_ref().is_none_or(|mail| outgoing::is_in_thread(it.direction, mail, &own))
    };
    let by_itself = |it: &Message| it.sender.kind == SenderType::System;
    let answers =
        |it: &Message| it.direction == Direction::Outbound && !by_itself(it) && to_them(it);
    let unanswered = recent.iter().rev().take_while(|it| !answers(it));
    let by_a_person = |it: &&Message| !it.mail.as_ref().is_some_and(|mail| mail.automatic);
    let asked = unanswered.filter(|it| it.direction == Direction::Inbound).filter(by_a_person);
    let first = asked.last();
    Ok(first.map(|it| it.created_at))
}

/// Stops the messages that were to leave only if the customer stays silent. They are kept as
/// failed, with the reason, so that their writer can send them after all. To be called in the
/// transaction that receives a customer's message, before it is appended. Tells how many.
pub fn cancel_waiting(tx: &Tx<'_>, conversation: &Conversation, now: Timestamp) -> Result<usize> {
    let mut stopped = 0;
    for message in messages::queued(tx, conversation.number)? {
        if !message.cancel_if_customer_writes || !has_not_begun(tx, &message)? {
            continue;
        }
        jobs::remove(tx, JobKind::SendMessage, message.id.0)?;
        let reason = "not sent, because the customer wrote first";
        messages::set_delivery(tx, message.seq, DeliveryStatus::Failed, Some(reason), None)?;
        let event = Event::MessageCancelled { message_id: message.id };
        storage::events::append(tx, Some(conversation), event, Actor::System, now)?;
        stopped += 1;
    }
    Ok(stopped)
}
