//! What a create with an `Idempotency-Key` made, so that sending it again makes nothing new.

use domain::Timestamp;
use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use crate::{Reader, Result, Tx};

/// What an earlier request with the same key was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Earlier {
    /// SHA-256 of what was asked for.
    pub fingerprint: [u8; 32],
    pub object_id: Uuid,
}

/// The earlier request of this actor with this key, if it was made after `since`.
pub fn find(db: &Reader<'_>, actor: Uuid, key: &str, since: Timestamp) -> Result<Option<Earlier>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT fingerprint, object_id FROM idempotency_keys
         WHERE actor_id = ?1 AND key = ?2 AND created_at > ?3",
    )?;
    let row = stmt.query_row(params![actor, key, since.0], |row| {
        Ok(Earlier { fingerprint: row.get("fingerprint")?, object_id: row.get("object_id")? })
    });
    Ok(row.optional()?)
}

/// Remembers what a request made, in the transaction that made it.
pub fn record(tx: &Tx<'_>, actor: Uuid, key: &str, it: &Earlier, now: Timestamp) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO idempotency_keys (actor_id, key, fingerprint, object_id, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (actor_id, key) DO UPDATE SET
             fingerprint = excluded.fingerprint, object_id = excluded.object_id,
             created_at = excluded.created_at",
    )?;
    stmt.execute(params![actor, key, it.fingerprint, it.object_id, now.0])?;
    Ok(())
}

/// Forgets at most 500 keys made before `before`.
pub fn delete_older(tx: &Tx<'_>, before: Timestamp) -> Result<usize> {
    let mut stmt = tx.sql().prepare_cached(
        "DELETE FROM idempotency_keys WHERE (actor_id, key) IN
             (SELECT actor_id, key FROM idempotency_keys WHERE created_at < ?1 LIMIT 500)",
    )?;
    Ok(stmt.execute([before.0])?)
}
