//! Sending a failed message once more, by an agent's hand.

use domain::{
    events::Event,
    ids::MessageId,
    messages::{DeliveryStatus, Message},
    policy::{Action, Caller},
};
use storage::messages;

use super::{find, send};
use crate::{Desk, DeskError, Result, conversations::access};

/// The same mail again, with the same Message-ID: who got it already does not see it twice.
///
/// # Errors
/// A conflict when it has not failed.
#[tracing::instrument(skip_all, fields(message.id = %id))]
pub async fn retry(desk: &Desk, caller: Caller, id: MessageId) -> Result<Message> {
    let now = desk.clock.now();
    desk.write(move |tx| {
        let message = find::load(tx, &caller, Action::SendMessages, id)?;
        if message.status != Some(DeliveryStatus::Failed) {
            return Err(DeskError::conflict("only a message that failed can be sent again"));
        }
        let action = Action::SendMessages;
        let conversation = access::load(tx, &caller, action, message.conversation_id)?.conversation;
        send::working_channel(tx, conversation.channel_id)?;
        messages::set_delivery(tx, message.seq, DeliveryStatus::Queued, None, None)?;
        messages::set_send_at(tx, message.seq, now)?;
        send::queue(tx, conversation.channel_id, id, now, now)?;
        let event = Event::MessageQueued { message_id: id };
        storage::events::append(tx, Some(&conversation), event, caller.actor(), now)?;
        send::made_before(tx, id)
    })
    .await
}
