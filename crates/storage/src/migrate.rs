//! Bringing a database to the schema this program knows, never past it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OptionalExtension};

use crate::{backup, connections, disk, error::OpenError};

mod embedded {
    refinery::embed_migrations!("../../migrations");
}

/// Copies made before an upgrade that are kept.
const COPIES: usize = 2;
/// Room an upgrade needs beyond the copy, in bytes.
const MARGIN: u64 = 64 << 20;

/// The newest schema this program knows.
pub fn latest() -> i32 {
    versions().last().copied().unwrap_or(0)
}

/// All schemas this program knows, oldest first.
pub(crate) fn versions() -> Vec<i32> {
    let runner = embedded::migrations::runner();
    let mut versions: Vec<i32> = runner.get_migrations().iter().map(|it| it.version()).collect();
    versions.sort_unstable();
    versions
}

/// The schema the database has; 0 for an empty one.
pub(crate) fn current(connection: &Connection) -> rusqlite::Result<i32> {
    let recorded = connection
        .query_row("SELECT 1 FROM sqlite_schema WHERE name = 'refinery_schema_history'", [], |_| {
            Ok(())
        })
        .optional()?;
    if recorded.is_none() {
        return Ok(0);
    }
    connection.query_row(
        "SELECT coalesce(max(version), 0) FROM refinery_schema_history",
        [],
        |row| row.get(0),
    )
}

/// For whoever works beside the serving process and must not change the schema under it.
pub(crate) fn require_latest(connection: &Connection) -> Result<(), OpenError> {
    let (found, known) = (current(connection)?, latest());
    match found.cmp(&known) {
        std::cmp::Ordering::Greater => Err(OpenError::Newer { found, known }),
        std::cmp::Ordering::Less => Err(OpenError::Older { found, known }),
        std::cmp::Ordering::Equal => Ok(()),
    }
}

/// Upgrades an existing database, with a copy beside it first.
pub(crate) fn upgrade(connection: &mut Connection, database: &Path) -> Result<(), OpenError> {
    let (found, known) = (current(connection)?, latest());
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    let copy = if found < known { Some(keep_copy(database, found)?) } else { None };
    let Err(reason) = to(connection, known) else { return Ok(()) };
    // What was found out only after the commit must not pass for done at the next start.
    if let Some(copy) = &copy
        && current(connection)? != found
    {
        backup::put_back(copy, connection)?;
    }
    Err(OpenError::Migration { reason, copy })
}

/// Migrates up to `version`: all steps in one transaction, so that a crash leaves the database
/// as it was.
pub(crate) fn to(connection: &mut Connection, version: i32) -> Result<(), String> {
    let from = current(connection).map_err(|error| error.to_string())?;
    // Rebuilding a table drops the old one, which must not cascade. Checked afterwards instead.
    let run = |connection: &Connection, sql: &str| {
        connection.execute_batch(sql).map_err(|error| error.to_string())
    };
    run(connection, "PRAGMA foreign_keys = OFF; PRAGMA temp_store = FILE;")?;
    let migrated = embedded::migrations::runner()
        .set_grouped(true)
        .set_target(refinery::Target::Version(version))
        .run(connection)
        .map_err(|error| explain(&error));
    run(connection, "PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;")?;
    migrated?;
    if from < version {
        let broken = connection
            .query_row("PRAGMA foreign_key_check", [], |row| row.get::<_, String>(0))
            .optional()
            .map_err(|error| error.to_string())?;
        if let Some(table) = broken {
            return Err(format!("rows of {table} refer to rows that are gone"));
        }
        tracing::info!(schema = version, "The database has schema {version}");
    }
    Ok(())
}

fn explain(error: &(dyn std::error::Error + 'static)) -> String {
    std::iter::successors(Some(error), |it| it.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

fn keep_copy(database: &Path, found: i32) -> Result<PathBuf, OpenError> {
    let folder = database.parent().expect("the database lies in the data folder");
    let failed = |source| OpenError::File { path: folder.to_owned(), source };
    let size = fs::metadata(database).map_err(failed)?.len();
    let (free, _) = disk::space(folder).map_err(failed)?;
    // The copy, and as much again for what the upgrade rewrites.
    let needed = size * 2 + MARGIN;
    if free < needed {
        return Err(OpenError::NoSpace { folder: folder.to_owned(), needed, free });
    }
    let next = versions().into_iter().find(|it| *it > found).unwrap_or(found);
    let path = folder.join(format!("deskbell.db.before-V{next:04}"));
    let source = connections::open_reader(database)?;
    backup::copy(&source, &path)?;
    drop_old_copies(folder).map_err(failed)?;
    tracing::info!(path = %path.display(), "Kept a copy of the database before the upgrade");
    Ok(path)
}

fn drop_old_copies(folder: &Path) -> std::io::Result<()> {
    let mut copies = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|it| it.to_str()).unwrap_or_default();
        if name.starts_with("deskbell.db.before-V") {
            copies.push((fs::metadata(&path)?.modified()?, path));
        }
    }
    copies.sort_by_key(|(time, _)| std::cmp::Reverse(*time));
    for (_, path) in copies.into_iter().skip(COPIES) {
        fs::remove_file(path)?;
    }
    Ok(())
}
