//! Which conversation a mail belongs to.
//!
//! Anybody can cite a Message-ID. So a mark only joins a mail to a conversation for its contact and
//! the addresses an agent wrote to; for others it makes a link between two conversations.

use connectors::email::{marker, parse::ParsedMail};
use domain::{
    Timestamp,
    addresses::EmailAddress,
    conversations::Conversation,
    ids::{ChannelId, ConversationId},
    mails::MailConfig,
};
use storage::{
    Reader,
    conversations::{self, merged},
    messages,
};

use super::contacts::Sender;
use crate::{
    Keys, Result,
    keys::Purpose,
    threading::{self, leads_to},
    visitors::mails,
};

/// Message-IDs looked up for one mail.
const MAX_REFERENCES: usize = 20;

pub(super) enum Thread {
    Join(Box<Conversation>),
    Open { related: Option<ConversationId> },
}

pub(super) fn find(
    db: &Reader<'_>,
    keys: &Keys,
    mail: &ParsedMail,
    sender: &Sender,
    channel: (ChannelId, &MailConfig),
    now: Timestamp,
) -> Result<Thread> {
    let mut related = None;
    for candidate in cited(db, keys, mail, channel.1)? {
        let conversation = candidate.conversation;
        let own =
            is_reached_over(db, &conversation, channel.0)? && !sender.unclear && !sender.by_form;
        if own && belongs(db, sender, &conversation, candidate.weak)? {
            if !conversation.is_over(channel.1.new_conversation_after_days, now) {
                return Ok(Thread::Join(Box::new(conversation)));
            }
            return Ok(Thread::Open { related: Some(conversation.id) });
        }
        if !candidate.weak {
            related.get_or_insert(conversation.id);
        }
    }
    Ok(Thread::Open { related })
}

/// Whether a conversation is of this mailbox, or a chat whose visitors are written to over it.
fn is_reached_over(db: &Reader<'_>, it: &Conversation, mailbox: ChannelId) -> Result<bool> {
    Ok(merged::is_of_channel(db, it, mailbox)? || mails::go_over(db, it, mailbox)?)
}

/// Whether the sender may write here: the contact, or somebody an agent wrote to. A weak mark, which
/// anybody can guess, is good for the contact only.
fn belongs(
    db: &Reader<'_>,
    sender: &Sender,
    conversation: &Conversation,
    weak: bool,
) -> Result<bool> {
    if conversation.contact_id == sender.contact.id {
        return Ok(true);
    }
    match (&sender.address, weak) {
        (Some(address), false) => {
            Ok(merged::is_participant(db, conversation.id, address.as_str())?)
        }
        _ => Ok(false),
    }
}

struct Candidate {
    conversation: Conversation,
    /// Guessable: a number in the subject.
    weak: bool,
}

/// The conversations a mail points at, the surest first.
fn cited(
    db: &Reader<'_>,
    keys: &Keys,
    mail: &ParsedMail,
    config: &MailConfig,
) -> Result<Vec<Candidate>> {
    let mut found: Vec<Candidate> = Vec::new();
    let mut add = |conversation: Conversation, weak: bool| {
        if !found.iter().any(|it| it.conversation.number == conversation.number) {
            found.push(Candidate { conversation, weak });
        }
    };
    let ids = mail.in_reply_to.iter().chain(mail.references.iter().rev());
    for id in ids.take(MAX_REFERENCES) {
        for number in messages::conversations_with(db, id)? {
            if let Some(conversation) = conversations::find_by_number(db, number)? {
                add(conversation, false);
            }
        }
    }
    if let Some(conversation) = of_tokens(db, keys, mail, config)? {
        add(conversation, false);
    }
    let number = mail.subject.as_deref().and_then(marker::subject_number);
    if let Some(number) = number.and_then(|it| i64::try_from(it).ok())
        && let Some(conversation) = standing(db, number)?
    {
        add(conversation, true);
    }
    Ok(found)
}

/// The conversation a signed token leads to: in an address the mail went to, else in its body.
pub(super) fn of_tokens(
    db: &Reader<'_>,
    keys: &Keys,
    mail: &ParsedMail,
    config: &MailConfig,
) -> Result<Option<Conversation>> {
    if let Ok(ours) = EmailAddress::parse(&config.address) {
        let receivers = mail.to.iter().chain(&mail.cc).chain(&mail.delivered_to);
        let tokens = receivers.filter_map(|it| marker::reply_token(&it.address, &ours));
        for token in tokens.take(MAX_REFERENCES) {
            let found = verified(db, keys, Purpose::ReplyAddress, &token)?;
            if found.is_some() {
                return Ok(found);
            }
        }
    }
    match marker::find(&mail.text, mail.html.as_deref()) {
        Some(token) => verified(db, keys, Purpose::BodyMarker, &token),
        None => Ok(None),
    }
}

fn verified(
    db: &Reader<'_>,
    keys: &Keys,
    purpose: Purpose,
    token: &str,
) -> Result<Option<Conversation>> {
    let Some(number) = threading::number_in(token) else { return Ok(None) };
    let found = conversations::find_by_number(db, number)?;
    // A mark made for a conversation that was merged leads to what it was merged into.
    let found = found.filter(|it| leads_to(keys, purpose, token, it));
    Ok(found.map(|it| merged::follow(db, it)).transpose()?.flatten())
}

/// The conversation of this number, or what it was merged into.
fn standing(db: &Reader<'_>, number: i64) -> Result<Option<Conversation>> {
    let found = conversations::find_by_number(db, number)?;
    Ok(found.map(|it| merged::follow(db, it)).transpose()?.flatten())
}
