//! Web chat from the visitor's side: who they are, what they write and read, and what goes to them by
//! mail once they left.
//!
//! Nothing a visitor says of themselves is proof: an address typed in a chat never finds a contact, and
//! only what agents wrote is ever mailed to it.

pub mod files;
pub mod history;
mod identities;
pub mod live;
pub mod mails;
pub mod ratings;
pub mod readings;
pub(crate) mod sending;
pub mod sessions;
pub mod sites;
pub mod writing;

use std::sync::Arc;

use domain::{
    Timestamp,
    channels::{Channel, ChannelType},
    conversations::Conversation,
    ids::ChannelId,
    messages::{DeliveryStatus, Message},
    policy::Denied,
    visitors::{Visitor, WebchatConfig},
};
use storage::{
    Reader, channels, contacts,
    conversations::{self, merged},
    visitors::{
        self as stored, Known,
        chats::{self, Chat},
    },
    workspace,
};

use history::Viewer;
pub use identities::Identity;

use crate::{Desk, DeskError, Result, channels::webchat_config, tokens::Token};

/// Conversations of one visitor that are looked at, the newest.
const MOST_CHATS: u32 = 20;

/// The chat of a site, as it is set up.
#[derive(Debug, Clone)]
pub struct Site {
    pub channel: Channel,
    pub config: WebchatConfig,
}

/// What a page is told before anybody chats.
#[derive(Debug, Clone)]
pub struct Welcome {
    pub site: Arc<Site>,
    pub locale: String,
    pub is_open: bool,
    /// When the desk opens, if it is closed.
    pub opens_at: Option<Timestamp>,
}

/// A chat as it was a moment ago at most.
///
/// # Errors
/// `NotFound` for what is no chat, or switched off.
pub async fn site(desk: &Desk, id: ChannelId) -> Result<Arc<Site>> {
    sites::find(desk, id).await
}

/// # Errors
/// As [`site`].
pub async fn welcome(desk: &Desk, id: ChannelId) -> Result<Welcome> {
    let now = desk.clock.now();
    let site = site(desk, id).await?;
    desk.store
        .read(move |db| {
            let workspace = workspace::find(db)?.ok_or(MISSING)?;
            let (hours, zone) = (&workspace.hours, workspace.zone());
            Ok(Welcome {
                site,
                is_open: hours.is_open(now, &zone),
                opens_at: hours.opens_at(now, &zone),
                locale: workspace.locale,
            })
        })
        .await
}

const MISSING: DeskError = DeskError::NotFound("chat");

/// What a blocked customer is told.
fn closed() -> DeskError {
    DeskError::conflict("this chat is closed; nobody reads it any more")
}

fn find_site(db: &Reader<'_>, id: ChannelId) -> Result<Site> {
    let channel = channels::find(db, id)?.ok_or(MISSING)?;
    site_of(channel)?.ok_or(MISSING)
}

/// None for what is no chat, or switched off.
fn site_of(channel: Channel) -> Result<Option<Site>> {
    let is_open = channel.is_active && channel.deleted_at.is_none();
    if channel.kind != ChannelType::Webchat || !is_open {
        return Ok(None);
    }
    Ok(Some(Site { config: webchat_config(&channel)?, channel }))
}

/// A visitor who was let in.
#[derive(Debug, Clone)]
pub(crate) struct Guest {
    pub site: Arc<Site>,
    pub visitor: Visitor,
    pub signed_until: Option<Timestamp>,
    pub expires_at: Timestamp,
}

impl Guest {
    pub(crate) fn viewer(&self) -> Viewer {
        Viewer { visitor: self.visitor.id, signed_until: self.signed_until }
    }
}

/// Lets in who has a token of this very channel; where the site must have signed for its visitors, only
/// while its signature holds.
///
/// # Errors
/// `NotSignedIn` for every token that is not good, alike.
pub(crate) fn admit(
    db: &Reader<'_>,
    channel: ChannelId,
    token: &Token,
    now: Timestamp,
) -> Result<Guest> {
    let_in(db, Arc::new(find_site(db, channel)?), token, now)
}

/// [`admit`] by what is known of the chat already: for reads alone.
pub(crate) fn let_in(
    db: &Reader<'_>,
    site: Arc<Site>,
    token: &Token,
    now: Timestamp,
) -> Result<Guest> {
    let known = stored::find_by_token(db, site.channel.id, &token.hash(), now)?;
    let Known { visitor, signed_until, expires_at } = known.ok_or(Denied::NotSignedIn)?;
    let is_signed = signed_until.is_some_and(|it| it > now);
    // A signature that is over leaves nothing behind: whoever has the browser now may be another.
    if signed_until.is_some() != is_signed || (site.config.enforce_identity && !is_signed) {
        return Err(Denied::NotSignedIn.into());
    }
    Ok(Guest { site, visitor, signed_until, expires_at })
}

/// As [`admit`], but for who is blocked: nobody reads what they do, and nobody writes to them.
///
/// # Errors
/// As [`admit`]; a conflict for who is blocked.
pub(crate) fn admit_unblocked(
    db: &Reader<'_>,
    channel: ChannelId,
    token: &Token,
    now: Timestamp,
) -> Result<Guest> {
    unblocked(db, admit(db, channel, token, now)?)
}

fn unblocked(db: &Reader<'_>, guest: Guest) -> Result<Guest> {
    match guest.visitor.contact_id {
        Some(it) if contacts::is_blocked(db, it)? => Err(closed()),
        _ => Ok(guest),
    }
}

/// A conversation of a visitor, as it now is: what it was merged into, if it was.
#[derive(Debug, Clone)]
pub(crate) struct Open {
    pub chat: Chat,
    pub conversation: Conversation,
}

/// The newest conversations of a visitor, newest first, each once.
pub(crate) fn chats_of(db: &Reader<'_>, visitor_seq: i64) -> Result<Vec<Open>> {
    let mut found: Vec<Open> = Vec::new();
    for chat in chats::of_visitor(db, visitor_seq, MOST_CHATS)? {
        let Some(conversation) = conversations::find_by_number(db, chat.number)? else { continue };
        let Some(conversation) = merged::follow(db, conversation)? else { continue };
        match found.iter_mut().find(|it| it.conversation.number == conversation.number) {
            Some(twin) => {
                twin.chat.is_current |= chat.is_current;
                twin.chat.read_seq = twin.chat.read_seq.max(chat.read_seq);
                twin.chat.agent_read_at = twin.chat.agent_read_at.max(chat.agent_read_at);
            }
            None => found.push(Open { chat, conversation }),
        }
    }
    Ok(found)
}

/// The one they write in, or wrote in last.
pub(crate) fn latest(chats: &[Open]) -> Option<&Open> {
    chats.iter().find(|it| it.chat.is_current).or(chats.first())
}

/// A message in a chat needs nobody to carry it: it is there as soon as it is stored.
pub(crate) fn leaves_now(message: &mut Message, now: Timestamp) {
    message.status = Some(DeliveryStatus::Sent);
    message.send_at = None;
    message.sent_at = Some(now);
}

#[cfg(test)]
mod tests;
