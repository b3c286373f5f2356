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

use crate::{DeskError, conversations::record::record, notices::mentions};

/// Stores `message` (its number and id of the conversation are filled in here) with the files on
/// it, moves the conversation, and records what happened. Files must be on disk already. Uploads an
/// agent attached were taken by the caller ([`attachments::take_uploads`]).
pub fn append(
    tx: &Tx<'_>,
    conversation: &mut Conversation,
    mut message: Message,
    actor: Actor,
    now: Timestamp,
) -> Result<Message, DeskError> {
    let last = put(tx, conversation, &mut message, now)?;
    let message_id = message.id;
    let (event, reopened) = match message.direction {
        Direction::Inbound => {
            (Event::MessageReceived { message_id }, conversation.received(last, now))
        }
        Direction::Outbound => {
            match actor {
                // What a rule writes answers nobody: the customer goes on waiting for a person.
                Actor::Rule(_) => conversation.noted(last, now),
                _ => conversation.replied(last, actor.agent(), now),
            }
            (Event::MessageQueued { message_id }, None)
        }
        Direction::Note | Direction::Event => {
            conversation.noted(last, now);
            (Event::NoteAdded { message_id }, None)
        }
    };
    conversations::update(tx, conversation)?;
    events::append(tx, Some(conversation), event, actor, now)?;
    if message.direction == Direction::Note {
        mentions::raise(tx, conversation, &message, actor, now)?;
    }
    if let Some(event) = reopened {
        record(tx, conversation, event, actor, now)?;
    }
    Ok(message)
}

/// Adds what a program answered, e.g. that somebody is away: it stands in the thread and asks nobody
/// to act.
pub(crate) fn append_quietly(
    tx: &Tx<'_>,
    conversation: &mut Conversation,
    mut message: Message,
    actor: Actor,
    now: Timestamp,
) -> Result<Message, DeskError> {
    let last = put(tx, conversation, &mut message, now)?;
    conversation.noted(last, now);
    conversations::update(tx, conversation)?;
    let event = Event::MessageReceived { message_id: message.id };
    events::append(tx, Some(conversation), event, actor, now)?;
    Ok(message)
}

/// Adds a message of the past. Nothing follows from it, and nobody is told.
pub(crate) fn import(
    tx: &Tx<'_>,
    conversation: &mut Conversation,
    mut message: Message,
    now: Timestamp,
) -> Result<Message, DeskError> {
    let last = put(tx, conversation, &mut message, now)?;
    conversation.imported(last, now);
    conversations::update(tx, conversation)?;
    Ok(message)
}

/// Stores the message with its files.
fn put(
    tx: &Tx<'_>,
    conversation: &Conversation,
    message: &mut Message,
    now: Timestamp,
) -> Result<LastMessage, DeskError> {
    message.conversation_id = conversation.id;
    message.conversation_number = conversation.number;
    messages::insert(tx, message)?;
    for it in &message.attachments {
        attachments::attach(tx, message.seq, it, now)?;
    }
    Ok(LastMessage {
        seq: message.seq,
        text: preview(message),
        direction: message.direction,
        at: message.created_at,
    })
}

/// A message without words shows the names of its files.
pub(crate) fn preview(message: &Message) -> String {
    if !message.text.trim().is_empty() {
        return text::preview(&message.text);
    }
    let names: Vec<&str> = message.attachments.iter().map(|it| it.name.as_str()).collect();
    text::preview(&names.join(", "))
}
