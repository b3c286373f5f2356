//! Notices: what one agent should hear of.

use domain::{
    Timestamp,
    ids::{AgentId, ConversationId, NoticeId},
    notices::Notice,
};
use rusqlite::{OptionalExtension, Row, named_params, params};

use crate::{Reader, Result, Tx, row};

/// A page of one agent's notices.
#[derive(Debug)]
pub struct Listed {
    pub rows: Vec<Notice>,
    /// The place after which the next page begins, if there is one.
    pub next: Option<i64>,
}

pub fn insert(tx: &Tx<'_>, it: &Notice) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO notices (id, agent_id, kind, text, conversation_id, created_at, read_at)
         VALUES (:id, :agent_id, :kind, :text, :conversation_id, :created_at, :read_at)",
    )?;
    stmt.execute(named_params! {
        ":id": it.id.0,
        ":agent_id": it.agent_id.0,
        ":kind": it.kind.as_str(),
        ":text": it.text,
        ":conversation_id": it.conversation_id.map(|it| it.0),
        ":created_at": it.created_at.0,
        ":read_at": it.read_at.map(|it| it.0),
    })?;
    Ok(())
}

pub fn find(db: &Reader<'_>, id: NoticeId) -> Result<Option<Notice>> {
    let mut stmt = db.sql().prepare_cached("SELECT * FROM notices WHERE id = ?1")?;
    Ok(stmt.query_row([id.0], from_row).optional()?)
}

/// An agent's notices, the newest first, before the place `before`.
pub fn page(
    db: &Reader<'_>,
    agent: AgentId,
    unread: bool,
    before: i64,
    offset: u64,
    limit: usize,
) -> Result<Listed> {
    let condition = if unread { "AND read_at IS NULL" } else { "" };
    let sql = format!(
        "SELECT * FROM notices WHERE agent_id = ?1 AND seq < ?2 {condition}
         ORDER BY seq DESC LIMIT ?3 OFFSET ?4"
    );
    let mut stmt = db.sql().prepare_cached(&sql)?;
    let rows = stmt.query_map(params![agent.0, before, limit + 1, offset], |row| {
        Ok((row.get::<_, i64>("seq")?, from_row(row)?))
    })?;
    let mut found = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|(seq, _)| *seq);
    Ok(Listed { rows: found.into_iter().map(|(_, it)| it).collect(), next })
}

/// How many an agent has, counted to `limit`.
pub fn count(db: &Reader<'_>, agent: AgentId, unread: bool, limit: u32) -> Result<u64> {
    let condition = if unread { "AND read_at IS NULL" } else { "" };
    let sql = format!(
        "SELECT COUNT(*) FROM (SELECT 1 FROM notices WHERE agent_id = ?1 {condition} LIMIT ?2)"
    );
    let mut stmt = db.sql().prepare_cached(&sql)?;
    Ok(stmt.query_row(params![agent.0, limit], |row| row.get(0))?)
}

pub fn mark_read(tx: &Tx<'_>, id: NoticeId, now: Timestamp) -> Result<()> {
    let mut stmt = tx
        .sql()
        .prepare_cached("UPDATE notices SET read_at = ?2 WHERE id = ?1 AND read_at IS NULL")?;
    stmt.execute(params![id.0, now.0])?;
    Ok(())
}

/// Returns how many were unread.
pub fn mark_all_read(tx: &Tx<'_>, agent: AgentId, now: Timestamp) -> Result<usize> {
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE notices SET read_at = ?2 WHERE agent_id = ?1 AND read_at IS NULL",
    )?;
    Ok(stmt.execute(params![agent.0, now.0])?)
}

/// Removes at most `limit` of those from before `before`. Returns how many there were.
pub fn delete_older(tx: &Tx<'_>, before: Timestamp, limit: u32) -> Result<usize> {
    let mut stmt = tx.sql().prepare_cached(
        "DELETE FROM notices WHERE seq IN (
             SELECT seq FROM notices WHERE created_at < ?1 ORDER BY created_at LIMIT ?2
         )",
    )?;
    Ok(stmt.execute(params![before.0, limit])?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Notice> {
    Ok(Notice {
        id: NoticeId(row.get("id")?),
        agent_id: AgentId(row.get("agent_id")?),
        kind: row::parse(row, "kind")?,
        text: row.get("text")?,
        conversation_id: row.get::<_, Option<_>>("conversation_id")?.map(ConversationId),
        created_at: Timestamp(row.get("created_at")?),
        read_at: row::instant(row, "read_at")?,
    })
}
