//! Bringing a database to the schema this program knows, never past it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use refinery::{Migration, Runner};
use rusqlite::{Connection, OptionalExtension};

use crate::{backup, connections, disk, error::OpenError, failpoints};

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

/// What the database does not have yet, oldest first. Steps are made side by side and may come out of
/// order: one with a lower number than the newest is missed all the same.
fn missing(connection: &Connection) -> rusqlite::Result<Vec<i32>> {
    let mut versions = versions();
    if current(connection)? > 0 {
        let mut stmt = connection.prepare("SELECT version FROM refinery_schema_history")?;
        let applied = stmt.query_map([], |row| row.get(0))?;
        let applied = applied.collect::<rusqlite::Result<Vec<i32>>>()?;
        versions.retain(|it| !applied.contains(it));
    }
    Ok(versions)
}

/// All steps, for a runner that takes what is missing whatever its number: to refinery, a name that
/// begins with U instead of V says so.
fn steps() -> Vec<Migration> {
    let runner = embedded::migrations::runner();
    let step = |it: &Migration| {
        let name = format!("U{}__{}", it.version(), it.name());
        let sql = it.sql().expect("an embedded step has its text");
        Migration::unapplied(&name, sql).expect("the name was taken apart before")
    };
    runner.get_migrations().iter().map(step).collect()
}

/// For whoever works beside the serving process and must not change the schema under it.
pub(crate) fn require_latest(connection: &Connection) -> Result<(), OpenError> {
    let (found, known) = (current(connection)?, latest());
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    if missing(connection)?.is_empty() { Ok(()) } else { Err(OpenError::Older { found, known }) }
}

/// Upgrades an existing database, with a copy beside it first.
pub(crate) fn upgrade(connection: &mut Connection, database: &Path) -> Result<(), OpenError> {
    let (found, known) = (current(connection)?, latest());
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    let wanted = missing(connection)?;
    let copy = wanted.first().map(|next| keep_copy(database, *next)).transpose()?;
    failpoints::reach("upgrade: copied");
    let Err(reason) = to(connection, known) else { return Ok(()) };
    // What was found out only after the commit must not pass for done at the next start.
    if let Some(copy) = &copy
        && missing(connection)? != wanted
    {
        backup::put_back(copy, connection)?;
    }
    Err(OpenError::Migration { reason, copy })
}

/// Migrates up to `version`: all steps in one transaction, so that a crash leaves the database
/// as it was.
pub(crate) fn to(connection: &mut Connection, version: i32) -> Result<(), String> {
    let before = missing(connection).map_err(|error| error.to_string())?;
    // Rebuilding a table drops the old one, which must not cascade. Checked afterwards instead.
    let run = |connection: &Connection, sql: &str| {
        connection.execute_batch(sql).map_err(|error| error.to_string())
    };
    run(connection, "PRAGMA foreign_keys = OFF; PRAGMA temp_store = FILE;")?;
    connection
        .commit_hook(Some(|| {
            failpoints::reach("upgrade: before the commit");
            false
        }))
        .map_err(|error| error.to_string())?;
    let migrated = Runner::new(&steps())
        .set_grouped(true)
        .set_target(refinery::Target::Version(version))
        .run(connection)
        .map_err(|error| explain(&error));
    connection.commit_hook(None::<fn() -> bool>).map_err(|error| error.to_string())?;
    run(connection, "PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;")?;
    migrated?;
    if before.first().is_some_and(|it| *it <= version) {
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

/// `next` is the first step to be taken.
fn keep_copy(database: &Path, next: i32) -> Result<PathBuf, OpenError> {
    let folder = database.parent().expect("the database lies in the data folder");
    let failed = |source| OpenError::File { path: folder.to_owned(), source };
    let size = fs::metadata(database).map_err(failed)?.len();
    let (free, _) = disk::space(folder).map_err(failed)?;
    // The copy, and as much again for what the upgrade rewrites.
    let needed = size * 2 + MARGIN;
    if free < needed {
        return Err(OpenError::NoSpace { folder: folder.to_owned(), needed, free });
    }
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
