//! Everything a queued message is made of, read in one go.

use domain::{
    Timestamp,
    channels::{Channel, ChannelType},
    contacts::Contact,
    conversations::Conversation,
    ids::MessageId,
    mails::MailConfig,
    messages::Message,
    workspace::Workspace,
};
use storage::{Reader, channels, contacts, conversations, messages, workspace};

use crate::{DeskError, Result, channels::mail_config};

pub(super) struct Draft {
    pub message: Message,
    pub conversation: Conversation,
    pub contact: Option<Contact>,
    pub channel: Channel,
    pub config: MailConfig,
    /// The mail it answers, where the channel quotes it.
    pub answered: Option<Message>,
    pub workspace: Workspace,
}

/// What is to be sent.
pub(super) enum Due {
    Mail(Box<Draft>),
    /// Nothing carries it: it is there once it is marked so.
    Chat,
}

/// None when there is nothing to send: the message is gone, or has left or failed already.
pub(super) fn load(db: &Reader<'_>, id: MessageId) -> Result<Option<Due>> {
    let Some(message) = messages::find(db, id)? else { return Ok(None) };
    if !message.is_to_be_sent() {
        return Ok(None);
    }
    let conversation = conversations::find(db, message.conversation_id)?
        .ok_or(DeskError::NotFound("conversation"))?;
    let over = message.carrier(conversation.channel_id);
    let channel = channels::find(db, over)?.ok_or(DeskError::NotFound("channel"))?;
    if channel.kind == ChannelType::Webchat {
        return Ok(Some(Due::Chat));
    }
    let config = mail_config(&channel)?;
    let answered = match message.mail.as_ref().and_then(|it| it.in_reply_to.as_deref()) {
        Some(id) if config.quote_history => {
            messages::find_by_message_id(db, id)?.filter(|it| it.conversation_id == conversation.id)
        }
        _ => None,
    };
    let workspace =
        workspace::find(db)?.unwrap_or_else(|| Workspace::new(String::new(), Timestamp(0)));
    let contact = contacts::find(db, conversation.contact_id)?;
    let draft = Draft { message, conversation, contact, channel, config, answered, workspace };
    Ok(Some(Due::Mail(Box::new(draft))))
}
