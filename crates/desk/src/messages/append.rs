//! Adding a message to its conversation, with everything that follows from it in the same
//! transaction.

use domain::{
    Timestamp,
    conversations::{Conversation, LastMessage},
    events::{Actor, Event},
    messages::{Direction, Message},
    text,
};
use storage::{Tx, attachments, conversations, events, messages};

use crate::{DeskError, conversations::record::record};

/// Stores `message` (its number and id of the conversation are filled in here) with the files on
/// it, moves the conversation, and records what happened. Files must be on disk already. Uploads an
/// agent attached are claimed by the caller afterwards.
pub fn append(
    tx: &Tx<'_>,
    conversation: &mut Conversation,
    mut message: Message,
    actor: Actor,
    now: Timestamp,
) -> Result<Message, DeskError> {
    message.conversation_id = conversation.id;
    message.conversation_number = conversation.number;
    messages::insert(tx, &mut message)?;
    for it in &message.attachments {
        attachments::attach(tx, message.seq, it, now)?;
    }
    let last = LastMessage {
        seq: message.seq,
        text: preview(&message),
        direction: message.direction,
        at: message.created_at,
    };
    let message_id = message.id;
    let (event, reopened) = match message.direction {
        Direction::Inbound => {
            (Event::MessageReceived { message_id }, conversation.received(last, now))
        }
        Direction::Outbound => {
            conversation.replied(last, actor.agent(), now);
            (Event::MessageQueued { message_id }, None)
        }
        Direction::Note | Direction::Event => {
            conversation.noted(last, now);
            (Event::NoteAdded { message_id }, None)
        }
    };
    conversations::update(tx, conversation)?;
    events::append(tx, Some(conversation), event, actor, now)?;
    if let Some(event) = reopened {
        record(tx, conversation, event, actor, now)?;
    }
    Ok(message)
}

/// A message without words shows the names of its files.
fn preview(message: &Message) -> String {
    if !message.text.trim().is_empty() {
        return text::preview(&message.text);
    }
    let names: Vec<&str> = message.attachments.iter().map(|it| it.name.as_str()).collect();
    text::preview(&names.join(", "))
}
