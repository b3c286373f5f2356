//! Taking mails from a folder into the ledger, one after another.

use connectors::email::{
    fingerprint::content_key,
    imap::{Fetched, ImapSession, MailInfo, RawMail},
    people::people,
    problems::MailError,
};
use domain::{Timestamp, ids::ChannelId};
use storage::{
    StoreError,
    channels::{FolderCursor, set_folder},
    failpoints,
};

use crate::{
    Desk, DeskError, Result,
    attachments::upload::blocking,
    inbound::{Arrival, Content, take_in},
    room,
};

/// A mail whose server date is older came from another mailbox: it is new here.
const OLDEST_LIVE: i64 = 7 * 24 * 3600 * 1000;

/// Failures to fetch the same mail before it is left on the server, so that the others get through.
pub(super) const MAX_FAILURES: u32 = 3;
pub(super) const NOT_HANDED_OVER: &str = "the server did not hand the mail over; it is still there";

#[derive(Debug, thiserror::Error)]
pub(super) enum TakeError {
    /// This many bytes would leave too little on the disk for everything else.
    #[error("the disk is nearly full: mail stays on its server until there is room again")]
    NoRoom { bytes: u64 },
    #[error(transparent)]
    Mail(#[from] MailError),
    #[error(transparent)]
    Desk(#[from] DeskError),
}

/// Where a mail is seen.
pub(super) struct Place<'a> {
    pub channel: ChannelId,
    /// Whose it is: another user or server has mails of the same numbers.
    pub mailbox: String,
    pub folder: &'a str,
    pub uid_validity: u32,
    pub max_mail_bytes: u64,
    pub backfill: bool,
}

/// A mailbox's name in the ledger.
pub(super) fn mailbox(imap: &domain::mails::Server) -> String {
    format!("{}@{}", imap.username.as_deref().unwrap_or_default(), imap.host)
}

impl Place<'_> {
    pub fn source_key(&self, uid: u32) -> String {
        format!("{}/{}/{}/{uid}", self.mailbox, self.folder, self.uid_validity)
    }

    fn arrival(&self, info: &MailInfo, size: u64, content: Content, now: Timestamp) -> Arrival {
        let received_at = match info.received_at {
            Some(at) if self.backfill => at.min(now),
            Some(at) if (0..OLDEST_LIVE).contains(&now.since(at)) => at,
            _ => now,
        };
        Arrival {
            channel: self.channel,
            source_key: self.source_key(info.uid),
            size,
            received_at,
            backfill: self.backfill,
            content,
        }
    }
}

/// Fetches a mail and commits it to the ledger. Unless it is a backfill, the folder's cursor moves past
/// it in the same transaction.
pub(super) async fn take(
    desk: &Desk,
    session: &mut ImapSession,
    place: &Place<'_>,
    info: &MailInfo,
) -> Result<(), TakeError> {
    if u64::from(info.size) > place.max_mail_bytes {
        return leave(desk, place, info, too_large(info.size, place)).await;
    }
    // It is kept as it came, then its text and attachments once more.
    let bytes = 2 * u64::from(info.size);
    if !room::is_there(desk.store.files(), bytes, room::BESIDE_MAIL).await? {
        return Err(TakeError::NoRoom { bytes });
    }
    match session.fetch(info.uid).await? {
        Fetched::Mail(mail) => store(desk, place, info, mail).await,
        Fetched::TooLarge { size } => leave(desk, place, info, too_large(size, place)).await,
        Fetched::Gone => Ok(commit(desk, place, info.uid, None).await?),
    }
}

fn too_large(size: u32, place: &Place<'_>) -> String {
    let limit = place.max_mail_bytes;
    format!(
        "the mail has {size} bytes, more than this channel takes ({limit}); it is on the server"
    )
}

/// Notes a mail that stays on the server.
pub(super) async fn leave(
    desk: &Desk,
    place: &Place<'_>,
    info: &MailInfo,
    reason: String,
) -> Result<(), TakeError> {
    let content = Content::Left { reason };
    let arrival = place.arrival(info, u64::from(info.size), content, desk.clock.now());
    Ok(commit(desk, place, info.uid, Some(arrival)).await?)
}

async fn store(
    desk: &Desk,
    place: &Place<'_>,
    info: &MailInfo,
    mail: RawMail,
) -> Result<(), TakeError> {
    let files = desk.store.files().clone();
    let size = mail.bytes.len() as u64;
    let content = blocking(move || {
        let file = files.put(&mail.bytes).map_err(StoreError::from)?;
        let content_key = content_key(&mail.bytes);
        Ok(Content::Stored { file, content_key, people: people(&mail.bytes) })
    })
    .await?;
    let arrival = place.arrival(info, size, content, desk.clock.now());
    Ok(commit(desk, place, info.uid, Some(arrival)).await?)
}

async fn commit(desk: &Desk, place: &Place<'_>, uid: u32, arrival: Option<Arrival>) -> Result<()> {
    let (channel, folder, now) = (place.channel, place.folder.to_owned(), desk.clock.now());
    let cursor = FolderCursor { uid_validity: place.uid_validity, last_uid: uid };
    let moves = !place.backfill;
    desk.store
        .write(move |tx| {
            if let Some(arrival) = &arrival {
                failpoints::reach("mail: on disk, not in the ledger");
                take_in(tx, arrival, now)?;
            }
            if moves {
                set_folder(tx, channel, &folder, cursor, now)?;
            }
            Ok(())
        })
        .await
}
