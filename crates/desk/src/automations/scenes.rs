//! What a rule sees when it looks.

use domain::{
    Timestamp,
    automations::{Facts, Field, Trigger},
    contacts::Contact,
    conversations::Overview,
    messages::{Direction, Message},
};
use storage::{Reader, contacts, conversations::overviews, messages, workspace};

use super::happenings::Happening;
use crate::Result;

/// Messages looked at to find what the customer wrote last.
const LOOKED_AT: u32 = 30;

/// The fields that need a message.
pub(super) const OF_MESSAGES: [Field; 3] =
    [Field::MessageText, Field::HasAttachments, Field::Automatic];

pub(super) struct Scene {
    /// None for a contact nobody talks with yet.
    pub overview: Option<Overview>,
    pub contact: Contact,
    pub message: Option<Message>,
    pub facts: Facts,
}

/// None when it is gone already.
pub(super) fn load(
    db: &Reader<'_>,
    happening: &Happening,
    with_message: bool,
    now: Timestamp,
) -> Result<Option<Scene>> {
    let overview = match happening.conversation {
        Some(id) => match overviews::find(db, id)? {
            // What went into another one is that one's to react to.
            Some(it) if it.conversation.merged_into.is_none() => Some(it),
            _ => return Ok(None),
        },
        None => None,
    };
    let contact = overview.as_ref().map(|it| it.conversation.contact_id).or(happening.contact);
    let Some(contact) = contact.map(|it| contacts::find(db, it)).transpose()?.flatten() else {
        return Ok(None);
    };
    let message = match (happening.message, &overview) {
        (Some(id), _) => messages::find(db, id)?,
        (None, Some(it)) if with_message => newest_inbound(db, it.conversation.number)?,
        _ => None,
    };
    let mut facts = of_contact(&contact);
    if let Some(it) = &overview {
        add_conversation(&mut facts, it);
    }
    if let Some(it) = &message {
        add_message(&mut facts, it);
    }
    facts.set(Field::PreviousStatus, happening.previous_status.map(|it| it.as_str()));
    facts.set(Field::ChangedTag, happening.changed_tag.as_deref());
    facts.set(Field::Hours, [if is_open(db, now)? { "inside" } else { "outside" }]);
    Ok(Some(Scene { overview, contact, message, facts }))
}

pub(super) fn newest_inbound(db: &Reader<'_>, number: i64) -> Result<Option<Message>> {
    let recent = messages::page(db, number, messages::Place::Newest, LOOKED_AT)?;
    Ok(recent.into_iter().rev().find(|it| it.direction == Direction::Inbound))
}

fn is_open(db: &Reader<'_>, now: Timestamp) -> Result<bool> {
    Ok(workspace::find(db)?.is_none_or(|it| it.hours.is_open(now, &it.zone())))
}

fn of_contact(it: &Contact) -> Facts {
    let mut facts = Facts::default();
    let emails: Vec<&str> = it.emails.iter().map(|it| it.as_str()).collect();
    let phones: Vec<&str> = it.phones.iter().map(|it| it.as_str()).collect();
    let id = it.id.to_string();
    let name = it.name.as_deref();
    let all = [id.as_str()].into_iter().chain(name).chain(emails.clone()).chain(phones.clone());
    facts.set(Field::Contact, all);
    facts.set(Field::ContactName, name);
    facts.set(Field::ContactEmail, emails);
    facts.set(Field::ContactPhone, phones);
    facts.set(Field::ContactTag, &it.tags);
    facts
}

fn add_conversation(facts: &mut Facts, it: &Overview) {
    let conversation = &it.conversation;
    facts.set(Field::ChannelType, [conversation.channel_kind.as_str()]);
    facts.set(Field::Channel, [conversation.channel_id.to_string(), it.channel_name.clone()]);
    facts.set(Field::Status, [conversation.status.as_str()]);
    facts.set(Field::Priority, [conversation.priority.as_str()]);
    facts.set(Field::Subject, conversation.subject.as_deref());
    facts.set(Field::Spam, [conversation.spam.to_string()]);
    facts.set(Field::Tag, &it.tags);
    let id = conversation.assignee.map(|it| it.to_string());
    facts.set(Field::Assignee, id.into_iter().chain(it.assignee_name.clone()));
}

fn add_message(facts: &mut Facts, it: &Message) {
    facts.set(Field::MessageText, [&it.text]);
    facts.set(Field::HasAttachments, [(!it.attachments.is_empty()).to_string()]);
    facts.set(Field::Automatic, [is_automatic(it).to_string()]);
}

/// No person wrote it.
pub(super) fn is_automatic(it: &Message) -> bool {
    it.mail.as_ref().is_some_and(|mail| mail.automatic)
}

/// Whether a rule with this trigger has a message at hand without looking for one.
pub(super) fn brings_message(trigger: Trigger) -> bool {
    matches!(trigger, Trigger::MessageReceived | Trigger::MessageSent | Trigger::NoteAdded)
}
