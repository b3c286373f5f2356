//! Sending a failed message once more, by an agent's hand.

use domain::{
    events::Event,
    ids::MessageId,
    messages::{DeliveryStatus, Message, Unreached},
    policy::{Action, Caller},
};
use storage::{conversations, messages};

use super::{find, send, waiting};
use crate::{Desk, DeskError, Result, conversations::access};

/// The same mail again, with the same Message-ID: who got it already does not see it twice.
///
/// # Errors
/// A conflict when it has not failed, for nobody.
#[tracing::instrument(skip_all, fields(message.id = %id))]
pub async fn retry(desk: &Desk, caller: Caller, id: MessageId) -> Result<Message> {
    let now = desk.clock.now();
    desk.write(move |tx| {
        let message = find::load(tx, &caller, Action::SendMessages, id)?;
        let failed = message.status == Some(DeliveryStatus::Failed);
        if !failed && message.unreached().iter().all(|it| it.pending) {
            return Err(DeskError::conflict("only a message that failed can be sent again"));
        }
        let action = Action::SendMessages;
        let mut conversation =
            access::load(tx, &caller, action, message.conversation_id)?.conversation;
        let over = message.carrier(conversation.channel_id);
        send::working_channel(tx, over)?;
        if failed {
            messages::set_unreached(tx, message.seq, &[])?;
            messages::set_delivery(tx, message.seq, DeliveryStatus::Queued, None, None)?;
            messages::set_send_at(tx, message.seq, now)?;
        } else {
            // Others have it: only who was left out gets it.
            let all = message.unreached().iter().cloned();
            let all: Vec<_> = all.map(|it| Unreached { pending: true, ..it }).collect();
            messages::set_unreached(tx, message.seq, &all)?;
        }
        waiting::answered_after_all(tx, &mut conversation, &message, now)?;
        conversations::update(tx, &conversation)?;
        send::queue(tx, over, id, now, now)?;
        let event = Event::MessageQueued { message_id: id };
        storage::events::append(tx, Some(&conversation), event, caller.actor(), now)?;
        send::made_before(tx, id)
    })
    .await
}
