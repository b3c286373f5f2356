//! The few facts of a workspace that are one value each.

use domain::Timestamp;
use rusqlite::{OptionalExtension, params};

use crate::{Reader, Result, Tx};

/// Moments kept under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// When the search index is to be made free of what was removed.
    PurgeSearch,
    /// When files that no row knows are looked for again.
    SweepFiles,
}

impl Moment {
    /// The stored form.
    fn as_str(self) -> &'static str {
        match self {
            Self::PurgeSearch => "purge_search_at",
            Self::SweepFiles => "sweep_files_at",
        }
    }
}

/// Under which the id of the master key stands.
const MASTER_KEY: &str = "master_key_id";

/// The master key that everything was sealed with at the last rotation; none before the first.
pub fn master_key(db: &Reader<'_>) -> Result<Option<String>> {
    let mut stmt = db.sql().prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
    Ok(stmt.query_row([MASTER_KEY], |row| row.get(0)).optional()?)
}

pub fn set_master_key(tx: &Tx<'_>, id: &str) -> Result<()> {
    put(tx, MASTER_KEY, id)
}

pub fn moment(db: &Reader<'_>, which: Moment) -> Result<Option<Timestamp>> {
    let mut stmt =
        db.sql().prepare_cached("SELECT CAST(value AS INTEGER) FROM meta WHERE key = ?1")?;
    Ok(stmt.query_row([which.as_str()], |row| row.get(0)).optional()?.map(Timestamp))
}

pub fn set_moment(tx: &Tx<'_>, which: Moment, at: Option<Timestamp>) -> Result<()> {
    let Some(at) = at else {
        tx.sql().prepare_cached("DELETE FROM meta WHERE key = ?1")?.execute([which.as_str()])?;
        return Ok(());
    };
    put(tx, which.as_str(), &at.0.to_string())
}

fn put(tx: &Tx<'_>, key: &str, value: &str) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO meta (key, value) VALUES (?1, ?2)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )?;
    stmt.execute(params![key, value])?;
    Ok(())
}
