//! One serving process for each data folder.
//!
//! The lock is on a file of its own: closing any handle of a database file would drop the locks
//! SQLite holds on it (POSIX). The system releases it when the process dies, however it dies.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use crate::error::OpenError;

/// Held for as long as it lives.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

pub(crate) fn acquire(folder: &Path) -> Result<Lock, OpenError> {
    let path = folder.join("deskbell.lock");
    let failed = |source| OpenError::File { path: path.clone(), source };
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            // Who holds it is a courtesy of the message; not knowing changes nothing.
            let _ = file.read_to_string(&mut text);
            let process = text.trim().parse().ok();
            return Err(OpenError::Locked { folder: folder.to_owned(), process });
        }
        Err(TryLockError::Error(source)) => return Err(failed(source)),
    }
    // A full disk must not stop the start: the lock holds without the number in it.
    let _ = file
        .set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| writeln!(file, "{}", std::process::id()));
    Ok(Lock { _file: file })
}
