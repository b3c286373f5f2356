//! Conversations that were merged into another: their rows stay, out of every list and count, so that
//! their numbers and ids lead on.

use domain::{
    conversations::{Conversation, LastMessage},
    ids::{ChannelId, ConversationId},
    messages::{Direction, Message},
    text,
};
use rusqlite::{OptionalExtension, params};

use super::find;
use crate::{Reader, Result, Tx, messages};

/// A chain of merges longer than this was made by nobody.
const LONGEST_CHAIN: usize = 50;

/// The conversation that this one has become: itself, unless it was merged into another.
pub fn follow(db: &Reader<'_>, mut it: Conversation) -> Result<Option<Conversation>> {
    for _ in 0..LONGEST_CHAIN {
        let Some(next) = it.merged_into else { return Ok(Some(it)) };
        let Some(found) = find(db, next)? else { return Ok(None) };
        it = found;
    }
    Ok(None)
}

/// Whether a conversation, or one that was merged into it, is of this channel.
pub fn is_of_channel(db: &Reader<'_>, it: &Conversation, channel: ChannelId) -> Result<bool> {
    if it.channel_id == channel {
        return Ok(true);
    }
    let mut stmt = db.sql().prepare_cached(
        "WITH RECURSIVE parts (id) AS (
             SELECT ?1 UNION
             SELECT conversations.id FROM conversations JOIN parts ON merged_into = parts.id
         )
         SELECT 1 FROM conversations JOIN parts USING (id) WHERE channel_id = ?2 LIMIT 1",
    )?;
    Ok(stmt.exists(params![it.id.0, channel.0])?)
}

/// As [`super::is_participant`], of what was merged into it as well.
pub fn is_participant(db: &Reader<'_>, id: ConversationId, address: &str) -> Result<bool> {
    let mut stmt = db.sql().prepare_cached(
        "WITH RECURSIVE parts (id, number) AS (
             SELECT id, number FROM conversations WHERE id = ?1 UNION
             SELECT c.id, c.number FROM conversations AS c JOIN parts ON c.merged_into = parts.id
         )
         SELECT 1 FROM parts JOIN conversation_participants AS p
             ON p.conversation_number = parts.number AND p.address = ?2 LIMIT 1",
    )?;
    Ok(stmt.exists(params![id.0, address])?)
}

/// Moves messages from one conversation to another: all of them, or what people wrote from the place
/// `since` on. Returns their places.
pub fn move_messages(tx: &Tx<'_>, from: i64, to: i64, since: Option<i64>) -> Result<Vec<i64>> {
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE messages SET conversation_number = ?2 WHERE conversation_number = ?1
         AND (?3 IS NULL OR (seq >= ?3 AND direction <> 'event')) RETURNING seq",
    )?;
    let rows = stmt.query_map(params![from, to, since], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Moves those of these messages that are still in `from`. Returns how many they were.
pub fn move_these(tx: &Tx<'_>, from: i64, to: i64, seqs: &[i64]) -> Result<usize> {
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE messages SET conversation_number = ?2 WHERE seq = ?3 AND conversation_number = ?1",
    )?;
    let mut moved = 0;
    for seq in seqs {
        moved += stmt.execute(params![from, to, seq])?;
    }
    Ok(moved)
}

/// Counts a conversation's messages anew and finds its newest one and the time of its first.
pub fn recount(db: &Reader<'_>, it: &mut Conversation) -> Result<()> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT COUNT(*), MIN(created_at) FROM messages
         WHERE conversation_number = ?1 AND direction <> 'event'",
    )?;
    let (count, first): (u32, Option<i64>) =
        stmt.query_row([it.number], |row| Ok((row.get(0)?, row.get(1)?)))?;
    it.message_count = count;
    it.first_message_at = first.map(domain::Timestamp);
    let newest = messages::newest_written(db, it.number)?.map(|it| it.seq);
    // Again, with its attachments.
    let newest = newest.map(|seq| messages::find_by_seq(db, seq)).transpose()?.flatten();
    it.last_message = newest.map(last);
    it.active_at = it.last_message.as_ref().map_or(it.created_at, |it| it.at);
    Ok(())
}

fn last(it: Message) -> LastMessage {
    let names: Vec<&str> = it.attachments.iter().map(|it| it.name.as_str()).collect();
    let shown = if it.text.trim().is_empty() { &names.join(", ") } else { &it.text };
    LastMessage {
        seq: it.seq,
        text: text::preview(shown),
        direction: it.direction,
        at: it.created_at,
    }
}

/// The first customer message after the last answer, if there is one.
pub fn unanswered(db: &Reader<'_>, number: i64) -> Result<Option<domain::Timestamp>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT created_at FROM messages WHERE conversation_number = ?1 AND direction = ?2
         AND seq > COALESCE((SELECT MAX(seq) FROM messages
             WHERE conversation_number = ?1 AND direction = ?3), 0)
         ORDER BY seq LIMIT 1",
    )?;
    let (inbound, outbound) = (Direction::Inbound.as_str(), Direction::Outbound.as_str());
    let at = stmt.query_row(params![number, inbound, outbound], |row| row.get(0)).optional()?;
    Ok(at.map(domain::Timestamp))
}

/// How many customer messages a conversation has.
pub fn inbound_count(db: &Reader<'_>, number: i64) -> Result<u32> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT COUNT(*) FROM messages WHERE conversation_number = ?1 AND direction = 'inbound'",
    )?;
    Ok(stmt.query_row([number], |row| row.get(0))?)
}

/// Lets those who may write in one conversation write in another, too.
pub fn copy_participants(tx: &Tx<'_>, from: i64, to: i64) -> Result<()> {
    tx.sql()
        .prepare_cached(
            "INSERT INTO conversation_participants (conversation_number, address)
             SELECT ?2, address FROM conversation_participants WHERE conversation_number = ?1
             ON CONFLICT DO NOTHING",
        )?
        .execute([from, to])?;
    Ok(())
}
