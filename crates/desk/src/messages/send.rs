//! Writing a message: a reply that a worker sends, or a note that stays here.

use domain::{
    Timestamp,
    addresses::EmailAddress,
    channels::{Channel, ChannelType},
    contacts::Contact,
    conversations::Conversation,
    ids::{AgentId, ChannelId, ConversationId, MessageId},
    jobs::JobKind,
    messages::{
        Attachment, DeliveryStatus, Direction, MailFacts, Message, MessageType, Sender, SenderType,
    },
    policy::{self, Action, Caller, Object},
    workspace::Workspace,
};
use serde_json::json;
use storage::{Reader, Tx, agents, attachments, channels, contacts, conversations, jobs, messages};

use super::{
    append::append,
    draft::{Checked, Draft},
    outgoing::{self, Thread},
};
use crate::{
    Desk, DeskError, Result,
    attachments::upload::MOST_BYTES_OF_MESSAGE,
    canned_replies,
    channels::{mail_config, send_lane},
    conversations::access,
    drafts,
    idempotency::{self, Claim},
    suggestions, visitors,
};

/// How many messages a stale reply is shown at most.
const MOST_UNSEEN: u32 = 50;
/// Mails looked at to find the one that is answered.
const MAILS: u32 = 20;

/// Stores a message and, unless it is private, the job that sends it.
///
/// # Errors
/// `Stale` when somebody wrote since `draft.last_seen`; a conflict when it could not be sent.
#[tracing::instrument(skip_all, fields(conversation.id = %id))]
pub async fn send(
    desk: &Desk,
    caller: Caller,
    id: ConversationId,
    draft: Draft,
    claim: Option<Claim>,
) -> Result<Message> {
    let now = desk.clock.now();
    let checked = draft.checked(now);
    // A program that writes under an agent's name has not sent what they type meanwhile.
    let typist = caller.agent().filter(|_| caller.has_session());
    let sent = desk.write(move |tx| {
        let mut conversation = access::load(tx, &caller, Action::SendMessages, id)?.conversation;
        let load = |tx: &Tx<'_>, id| made_before(tx, MessageId(id));
        let mut drafted = false;
        let message = idempotency::once(tx, claim.as_ref(), now, load, |tx| {
            // Not before: sent again later, a request is what it was, even if its time is over.
            let draft = checked?;
            refuse_stale(tx, &conversation, &draft)?;
            let message = put(tx, &caller, &mut conversation, &draft, now)?;
            if let Some(canned) = draft.canned_reply {
                canned_replies::use_in(tx, &caller, &mut conversation, canned, now)?;
            }
            if let Some(suggestion) = draft.suggestion {
                suggestions::use_in(tx, &conversation, suggestion, &message, caller.actor(), now)?;
            }
            if let Some(agent) = typist {
                drafted = drafts::drop_in(tx, agent, conversation.number, now)?;
            }
            Ok((message.id.0, message))
        })?;
        Ok((message, drafted))
    });
    let (sent, drafted) = sent.await?;
    if let Some(agent) = typist.filter(|_| drafted) {
        desk.draft_news.tell(agent, id, domain::drafts::Draft::NONE);
    }
    Ok(sent)
}

/// What an earlier request with the same key made.
pub(crate) fn made_before(db: &Reader<'_>, id: MessageId) -> Result<Message> {
    messages::find(db, id)?.ok_or(DeskError::NotFound("message"))
}

fn refuse_stale(tx: &Tx<'_>, conversation: &Conversation, draft: &Checked) -> Result<()> {
    let Some(last_seen) = draft.last_seen else { return Ok(()) };
    let place = messages::place(tx, last_seen)?.filter(|(it, _)| *it == conversation.number);
    let Some((number, seq)) = place else {
        let message = "is not a message of this conversation";
        return Err(DeskError::invalid("last_seen_message_id", message));
    };
    if draft.force {
        return Ok(());
    }
    let unseen = messages::written_after(tx, number, seq, MOST_UNSEEN)?;
    if unseen.is_empty() { Ok(()) } else { Err(DeskError::Stale { messages: unseen }) }
}

/// Adds a checked draft to a conversation inside a transaction.
pub(crate) fn put(
    tx: &Tx<'_>,
    caller: &Caller,
    conversation: &mut Conversation,
    draft: &Checked,
    now: Timestamp,
) -> Result<Message> {
    let mail = match draft.private {
        true => None,
        false => Some(address(tx, conversation, &draft.cc, &draft.bcc, true)?),
    };
    let direction = if draft.private { Direction::Note } else { Direction::Outbound };
    let mut message = blank(direction, now, None);
    message.sender = sender(tx, caller)?;
    message.text.clone_from(&draft.text);
    message.html.clone_from(&draft.html);
    message.attachments = take_uploads(tx, caller, draft, now)?;
    message.kind = MessageType::of(&message.text, &message.attachments);
    let at_once = conversation.channel_kind == ChannelType::Webchat && draft.send_at.is_none();
    let run_at = match draft.send_at {
        Some(at) => at,
        None => now.plus_seconds(send_delay(tx)?),
    };
    let mut elsewhere = None;
    if let Some(addressed) = mail {
        elsewhere = addressed.elsewhere;
        message.id = addressed.id;
        message.mail = addressed.mail;
        message.status = Some(DeliveryStatus::Queued);
        message.send_at = Some(run_at);
        message.cancel_if_customer_writes = draft.cancel_if_customer_writes;
    }
    if at_once && message.direction == Direction::Outbound {
        visitors::leaves_now(&mut message, now);
    }
    let message = append(tx, conversation, message, caller.actor(), now)?;
    if message.direction == Direction::Outbound {
        for it in &draft.cc {
            conversations::add_participant(tx, conversation.number, it.as_str())?;
        }
        if let Some(elsewhere) = &elsewhere {
            conversations::add_participant(tx, conversation.number, elsewhere)?;
            messages::people::name(tx, message.seq, elsewhere)?;
        }
        if at_once {
            visitors::mails::expect(tx, conversation, now)?;
        } else {
            queue(tx, conversation.channel_id, message.id, run_at, now)?;
        }
    }
    Ok(message)
}

pub(crate) struct Addressed {
    pub id: MessageId,
    /// None where nothing goes out by mail: in a chat.
    pub mail: Option<MailFacts>,
    /// Where the contact wants answers, if that is no address of theirs: what comes from there joins
    /// the thread, and is never taken for them.
    elsewhere: Option<String>,
}

/// Finds out where a reply goes, or why it cannot go anywhere. A program's reply goes only where the
/// contact wrote from: anybody may name somebody else as Reply-To, to have us write to them.
pub(crate) fn address(
    db: &Reader<'_>,
    conversation: &Conversation,
    cc: &[EmailAddress],
    bcc: &[EmailAddress],
    by_a_person: bool,
) -> Result<Addressed> {
    let channel = working_channel(db, conversation.channel_id)?;
    let contact = reachable_contact(db, conversation)?;
    if channel.kind == ChannelType::Webchat {
        let copies = [("cc", cc), ("bcc", bcc)];
        if let Some((field, _)) = copies.iter().find(|(_, all)| !all.is_empty()) {
            return Err(DeskError::invalid(*field, "a chat has one reader; send no copies"));
        }
        return Ok(Addressed { id: MessageId::new(), mail: None, elsewhere: None });
    }
    let config = mail_config(&channel)?;
    let mut earlier = messages::newest_mails(db, conversation.number, MAILS)?;
    if !by_a_person {
        earlier.iter_mut().for_each(|it| it.reply_to = None);
    }
    let to = outgoing::recipient(&contact, &earlier)?;
    let facts = |seq| Ok(messages::mail(db, seq)?);
    let answered = outgoing::answered(&contact, to, &earlier, facts)?;
    let thread = Thread { config: &config, conversation, to, answered: answered.as_ref() };
    let id = MessageId::new();
    let mail = outgoing::reply(id, &thread, cc, bcc)?;
    let theirs = |it: &&String| contact.emails.iter().any(|own| own.as_str() == it.as_str());
    let elsewhere = mail.to.iter().find(|it| !theirs(it)).cloned();
    Ok(Addressed { id, mail: Some(mail), elsewhere })
}

/// A channel something can be sent on.
pub(crate) fn working_channel(db: &Reader<'_>, id: ChannelId) -> Result<Channel> {
    let channel = channels::find(db, id)?.ok_or(DeskError::NotFound("channel"))?;
    if channel.deleted_at.is_some() {
        return Err(DeskError::conflict("this channel was deleted; nothing can be sent on it"));
    }
    if !channel.is_active {
        return Err(DeskError::conflict("this channel is switched off; nothing can be sent on it"));
    }
    match channel.kind {
        ChannelType::Email | ChannelType::Webchat => Ok(channel),
        _ => Err(DeskError::NotAvailable("sending on this type of channel")),
    }
}

fn reachable_contact(db: &Reader<'_>, conversation: &Conversation) -> Result<Contact> {
    let contact = contacts::find(db, conversation.contact_id)?;
    let contact = contact.ok_or(DeskError::NotFound("contact"))?;
    if contact.blocked {
        return Err(DeskError::conflict("this contact is blocked; unblock them to write to them"));
    }
    Ok(contact)
}

pub(crate) fn sender(db: &Reader<'_>, caller: &Caller) -> Result<Sender> {
    let actor = caller.actor();
    let name = match actor.agent() {
        Some(id) => agents::find(db, id)?.map(|it| it.name),
        None => None,
    };
    Ok(Sender { kind: actor.kind(), id: actor.id(), name })
}

fn take_uploads(
    tx: &Tx<'_>,
    caller: &Caller,
    draft: &Checked,
    now: Timestamp,
) -> Result<Vec<Attachment>> {
    if draft.attachments.is_empty() {
        return Ok(Vec::new());
    }
    let uploader = caller.agent().ok_or(policy::Denied::NotSignedIn)?;
    policy::authorize(
        caller,
        Action::UploadAttachments,
        Object::Upload { uploader: Some(uploader) },
    )?;
    let taken = attachments::take_uploads(tx, &draft.attachments, uploader, now)?;
    let taken = taken.ok_or_else(|| {
        let message = "an upload goes with one message of who uploaded it, within an hour";
        DeskError::invalid("attachment_ids", message)
    })?;
    refuse_heavy("attachment_ids", &taken)?;
    Ok(taken.into_iter().map(|it| shown(it, draft.html.as_deref())).collect())
}

/// A picture that the HTML shows as `cid:` and its id comes along inside the message.
fn shown(mut it: Attachment, html: Option<&str>) -> Attachment {
    let id = it.id.to_string();
    it.inline = it.mime.starts_with("image/")
        && html.is_some_and(|html| html.contains(&format!("cid:{id}")));
    it.content_id = it.inline.then_some(id);
    it
}

/// Files that no mail server would take together.
pub(crate) fn refuse_heavy(field: &str, files: &[Attachment]) -> Result<()> {
    let bytes = files.iter().fold(0, |sum: u64, it| sum.saturating_add(it.size));
    if bytes <= MOST_BYTES_OF_MESSAGE {
        return Ok(());
    }
    let most = MOST_BYTES_OF_MESSAGE / 1024 / 1024;
    let message = format!(
        "the files of one message may have {most} MB together, these have {}; send fewer at once",
        bytes.div_ceil(1024 * 1024)
    );
    Err(DeskError::invalid(field, message))
}

/// Seconds in which a reply can be taken back.
pub(crate) fn send_delay(db: &Reader<'_>) -> Result<i64> {
    let delay = storage::workspace::find(db)?.map_or(0, |it| it.send_delay_seconds);
    Ok(delay.min(Workspace::MAX_SEND_DELAY_SECONDS).into())
}

/// Puts the job that sends a stored message. A channel's messages leave one after another.
pub(crate) fn queue(
    tx: &Tx<'_>,
    channel: ChannelId,
    message: MessageId,
    run_at: Timestamp,
    now: Timestamp,
) -> Result<()> {
    let job = jobs::NewJob {
        kind: JobKind::SendMessage,
        subject: message.0,
        payload: json!({}),
        lane: send_lane(channel),
        run_at,
    };
    Ok(jobs::put(tx, &job, now)?)
}

/// A message nobody has written anything in yet.
pub(crate) fn blank(direction: Direction, now: Timestamp, mail: Option<MailFacts>) -> Message {
    Message {
        seq: 0,
        id: MessageId::new(),
        conversation_id: ConversationId(uuid::Uuid::nil()),
        conversation_number: 0,
        direction,
        kind: MessageType::Text,
        sender: Sender { kind: SenderType::System, id: None, name: None },
        text: String::new(),
        html: None,
        quoted: None,
        signature: None,
        attachments: Vec::new(),
        status: None,
        error: None,
        send_at: None,
        cancel_if_customer_writes: false,
        mail,
        event: None,
        created_at: now,
        sent_at: None,
    }
}

/// Who wrote a message, where an agent did.
pub(crate) fn author(message: &Message) -> Option<AgentId> {
    let id = message.sender.id.filter(|_| message.sender.kind == SenderType::Agent);
    id.map(AgentId)
}
