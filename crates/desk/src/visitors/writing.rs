//! What a visitor writes: into their open conversation, or one that is opened for it.

use std::collections::BTreeMap;

use domain::{
    Timestamp,
    addresses::EmailAddress,
    channels::ChannelType,
    contacts::Contact,
    conversations::{Conversation, Status},
    events::{Actor, Event},
    ids::{AttachmentId, ChannelId, ContactId, ConversationId},
    messages::{Direction, Message, MessageType, Sender, SenderType, lines::What},
    phones::PhoneNumber,
    text,
    visitors::{
        NEW_CONVERSATION_AFTER_DAYS, UNVERIFIED_EMAIL, UNVERIFIED_PHONE, USER_ID, Visitor,
        is_reserved,
    },
};
use serde_json::{Map, Value};
use storage::{
    Tx, attachments,
    channels::{self, Half},
    contacts,
    conversations::{self, merged},
    events, messages,
    visitors::{self as stored, chats},
    workspace,
};

use super::{
    Guest, admit, closed,
    history::{self, Shown, Viewer},
    sessions,
};
use crate::{
    Desk, DeskError, Problems, Result,
    contacts::merges,
    conversations::record,
    messages::{append::append, cancel_waiting, send},
    tokens::Token,
};

const LONGEST_TEXT: usize = 10_000;
const LONGEST_CLIENT_ID: usize = 100;
const LONGEST_NAME: usize = 200;
const LONGEST_ANSWER: usize = 500;
const MOST_FILES: usize = 10;

/// A message as a browser sent it.
#[derive(Debug, Clone, Default)]
pub struct NewMessage {
    pub text: String,
    pub attachments: Vec<AttachmentId>,
    /// By this it is known when it is sent again.
    pub client_id: String,
    /// Answers to what is asked before the first message.
    pub pre_chat: BTreeMap<String, String>,
    /// Opens another conversation where the last one is resolved.
    pub new_conversation: bool,
}

/// What came of it.
#[derive(Debug)]
pub struct Written {
    pub shown: Shown,
    pub conversation: ConversationId,
    pub visitor_seq: i64,
    /// False when the browser had sent it before.
    pub is_new: bool,
}

/// Stores a message. Sent twice under the same name, it is one.
///
/// # Errors
/// `NotSignedIn`; `Invalid` naming what is wrong; a conflict for who is blocked.
#[tracing::instrument(skip_all, fields(channel.id = %channel))]
pub async fn write(
    desk: &Desk,
    channel: ChannelId,
    token: Token,
    new: NewMessage,
) -> Result<Written> {
    let now = desk.clock.now();
    let written = desk.write(move |tx| {
        let guest = admit(tx, channel, &token, now)?;
        let (seq, viewer) = (guest.visitor.seq, guest.viewer());
        let was_silent = guest.visitor.contact_id.is_none();
        let client_id = client_id(&new.client_id);
        let client_id = client_id.map_err(|it| DeskError::invalid("client_id", it))?;
        if let Some(found) = chats::named(tx, seq, &client_id)? {
            return written(tx, viewer, seq, found, false);
        }
        let message = put(tx, guest, new, &client_id, now)?;
        if was_silent {
            // From now on there is something to come back to.
            let visitor = stored::find(tx, seq)?.ok_or(domain::policy::Denied::NotSignedIn)?;
            let until = sessions::good_until(&visitor, viewer.signed_until, now);
            stored::put_token(tx, seq, &token.hash(), viewer.signed_until, until, now)?;
        }
        written(tx, viewer, seq, message.seq, true)
    });
    let written = written.await?;
    if written.is_new {
        desk.watchers.wrote(written.visitor_seq, written.conversation);
    }
    Ok(written)
}

fn written(
    tx: &Tx<'_>,
    viewer: Viewer,
    visitor_seq: i64,
    seq: i64,
    is_new: bool,
) -> Result<Written> {
    let message = messages::find_by_seq(tx, seq)?.ok_or(DeskError::NotFound("message"))?;
    let conversation = message.conversation_id;
    let mut shown = history::shown(tx, viewer, vec![message])?;
    let shown = shown.pop().ok_or(DeskError::NotFound("message"))?;
    Ok(Written { shown, conversation, visitor_seq, is_new })
}

fn put(
    tx: &Tx<'_>,
    guest: Guest,
    new: NewMessage,
    client_id: &str,
    now: Timestamp,
) -> Result<Message> {
    let mut problems = Problems::default();
    let text = problems.check("text", text::block(&new.text, LONGEST_TEXT)).unwrap_or_default();
    if text.trim().is_empty() && new.attachments.is_empty() {
        problems.add("text", "must not be empty");
    }
    if new.attachments.len() > MOST_FILES {
        problems.add("attachment_ids", format!("at most {MOST_FILES} go with a message"));
    }
    let said = said(tx, &mut problems, &guest, &new.pre_chat)?;
    problems.finish()?;
    let Guest { site, mut visitor, .. } = guest;
    let contact = contact(tx, &mut visitor, said, now)?;
    if contact.blocked {
        return Err(closed());
    }
    let kept = kept(tx, &visitor, new.new_conversation, now)?;
    let mut conversation = match kept {
        Some(it) => it,
        None => open(tx, site.channel.id, &visitor, contact.id, now)?,
    };
    let taken = attachments::take_visitor_uploads(tx, &new.attachments, visitor.seq, now)?;
    let files = taken.ok_or_else(|| {
        DeskError::invalid("attachment_ids", "an upload goes with one message, within an hour")
    })?;
    send::refuse_heavy("attachment_ids", &files)?;
    let mut message = send::blank(Direction::Inbound, now, None);
    message.kind = MessageType::of(&text, &files);
    message.text = text;
    message.attachments = files;
    let (kind, id) = (SenderType::Contact, Some(contact.id.0));
    message.sender = Sender { kind, id, name: contact.name };
    cancel_waiting(tx, &mut conversation, now)?;
    let message = append(tx, &mut conversation, message, Actor::Contact(contact.id), now)?;
    chats::name(tx, visitor.seq, message.seq, client_id)?;
    channels::report(tx, site.channel.id, Half::Receive, Ok(()), now)?;
    Ok(message)
}

/// The conversation that goes on, unless it was over long ago or the visitor wants another.
fn kept(
    tx: &Tx<'_>,
    visitor: &Visitor,
    wants_another: bool,
    now: Timestamp,
) -> Result<Option<Conversation>> {
    let Some(chat) = chats::current(tx, visitor.seq)? else { return Ok(None) };
    let found = conversations::find_by_number(tx, chat.number)?;
    let found = found.map(|it| merged::follow(tx, it)).transpose()?.flatten();
    Ok(found.filter(|it| {
        let is_resolved = it.status == Status::Resolved;
        let is_over = it.is_over(Some(NEW_CONVERSATION_AFTER_DAYS), now);
        !(is_over || is_resolved && wants_another)
    }))
}

fn open(
    tx: &Tx<'_>,
    channel: ChannelId,
    visitor: &Visitor,
    contact: ContactId,
    now: Timestamp,
) -> Result<Conversation> {
    let (id, channel) = (ConversationId::new(), (channel, ChannelType::Webchat));
    let mut it = Conversation::open(id, channel, contact, None, now);
    conversations::insert(tx, &mut it)?;
    chats::make_current(tx, visitor.seq, it.number)?;
    events::append(tx, Some(&it), Event::ConversationOpened, Actor::Contact(contact), now)?;
    if let Some(email) = &visitor.email {
        let given = What::AddressGiven { address: email.to_string() };
        record::tell(tx, &it, given, Actor::System, now)?;
    }
    Ok(it)
}

/// What a visitor said of themselves, checked.
#[derive(Default)]
struct Said {
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    others: Map<String, Value>,
}

fn said(
    tx: &Tx<'_>,
    problems: &mut Problems,
    guest: &Guest,
    answers: &BTreeMap<String, String>,
) -> Result<Said> {
    let fields = &guest.site.config.pre_chat;
    let mut said = Said::default();
    for key in answers.keys() {
        if !fields.iter().any(|it| it.field == *key) {
            problems.add(&format!("pre_chat.{key}"), "is not asked for");
        }
    }
    // Who has written before, or whom the site knows, need not introduce themselves.
    let is_stranger = guest.visitor.contact_id.is_none() && guest.signed_until.is_none();
    for field in fields {
        let name = format!("pre_chat.{}", field.field);
        let answer = answers.get(&field.field).map(|it| it.trim()).filter(|it| !it.is_empty());
        let Some(answer) = answer else {
            if field.required && is_stranger {
                problems.add(&name, "is required");
            }
            continue;
        };
        match field.field.as_str() {
            "name" => said.name = problems.check(&name, text::line(answer, LONGEST_NAME)),
            "email" => {
                let address = problems.check(&name, EmailAddress::parse(answer));
                said.email = address.map(|it| it.as_str().to_owned());
            }
            "phone" => {
                let country = workspace::find(tx)?.and_then(|it| it.default_country);
                let number = PhoneNumber::parse(answer, country.as_deref());
                said.phone = problems.check(&name, number).map(|it| it.as_str().to_owned());
            }
            // Settings of before they were ours.
            other if is_reserved(other) => {}
            other => {
                let value = problems.check(&name, text::line(answer, LONGEST_ANSWER));
                said.others.extend(value.map(|it| (other.to_owned(), Value::String(it))));
            }
        }
    }
    Ok(said)
}

/// The visitor's contact: theirs from before, or a new one. Whatever address they gave, it is never
/// somebody else's.
fn contact(tx: &Tx<'_>, visitor: &mut Visitor, said: Said, now: Timestamp) -> Result<Contact> {
    let before = visitor.clone();
    visitor.name = said.name.or(visitor.name.take());
    visitor.email = said.email.or(visitor.email.take());
    visitor.phone = said.phone.or(visitor.phone.take());
    let known = match visitor.contact_id {
        Some(id) => match contacts::find(tx, id)? {
            Some(it) => Some(it),
            None => merges::leads_to(tx, id)?,
        },
        None => None,
    };
    let made_up = visitor.made_up_name();
    let is_new = known.is_none();
    let mut it = known.unwrap_or_else(|| Contact::new(ContactId::new(), now));
    let was = it.clone();
    if it.name.is_none() || it.name.as_ref() == Some(&made_up) {
        it.name = visitor.name.clone().or(Some(made_up));
    }
    it.attributes.extend(said.others);
    let facts = [
        (UNVERIFIED_EMAIL, visitor.email.as_ref().filter(|email| !has(&it, email))),
        (UNVERIFIED_PHONE, visitor.phone.as_ref()),
        (USER_ID, visitor.user_id.as_ref()),
    ];
    let facts: Vec<_> = facts.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
    for (key, value) in facts {
        it.attributes.insert(key.to_owned(), Value::String(value.clone()));
    }
    visitor.contact_id = Some(it.id);
    if is_new {
        contacts::insert(tx, &it)?;
        let event = Event::ContactCreated { contact_id: it.id };
        events::append(tx, None, event, Actor::System, now)?;
    } else if it != was {
        it.updated_at = now;
        contacts::update(tx, &it)?;
        let event = Event::ContactChanged { contact_id: it.id, fields: vec!["name", "attributes"] };
        events::append(tx, None, event, Actor::Contact(it.id), now)?;
    }
    if *visitor != before {
        stored::update(tx, visitor)?;
    }
    Ok(it)
}

fn has(contact: &Contact, email: &str) -> bool {
    contact.emails.iter().any(|it| it.as_str() == email)
}

/// A name for a message that its browser chose.
fn client_id(text: &str) -> Result<String, &'static str> {
    let plain = text.bytes().all(|it| it.is_ascii_graphic());
    if text.is_empty() || text.len() > LONGEST_CLIENT_ID || !plain {
        return Err("must be 1 to 100 plain characters");
    }
    Ok(text.to_owned())
}
