//! The slow part: bytes to mail and attachments to disk, on threads of their own, few at a time.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, LazyLock},
};

use connectors::email::parse::ParsedMail;
use domain::{ids::AttachmentId, mails::Inbound, messages::Attachment};
use storage::{FileHash, Files, StoreError};
use tokio::{sync::Semaphore, task::spawn_blocking};

use super::Parser;
use crate::{Desk, DeskError, Result};

/// Mails read at the same time: each may take several times its size in memory.
static SLOTS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    Arc::new(Semaphore::new(cores))
});

pub(super) enum Failure {
    /// The mail cannot be read, and never will be; the words are for a person.
    Mail(String),
    Desk(DeskError),
}

/// The parsed mail.
pub(super) async fn read(
    desk: &Desk,
    row: &Inbound,
    parser: Parser,
) -> Result<ParsedMail, Failure> {
    let hash = row.file_hash.as_deref().and_then(|it| it.parse::<FileHash>().ok());
    let Some(hash) = hash else {
        return Err(Failure::Mail("its raw bytes were never fetched".to_owned()));
    };
    let files = desk.store.files().clone();
    blocking(move || {
        let raw = files.read(hash).map_err(|error| unread(&error))?;
        let parsed = catch_unwind(AssertUnwindSafe(|| parser(&raw)));
        match parsed {
            Ok(parsed) => parsed.map_err(|error| Failure::Mail(error.to_string())),
            Err(_) => Err(Failure::Mail("reading it failed unexpectedly".to_owned())),
        }
    })
    .await
    .unwrap_or_else(|error| Err(Failure::Desk(error)))
}

fn unread(error: &std::io::Error) -> Failure {
    match error.kind() {
        std::io::ErrorKind::NotFound => Failure::Mail("its raw bytes are missing".to_owned()),
        _ => Failure::Desk(DeskError::Internal(format!("a raw mail cannot be read: {error}"))),
    }
}

/// Puts the mail's attachments on disk; rows speak of them afterwards.
pub(super) async fn put_files(desk: &Desk, mail: &ParsedMail) -> Result<Vec<Attachment>> {
    if mail.attachments.is_empty() {
        return Ok(Vec::new());
    }
    let files = desk.store.files().clone();
    let attachments = mail.attachments.clone();
    blocking(move || attachments.iter().map(|it| put(&files, it)).collect()).await?
}

fn put(files: &Files, it: &connectors::email::attachments::Attachment) -> Result<Attachment> {
    let hash = files.put(&it.bytes).map_err(StoreError::from)?;
    Ok(Attachment {
        id: AttachmentId::new(),
        file_hash: hash.to_string(),
        name: it.name.clone(),
        mime: it.mime_type.clone(),
        size: it.bytes.len() as u64,
        content_id: it.content_id.clone(),
        inline: it.inline,
    })
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let slot = SLOTS.clone().acquire_owned().await;
    let slot = slot.expect("the slots are never closed");
    let work = move || {
        let _slot = slot;
        work()
    };
    let stopping = |_| DeskError::Internal("the server is stopping".to_owned());
    spawn_blocking(work).await.map_err(stopping)
}
