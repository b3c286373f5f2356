//! Which conversations a visitor may read, how far they have, and what they wrote.

use std::collections::HashMap;

use domain::{Timestamp, ids::MessageId};
use rusqlite::{OptionalExtension, Row, params, params_from_iter};

use crate::{Reader, Result, Tx, row};

/// A conversation of a visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chat {
    pub visitor_seq: i64,
    pub number: i64,
    /// Where their next message goes.
    pub is_current: bool,
    /// The last message they have read.
    pub read_seq: i64,
    /// The last message that went to them by mail.
    pub mailed_seq: i64,
    pub agent_read_at: Option<Timestamp>,
}

/// More browsers than this no customer has.
const MOST_READERS: u32 = 100;

/// A conversation and all that were merged into it.
const PARTS: &str = "WITH RECURSIVE parts (id, number) AS (
        SELECT id, number FROM conversations WHERE number = ?1 UNION
        SELECT c.id, c.number FROM conversations AS c JOIN parts ON c.merged_into = parts.id
    )";

/// The newest conversations of a visitor, newest first.
pub fn of_visitor(db: &Reader<'_>, visitor_seq: i64, limit: u32) -> Result<Vec<Chat>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT * FROM visitor_conversations WHERE visitor_seq = ?1
         ORDER BY conversation_number DESC LIMIT ?2",
    )?;
    let rows = stmt.query_map(params![visitor_seq, limit], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Where the visitor's next message goes.
pub fn current(db: &Reader<'_>, visitor_seq: i64) -> Result<Option<Chat>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT * FROM visitor_conversations WHERE visitor_seq = ?1 AND is_current = 1",
    )?;
    Ok(stmt.query_row([visitor_seq], from_row).optional()?)
}

/// Everybody who may read a conversation, or one that was merged into it.
pub fn of_conversation(db: &Reader<'_>, number: i64) -> Result<Vec<Chat>> {
    let sql = format!(
        "{PARTS} SELECT chats.* FROM parts
         JOIN visitor_conversations AS chats ON chats.conversation_number = parts.number
         ORDER BY chats.visitor_seq LIMIT ?2"
    );
    let mut stmt = db.sql().prepare_cached(&sql)?;
    let rows = stmt.query_map(params![number, MOST_READERS], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Lets a visitor read a conversation and makes it the one they write in.
pub fn make_current(tx: &Tx<'_>, visitor_seq: i64, number: i64) -> Result<()> {
    tx.sql()
        .prepare_cached(
            "UPDATE visitor_conversations SET is_current = 0
             WHERE visitor_seq = ?1 AND is_current = 1 AND conversation_number <> ?2",
        )?
        .execute([visitor_seq, number])?;
    tx.sql()
        .prepare_cached(
            "INSERT INTO visitor_conversations (visitor_seq, conversation_number, is_current)
             VALUES (?1, ?2, 1)
             ON CONFLICT (visitor_seq, conversation_number) DO UPDATE SET is_current = 1",
        )?
        .execute([visitor_seq, number])?;
    Ok(())
}

/// Lets those who read one conversation read another one, too, as far as they have read the first, and
/// go on there.
pub fn go_on_in(tx: &Tx<'_>, from: i64, to: i64) -> Result<()> {
    tx.sql()
        .prepare_cached(
            "INSERT INTO visitor_conversations
                 (visitor_seq, conversation_number, is_current, read_seq, mailed_seq, agent_read_at)
             SELECT visitor_seq, ?2, 0, read_seq, mailed_seq, agent_read_at
             FROM visitor_conversations WHERE conversation_number = ?1
             ON CONFLICT DO NOTHING",
        )?
        .execute([from, to])?;
    let here = of_conversation(tx, from)?;
    for it in here.iter().filter(|it| it.is_current) {
        make_current(tx, it.visitor_seq, to)?;
    }
    Ok(())
}

/// A visitor has read up to this message. Returns whether that is news.
pub fn read(tx: &Tx<'_>, visitor_seq: i64, number: i64, seq: i64) -> Result<bool> {
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE visitor_conversations SET read_seq = ?3
         WHERE visitor_seq = ?1 AND conversation_number = ?2 AND read_seq < ?3",
    )?;
    Ok(stmt.execute([visitor_seq, number, seq])? > 0)
}

/// What was written up to this message went to its readers by mail.
pub fn mailed(tx: &Tx<'_>, number: i64, seq: i64) -> Result<()> {
    let sql = format!(
        "{PARTS} UPDATE visitor_conversations SET mailed_seq = ?2
         WHERE conversation_number IN (SELECT number FROM parts) AND mailed_seq < ?2"
    );
    tx.sql().prepare_cached(&sql)?.execute([number, seq])?;
    Ok(())
}

/// An agent has read what its visitors wrote.
pub fn agent_read(tx: &Tx<'_>, number: i64, now: Timestamp) -> Result<()> {
    let sql = format!(
        "{PARTS} UPDATE visitor_conversations SET agent_read_at = ?2
         WHERE conversation_number IN (SELECT number FROM parts)"
    );
    tx.sql().prepare_cached(&sql)?.execute(params![number, now.0])?;
    Ok(())
}

pub(crate) fn delete_of_conversation(tx: &Tx<'_>, number: i64) -> Result<()> {
    for sql in [
        "DELETE FROM visitor_conversations WHERE conversation_number = ?1",
        "DELETE FROM ratings WHERE conversation_number = ?1",
    ] {
        tx.sql().prepare_cached(sql)?.execute([number])?;
    }
    Ok(())
}

/// What has left for a visitor: what was forwarded went to somebody else.
const LEFT: &str = "direction = 'outbound' AND status IN ('sent', 'delivered', 'read')
    AND NOT EXISTS (SELECT 1 FROM message_mails
        WHERE message_seq = messages.seq AND over_channel_id IS NOT NULL)";

/// The places of the newest messages of a conversation that its visitors may see before the place
/// `before`, newest first. Of one message `desk::visitors::history::is_shown` says the same.
pub fn shown_before(db: &Reader<'_>, number: i64, before: i64, limit: u32) -> Result<Vec<i64>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT seq FROM messages WHERE conversation_number = ?1 AND seq < ?2
         AND (direction = 'inbound' AND NOT EXISTS (SELECT 1 FROM message_mails
                  WHERE message_seq = messages.seq AND automatic = 1)
              OR direction = 'outbound' AND (status IN ('sent', 'delivered', 'read')
                      OR status = 'failed' AND sent_at IS NOT NULL)
                  AND NOT EXISTS (SELECT 1 FROM message_mails
                      WHERE message_seq = messages.seq AND over_channel_id IS NOT NULL))
         ORDER BY seq DESC LIMIT ?3",
    )?;
    let rows = stmt.query_map(params![number, before, limit], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The newest of what the desk wrote after the place `after` and no further than `to`, newest first.
pub fn newest_left(
    db: &Reader<'_>,
    number: i64,
    after: i64,
    to: i64,
    limit: u32,
) -> Result<Vec<MessageId>> {
    let sql = format!(
        "SELECT id FROM messages WHERE conversation_number = ?1 AND seq > ?2 AND seq <= ?3
         AND {LEFT} ORDER BY seq DESC LIMIT ?4"
    );
    let mut stmt = db.sql().prepare_cached(&sql)?;
    let rows =
        stmt.query_map(params![number, after, to, limit], |row| row.get(0).map(MessageId))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The places of what agents wrote after the place `after`, oldest first.
pub fn left_by_agents(db: &Reader<'_>, number: i64, after: i64, limit: u32) -> Result<Vec<i64>> {
    let sql = format!(
        "SELECT seq FROM messages WHERE conversation_number = ?1 AND seq > ?2
         AND sender_type = 'agent' AND {LEFT} ORDER BY seq LIMIT ?3"
    );
    let mut stmt = db.sql().prepare_cached(&sql)?;
    let rows = stmt.query_map(params![number, after, limit], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Remembers the name a browser gave its message.
pub fn name(tx: &Tx<'_>, visitor_seq: i64, message_seq: i64, client_id: &str) -> Result<()> {
    tx.sql()
        .prepare_cached(
            "INSERT INTO visitor_messages (message_seq, visitor_seq, client_id)
             VALUES (?1, ?2, ?3)",
        )?
        .execute(params![message_seq, visitor_seq, client_id])?;
    Ok(())
}

/// The message a browser has sent under this name before.
pub fn named(db: &Reader<'_>, visitor_seq: i64, client_id: &str) -> Result<Option<i64>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT message_seq FROM visitor_messages WHERE visitor_seq = ?1 AND client_id = ?2",
    )?;
    Ok(stmt.query_row(params![visitor_seq, client_id], |row| row.get(0)).optional()?)
}

/// The names browsers gave these messages.
pub fn names(db: &Reader<'_>, seqs: &[i64]) -> Result<HashMap<i64, String>> {
    if seqs.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "SELECT message_seq, client_id FROM visitor_messages WHERE message_seq IN ({})",
        row::placeholders(seqs)
    );
    let mut stmt = db.sql().prepare_cached(&sql)?;
    let rows =
        stmt.query_map(params_from_iter(row::padded(seqs)), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Chat> {
    Ok(Chat {
        visitor_seq: row.get("visitor_seq")?,
        number: row.get("conversation_number")?,
        is_current: row.get("is_current")?,
        read_seq: row.get("read_seq")?,
        mailed_seq: row.get("mailed_seq")?,
        agent_read_at: row::instant(row, "agent_read_at")?,
    })
}
