//! Reading messages.

use domain::{
    events::Event,
    ids::{ConversationId, MessageId},
    messages::Message,
    policy::{self, Action, Caller, Object},
};
pub use storage::deliveries::Delivery;
use storage::{
    FileHash, Reader, conversations, deliveries, inbound, messages,
    messages::{Bounds, Listed, Place},
};

use crate::{Desk, DeskError, Result, audit, conversations::access};

/// Beside which message a page lies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Beside {
    #[default]
    Newest,
    /// After so many of the newest.
    Skipping(u32),
    Before(MessageId),
    After(MessageId),
}

/// Messages in the order they were written.
#[derive(Debug)]
pub struct Page {
    pub messages: Vec<Listed>,
    /// Whether there are more in the direction the page was read in.
    pub has_more: bool,
    /// All messages of the conversation; none beyond 10,000.
    pub total: Option<u64>,
}

const COUNTED: u32 = 10_000;
/// Bytes of each text that a list shows; a person reads on where they read it all.
pub(crate) const LISTED_TEXT: usize = 16 * 1024;
/// Bytes of HTML read for one page of messages; a message beyond that is read by itself.
const LISTED_HTML: usize = 2 * 1024 * 1024;

/// The newest page, or the one before or after a message. Long texts are cut.
#[tracing::instrument(skip_all, fields(conversation.id = %id))]
pub async fn page(
    desk: &Desk,
    caller: Caller,
    id: ConversationId,
    beside: Beside,
    limit: u32,
) -> Result<Page> {
    desk.store
        .read(move |db| {
            let found = access::load(db, &caller, Action::ReadConversations, id)?;
            let number = found.conversation.number;
            let place = match beside {
                Beside::Newest | Beside::Skipping(0) => Place::Newest,
                // Of nothing before the first message there is nothing to show.
                Beside::Skipping(n) => {
                    Place::Before(messages::nth_newest(db, number, n - 1)?.unwrap_or(i64::MIN))
                }
                Beside::Before(id) => Place::Before(seq_in(db, number, "before", id)?),
                Beside::After(id) => Place::After(seq_in(db, number, "after", id)?),
            };
            let bounds = Bounds { text: LISTED_TEXT, html: LISTED_HTML };
            let mut messages = messages::listed(db, number, place, limit + 1, bounds)?;
            let has_more = messages.len() > limit as usize;
            if has_more {
                match place {
                    Place::After(_) => drop(messages.pop()),
                    Place::Newest | Place::Before(_) => drop(messages.remove(0)),
                }
            }
            let counted = messages::count(db, number, COUNTED + 1)?;
            let total = (counted <= COUNTED).then_some(counted.into());
            Ok(Page { messages, has_more, total })
        })
        .await
}

fn seq_in(db: &Reader<'_>, number: i64, field: &str, id: MessageId) -> Result<i64> {
    let place = messages::place(db, id)?.filter(|(it, _)| *it == number);
    let (_, seq) =
        place.ok_or_else(|| DeskError::invalid(field, "is not a message of this conversation"))?;
    Ok(seq)
}

/// A message with every attempt to deliver it.
#[tracing::instrument(skip_all, fields(message.id = %id))]
pub async fn find(desk: &Desk, caller: Caller, id: MessageId) -> Result<(Message, Vec<Delivery>)> {
    desk.store
        .read(move |db| {
            let message = load(db, &caller, Action::ReadConversations, id)?;
            let deliveries = deliveries::of_message(db, message.seq)?;
            Ok((message, deliveries))
        })
        .await
}

/// The file of the mail a message came from, as it came.
///
/// # Errors
/// `NotFound` when it came otherwise.
pub async fn raw(desk: &Desk, caller: Caller, id: MessageId) -> Result<FileHash> {
    let found = desk
        .store
        .read(move |db| {
            let message = load(db, &caller, Action::ReadConversations, id)?;
            let inbound = match message.mail.and_then(|it| it.inbound_id) {
                Some(id) => inbound::find(db, id)?,
                None => None,
            };
            let hash = inbound.and_then(|it| it.file_hash?.parse().ok());
            hash.ok_or(DeskError::NotFound("mail"))
        })
        .await?;
    audit::record(desk, Event::MessageSourceRead { message_id: id }, caller.actor()).await?;
    Ok(found)
}

/// The message, if `caller` may do `action` to it and to its conversation.
pub(crate) fn load(
    db: &Reader<'_>,
    caller: &Caller,
    action: Action,
    id: MessageId,
) -> Result<Message> {
    let message = messages::find(db, id)?.ok_or(DeskError::NotFound("message"))?;
    // Also missing when its conversation is: it is being erased.
    conversations::overviews::find(db, message.conversation_id)?
        .ok_or(DeskError::NotFound("message"))
        .and_then(|it| access::check(caller, Action::ReadConversations, &it.conversation))
        .map_err(|error| match error {
            DeskError::NotFound(_) => DeskError::NotFound("message"),
            other => other,
        })?;
    let author = super::send::author(&message);
    policy::authorize(caller, action, Object::Message { author })?;
    Ok(message)
}
