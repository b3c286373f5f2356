//! Showing a message to somebody outside the conversation.

use domain::{
    addresses::EmailAddress,
    channels::{Channel, ChannelType},
    conversations::Conversation,
    ids::{AttachmentId, ChannelId, MessageId},
    messages::{Attachment, DeliveryStatus, Direction, Message},
    policy::{Action, Caller},
    text,
};
use storage::{Reader, channels, conversations, messages};

use super::{append::append, find, outgoing, send};
use crate::{
    Desk, DeskError, Problems, Result,
    channels::{mail_config, webchat_config},
    conversations::access,
    idempotency::{self, Claim},
};

const LONGEST_TEXT: usize = 100_000;

/// What to say to whom.
#[derive(Debug, Clone, Default)]
pub struct Forward {
    pub to: String,
    pub text: Option<String>,
    /// Whether an answer from there joins this conversation instead of opening one beside it.
    pub as_participant: bool,
    /// Over which mailbox; by itself the conversation's own, or the one its chat answers over.
    pub over: Option<ChannelId>,
}

/// Sends the original, quoted and with its attachments, to another address. It answers nobody: the
/// customer goes on waiting.
///
/// # Errors
/// `Invalid` naming what is wrong; a conflict for a note, and where no mailbox can send it.
#[tracing::instrument(skip_all, fields(message.id = %id))]
pub async fn forward(
    desk: &Desk,
    caller: Caller,
    id: MessageId,
    forward: Forward,
    claim: Option<Claim>,
) -> Result<Message> {
    let now = desk.clock.now();
    let mut problems = Problems::default();
    let to = problems.check("to", EmailAddress::parse(&forward.to));
    let said = text::block(forward.text.as_deref().unwrap_or_default(), LONGEST_TEXT);
    let said = problems.check("text", said);
    problems.finish()?;
    let (Some(to), Some(said)) = (to, said) else {
        return Err(DeskError::invalid("to", "is needed"));
    };
    desk.write(move |tx| {
        let original = find::load(tx, &caller, Action::SendMessages, id)?;
        if !matches!(original.direction, Direction::Inbound | Direction::Outbound) {
            let message = "only what a customer or the desk wrote can be forwarded, no notes";
            return Err(DeskError::conflict(message));
        }
        let action = Action::SendMessages;
        let mut conversation =
            access::load(tx, &caller, action, original.conversation_id)?.conversation;
        let load = |tx: &storage::Tx<'_>, id| send::made_before(tx, MessageId(id));
        idempotency::once(tx, claim.as_ref(), now, load, |tx| {
            let is_chat = conversation.channel_kind != ChannelType::Email;
            if is_chat && forward.as_participant {
                let message = "the customer would read the answer in the chat; leave it out, and \
                               the answer opens a conversation of its own with a link to this one";
                return Err(DeskError::invalid("add_participant", message));
            }
            let channel = mailbox(tx, &conversation, forward.over)?;
            let config = mail_config(&channel)?;
            let run_at = now.plus_seconds(send::send_delay(tx)?);
            let mut message = send::blank(Direction::Outbound, now, None);
            message.sender = send::sender(tx, &caller)?;
            message.text = said;
            message.quoted = Some(quoted(&original));
            send::refuse_heavy("id", &original.attachments)?;
            message.attachments = original.attachments.iter().map(copy).collect();
            message.status = Some(DeliveryStatus::Queued);
            message.send_at = Some(run_at);
            let mut mail = outgoing::forward(message.id, &config, &original, &conversation, &to)?;
            mail.over = Some(channel.id).filter(|it| *it != conversation.channel_id);
            message.mail = Some(mail);
            let before = conversation.clone();
            let message = append(tx, &mut conversation, message, caller.actor(), now)?;
            conversation.waiting_since = before.waiting_since;
            conversation.first_response_at = before.first_response_at;
            conversation.first_response_by = before.first_response_by;
            conversations::update(tx, &conversation)?;
            messages::people::name(tx, message.seq, to.as_str())?;
            if forward.as_participant {
                conversations::add_participant(tx, conversation.number, to.as_str())?;
            }
            send::queue(tx, channel.id, message.id, run_at, now)?;
            Ok((message.id.0, message))
        })
    })
    .await
}

/// What it leaves over: the mailbox that was named; the conversation's own; the one that the answers
/// of its chat go out by; the only one there is.
fn mailbox(
    db: &Reader<'_>,
    conversation: &Conversation,
    named: Option<ChannelId>,
) -> Result<Channel> {
    if let Some(id) = named {
        let found = channels::find(db, id)?.filter(|it| it.deleted_at.is_none());
        let found = found.filter(|it| it.kind == ChannelType::Email);
        let found =
            found.ok_or_else(|| DeskError::invalid("channel_id", "is no e-mail channel"))?;
        return send::working_channel(db, found.id);
    }
    let own = conversation.channel_id;
    if conversation.channel_kind == ChannelType::Email {
        return send::working_channel(db, own);
    }
    let mailboxes: Vec<Channel> = channels::all(db)?
        .into_iter()
        .filter(|it| it.kind == ChannelType::Email && it.is_active)
        .collect();
    let chat = channels::find(db, own)?.filter(|it| it.kind == ChannelType::Webchat);
    let usual = chat.map(|it| webchat_config(&it)).transpose()?;
    let usual = usual.and_then(|it| it.email_channel_id);
    if let Some(it) = mailboxes.iter().find(|it| Some(it.id) == usual) {
        return Ok(it.clone());
    }
    match <[Channel; 1]>::try_from(mailboxes) {
        Ok([only]) => Ok(only),
        Err(none) if none.is_empty() => Err(DeskError::conflict(
            "there is no e-mail channel to send it over; an admin can connect one, or switch one on",
        )),
        Err(_) => {
            Err(DeskError::invalid("channel_id", "is needed: name the mailbox to send it over"))
        }
    }
}

/// The same file on another message.
fn copy(it: &Attachment) -> Attachment {
    Attachment { id: AttachmentId::new(), ..it.clone() }
}

/// The original as text, under what a mail program writes above it.
fn quoted(original: &Message) -> String {
    let mut lines = vec!["---------- Forwarded message ----------".to_owned()];
    let mail = original.mail.as_ref();
    let name = original.sender.name.as_deref().or(mail.and_then(|it| it.from_name.as_deref()));
    let address = mail.and_then(|it| it.from_address.as_deref());
    let from = match (name, address) {
        (Some(name), Some(address)) => Some(format!("{name} <{address}>")),
        (name, address) => name.or(address).map(str::to_owned),
    };
    let subject = mail.and_then(|it| it.subject.clone());
    let heads =
        [("From", from), ("Date", Some(original.created_at.to_string())), ("Subject", subject)];
    for (name, value) in heads {
        lines.extend(value.map(|it| format!("{name}: {it}")));
    }
    lines.push(String::new());
    lines.push(original.text.clone());
    lines.extend(original.quoted.as_ref().map(|it| format!("\n{it}")));
    lines.join("\n")
}
