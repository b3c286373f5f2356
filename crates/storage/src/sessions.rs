//! Signed-in browsers, found by the hash of their token.

use std::collections::HashMap;

use domain::{
    Timestamp,
    ids::{AgentId, SessionId},
    sessions::Session,
};
use rusqlite::{OptionalExtension, Row, named_params, params};

use crate::{Reader, Result, Tx};

pub fn insert(tx: &Tx<'_>, it: &Session, token_hash: &[u8; 32]) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO sessions
             (id, token_hash, agent_id, ip, user_agent, created_at, last_seen_at, expires_at)
         VALUES
             (:id, :token_hash, :agent_id, :ip, :user_agent, :created_at, :last_seen_at, :expires_at)",
    )?;
    stmt.execute(named_params! {
        ":id": it.id.0,
        ":token_hash": token_hash,
        ":agent_id": it.agent_id.0,
        ":ip": it.ip,
        ":user_agent": it.user_agent,
        ":created_at": it.created_at.0,
        ":last_seen_at": it.last_seen_at.0,
        ":expires_at": it.expires_at.0,
    })?;
    Ok(())
}

pub fn find_by_token(db: &Reader<'_>, token_hash: &[u8; 32]) -> Result<Option<Session>> {
    let mut stmt = db.sql().prepare_cached("SELECT * FROM sessions WHERE token_hash = ?1")?;
    Ok(stmt.query_row([token_hash], from_row).optional()?)
}

pub fn find(db: &Reader<'_>, id: SessionId) -> Result<Option<Session>> {
    let mut stmt = db.sql().prepare_cached("SELECT * FROM sessions WHERE id = ?1")?;
    Ok(stmt.query_row([id.0], from_row).optional()?)
}

/// An agent's sessions, last used first.
pub fn list(db: &Reader<'_>, agent: AgentId) -> Result<Vec<Session>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT * FROM sessions WHERE agent_id = ?1 ORDER BY last_seen_at DESC, created_at DESC",
    )?;
    let rows = stmt.query_map([agent.0], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// When each agent was last seen in a session that still exists.
pub fn agents_seen(db: &Reader<'_>) -> Result<HashMap<AgentId, Timestamp>> {
    let mut stmt = db
        .sql()
        .prepare_cached("SELECT agent_id, max(last_seen_at) FROM sessions GROUP BY agent_id")?;
    let rows = stmt.query_map([], |row| Ok((AgentId(row.get(0)?), Timestamp(row.get(1)?))))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Notes that the session was used. Ask for it at most once a minute: it is a write.
pub fn touch(tx: &Tx<'_>, id: SessionId, ip: Option<&str>, now: Timestamp) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE sessions SET last_seen_at = ?3, ip = COALESCE(?2, ip)
         WHERE id = ?1 AND last_seen_at < ?3",
    )?;
    stmt.execute(params![id.0, ip, now.0])?;
    Ok(())
}

/// Gives a session another token: the old one is dead at once.
pub fn rotate(tx: &Tx<'_>, id: SessionId, token_hash: &[u8; 32]) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached("UPDATE sessions SET token_hash = ?2 WHERE id = ?1")?;
    stmt.execute(params![id.0, token_hash])?;
    Ok(())
}

pub fn delete(tx: &Tx<'_>, id: SessionId) -> Result<()> {
    tx.sql().prepare_cached("DELETE FROM sessions WHERE id = ?1")?.execute([id.0])?;
    Ok(())
}

pub fn delete_by_token(tx: &Tx<'_>, token_hash: &[u8; 32]) -> Result<()> {
    tx.sql().prepare_cached("DELETE FROM sessions WHERE token_hash = ?1")?.execute([token_hash])?;
    Ok(())
}

/// Ends an agent's sessions, but for one if given. Returns how many there were.
pub fn delete_of(tx: &Tx<'_>, agent: AgentId, except: Option<SessionId>) -> Result<usize> {
    let mut stmt = tx
        .sql()
        .prepare_cached("DELETE FROM sessions WHERE agent_id = ?1 AND (?2 IS NULL OR id <> ?2)")?;
    Ok(stmt.execute(params![agent.0, except.map(|it| it.0)])?)
}

/// Removes sessions that are over: past their end, or idle since before `idle_since`.
pub fn delete_over(tx: &Tx<'_>, now: Timestamp, idle_since: Timestamp) -> Result<usize> {
    let mut stmt = tx
        .sql()
        .prepare_cached("DELETE FROM sessions WHERE expires_at <= ?1 OR last_seen_at < ?2")?;
    Ok(stmt.execute(params![now.0, idle_since.0])?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Session> {
    Ok(Session {
        id: SessionId(row.get("id")?),
        agent_id: AgentId(row.get("agent_id")?),
        ip: row.get("ip")?,
        user_agent: row.get("user_agent")?,
        created_at: Timestamp(row.get("created_at")?),
        last_seen_at: Timestamp(row.get("last_seen_at")?),
        expires_at: Timestamp(row.get("expires_at")?),
    })
}
