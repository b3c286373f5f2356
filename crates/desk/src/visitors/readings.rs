//! How far a message has come in a chat: taken by the visitor's browser, then read.

use domain::{
    events::{Actor, Event},
    ids::{ChannelId, MessageId},
    messages::DeliveryStatus,
};
use storage::{Tx, conversations, events, messages, visitors::chats};

use super::{admit, chats_of, history};
use crate::{Desk, Result, tokens::Token};

/// Messages that are marked at once; what is older was seen with them.
const MOST_MARKED: u32 = 200;

/// The visitor has read everything up to this message.
///
/// # Errors
/// `NotSignedIn`; `Invalid` for a message that is not theirs.
pub async fn read(desk: &Desk, channel: ChannelId, token: Token, id: MessageId) -> Result<()> {
    let now = desk.clock.now();
    desk.write(move |tx| {
        let visitor = admit(tx, channel, &token, now)?.visitor;
        let chats = chats_of(tx, visitor.seq)?;
        let (_, seq) = history::place(tx, &chats, "message_id", id)?;
        for it in &chats {
            let number = it.conversation.number;
            let unread = chats::newest_left(tx, number, it.chat.read_seq, seq, MOST_MARKED)?;
            if unread.is_empty() {
                continue;
            }
            chats::read(tx, visitor.seq, it.chat.number, seq)?;
            // In the order they were written, which is the order others hear of it.
            for message in unread.into_iter().rev() {
                mark(tx, message, DeliveryStatus::Read, visitor.contact_id, now)?;
            }
        }
        Ok(())
    })
    .await
}

/// The visitor's browser took these messages.
pub async fn delivered(desk: &Desk, messages: Vec<MessageId>) -> Result<()> {
    let now = desk.clock.now();
    desk.write(move |tx| {
        for id in messages {
            mark(tx, id, DeliveryStatus::Delivered, None, now)?;
        }
        Ok(())
    })
    .await
}

fn mark(
    tx: &Tx<'_>,
    id: MessageId,
    status: DeliveryStatus,
    contact: Option<domain::ids::ContactId>,
    now: domain::Timestamp,
) -> Result<()> {
    let Some(message) = messages::find(tx, id)? else { return Ok(()) };
    if !message.status.is_some_and(|it| it.may_become(status)) {
        return Ok(());
    }
    messages::set_delivery(tx, message.seq, status, None, None)?;
    let conversation = conversations::find(tx, message.conversation_id)?;
    let actor = contact.map_or(Actor::System, Actor::Contact);
    let event = Event::DeliveryChanged { message_id: id, status };
    events::append(tx, conversation.as_ref(), event, actor, now)?;
    Ok(())
}
