//! Taking back a message before it leaves.

use domain::{
    Timestamp,
    conversations::{Conversation, LastMessage, Status},
    events::{Actor, Event},
    ids::MessageId,
    jobs::{JobKind, JobState},
    messages::{DeliveryStatus, Direction, Message},
    policy::{Action, Caller},
};
use storage::{
    Tx, attachments, conversations,
    deliveries::{self, Outcome},
    jobs, messages,
};

use super::{append, find, waiting};
use crate::{Desk, DeskError, Result, attachments::UPLOAD_SECONDS, conversations::access};

/// Why a message that waited for silence did not leave.
const WROTE_FIRST: &str = "not sent, because the customer wrote first";

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
        forget_participants(tx, &message)?;
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

/// Those who were let into the thread by this message alone are out of it again.
fn forget_participants(tx: &Tx<'_>, gone: &Message) -> Result<()> {
    let Some(mail) = &gone.mail else { return Ok(()) };
    let number = gone.conversation_number;
    for address in mail.to.iter().chain(&mail.cc) {
        if !messages::people::was_written_to(tx, number, address)? {
            conversations::remove_participant(tx, number, address)?;
        }
    }
    Ok(())
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
        _ => waiting::since(tx, conversation)?,
    };
    if waiting.is_some() && conversation.first_response_at == Some(gone.created_at) {
        conversation.first_response_at = None;
        conversation.first_response_by = None;
    }
    conversation.waiting_since = waiting;
    conversation.updated_at = now;
    Ok(conversations::update(tx, conversation)?)
}

/// Stops the messages that were to leave only if the customer stays silent. They are kept as
/// failed, with the reason, so that their writer can send them after all. To be called in the
/// transaction that receives a customer's message, before it is appended. Tells how many.
pub fn cancel_waiting(
    tx: &Tx<'_>,
    conversation: &mut Conversation,
    now: Timestamp,
) -> Result<usize> {
    let mut stopped = 0;
    for message in messages::queued(tx, conversation.number)? {
        if !message.cancel_if_customer_writes || !has_not_begun(tx, &message)? {
            continue;
        }
        jobs::remove(tx, JobKind::SendMessage, message.id.0)?;
        stop(tx, conversation, &message, now)?;
        stopped += 1;
    }
    Ok(stopped)
}

/// Keeps a message that is not to leave, since the customer wrote first, as failed with this reason.
/// It needs nobody's eyes: the customer's own message is what to look at. The caller stores the
/// conversation.
pub(crate) fn stop(
    tx: &Tx<'_>,
    conversation: &mut Conversation,
    message: &Message,
    now: Timestamp,
) -> Result<()> {
    messages::set_delivery(tx, message.seq, DeliveryStatus::Failed, Some(WROTE_FIRST), None)?;
    waiting::unanswered_again(tx, conversation, message)?;
    let (message_id, status) = (message.id, DeliveryStatus::Failed);
    let event = Event::DeliveryChanged { message_id, status };
    storage::events::append(tx, Some(conversation), event, Actor::System, now)?;
    Ok(())
}
