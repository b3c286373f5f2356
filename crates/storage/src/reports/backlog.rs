//! How old the conversations are that are not resolved.

use domain::{
    Timestamp,
    ids::{AgentId, ChannelId},
};
use rusqlite::named_params;

use crate::{Reader, Result};

/// Which conversations; each may be left open.
#[derive(Debug, Clone, Default)]
pub struct Backlog {
    pub channel: Option<ChannelId>,
    pub assignee: Option<AgentId>,
    pub tag: Option<i64>,
}

/// How many were opened from one time until before another.
pub fn backlog(db: &Reader<'_>, of: &Backlog, from: Timestamp, until: Timestamp) -> Result<u64> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT COUNT(*) FROM conversations
         WHERE spam = 0 AND status <> 'resolved' AND created_at >= :from AND created_at < :until
         AND (:channel IS NULL OR channel_id = :channel)
         AND (:assignee IS NULL OR assignee_id = :assignee)
         AND (:tag IS NULL OR EXISTS (
             SELECT 1 FROM conversation_tags
             WHERE conversation_number = number AND tag_seq = :tag))",
    )?;
    let count = stmt.query_row(
        named_params! {
            ":from": from.0,
            ":until": until.0,
            ":channel": of.channel.map(|it| it.0),
            ":assignee": of.assignee.map(|it| it.0),
            ":tag": of.tag,
        },
        |row| row.get(0),
    )?;
    Ok(count)
}
