//! Set-up, invitation and reset links: single use, found by the hash of their token.

use domain::{Timestamp, ids::AgentId, sessions::LinkPurpose};
use rusqlite::{OptionalExtension, params};

use crate::{Reader, Result, Tx};

/// Stores a link; an earlier one of the same purpose for the same agent stops working.
pub fn put(
    tx: &Tx<'_>,
    purpose: LinkPurpose,
    agent: Option<AgentId>,
    token_hash: &[u8; 32],
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<()> {
    delete_of(tx, purpose, agent)?;
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO links (token_hash, purpose, agent_id, created_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let agent = agent.map(|it| it.0);
    stmt.execute(params![token_hash, purpose.as_str(), agent, now.0, expires_at.0])?;
    Ok(())
}

/// Whom a link that still works is for. `None`: no such link; `Some(None)`: for nobody yet (set-up).
pub fn find(
    db: &Reader<'_>,
    purpose: LinkPurpose,
    token_hash: &[u8; 32],
    now: Timestamp,
) -> Result<Option<Option<AgentId>>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT agent_id FROM links WHERE token_hash = ?1 AND purpose = ?2 AND expires_at > ?3",
    )?;
    let row = stmt.query_row(params![token_hash, purpose.as_str(), now.0], |row| {
        Ok(row.get::<_, Option<_>>(0)?.map(AgentId))
    });
    Ok(row.optional()?)
}

/// Like [`find`], and the link is used up.
pub fn take(
    tx: &Tx<'_>,
    purpose: LinkPurpose,
    token_hash: &[u8; 32],
    now: Timestamp,
) -> Result<Option<Option<AgentId>>> {
    let found = find(tx, purpose, token_hash, now)?;
    if found.is_some() {
        tx.sql()
            .prepare_cached("DELETE FROM links WHERE token_hash = ?1")?
            .execute([token_hash])?;
    }
    Ok(found)
}

/// Removes the links of one purpose for one agent, or those for nobody.
pub fn delete_of(tx: &Tx<'_>, purpose: LinkPurpose, agent: Option<AgentId>) -> Result<()> {
    let mut stmt =
        tx.sql().prepare_cached("DELETE FROM links WHERE purpose = ?1 AND agent_id IS ?2")?;
    stmt.execute(params![purpose.as_str(), agent.map(|it| it.0)])?;
    Ok(())
}

/// Removes every link of an agent.
pub fn delete_all_of(tx: &Tx<'_>, agent: AgentId) -> Result<()> {
    tx.sql().prepare_cached("DELETE FROM links WHERE agent_id = ?1")?.execute([agent.0])?;
    Ok(())
}

pub fn delete_expired(tx: &Tx<'_>, now: Timestamp) -> Result<()> {
    tx.sql().prepare_cached("DELETE FROM links WHERE expires_at <= ?1")?.execute([now.0])?;
    Ok(())
}
