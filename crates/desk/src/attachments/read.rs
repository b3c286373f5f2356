//! Reading an attachment: whoever may read its message may, and the uploader before that.

use std::{fs::File, io::Read};

use domain::{
    agents::Agent,
    ids::{AgentId, AttachmentId},
    messages::Attachment,
    policy::{self, Action, Caller, Object},
};
use storage::{FileHash, Reader, StoreError, agents, attachments, messages};

use super::{links::Link, sniff, upload::blocking};
use crate::{Desk, DeskError, Result, conversations::access};

/// An attachment with its opened file.
#[derive(Debug)]
pub struct Found {
    pub attachment: Attachment,
    pub file: File,
    /// The type of a picture that may be shown in place, by its bytes.
    pub picture: Option<&'static str>,
    /// The type of sound or film that may be played, by its bytes.
    pub media: Option<&'static str>,
}

/// What is missing and what is hidden are answered alike.
const MISSING: DeskError = DeskError::NotFound("attachment");

/// # Errors
/// `NotFound` also for what the caller may not see.
#[tracing::instrument(skip_all, fields(attachment.id = %id))]
pub async fn find(desk: &Desk, caller: Caller, id: AttachmentId) -> Result<Found> {
    let attachment = desk.store.read(move |db| load(db, &caller, id)).await?;
    open(desk, attachment).await
}

/// The picture a signed link leads to.
///
/// # Errors
/// `NotFound` also for a link that is forged, over, or of an agent who is gone.
pub async fn find_by_link(desk: &Desk, link: Link) -> Result<Found> {
    if !link.is_valid(&desk.keys, desk.clock.now()) {
        return Err(MISSING);
    }
    let attachment = desk
        .store
        .read(move |db| {
            let caller = reader(db, link.agent)?;
            load(db, &caller, link.attachment)
        })
        .await?;
    let found = open(desk, attachment).await?;
    if found.picture.is_some() { Ok(found) } else { Err(MISSING) }
}

fn reader(db: &Reader<'_>, id: AgentId) -> Result<Caller> {
    let agent = agents::find(db, id)?.filter(Agent::can_work).ok_or(MISSING)?;
    Ok(Caller::Agent { id, role: agent.role, session: None })
}

fn load(db: &Reader<'_>, caller: &Caller, id: AttachmentId) -> Result<Attachment> {
    let stored = attachments::find(db, id)?.ok_or(MISSING)?;
    let Some(seq) = stored.message_seq else {
        let object = Object::Upload { uploader: stored.uploader };
        policy::authorize(caller, Action::ReadAttachments, object).map_err(|_| MISSING)?;
        return Ok(stored.attachment);
    };
    policy::authorize(caller, Action::ReadAttachments, Object::Any)?;
    let message = messages::find_by_seq(db, seq)?.ok_or(MISSING)?;
    access::load(db, caller, Action::ReadConversations, message.conversation_id)
        .map_err(|_| MISSING)?;
    Ok(stored.attachment)
}

pub(crate) async fn open(desk: &Desk, attachment: Attachment) -> Result<Found> {
    let files = desk.store.files().clone();
    blocking(move || {
        let hash: FileHash = attachment.file_hash.parse().map_err(|_| MISSING)?;
        let file = files.open_file(hash).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => MISSING,
            _ => StoreError::from(error).into(),
        })?;
        let mut head = Vec::with_capacity(sniff::HEAD);
        (&file).take(sniff::HEAD as u64).read_to_end(&mut head).map_err(StoreError::from)?;
        std::io::Seek::rewind(&mut &file).map_err(StoreError::from)?;
        let (picture, media) = (sniff::picture(&head), sniff::media(&head));
        Ok(Found { picture, media, attachment, file })
    })
    .await
}

/// The raw mail a message came from, opened for reading, with its size in bytes.
pub async fn open_mail(desk: &Desk, hash: FileHash) -> Result<(File, u64)> {
    let files = desk.store.files().clone();
    blocking(move || {
        let missing = |_| DeskError::NotFound("mail");
        let file = files.open_file(hash).map_err(missing)?;
        let size = file.metadata().map_err(StoreError::from)?.len();
        Ok((file, size))
    })
    .await
}
