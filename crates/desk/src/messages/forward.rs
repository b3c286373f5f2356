//! Showing a message to somebody outside the conversation.

use domain::{
    addresses::EmailAddress,
    channels::ChannelType,
    ids::{AttachmentId, MessageId},
    messages::{Attachment, DeliveryStatus, Direction, Message},
    policy::{Action, Caller},
    text,
};
use storage::{conversations, messages};

use super::{append::append, find, outgoing, send};
use crate::{
    Desk, DeskError, Problems, Result,
    channels::mail_config,
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
}

/// Sends the original, quoted and with its attachments, to another address. It answers nobody: the
/// customer goes on waiting.
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
            let channel = send::working_channel(tx, conversation.channel_id)?;
            if channel.kind != ChannelType::Email {
                let message = "a chat sends no mail; copy what you want to show to somebody else";
                return Err(DeskError::conflict(message));
            }
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
            let mail = outgoing::forward(message.id, &config, &original, &conversation, &to)?;
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
            send::queue(tx, conversation.channel_id, message.id, run_at, now)?;
            Ok((message.id.0, message))
        })
    })
    .await
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
