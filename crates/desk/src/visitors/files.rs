//! Files in a chat: a visitor's uploads, and links to what they may save.

use domain::{
    Timestamp,
    ids::{AttachmentId, ChannelId, VisitorId},
};
use storage::{Reader, attachments, messages, visitors};

use super::{
    admit_unblocked, chats_of, find_site,
    history::{Viewer, is_shown},
};
use crate::{
    Desk, DeskError, Keys, Result,
    attachments::{
        Found, Upload,
        read::open,
        upload::{Uploader, begin_for},
    },
    keys::Purpose,
    tokens::Token,
};

/// A page may stay open for a day.
const SECONDS: i64 = 86_400;
const MISSING: DeskError = DeskError::NotFound("attachment");

/// A signed permission for one visitor to read one file for a day, or as long as their site has signed for
/// them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub attachment: AttachmentId,
    pub visitor: VisitorId,
    pub expires_at: Timestamp,
    pub signature: Vec<u8>,
}

impl Link {
    pub fn new(keys: &Keys, attachment: AttachmentId, viewer: Viewer, now: Timestamp) -> Self {
        let Viewer { visitor, signed_until } = viewer;
        let day = now.plus_seconds(SECONDS);
        let expires_at = signed_until.map_or(day, |it| it.min(day));
        let mut it = Self { attachment, visitor, expires_at, signature: Vec::new() };
        let expires_at = it.expires_at.0.to_be_bytes();
        it.signature = keys.sign(Purpose::VisitorFile, &it.parts(&expires_at)).to_vec();
        it
    }

    fn is_valid(&self, keys: &Keys, now: Timestamp) -> bool {
        let expires_at = self.expires_at.0.to_be_bytes();
        keys.verify(Purpose::VisitorFile, &self.parts(&expires_at), &self.signature)
            && now < self.expires_at
    }

    /// Its address on this server.
    pub fn path(&self, channel: ChannelId) -> String {
        let signature: String = self.signature.iter().map(|it| format!("{it:02x}")).collect();
        format!(
            "/widget/{channel}/attachments/{}?visitor={}&expires={}&signature={signature}",
            self.attachment, self.visitor, self.expires_at.0
        )
    }

    fn parts<'a>(&'a self, expires_at: &'a [u8; 8]) -> [&'a [u8]; 3] {
        [self.attachment.0.as_bytes(), self.visitor.0.as_bytes(), expires_at]
    }
}

/// Begins a visitor's upload, for one message of theirs within the hour.
///
/// # Errors
/// `NotSignedIn`; a conflict for who is blocked; `TooMany` over the quota; `Full` when the disk nearly is.
pub async fn begin(desk: &Desk, channel: ChannelId, token: Token, name: &str) -> Result<Upload> {
    let now = desk.clock.now();
    let admitted = desk
        .store
        .read(move |db| Ok::<_, DeskError>(admit_unblocked(db, channel, &token, now)?.visitor.seq));
    begin_for(desk, Uploader::Visitor(admitted.await?), name).await
}

/// The file a link leads to.
///
/// # Errors
/// `NotFound` also for a link that is forged or over, of another channel, and for what its visitor may
/// not see any more.
pub async fn find(desk: &Desk, channel: ChannelId, link: Link) -> Result<Found> {
    let now = desk.clock.now();
    if !link.is_valid(&desk.keys, now) {
        return Err(MISSING);
    }
    let attachment = desk
        .store
        .read(move |db| {
            find_site(db, channel).map_err(|_| MISSING)?;
            let stored = attachments::find(db, link.attachment)?.ok_or(MISSING)?;
            let visitor = visitors::find_by_id(db, channel, link.visitor)?.ok_or(MISSING)?;
            let seq = stored.message_seq.ok_or(MISSING)?;
            // A new secret of the site ends what was signed for, and links with it.
            if !visitors::has_token(db, visitor.seq, now)? {
                return Err(MISSING);
            }
            if !may_read(db, visitor.seq, seq)? {
                return Err(MISSING);
            }
            Ok(stored.attachment)
        })
        .await?;
    open(desk, attachment).await
}

fn may_read(db: &Reader<'_>, visitor_seq: i64, message_seq: i64) -> Result<bool> {
    let Some(message) = messages::find_by_seq(db, message_seq)? else { return Ok(false) };
    let number = message.conversation_number;
    let theirs = chats_of(db, visitor_seq)?.iter().any(|it| it.conversation.number == number);
    Ok(theirs && is_shown(&message))
}
