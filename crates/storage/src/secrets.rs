//! Sealed secrets of channels and of the desk itself.

use domain::Timestamp;
use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use crate::{Reader, Result, Tx};

/// A secret as it lies on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Which master key sealed it.
    pub key_id: String,
    pub nonce: Vec<u8>,
    pub ciphertext: Vec<u8>,
}

pub fn put(tx: &Tx<'_>, owner: Uuid, name: &str, it: &Sealed, now: Timestamp) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO secrets (owner_id, name, key_id, nonce, ciphertext, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (owner_id, name) DO UPDATE SET key_id = excluded.key_id,
             nonce = excluded.nonce, ciphertext = excluded.ciphertext,
             updated_at = excluded.updated_at",
    )?;
    stmt.execute(params![owner, name, it.key_id, it.nonce, it.ciphertext, now.0])?;
    Ok(())
}

/// The same secret under another master key; when it was set stays.
pub fn reseal(tx: &Tx<'_>, owner: Uuid, name: &str, it: &Sealed) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE secrets SET key_id = ?3, nonce = ?4, ciphertext = ?5
         WHERE owner_id = ?1 AND name = ?2",
    )?;
    stmt.execute(params![owner, name, it.key_id, it.nonce, it.ciphertext])?;
    Ok(())
}

pub fn find(db: &Reader<'_>, owner: Uuid, name: &str) -> Result<Option<Sealed>> {
    let mut stmt =
        db.sql().prepare_cached("SELECT * FROM secrets WHERE owner_id = ?1 AND name = ?2")?;
    Ok(stmt.query_row(params![owner, name], from_row).optional()?)
}

/// Every secret with its owner and name.
pub fn all(db: &Reader<'_>) -> Result<Vec<(Uuid, String, Sealed)>> {
    let mut stmt = db.sql().prepare("SELECT * FROM secrets ORDER BY owner_id, name")?;
    let rows =
        stmt.query_map([], |row| Ok((row.get("owner_id")?, row.get("name")?, from_row(row)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub fn names(db: &Reader<'_>, owner: Uuid) -> Result<Vec<String>> {
    let mut stmt =
        db.sql().prepare_cached("SELECT name FROM secrets WHERE owner_id = ?1 ORDER BY name")?;
    let rows = stmt.query_map([owner], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Whether anything is sealed, so that the key must be there.
pub fn any(db: &Reader<'_>) -> Result<bool> {
    let mut stmt = db.sql().prepare("SELECT EXISTS (SELECT 1 FROM secrets)")?;
    Ok(stmt.query_row([], |row| row.get(0))?)
}

/// Whether a secret was sealed with a key other than this one.
pub fn sealed_otherwise(db: &Reader<'_>, key_id: &str) -> Result<bool> {
    let mut stmt = db.sql().prepare("SELECT EXISTS (SELECT 1 FROM secrets WHERE key_id <> ?1)")?;
    Ok(stmt.query_row([key_id], |row| row.get(0))?)
}

pub fn delete(tx: &Tx<'_>, owner: Uuid, name: &str) -> Result<()> {
    let mut stmt =
        tx.sql().prepare_cached("DELETE FROM secrets WHERE owner_id = ?1 AND name = ?2")?;
    stmt.execute(params![owner, name])?;
    Ok(())
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Sealed> {
    Ok(Sealed {
        key_id: row.get("key_id")?,
        nonce: row.get("nonce")?,
        ciphertext: row.get("ciphertext")?,
    })
}
