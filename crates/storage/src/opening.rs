//! The checks before a database is opened, and the making of a new one.

use std::{
    fs,
    path::{Path, PathBuf},
};

use rusqlite::Connection;

use crate::{
    backup, connections, disk,
    error::{DatabaseError, OpenError, StoreError},
    files, migrate,
};

/// The first SQLite without the defect that could corrupt a log while it starts over.
const OLDEST_SQLITE: i32 = 3_051_003;

/// "Desk": marks the file as ours (`PRAGMA application_id`).
const APPLICATION_ID: i32 = 0x4465_736b;

/// A database up to this size (bytes) is looked through at every start; a larger one would take
/// too long, so `deskbell check` does it.
const QUICK_CHECK: u64 = 16 << 20;

pub(crate) fn require_sqlite() -> Result<(), OpenError> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        return Err(OpenError::OldSqlite { found: rusqlite::version() });
    }
    Ok(())
}

/// Whether a database is there. What looks like the rest of one is refused: an empty database in
/// its place would hide the loss.
pub(crate) fn is_there(database: &Path) -> Result<bool, OpenError> {
    match fs::metadata(database) {
        Ok(metadata) if metadata.len() == 0 => Err(OpenError::Damaged {
            database: database.to_owned(),
            reason: "it has no bytes".to_owned(),
        }),
        Ok(_) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            for suffix in ["-wal", "-journal"] {
                let leftover = sidecar(database, suffix);
                if fs::metadata(&leftover).is_ok_and(|it| it.len() > 0) {
                    return Err(OpenError::Orphan { database: database.to_owned(), leftover });
                }
            }
            Ok(false)
        }
        Err(source) => Err(OpenError::File { path: database.to_owned(), source }),
    }
}

/// Makes a database with the latest schema. It gets its name only when it is complete, so a crash
/// meanwhile leaves nothing that looks like a damaged one.
pub(crate) fn create(database: &Path) -> Result<(), OpenError> {
    create_at(database, migrate::latest())
}

/// Likewise with an older schema, as an older program would have left it.
pub(crate) fn create_at(database: &Path, schema: i32) -> Result<(), OpenError> {
    let folder = database.parent().expect("the database lies in the data folder");
    let unfinished = sidecar(database, ".new");
    let failed = |source| OpenError::File { path: unfinished.clone(), source };
    backup::remove_database(&unfinished).map_err(failed)?;
    files::create_private(&unfinished).map_err(failed)?;
    let mut connection = connections::open_writer(&unfinished)?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    enter_wal(&connection, folder)?;
    migrate::to(&mut connection, schema)
        .map_err(|reason| OpenError::Migration { reason, copy: None })?;
    connection.close().map_err(|(_, error)| error)?;
    backup::remove_sidecars(database).map_err(failed)?;
    fs::rename(&unfinished, database).map_err(failed)?;
    disk::sync_folder(folder).map_err(failed)
}

/// Opens an existing database for writing, after making sure that it is ours and whole.
pub(crate) fn open_existing(database: &Path) -> Result<Connection, OpenError> {
    let connection = connections::open_writer(database).map_err(|it| damaged(database, it))?;
    verify(&connection, database)?;
    enter_wal(&connection, database.parent().expect("the database lies in the data folder"))?;
    Ok(connection)
}

/// Opens an existing database for reading, likewise.
pub(crate) fn open_for_reading(database: &Path) -> Result<Connection, OpenError> {
    let connection = connections::open_reader(database).map_err(|it| damaged(database, it))?;
    verify(&connection, database)?;
    Ok(connection)
}

fn verify(connection: &Connection, database: &Path) -> Result<(), OpenError> {
    let id: i32 = connection
        .query_row("PRAGMA application_id", [], |row| row.get(0))
        .map_err(|it| damaged(database, it))?;
    if id != APPLICATION_ID {
        return Err(OpenError::Foreign(database.to_owned()));
    }
    // Reads the header and the whole schema: a file cut short fails here.
    connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
        .map_err(|it| damaged(database, it))?;
    let size = fs::metadata(database).map_or(0, |it| it.len());
    if size > QUICK_CHECK {
        return Ok(());
    }
    let problems = backup::problems(connection, false).map_err(|error| match error {
        StoreError::Database(error) => {
            OpenError::Damaged { database: database.to_owned(), reason: error.to_string() }
        }
        other => other.into(),
    })?;
    match problems.into_iter().next() {
        None => Ok(()),
        Some(reason) => Err(OpenError::Damaged { database: database.to_owned(), reason }),
    }
}

fn damaged(database: &Path, error: rusqlite::Error) -> OpenError {
    use rusqlite::ErrorCode::{CannotOpen, DatabaseCorrupt, NotADatabase};
    match error.sqlite_error_code() {
        Some(DatabaseCorrupt | NotADatabase) => OpenError::Damaged {
            database: database.to_owned(),
            reason: DatabaseError::from(error).to_string(),
        },
        Some(CannotOpen) => OpenError::File {
            path: database.to_owned(),
            source: std::io::Error::other(error.to_string()),
        },
        _ => error.into(),
    }
}

fn enter_wal(connection: &Connection, folder: &Path) -> Result<(), OpenError> {
    let answer: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if answer != "wal" {
        return Err(OpenError::NoWal { folder: folder.to_owned(), answer });
    }
    Ok(())
}

pub(crate) fn sidecar(database: &Path, suffix: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
