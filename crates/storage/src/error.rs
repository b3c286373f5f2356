//! What can go wrong, named by what the caller can do about it.

use std::{cell::Cell, io, path::PathBuf};

use rusqlite::ErrorCode;
use rustix::io::Errno;

use crate::orders::Failure;

/// Why a read or a write did not happen.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Too much is waiting already. Try again a little later.
    #[error("the database is busy")]
    Busy,
    /// The query ran longer than it may. Ask for less.
    #[error("the query took too long")]
    Deadline,
    /// The disk is full: reads still work, and writes do again once there is space.
    #[error("the disk is full")]
    Full,
    /// The process may open no more files for now. Try again a little later.
    #[error("too many files are open")]
    Exhausted,
    /// The work itself panicked; nothing of it was kept.
    #[error("the work on the database panicked")]
    Panicked,
    /// The commit this write was part of did not come about. Try again.
    #[error("the write was interrupted")]
    Interrupted,
    /// A unique key is taken: someone else wrote the same thing first.
    #[error("this already exists")]
    Exists,
    /// The store was closed: the server is stopping.
    #[error("the store is closed")]
    Closed,
    /// The disk lost a write it had promised. Nothing more is accepted until a restart.
    #[error("the disk failed; a restart is needed")]
    Fatal,
    /// A defect in our SQL or in the file.
    #[error("database: {0}")]
    Database(#[source] DatabaseError),
    /// A file beside the database.
    #[error("file: {0}")]
    File(#[source] io::Error),
}

/// What the database engine said, for the log alone.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct DatabaseError(rusqlite::Error);

impl From<rusqlite::Error> for DatabaseError {
    fn from(error: rusqlite::Error) -> Self {
        Self(error)
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => match Errno::from_io_error(&error) {
                Some(Errno::MFILE | Errno::NFILE) => Self::Exhausted,
                _ => Self::File(error),
            },
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ffi;
        let Some(failure) = error.sqlite_error() else {
            return Self::Database(DatabaseError(error));
        };
        let known = match failure.code {
            ErrorCode::DiskFull => Self::Full,
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy,
            ErrorCode::OperationInterrupted => Self::Deadline,
            _ => match failure.extended_code {
                // A full disk cannot grow the shared-memory file either.
                ffi::SQLITE_IOERR_SHMSIZE => Self::Full,
                ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY => Self::Exists,
                // After a failed flush the system may have dropped what it could not write and
                // call the next flush a success: no later answer could be trusted.
                ffi::SQLITE_IOERR_FSYNC | ffi::SQLITE_IOERR_DIR_FSYNC => Self::Fatal,
                _ => Self::Database(DatabaseError(error)),
            },
        };
        match known {
            Self::Full => GRAVE.set(GRAVE.get().or(Some(Failure::Full))),
            Self::Fatal => GRAVE.set(Some(Failure::Fatal)),
            _ => {}
        }
        known
    }
}

thread_local! {
    /// The writer cannot look into a job's own error type, yet must know when the disk was the
    /// reason that SQLite ended the transaction.
    static GRAVE: Cell<Option<Failure>> = const { Cell::new(None) };
}

pub(crate) fn forget_grave() {
    GRAVE.set(None);
}

/// What the disk did to a statement on this thread since `forget_grave`.
pub(crate) fn take_grave() -> Option<Failure> {
    GRAVE.take()
}

/// Why a store could not be opened. Each message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "another Deskbell serves {}{}; stop it first",
        folder.display(),
        process.map(|it| format!(" (process {it})")).unwrap_or_default()
    )]
    Locked { folder: PathBuf, process: Option<u32> },
    #[error("there is no Deskbell database in {}", .0.display())]
    Missing(PathBuf),
    #[error(
        "{} is missing but {} is there: the database was moved or deleted by hand. Put it back, \
         or move the leftover away and run `deskbell restore`",
        database.display(),
        leftover.display()
    )]
    Orphan { database: PathBuf, leftover: PathBuf },
    #[error(
        "{} is empty or damaged ({reason}). It was left as it is; move it and the files beside \
         it away and run `deskbell restore`",
        database.display()
    )]
    Damaged { database: PathBuf, reason: String },
    #[error("{} is not a Deskbell database", .0.display())]
    Foreign(PathBuf),
    #[error(
        "the database was written by a newer Deskbell (schema {found}, this one knows \
         {known}). Start that version, or restore a backup made before it"
    )]
    Newer { found: i32, known: i32 },
    #[error(
        "the database has schema {found}, this program needs {known}: start `deskbell serve` \
         once with this version first"
    )]
    Older { found: i32, known: i32 },
    #[error(
        "{} is on {kind}, where a database cannot be kept safely. Choose a folder on a \
         local disk",
        folder.display()
    )]
    NetworkFileSystem { folder: PathBuf, kind: &'static str },
    #[error(
        "the file system of {} cannot hold a write-ahead log (the database answered \
         {answer:?}). Choose a folder on a local disk",
        folder.display()
    )]
    NoWal { folder: PathBuf, answer: String },
    #[error("SQLite {found} may corrupt data; 3.51.3 or newer is needed")]
    OldSqlite { found: &'static str },
    #[error(
        "upgrading needs a copy of the database first, and there is too little space in {}: \
         {needed} bytes needed, {free} free",
        folder.display()
    )]
    NoSpace { folder: PathBuf, needed: u64, free: u64 },
    #[error("upgrading the database failed: {reason}{}", copy.as_ref().map(|it| format!(
        ". The database as it was before is {}",
        it.display()
    )).unwrap_or_default())]
    Migration { reason: String, copy: Option<PathBuf> },
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_by_itself_is_told_from_what_is_broken() {
        let of = |it: Errno| StoreError::from(io::Error::from(it));
        assert!(matches!(of(Errno::NOSPC), StoreError::Full));
        assert!(matches!(of(Errno::DQUOT), StoreError::Full));
        assert!(matches!(of(Errno::MFILE), StoreError::Exhausted));
        assert!(matches!(of(Errno::NFILE), StoreError::Exhausted));
        assert!(matches!(of(Errno::IO), StoreError::File(_)));
    }
}
