//! Taking in a file that a message will carry.

use std::io::Write;

use connectors::email::attachments as names;
use domain::{
    ids::{AgentId, AttachmentId},
    messages::Attachment,
    policy::{self, Action, Caller, Denied, Object},
};
use storage::{NewFile, StoreError, attachments};

use super::{
    quotas::{self, Way},
    sniff,
};
use crate::{Desk, DeskError, Result, room};

/// Bytes of one file.
pub const MAX_BYTES: u64 = 25 * 1024 * 1024;
/// Bytes of all files of one message: more than that, as mail a third larger, no provider takes.
pub(crate) const MOST_BYTES_OF_MESSAGE: u64 = 35 * 1024 * 1024;
/// An upload nobody sends is gone after this time.
pub const UPLOAD_SECONDS: i64 = 3600;

/// A file on its way in. Dropped before it is finished, nothing of it stays.
pub struct Upload {
    uploader: Uploader,
    name: String,
    head: Vec<u8>,
    /// None only while a piece is being written.
    file: Option<NewFile>,
    /// A visitor's is counted while it comes.
    way: Option<Way>,
}

/// Whose a file is until a message takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Uploader {
    Agent(AgentId),
    /// By the visitor's `seq`.
    Visitor(i64),
}

/// Begins an upload, if the caller may have one more. `name` is what the sender calls the file.
///
/// # Errors
/// `TooMany` over the quota; `Full` when the disk nearly is.
pub async fn begin(desk: &Desk, caller: Caller, name: &str) -> Result<Upload> {
    policy::authorize(&caller, Action::UploadAttachments, Object::Any)?;
    let uploader = caller.agent().ok_or(Denied::NotSignedIn)?;
    begin_for(desk, Uploader::Agent(uploader), name).await
}

/// As [`begin`], for somebody who was let in already.
pub(crate) async fn begin_for(desk: &Desk, uploader: Uploader, name: &str) -> Result<Upload> {
    let now = desk.clock.now();
    let ways = desk.uploads.clone();
    let way = desk.store.read(move |db| quotas::begin(db, &ways, uploader, now)).await?;
    let files = desk.store.files().clone();
    if !room::is_there(&files, MAX_BYTES, room::BESIDE_UPLOADS).await? {
        return Err(StoreError::Full.into());
    }
    let file = blocking(move || Ok(files.create().map_err(StoreError::from)?)).await?;
    Ok(Upload { uploader, name: name.to_owned(), head: Vec::new(), file: Some(file), way })
}

impl Upload {
    /// Bytes so far.
    pub fn size(&self) -> u64 {
        self.file.as_ref().map_or(0, NewFile::size)
    }

    /// Writes the next piece. The caller keeps to [`MAX_BYTES`].
    pub async fn write(&mut self, piece: impl AsRef<[u8]> + Send + 'static) -> Result<()> {
        let missing = sniff::HEAD.saturating_sub(self.head.len());
        self.head.extend(piece.as_ref().iter().take(missing));
        if let Some(way) = &mut self.way {
            way.grow(piece.as_ref().len() as u64);
        }
        let mut file = self.file.take().ok_or_else(interrupted)?;
        let file = blocking(move || {
            file.write_all(piece.as_ref()).map_err(StoreError::from)?;
            Ok(file)
        })
        .await?;
        self.file = Some(file);
        Ok(())
    }

    /// Makes the file durable and gives it to its uploader, for one message within the hour.
    pub async fn finish(mut self, desk: &Desk) -> Result<Attachment> {
        let now = desk.clock.now();
        let file = self.file.take().ok_or_else(interrupted)?;
        let (hash, size) = blocking(move || Ok(file.finish().map_err(StoreError::from)?)).await?;
        let mime = sniff::mime(&self.head, &self.name);
        let attachment = Attachment {
            id: AttachmentId(uuid::Uuid::new_v4()),
            file_hash: hash.to_string(),
            name: names::name(&self.name, mime),
            mime: mime.to_owned(),
            size,
            content_id: None,
            inline: false,
        };
        let (uploader, stored) = (self.uploader, attachment.clone());
        desk.store
            .write(move |tx| {
                quotas::check(tx, uploader, now)?;
                let expires_at = now.plus_seconds(UPLOAD_SECONDS);
                match uploader {
                    Uploader::Agent(it) => {
                        attachments::insert_upload(tx, &stored, it, expires_at, now)?;
                    }
                    Uploader::Visitor(it) => {
                        attachments::insert_visitor_upload(tx, &stored, it, expires_at, now)?;
                    }
                }
                Ok::<_, DeskError>(())
            })
            .await?;
        Ok(attachment)
    }
}

fn interrupted() -> DeskError {
    DeskError::Internal("an upload went on after a piece of it failed".to_owned())
}

/// Files are written off the threads that answer others.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(DeskError::Internal(format!("a file: {error}"))),
    }
}
