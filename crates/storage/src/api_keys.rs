//! API keys, found by the hash of the whole key.

use domain::{
    Timestamp,
    api_keys::ApiKey,
    ids::{AgentId, ApiKeyId},
};
use rusqlite::{OptionalExtension, Row, named_params, params};

use crate::{Reader, Result, Tx, row};

pub fn insert(tx: &Tx<'_>, it: &ApiKey, key_hash: &[u8; 32]) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO api_keys
             (id, name, prefix, key_hash, role, dialect, created_by, created_at, expires_at)
         VALUES
             (:id, :name, :prefix, :key_hash, :role, :dialect, :created_by, :created_at,
              :expires_at)",
    )?;
    stmt.execute(named_params! {
        ":id": it.id.0,
        ":name": it.name,
        ":prefix": it.prefix,
        ":key_hash": key_hash,
        ":role": it.role.as_str(),
        ":dialect": it.dialect.as_str(),
        ":created_by": it.created_by.0,
        ":created_at": it.created_at.0,
        ":expires_at": it.expires_at.map(|it| it.0),
    })?;
    Ok(())
}

pub fn find_by_hash(db: &Reader<'_>, key_hash: &[u8; 32]) -> Result<Option<ApiKey>> {
    let mut stmt = db.sql().prepare_cached("SELECT * FROM api_keys WHERE key_hash = ?1")?;
    Ok(stmt.query_row([key_hash], from_row).optional()?)
}

/// Revoked ones too.
pub fn find(db: &Reader<'_>, id: ApiKeyId) -> Result<Option<ApiKey>> {
    let mut stmt = db.sql().prepare_cached("SELECT * FROM api_keys WHERE id = ?1")?;
    Ok(stmt.query_row([id.0], from_row).optional()?)
}

/// All that were not revoked, the newest first. There are few.
pub fn list(db: &Reader<'_>) -> Result<Vec<ApiKey>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT * FROM api_keys WHERE revoked_at IS NULL ORDER BY created_at DESC, id DESC",
    )?;
    let rows = stmt.query_map([], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Notes that the key was used. Ask for it at most once a minute: it is a write.
pub fn touch(tx: &Tx<'_>, id: ApiKeyId, now: Timestamp) -> Result<()> {
    tx.sql()
        .prepare_cached("UPDATE api_keys SET last_used_at = ?2 WHERE id = ?1")?
        .execute(params![id.0, now.0])?;
    Ok(())
}

pub fn revoke(tx: &Tx<'_>, id: ApiKeyId, now: Timestamp) -> Result<()> {
    tx.sql()
        .prepare_cached("UPDATE api_keys SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL")?
        .execute(params![id.0, now.0])?;
    Ok(())
}

/// Revokes all keys somebody made.
pub fn revoke_of(tx: &Tx<'_>, agent: AgentId, now: Timestamp) -> Result<()> {
    tx.sql()
        .prepare_cached(
            "UPDATE api_keys SET revoked_at = ?2 WHERE created_by = ?1 AND revoked_at IS NULL",
        )?
        .execute(params![agent.0, now.0])?;
    Ok(())
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<ApiKey> {
    Ok(ApiKey {
        id: ApiKeyId(row.get("id")?),
        name: row.get("name")?,
        prefix: row.get("prefix")?,
        role: row::parse(row, "role")?,
        dialect: row::parse(row, "dialect")?,
        created_by: AgentId(row.get("created_by")?),
        created_at: Timestamp(row.get("created_at")?),
        expires_at: row::instant(row, "expires_at")?,
        last_used_at: row::instant(row, "last_used_at")?,
        revoked_at: row::instant(row, "revoked_at")?,
    })
}
