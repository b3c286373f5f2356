//! Counters of failures, kept in the database so that a restart forgives nobody.

use domain::{Timestamp, sessions::Throttle};
use rusqlite::{OptionalExtension, params};

use crate::{Reader, Result, Tx};

pub fn find(db: &Reader<'_>, key: &str) -> Result<Option<Throttle>> {
    let mut stmt = db
        .sql()
        .prepare_cached("SELECT failures, last_at, blocked_until FROM throttles WHERE key = ?1")?;
    let row = stmt.query_row([key], |row| {
        Ok(Throttle {
            failures: row.get("failures")?,
            last_at: Timestamp(row.get("last_at")?),
            blocked_until: Timestamp(row.get("blocked_until")?),
        })
    });
    Ok(row.optional()?)
}

pub fn put(tx: &Tx<'_>, key: &str, it: &Throttle) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO throttles (key, failures, last_at, blocked_until) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (key) DO UPDATE SET
             failures = excluded.failures, last_at = excluded.last_at,
             blocked_until = excluded.blocked_until",
    )?;
    stmt.execute(params![key, it.failures, it.last_at.0, it.blocked_until.0])?;
    Ok(())
}

pub fn delete(tx: &Tx<'_>, key: &str) -> Result<()> {
    tx.sql().prepare_cached("DELETE FROM throttles WHERE key = ?1")?.execute([key])?;
    Ok(())
}

/// Forgets what last happened before `before`. Looks at every row.
pub fn delete_older(tx: &Tx<'_>, before: Timestamp) -> Result<()> {
    tx.sql().prepare_cached("DELETE FROM throttles WHERE last_at < ?1")?.execute([before.0])?;
    Ok(())
}
