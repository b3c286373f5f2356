//! Changing what people write on a conversation: subject, priority, notes, attributes, marks.

use domain::{
    Timestamp,
    conversations::{Conversation, Overview, Priority},
    events::Event,
    ids::ConversationId,
    policy::{Action, Caller},
    text,
};
use serde_json::{Map, Value};
use storage::{Tx, conversations, search::index};

use super::{access, record::record};
use crate::{Desk, Problems, Result};

const LONGEST_SUBJECT: usize = 300;
pub(super) const LONGEST_NOTES: usize = 20_000;
pub(super) const MOST_ATTRIBUTES: usize = 50;
const LONGEST_ATTRIBUTE_NAME: usize = 60;
/// Bytes, as JSON.
const LARGEST_ATTRIBUTES: usize = 16 * 1024;

/// What to change; `None` leaves a field as it is, an inner `None` clears it.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    pub subject: Option<Option<String>>,
    pub priority: Option<Priority>,
    pub notes: Option<Option<String>>,
    pub attributes: Option<Map<String, Value>>,
    pub unread: Option<bool>,
    pub spam: Option<bool>,
}

#[tracing::instrument(skip_all, fields(conversation.id = %id))]
pub async fn change(
    desk: &Desk,
    caller: Caller,
    id: ConversationId,
    changes: Changes,
) -> Result<Overview> {
    let now = desk.clock.now();
    let changes = changes.checked()?;
    desk.write_then(
        move |tx| {
            let action = Action::ChangeConversations;
            let before = access::load(tx, &caller, action, id)?;
            let mut conversation = before.conversation.clone();
            let events = changes.apply(&mut conversation);
            store(tx, &caller, &mut conversation, events, now)?;
            if before.conversation.subject != conversation.subject {
                let subject = conversation.subject.as_deref();
                index::put_conversation(tx, conversation.number, subject, &before.tags)?;
            }
            Ok(())
        },
        move |tx, ()| access::as_it_is(tx, id),
    )
    .await
}

/// Sets the marks on a conversation inside a transaction: priority, unread, spam.
pub(crate) fn mark(
    tx: &Tx<'_>,
    caller: &Caller,
    it: &mut Conversation,
    marks: Changes,
    now: Timestamp,
) -> Result<()> {
    let events = marks.apply(it);
    store(tx, caller, it, events, now)
}

/// Stores a changed conversation and tells of it; nothing where nothing happened.
pub(crate) fn store(
    tx: &Tx<'_>,
    caller: &Caller,
    it: &mut Conversation,
    events: Vec<Event>,
    now: Timestamp,
) -> Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    it.updated_at = now;
    conversations::update(tx, it)?;
    for event in events {
        record(tx, it, event, caller.actor(), now)?;
    }
    Ok(())
}

impl Changes {
    fn checked(mut self) -> Result<Self> {
        let mut problems = Problems::default();
        if let Some(subject) = self.subject.take() {
            self.subject = Some(subject.and_then(|it| subject_line(&mut problems, &it)));
        }
        if let Some(Some(notes)) = self.notes.take_if(|it| it.is_some()) {
            let notes = problems.check("notes", text::block(&notes, LONGEST_NOTES));
            self.notes = Some(notes.filter(|it| !it.trim().is_empty()));
        }
        if let Some(attributes) = &self.attributes {
            check_attributes(&mut problems, attributes);
        }
        problems.finish()?;
        Ok(self)
    }

    /// Changes the conversation and tells what changed, nothing for what was so already.
    fn apply(self, it: &mut Conversation) -> Vec<Event> {
        let mut events = Vec::new();
        let mut fields = Vec::new();
        let mut set = |name, changed: bool| {
            if changed {
                fields.push(name);
            }
        };
        if let Some(subject) = self.subject {
            set("subject", it.subject != subject);
            it.subject = subject;
        }
        if let Some(notes) = self.notes {
            set("notes", it.notes != notes);
            it.notes = notes;
        }
        if let Some(attributes) = self.attributes {
            set("attributes", it.attributes != attributes);
            it.attributes = attributes;
        }
        if let Some(spam) = self.spam {
            set("spam", it.spam != spam);
            it.spam = spam;
        }
        if self.unread == Some(true) && it.unread_count == 0 {
            set("unread", true);
            it.unread_count = 1;
        }
        if self.unread == Some(false) && it.unread_count > 0 {
            it.unread_count = 0;
            events.push(Event::ConversationRead);
        }
        if let Some(after) = self.priority.filter(|after| *after != it.priority) {
            events.push(Event::PriorityChanged { before: it.priority, after });
            it.priority = after;
        }
        if !fields.is_empty() {
            events.push(Event::ConversationChanged { fields });
        }
        events
    }
}

/// A subject on one line; one without a word is none.
pub(crate) fn subject_line(problems: &mut Problems, subject: &str) -> Option<String> {
    if subject.trim().is_empty() {
        return None;
    }
    problems.check("subject", text::line(subject, LONGEST_SUBJECT))
}

/// Facts other programs keep here: bounded, so that a row stays a row.
fn check_attributes(problems: &mut Problems, attributes: &Map<String, Value>) {
    if attributes.len() > MOST_ATTRIBUTES {
        problems.add("attributes", format!("at most {MOST_ATTRIBUTES} are kept"));
    }
    for name in attributes.keys() {
        if let Err(error) = text::line(name, LONGEST_ATTRIBUTE_NAME) {
            problems.add("attributes", format!("a name {error}"));
        }
    }
    let size = serde_json::to_string(attributes).map_or(usize::MAX, |it| it.len());
    if size > LARGEST_ATTRIBUTES {
        problems.add("attributes", format!("at most {LARGEST_ATTRIBUTES} bytes are kept"));
    }
}

/// An agent has opened the conversation: nothing in it is unread. Writes nothing when it was so.
pub(crate) fn mark_read(
    tx: &Tx<'_>,
    caller: &Caller,
    id: ConversationId,
    now: Timestamp,
) -> Result<Overview> {
    let mut it = access::load(tx, caller, Action::ReadConversations, id)?;
    if it.conversation.unread_count > 0 {
        it.conversation.unread_count = 0;
        conversations::update(tx, &it.conversation)?;
        record(tx, &it.conversation, Event::ConversationRead, caller.actor(), now)?;
    }
    Ok(it)
}
