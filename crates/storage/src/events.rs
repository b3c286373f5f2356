//! Events: written in the transaction of what happened, published after its commit.

use domain::{
    Timestamp,
    conversations::Conversation,
    events::{Actor, Event, Recorded},
};
use rusqlite::params;

use crate::{Result, Tx, row};

/// Records what happened, to a conversation or to the desk at large.
pub fn append(
    tx: &Tx<'_>,
    conversation: Option<&Conversation>,
    event: Event,
    actor: Actor,
    now: Timestamp,
) -> Result<i64> {
    let document = serde_json::to_value(&event).map_err(row::unwritable)?;
    let kind = document.get("kind").and_then(|it| it.as_str()).unwrap_or("unknown");
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO events (kind, conversation_number, subject_id, actor_type, actor_id, payload, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    stmt.execute(params![
        kind,
        conversation.map(|it| it.number),
        conversation.map(|it| it.id.0),
        actor.kind().as_str(),
        actor.id(),
        row::to_json(&document)?,
        now.0
    ])?;
    let seq = tx.sql().last_insert_rowid();
    let conversation = conversation.map(|it| it.id);
    tx.publish(Recorded { seq, event, conversation, actor, at: now });
    Ok(seq)
}

/// Removes at most `limit` of the oldest events before `before`: those of conversations, or the
/// others, which are the audit trail. Returns how many there were.
pub fn delete_older(
    tx: &Tx<'_>,
    of_conversations: bool,
    before: Timestamp,
    limit: u32,
) -> Result<usize> {
    let mut stmt = tx.sql().prepare_cached(
        "DELETE FROM events WHERE seq IN (
             SELECT seq FROM events
             WHERE created_at < ?2 AND (conversation_number IS NOT NULL) = ?1
             ORDER BY created_at LIMIT ?3
         )",
    )?;
    Ok(stmt.execute(params![of_conversations, before.0, limit])?)
}
