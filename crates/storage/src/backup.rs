//! Copies of the database while it is in use (SQLite's backup API), and its integrity.

use std::{fs, io, path::Path, thread, time::Duration};

use rusqlite::{
    Connection,
    backup::{Backup, StepResult},
};

use crate::{connections, disk, error::StoreError, files, opening, tx};

/// Pages in one step (4 MiB), and the rest after it: the writer needs the disk, too.
const PAGES: i32 = 1_024;
const REST: Duration = Duration::from_millis(2);
/// Problems listed at most.
const PROBLEMS: u32 = 100;

/// Writes the database as it is now to `path`, replacing what is there, in one piece and durable.
///
/// `source` reads one snapshot from begin to end: without it SQLite would start over at each
/// foreign write. Meanwhile the write-ahead log cannot start over.
pub(crate) fn copy(source: &Connection, path: &Path) -> Result<(), StoreError> {
    let unfinished = opening::sidecar(path, ".partial");
    remove_database(&unfinished)?;
    files::create_private(&unfinished)?;
    let copied = copy_pages(source, &unfinished);
    if copied.is_err() {
        // The first error says more than a failed tidying up.
        let _ = remove_database(&unfinished);
        return copied;
    }
    fs::rename(&unfinished, path)?;
    if let Some(folder) = path.parent().filter(|it| !it.as_os_str().is_empty()) {
        disk::sync_folder(folder)?;
    }
    Ok(())
}

fn copy_pages(source: &Connection, path: &Path) -> Result<(), StoreError> {
    let mut target = Connection::open(path)?;
    target.execute_batch("PRAGMA synchronous = FULL;")?;
    tx::run(source, "BEGIN DEFERRED")?;
    let copied = step_through(source, &mut target);
    if !source.is_autocommit() {
        tx::run(source, "ROLLBACK")?;
    }
    copied?;
    // One file without a log beside it; opening the store brings the log back.
    target.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))?;
    target.close().map_err(|(_, error)| error)?;
    // SQLite need not have synced what `journal_mode` found nothing to change in.
    fs::File::open(path)?.sync_all()?;
    Ok(())
}

/// Makes the open database what the copy is. Nobody else may have it open.
pub(crate) fn put_back(copy: &Path, connection: &mut Connection) -> Result<(), StoreError> {
    let source = connections::open_reader(copy)?;
    step_through(&source, connection)
}

fn step_through(source: &Connection, target: &mut Connection) -> Result<(), StoreError> {
    // The snapshot begins with the first read.
    source.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    let backup = Backup::new(source, target)?;
    loop {
        match backup.step(PAGES)? {
            StepResult::Done => return Ok(()),
            _ => thread::sleep(REST),
        }
    }
}

/// What `PRAGMA integrity_check` (`thorough`) or `quick_check` finds; empty when all is well.
pub(crate) fn problems(connection: &Connection, thorough: bool) -> Result<Vec<String>, StoreError> {
    let name = if thorough { "integrity_check" } else { "quick_check" };
    let mut stmt = connection.prepare(&format!("PRAGMA {name}({PROBLEMS})"))?;
    let mut found = stmt.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    found.retain(|it| it != "ok");
    if thorough && found.is_empty() {
        let mut stmt = connection.prepare("PRAGMA foreign_key_check")?;
        let rows = stmt.query_map([], |row| {
            Ok(format!(
                "a row of {} refers to a missing row of {}",
                row.get::<_, String>(0)?,
                row.get::<_, String>(2)?
            ))
        })?;
        found = rows.take(PROBLEMS as usize).collect::<Result<_, _>>()?;
    }
    Ok(found)
}

/// Removes a database that nobody has open, with its sidecars.
///
/// # Errors
/// Whatever the file system says but that there is none.
pub fn remove_database(path: &Path) -> io::Result<()> {
    remove_sidecars(path)?;
    remove(path)
}

/// Removes what SQLite keeps beside a database that nobody has open: a stale log beside another
/// database file would be taken for its own.
///
/// # Errors
/// Whatever the file system says but that there is none.
pub fn remove_sidecars(path: &Path) -> io::Result<()> {
    for suffix in ["-wal", "-shm", "-journal"] {
        remove(&opening::sidecar(path, suffix))?;
    }
    Ok(())
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
