//! What customers thought of how their conversations went: one rating for each resolution.

use domain::{Timestamp, ids::AgentId};
use rusqlite::{OptionalExtension, params};

use crate::{Reader, Result, Tx};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rating {
    pub score: u8,
    pub comment: Option<String>,
}

/// Of the resolution at this time.
pub fn find(db: &Reader<'_>, number: i64, resolved_at: Timestamp) -> Result<Option<Rating>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT score, comment FROM ratings WHERE conversation_number = ?1 AND resolved_at = ?2",
    )?;
    let found = stmt.query_row(params![number, resolved_at.0], |row| {
        Ok(Rating { score: row.get("score")?, comment: row.get("comment")? })
    });
    Ok(found.optional()?)
}

/// When a conversation was rated last, and who had it then.
pub(crate) fn newest(db: &Reader<'_>, number: i64) -> Result<Option<(Timestamp, Option<AgentId>)>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT created_at, agent_id FROM ratings WHERE conversation_number = ?1
         ORDER BY resolved_at DESC LIMIT 1",
    )?;
    let found = stmt.query_row([number], |row| {
        let agent = row.get::<_, Option<_>>("agent_id")?.map(AgentId);
        Ok((Timestamp(row.get("created_at")?), agent))
    });
    Ok(found.optional()?)
}

/// How often the rating of a resolution was changed.
pub fn changes(db: &Reader<'_>, number: i64, resolved_at: Timestamp) -> Result<u32> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT changes FROM ratings WHERE conversation_number = ?1 AND resolved_at = ?2",
    )?;
    let found = stmt.query_row(params![number, resolved_at.0], |row| row.get(0));
    Ok(found.optional()?.unwrap_or(0))
}

/// Rates a resolution, or changes its rating.
pub fn put(
    tx: &Tx<'_>,
    number: i64,
    resolved_at: Timestamp,
    agent: Option<AgentId>,
    it: &Rating,
    now: Timestamp,
) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO ratings
             (conversation_number, resolved_at, agent_id, score, comment, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
         ON CONFLICT (conversation_number, resolved_at) DO UPDATE SET
             score = excluded.score, comment = excluded.comment,
             updated_at = excluded.updated_at, changes = changes + 1",
    )?;
    let agent = agent.map(|it| it.0);
    stmt.execute(params![number, resolved_at.0, agent, it.score, it.comment, now.0])?;
    Ok(())
}
