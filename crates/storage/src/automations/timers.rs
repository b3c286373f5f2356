//! What timed rules wait for, which waits they have answered, and who got an automatic reply when.

use domain::{
    Timestamp,
    automations::Trigger,
    conversations::{Conversation, Status},
    ids::{ContactId, RuleId},
};
use rusqlite::{OptionalExtension, params};

use crate::{Reader, Result, Tx};

/// Since when a conversation waits in the way a trigger is about; none when it does not.
pub fn waiting_since(
    db: &Reader<'_>,
    it: &Conversation,
    trigger: Trigger,
) -> Result<Option<Timestamp>> {
    match trigger {
        _ if it.spam || it.merged_into.is_some() => Ok(None),
        Trigger::NoReplyFor => Ok(it.waiting_since),
        Trigger::InStatusFor => Ok(Some(in_status_since(db, it)?)),
        Trigger::UnassignedFor if it.assignee.is_none() && it.status != Status::Resolved => {
            Ok(Some(unassigned_since(db, it)?))
        }
        Trigger::CustomerSilentFor if it.waiting_since.is_none() => silent_since(db, it.number),
        _ => Ok(None),
    }
}

fn in_status_since(db: &Reader<'_>, it: &Conversation) -> Result<Timestamp> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT changed_at FROM status_changes WHERE conversation_number = ?1
         ORDER BY seq DESC LIMIT 1",
    )?;
    let changed = stmt.query_row([it.number], |row| row.get(0)).optional()?;
    Ok(changed.map_or(it.created_at, Timestamp))
}

fn unassigned_since(db: &Reader<'_>, it: &Conversation) -> Result<Timestamp> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT unassigned_at FROM assignments WHERE conversation_number = ?1
         ORDER BY seq DESC LIMIT 1",
    )?;
    let ended = stmt.query_row([it.number], |row| row.get::<_, Option<i64>>(0)).optional()?;
    Ok(ended.flatten().map_or(it.created_at, Timestamp))
}

/// When an agent last wrote, if nobody else has written since.
fn silent_since(db: &Reader<'_>, number: i64) -> Result<Option<Timestamp>> {
    /// Lines looked at: notes and events may stand after the answer.
    const LOOKED_AT: u32 = 200;
    let mut stmt = db.sql().prepare_cached(
        "SELECT direction, sender_type, created_at FROM (
             SELECT seq, direction, sender_type, created_at FROM messages
             WHERE conversation_number = ?1 ORDER BY seq DESC LIMIT ?2
         )
         WHERE direction = 'inbound' OR (direction = 'outbound' AND sender_type = 'agent')
         ORDER BY seq DESC LIMIT 1",
    )?;
    let newest = stmt.query_row(params![number, LOOKED_AT], |row| {
        Ok((row.get::<_, String>("direction")?, Timestamp(row.get("created_at")?)))
    });
    Ok(newest.optional()?.filter(|(direction, _)| direction == "outbound").map(|(_, at)| at))
}

/// Which wait of this conversation the rule answered last, by when it began.
pub fn answered(db: &Reader<'_>, rule: RuleId, number: i64) -> Result<Option<Timestamp>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT waiting_since FROM automation_firings
         WHERE conversation_number = ?1 AND automation_id = ?2",
    )?;
    Ok(stmt.query_row(params![number, rule.0], |row| row.get(0).map(Timestamp)).optional()?)
}

pub fn record_answered(tx: &Tx<'_>, rule: RuleId, number: i64, since: Timestamp) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO automation_firings (conversation_number, automation_id, waiting_since)
         VALUES (?1, ?2, ?3)
         ON CONFLICT (conversation_number, automation_id) DO UPDATE SET
             waiting_since = excluded.waiting_since",
    )?;
    stmt.execute(params![number, rule.0, since.0])?;
    Ok(())
}

/// The conversations in which something happened after the event `after`: at most `limit` events are
/// looked at. Answers the last of them, none at the end.
pub fn touched_after(db: &Reader<'_>, after: i64, limit: u32) -> Result<(Vec<i64>, Option<i64>)> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT seq, conversation_number FROM events
         WHERE seq > ?1 ORDER BY seq LIMIT ?2",
    )?;
    let rows = stmt.query_map(params![after, limit], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?))
    })?;
    let found = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let last = found.last().map(|(seq, _)| *seq);
    let mut numbers: Vec<i64> = found.into_iter().filter_map(|(_, number)| number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    Ok((numbers, last))
}

/// The event before everything since `since`.
pub fn last_event_before(db: &Reader<'_>, since: Timestamp) -> Result<i64> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT seq FROM events WHERE created_at < ?1 ORDER BY created_at DESC LIMIT 1",
    )?;
    Ok(stmt.query_row([since.0], |row| row.get(0)).optional()?.unwrap_or(0))
}

pub fn last_automatic_reply(db: &Reader<'_>, to: ContactId) -> Result<Option<Timestamp>> {
    let mut stmt =
        db.sql().prepare_cached("SELECT sent_at FROM automatic_replies WHERE contact_id = ?1")?;
    Ok(stmt.query_row([to.0], |row| row.get(0).map(Timestamp)).optional()?)
}

pub fn record_automatic_reply(tx: &Tx<'_>, to: ContactId, now: Timestamp) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO automatic_replies (contact_id, sent_at) VALUES (?1, ?2)
         ON CONFLICT (contact_id) DO UPDATE SET sent_at = excluded.sent_at",
    )?;
    stmt.execute(params![to.0, now.0])?;
    Ok(())
}

/// Forgets at most `limit` replies that were sent before `before`.
pub fn delete_older_replies(tx: &Tx<'_>, before: Timestamp, limit: u32) -> Result<usize> {
    let mut stmt = tx.sql().prepare_cached(
        "DELETE FROM automatic_replies WHERE contact_id IN (
             SELECT contact_id FROM automatic_replies WHERE sent_at < ?1 ORDER BY sent_at LIMIT ?2)",
    )?;
    Ok(stmt.execute(params![before.0, limit])?)
}
