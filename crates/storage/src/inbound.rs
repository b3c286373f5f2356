//! The inbound ledger: everything a provider gave us, and what became of it.

use domain::{
    Timestamp,
    ids::{ChannelId, ConversationId, InboundId, MessageId},
    mails::{Fate, Inbound},
};
use rusqlite::{OptionalExtension, Row, named_params, params};

use crate::{Reader, Result, Tx, row};

pub mod people;
pub mod removal;

const SELECT: &str =
    "SELECT inbound.*, messages.id AS message_id, conversations.id AS conversation_id
    FROM inbound
    LEFT JOIN messages ON messages.seq = inbound.message_seq
    LEFT JOIN conversations ON conversations.number = messages.conversation_number";

/// What came of putting something into the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// New: to be processed.
    Pending(InboundId),
    /// Seen here for the first time, but its content is known already.
    Duplicate(InboundId),
    /// This very sight of it stands in the ledger already.
    Known,
}

/// Stores a raw item before anybody is told that we have it. Its file must be on disk and referred
/// to ([`crate::attachments::refer_to_file`]) in the same transaction.
pub fn put(tx: &Tx<'_>, it: &Inbound) -> Result<Put> {
    let known = tx
        .sql()
        .prepare_cached("SELECT 1 FROM inbound WHERE channel_id = ?1 AND source_key = ?2")?
        .exists(params![it.channel_id.0, it.source_key])?;
    if known {
        return Ok(Put::Known);
    }
    let duplicate = tx
        .sql()
        .prepare_cached(
            "SELECT 1 FROM inbound
             WHERE channel_id = ?1 AND content_key = ?2 AND fate <> 'duplicate'",
        )?
        .exists(params![it.channel_id.0, it.content_key])?;
    let fate = if duplicate { Fate::Duplicate } else { it.fate };
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO inbound (
             id, channel_id, source_key, content_key, file_hash, size, received_at, from_address,
             subject, backfill, fate, reason, settled_at
         ) VALUES (
             :id, :channel_id, :source_key, :content_key, :file_hash, :size, :received_at,
             :from_address, :subject, :backfill, :fate, :reason, :settled_at
         )",
    )?;
    stmt.execute(named_params! {
        ":id": it.id.0,
        ":channel_id": it.channel_id.0,
        ":source_key": it.source_key,
        ":content_key": it.content_key,
        ":file_hash": it.file_hash,
        ":size": it.size,
        ":received_at": it.received_at.0,
        ":from_address": it.from_address,
        ":subject": it.subject,
        ":backfill": it.backfill,
        ":fate": fate.as_str(),
        ":reason": it.reason,
        ":settled_at": (fate != Fate::Pending).then_some(it.received_at.0),
    })?;
    Ok(if duplicate { Put::Duplicate(it.id) } else { Put::Pending(it.id) })
}

/// Whether this very sight of an item stands in the ledger already.
pub fn knows(db: &Reader<'_>, channel: ChannelId, source_key: &str) -> Result<bool> {
    let mut stmt = db
        .sql()
        .prepare_cached("SELECT 1 FROM inbound WHERE channel_id = ?1 AND source_key = ?2")?;
    Ok(stmt.exists(params![channel.0, source_key])?)
}

pub fn find(db: &Reader<'_>, id: InboundId) -> Result<Option<Inbound>> {
    let sql = format!("{SELECT} WHERE inbound.id = ?1");
    let mut stmt = db.sql().prepare_cached(&sql)?;
    Ok(stmt.query_row([id.0], from_row).optional()?)
}

/// How an item ended.
#[derive(Debug, Clone)]
pub struct Settled<'a> {
    pub fate: Fate,
    pub reason: Option<&'a str>,
    pub message_seq: Option<i64>,
    pub from_address: Option<&'a str>,
    pub subject: Option<&'a str>,
}

pub fn settle(tx: &Tx<'_>, id: InboundId, it: &Settled<'_>, now: Timestamp) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE inbound SET fate = ?2, reason = ?3, message_seq = ?4,
             from_address = COALESCE(?5, from_address), subject = COALESCE(?6, subject),
             attempts = attempts + 1, settled_at = ?7
         WHERE id = ?1",
    )?;
    stmt.execute(params![
        id.0,
        it.fate.as_str(),
        it.reason,
        it.message_seq,
        it.from_address,
        it.subject,
        now.0
    ])?;
    if it.fate == Fate::Message {
        people::forget(tx, id)?;
    }
    Ok(())
}

/// Makes an item pending again, to be processed anew.
pub fn reopen(tx: &Tx<'_>, id: InboundId) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE inbound SET fate = 'pending', reason = NULL, settled_at = NULL WHERE id = ?1",
    )?;
    stmt.execute([id.0])?;
    Ok(())
}

/// A channel's ledger, newest first, as (seq, item); `before` is the seq of the last row of the page
/// before.
pub fn page(
    db: &Reader<'_>,
    channel: ChannelId,
    fate: Option<Fate>,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<(i64, Inbound)>> {
    let and_fate = match fate {
        // The word stands in the text so that the partial index on fates is used.
        Some(fate) => format!("AND inbound.fate = '{fate}'"),
        None => String::new(),
    };
    let sql = format!(
        "{SELECT} WHERE inbound.channel_id = ?1 {and_fate} AND inbound.seq < ?2
         ORDER BY inbound.seq DESC LIMIT ?3"
    );
    let mut stmt = db.sql().prepare_cached(&sql)?;
    let rows = stmt.query_map(params![channel.0, before.unwrap_or(i64::MAX), limit], |row| {
        Ok((row.get("seq")?, from_row(row)?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many items a channel's ledger has, counted up to 10,000; none beyond.
pub fn count(db: &Reader<'_>, channel: ChannelId, fate: Option<Fate>) -> Result<Option<u64>> {
    let and_fate = fate.map_or_else(String::new, |fate| format!("AND fate = '{fate}'"));
    let sql = format!(
        "SELECT COUNT(*) FROM (
             SELECT 1 FROM inbound WHERE channel_id = ?1 {and_fate} LIMIT 10001
         ) AS counted"
    );
    let mut stmt = db.sql().prepare_cached(&sql)?;
    let count: u64 = stmt.query_row([channel.0], |row| row.get(0))?;
    Ok(Some(count).filter(|it| *it <= 10_000))
}

/// How many items of a channel wait or are quarantined, for its health.
pub fn unsettled(db: &Reader<'_>, channel: ChannelId) -> Result<Vec<(Fate, u64)>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT fate, COUNT(*) AS n FROM inbound
         WHERE channel_id = ?1 AND fate <> 'message' AND fate IN ('pending', 'quarantined')
         GROUP BY fate",
    )?;
    let rows = stmt.query_map([channel.0], |row| Ok((row::parse(row, "fate")?, row.get("n")?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The row of an item that was seen but stayed at its provider, e.g. because it was too large.
pub fn left(db: &Reader<'_>, channel: ChannelId, source_key: &str) -> Result<Option<InboundId>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT id FROM inbound
         WHERE channel_id = ?1 AND source_key = ?2 AND fate = 'quarantined' AND file_hash IS NULL",
    )?;
    let id = stmt.query_row(params![channel.0, source_key], |row| row.get(0));
    Ok(id.optional()?.map(InboundId))
}

/// An item that had stayed at its provider was fetched after all: it is pending, unless its content
/// came by another way meanwhile. Returns whether it is to be processed.
pub fn fetched(tx: &Tx<'_>, id: InboundId, file_hash: &str, content_key: &str) -> Result<bool> {
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE inbound SET file_hash = ?2, content_key = ?3, reason = NULL,
             fate = CASE WHEN EXISTS (
                 SELECT 1 FROM inbound AS other WHERE other.channel_id = inbound.channel_id
                 AND other.content_key = ?3 AND other.fate <> 'duplicate' AND other.id <> ?1
             ) THEN 'duplicate' ELSE 'pending' END
         WHERE id = ?1 RETURNING fate = 'pending'",
    )?;
    Ok(stmt.query_row(params![id.0, file_hash, content_key], |row| row.get(0))?)
}

/// How many automatic mails of this sender a channel has taken in since `since`: those have a reason
/// beside their fate. Looks at the newest 2,000 items.
pub fn automatic_since(
    db: &Reader<'_>,
    channel: ChannelId,
    from_address: &str,
    since: Timestamp,
) -> Result<u64> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT COUNT(*) FROM (
             SELECT * FROM inbound WHERE channel_id = ?1 ORDER BY seq DESC LIMIT 2000
         ) AS newest
         WHERE from_address = ?2 AND settled_at >= ?3 AND fate = 'message' AND reason IS NOT NULL",
    )?;
    Ok(stmt.query_row(params![channel.0, from_address, since.0], |row| row.get(0))?)
}

/// Items that wait although no job will process them: none, unless something is wrong.
pub fn forgotten(db: &Reader<'_>) -> Result<Vec<InboundId>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT inbound.id FROM inbound
         LEFT JOIN jobs ON jobs.kind = 'process_inbound' AND jobs.subject_id = inbound.id
         WHERE inbound.fate = 'pending' AND jobs.id IS NULL
         ORDER BY inbound.seq LIMIT 1000",
    )?;
    let rows = stmt.query_map([], |row| row.get(0).map(InboundId))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Inbound> {
    Ok(Inbound {
        id: InboundId(row.get("id")?),
        channel_id: ChannelId(row.get("channel_id")?),
        source_key: row.get("source_key")?,
        content_key: row.get("content_key")?,
        file_hash: row.get("file_hash")?,
        size: row.get("size")?,
        received_at: Timestamp(row.get("received_at")?),
        from_address: row.get("from_address")?,
        subject: row.get("subject")?,
        backfill: row.get("backfill")?,
        fate: row::parse(row, "fate")?,
        reason: row.get("reason")?,
        message_id: row.get::<_, Option<_>>("message_id")?.map(MessageId),
        conversation_id: row.get::<_, Option<_>>("conversation_id")?.map(ConversationId),
        attempts: row.get("attempts")?,
        settled_at: row::instant(row, "settled_at")?,
    })
}
