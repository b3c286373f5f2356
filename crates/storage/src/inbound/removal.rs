//! Removing ledger rows with the raw mails behind them.

use domain::{
    Timestamp,
    ids::{ChannelId, InboundId},
    jobs::JobKind,
};
use rusqlite::{Params, Row, params};

use crate::{Result, Tx, attachments, jobs};

/// Removes the mails a message came from.
pub(crate) fn delete_of_message(tx: &Tx<'_>, message_seq: i64, now: Timestamp) -> Result<u32> {
    delete(tx, "message_seq = ?1", [message_seq], now)
}

/// Removes mails that became no message and were settled before `before`, at most `limit` beside
/// their copies.
pub fn delete_settled_before(
    tx: &Tx<'_>,
    before: Timestamp,
    limit: u32,
    now: Timestamp,
) -> Result<u32> {
    let condition = "seq IN (
        SELECT seq FROM inbound
        WHERE fate IN ('duplicate', 'ignored', 'quarantined') AND settled_at < ?1 LIMIT ?2)";
    delete(tx, condition, params![before.0, limit], now)
}

/// Removes mails that became no message: what this address wrote, and what went to it and was
/// ignored (the copies a mailbox keeps of what it sent), at most `limit` beside their copies. What
/// somebody else wrote and is yet to be read stays. Rows after `newest` are not meant.
pub(crate) fn delete_of_address(
    tx: &Tx<'_>,
    address: &str,
    newest: i64,
    limit: u32,
    now: Timestamp,
) -> Result<u32> {
    let by_sender = "seq IN (
        SELECT seq FROM inbound
        WHERE from_address = ?1 AND message_seq IS NULL AND seq <= ?2 LIMIT ?3)";
    let removed = delete(tx, by_sender, params![address, newest, limit], now)?;
    let named = "seq IN (
        SELECT inbound.seq FROM inbound_people
        JOIN inbound ON inbound.seq = inbound_people.inbound_seq
        WHERE inbound_people.address = ?1 AND inbound_people.inbound_seq <= ?2
        AND inbound.message_seq IS NULL
        AND (inbound_people.wrote = 1 OR inbound.fate IN ('duplicate', 'ignored'))
        LIMIT ?3)";
    let left = limit.saturating_sub(removed);
    Ok(removed + delete(tx, named, params![address, newest, left], now)?)
}

/// Forgets the raw mail behind a message that stays, and that of its copies. Not who wrote it, unless
/// that is to be forgotten, too.
pub(crate) fn strip(
    tx: &Tx<'_>,
    message_seq: i64,
    with_sender: bool,
    now: Timestamp,
) -> Result<()> {
    let rows = tx
        .sql()
        .prepare_cached("SELECT * FROM inbound WHERE message_seq = ?1")?
        .query_map([message_seq], Removed::from_row)?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    tx.sql()
        .prepare_cached(
            "UPDATE inbound SET file_hash = NULL,
                 from_address = CASE WHEN ?2 THEN NULL ELSE from_address END
             WHERE message_seq = ?1",
        )?
        .execute(params![message_seq, with_sender])?;
    rows.into_iter().try_for_each(|it| it.finish(tx, now))
}

fn delete(tx: &Tx<'_>, condition: &str, values: impl Params, now: Timestamp) -> Result<u32> {
    let sql = format!("DELETE FROM inbound WHERE {condition} RETURNING *");
    let rows = tx
        .sql()
        .prepare_cached(&sql)?
        .query_map(values, Removed::from_row)?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    rows.into_iter().try_for_each(|it| it.finish(tx, now))?;
    Ok(count)
}

/// What a row leaves to be tidied up.
struct Removed {
    id: InboundId,
    channel: ChannelId,
    content_key: String,
    file_hash: Option<String>,
}

impl Removed {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: InboundId(row.get("id")?),
            channel: ChannelId(row.get("channel_id")?),
            content_key: row.get("content_key")?,
            file_hash: row.get("file_hash")?,
        })
    }

    /// Its job, its copies and its file go, too.
    fn finish(self, tx: &Tx<'_>, now: Timestamp) -> Result<()> {
        jobs::remove(tx, JobKind::ProcessInbound, self.id.0)?;
        let copies = tx
            .sql()
            .prepare_cached(
                "DELETE FROM inbound
                 WHERE channel_id = ?1 AND content_key = ?2 AND fate = 'duplicate'
                 RETURNING file_hash",
            )?
            .query_map(params![self.channel.0, self.content_key], |row| row.get(0))?
            .collect::<rusqlite::Result<Vec<Option<String>>>>()?;
        for hash in copies.into_iter().chain([self.file_hash]).flatten() {
            attachments::release_file(tx, &hash, now)?;
        }
        Ok(())
    }
}
