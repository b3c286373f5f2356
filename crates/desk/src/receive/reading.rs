//! The slow part: bytes to mail and attachments to disk, on threads of their own, few at a time.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, LazyLock},
};

use connectors::email::{
    parse::{ParsedMail, Unreadable},
    quote::{self, Split},
};
use domain::{ids::AttachmentId, mails::Inbound, messages::Attachment};
use storage::{FileHash, Files, StoreError};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
};

use super::Parser;
use crate::{Desk, DeskError, Result};

/// Mails read at the same time: each may take several times its size in memory.
static SLOTS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    Arc::new(Semaphore::new(cores))
});

/// Bytes of raw mail that may be in the works at the same time. Read, a mail takes about three times
/// its size until it is stored.
const AT_ONCE: u64 = 64 << 20;
/// What one permit stands for: a semaphore counts to fewer than the bytes of a large mail need.
const UNIT: u64 = 1024;

/// The memory mails may take while they are read and stored, shared by all jobs that do so.
#[derive(Clone)]
pub(crate) struct Memory {
    free: Arc<Semaphore>,
    units: u32,
}

impl Memory {
    pub(crate) fn new() -> Self {
        Self::of(AT_ONCE)
    }

    fn of(bytes: u64) -> Self {
        let units = u32::try_from(bytes / UNIT).unwrap_or(u32::MAX);
        Self { free: Arc::new(Semaphore::new(units as usize)), units }
    }

    /// Waits until a mail of so many bytes fits. One that is larger than all of it goes alone.
    pub(super) async fn hold(&self, bytes: u64) -> OwnedSemaphorePermit {
        let units = u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX).clamp(1, self.units);
        let held = self.free.clone().acquire_many_owned(units).await;
        held.expect("the semaphore is never closed")
    }
}

pub(super) enum Failure {
    /// The mail cannot be read, and never will be; the words are for a person.
    Mail(String),
    Desk(DeskError),
}

/// The parsed mail, and its text apart from what it quotes.
pub(super) async fn read(
    desk: &Desk,
    row: &Inbound,
    parser: Parser,
) -> Result<(ParsedMail, Split), Failure> {
    let hash = row.file_hash.as_deref().and_then(|it| it.parse::<FileHash>().ok());
    let Some(hash) = hash else {
        return Err(Failure::Mail("its raw bytes were never fetched".to_owned()));
    };
    let files = desk.store.files().clone();
    blocking(move || {
        let raw = files.read(hash).map_err(unread)?;
        let parsed = catch_unwind(AssertUnwindSafe(|| {
            let mail = parser(&raw)?;
            let split = quote::split(&mail.text);
            Ok::<_, Unreadable>((mail, split))
        }));
        match parsed {
            Ok(parsed) => parsed.map_err(|error| Failure::Mail(error.to_string())),
            Err(_) => Err(Failure::Mail("reading it failed unexpectedly".to_owned())),
        }
    })
    .await
    .unwrap_or_else(|error| Err(Failure::Desk(error)))
}

/// Only missing bytes are about this mail. Whatever else keeps us from them says nothing of it.
fn unread(error: std::io::Error) -> Failure {
    match error.kind() {
        std::io::ErrorKind::NotFound => Failure::Mail("its raw bytes are missing".to_owned()),
        _ => Failure::Desk(StoreError::from(error).into()),
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

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};

    use futures_util::FutureExt;

    use super::*;
    use crate::workers::passes;

    #[test]
    fn mails_take_their_size_and_a_huge_one_goes_alone() {
        let memory = Memory::of(10 * UNIT);
        let hold = |bytes| memory.hold(bytes).now_or_never();
        let (small, large) = (hold(UNIT + 1).unwrap(), hold(8 * UNIT).unwrap());
        assert!(hold(1).is_none(), "two and eight of ten are taken");
        drop(small);
        assert!(hold(3 * UNIT).is_none());
        assert!(hold(100 * UNIT).is_none(), "it waits for all of it");
        drop(large);
        let all = hold(100 * UNIT).unwrap();
        assert!(hold(0).is_none());
        drop(all);
        assert!(hold(0).is_some());
    }

    #[test]
    fn a_mail_is_not_blamed_for_what_passes_by_itself() {
        // ENFILE, EMFILE, ENOSPC.
        for code in [23, 24, 28] {
            let Failure::Desk(DeskError::Store(error)) = unread(Error::from_raw_os_error(code))
            else {
                panic!("{code}")
            };
            assert!(passes(&error), "{code}");
        }
        assert!(matches!(unread(ErrorKind::NotFound.into()), Failure::Mail(_)));
    }
}
