//! Since when a customer waits, read from the messages: where an answer turns out to be none, or
//! becomes one after all.

use domain::{
    Timestamp,
    channels::ChannelType,
    conversations::Conversation,
    events::Event,
    messages::{DeliveryStatus, Direction, MailFacts, Message, SenderType},
};
use storage::{Reader, Tx, contacts, messages, messages::Place};

use super::{outgoing, send};
use crate::Result;

/// How far back the search for an unanswered question goes.
const LOOKED_AT: u32 = 200;

/// When the customer wrote what nobody has answered yet. What failed answers nothing.
pub(super) fn since(db: &Reader<'_>, conversation: &Conversation) -> Result<Option<Timestamp>> {
    let recent = messages::page(db, conversation.number, Place::Newest, LOOKED_AT)?;
    unanswered(db, conversation, &recent, None)
}

fn unanswered(
    db: &Reader<'_>,
    conversation: &Conversation,
    recent: &[Message],
    lost: Option<i64>,
) -> Result<Option<Timestamp>> {
    let own = own(db, conversation, recent)?;
    let answers = |it: &&Message| {
        it.direction == Direction::Outbound
            && !by_itself(it)
            && it.status != Some(DeliveryStatus::Failed)
            && Some(it.seq) != lost
            && goes_to(it, &own)
    };
    let unanswered = recent.iter().rev().take_while(|it| !answers(it));
    let by_a_person = |it: &&Message| !it.mail.as_ref().is_some_and(|mail| mail.automatic);
    let asked = unanswered.filter(|it| it.direction == Direction::Inbound).filter(by_a_person);
    Ok(asked.last().map(|it| it.created_at))
}

/// Where the customer reads: their addresses, and those they want answers at.
fn own(db: &Reader<'_>, conversation: &Conversation, recent: &[Message]) -> Result<Vec<String>> {
    let contact = contacts::find(db, conversation.contact_id)?;
    let emails = contact.map(|it| it.emails).unwrap_or_default();
    let mut own: Vec<String> = emails.iter().map(|it| it.as_str().to_owned()).collect();
    let mails = recent.iter().filter_map(|it| it.mail.as_ref());
    let theirs: Vec<&MailFacts> =
        mails.filter(|it| it.from_address.as_ref().is_some_and(|it| own.contains(it))).collect();
    let elsewhere: Vec<String> = theirs.iter().filter_map(|it| it.reply_to.clone()).collect();
    own.extend(elsewhere);
    if conversation.channel_kind == ChannelType::Webchat {
        // What goes out by mail goes to who left the chat, at an address nobody has verified yet.
        let sent = recent.iter().filter(|it| it.direction == Direction::Outbound);
        own.extend(sent.filter_map(|it| it.mail.as_ref()).flat_map(|it| it.to.clone()));
    }
    Ok(own)
}

/// What a rule sends answers nobody's question.
fn by_itself(message: &Message) -> bool {
    message.sender.kind == SenderType::System
}

fn goes_to(message: &Message, own: &[String]) -> bool {
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    message.mail.as_ref().is_none_or(|mail| outgoing::is_in_thread(message.direction, mail, &own))
}

/// Makes the customer wait again for whom a message that will not leave was the answer. The caller
/// stores the conversation.
pub(super) fn unanswered_again(
    tx: &Tx<'_>,
    conversation: &mut Conversation,
    message: &Message,
) -> Result<()> {
    let recent = messages::page(tx, conversation.number, Place::Newest, LOOKED_AT)?;
    let Some(since) = unanswered(tx, conversation, &recent, Some(message.seq))? else {
        return Ok(());
    };
    if conversation.first_response_at == Some(message.created_at) {
        conversation.first_response_at = None;
        conversation.first_response_by = None;
    }
    conversation.waiting_since = Some(since);
    Ok(())
}

/// A message did not arrive: whoever it answered waits as before, and somebody has to look. `partly`
/// where it reached others than the customer. The caller stores the conversation.
pub(crate) fn failed(
    tx: &Tx<'_>,
    conversation: &mut Conversation,
    message: &Message,
    partly: bool,
    now: Timestamp,
) -> Result<Option<Event>> {
    unanswered_again(tx, conversation, message)?;
    // Also somebody the desk wrote to first should hear of it.
    let recent = messages::page(tx, conversation.number, Place::Newest, LOOKED_AT)?;
    let theirs = goes_to(message, &own(tx, conversation, &recent)?);
    let lost = (partly || theirs).then_some(now);
    Ok(conversation.bounced(lost, now))
}

/// A message that had failed is to leave after all: it answers what stood before it. The caller
/// stores the conversation.
pub(super) fn answered_after_all(
    tx: &Tx<'_>,
    conversation: &mut Conversation,
    message: &Message,
    now: Timestamp,
) -> Result<()> {
    let waited = conversation.waiting_since.is_some();
    conversation.waiting_since = since(tx, conversation)?;
    let recent = messages::page(tx, conversation.number, Place::Newest, LOOKED_AT)?;
    let answers = !by_itself(message) && goes_to(message, &own(tx, conversation, &recent)?);
    if waited && answers && conversation.first_response_at.is_none() {
        conversation.first_response_at = Some(now);
        conversation.first_response_by = send::author(message);
    }
    conversation.updated_at = now;
    Ok(())
}
