//! Copies of everything the desk knows, in one archive, and the way back.
//!
//! A backup is a tar of a database snapshot, the files it refers to and the keys, closed by a
//! manifest with the hash of each entry. These calls block: async callers use `spawn_blocking`.

mod archive;
mod manifest;
mod restore;
mod schedule;
#[cfg(test)]
mod tests;

use std::{io, path::PathBuf};

use domain::events::{Actor, Event};
use storage::{OpenError, StoreError, events, jobs};

use crate::{Desk, Result};

pub(crate) use self::archive::take_turn;
pub use self::{
    archive::write,
    manifest::Manifest,
    restore::{is_interrupted, restore},
    schedule::{Schedule, keep_writing},
};

/// What a backup or a restore has done.
#[derive(Debug, Clone)]
pub struct Summary {
    pub manifest: Manifest,
    /// Size of the archive in bytes.
    pub bytes: u64,
    /// Jobs that wait for an admin's release; only a restore holds some.
    pub held_jobs: u64,
}

/// Each message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("{} is already there; name a new file", .0.display())]
    Exists(PathBuf),
    #[error("another backup of this data is being written; wait for it")]
    Running,
    #[error("too little space in {}: {needed} bytes needed, {free} free", folder.display())]
    NoSpace { folder: PathBuf, needed: u64, free: u64 },
    #[error("{} is not empty; restore into a new folder", .0.display())]
    NotEmpty(PathBuf),
    #[error("this is not a whole and unchanged backup: {0}")]
    Damaged(String),
    #[error("this backup has format {found}, this program reads {known}: use a newer Deskbell")]
    Newer { found: u32, known: u32 },
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
}

/// Lets the jobs run that a restore held; answers how many.
pub async fn release_held_jobs(desk: &Desk, actor: Actor) -> Result<u64> {
    let now = desk.clock.now();
    desk.store
        .write(move |tx| {
            let count = jobs::release_held(tx)?;
            if count > 0 {
                events::append(tx, None, Event::HeldJobsReleased { count }, actor, now)?;
            }
            Ok(count)
        })
        .await
}

/// The names of the parts, in the data folder and in the archive alike.
const DATABASE: &str = "deskbell.db";
pub(crate) const KEYS: &str = "keys";
const FILES: &str = "files";
const MANIFEST: &str = "manifest.json";
const SEAL: &str = "manifest.sha256";

/// Kept free beyond what is counted, in bytes: a full disk would stop the server itself.
const MARGIN: u64 = 64 << 20;

/// For `map_err`: names the file an error is about.
fn at(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> BackupError {
    let path = path.into();
    move |source| BackupError::File { path, source }
}
