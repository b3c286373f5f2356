//! The attempts to hand an outbound message to its provider.

use domain::Timestamp;
use rusqlite::{OptionalExtension, params};

use crate::{Reader, Result, Tx, row};

domain::words!(Outcome, "delivery outcome", {
    Sent => "sent",
    Retry => "retry",
    Failed => "failed",
    /// The connection ended after the payload was handed over: it may or may not have arrived.
    Unknown => "unknown",
    /// A report came back later that it was not delivered.
    Bounced => "bounced",
});

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub started_at: Timestamp,
    /// None while the attempt runs, or when the server stopped in the middle of it.
    pub finished_at: Option<Timestamp>,
    pub outcome: Option<Outcome>,
    /// The provider's reply code.
    pub code: Option<i64>,
    pub detail: Option<String>,
}

/// Begins an attempt and returns its seq. Committed before a byte goes out, so that an interrupted
/// attempt is known afterwards.
pub fn begin(tx: &Tx<'_>, message_seq: i64, now: Timestamp) -> Result<i64> {
    tx.sql()
        .prepare_cached("INSERT INTO deliveries (message_seq, started_at) VALUES (?1, ?2)")?
        .execute(params![message_seq, now.0])?;
    Ok(tx.sql().last_insert_rowid())
}

pub fn finish(
    tx: &Tx<'_>,
    seq: i64,
    outcome: Outcome,
    code: Option<i64>,
    detail: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE deliveries SET finished_at = ?2, outcome = ?3, code = ?4, detail = ?5
         WHERE seq = ?1",
    )?;
    stmt.execute(params![seq, now.0, outcome.as_str(), code, detail])?;
    Ok(())
}

pub fn of_message(db: &Reader<'_>, message_seq: i64) -> Result<Vec<Delivery>> {
    let mut stmt =
        db.sql().prepare_cached("SELECT * FROM deliveries WHERE message_seq = ?1 ORDER BY seq")?;
    let rows = stmt.query_map([message_seq], |row| {
        Ok(Delivery {
            started_at: Timestamp(row.get("started_at")?),
            finished_at: row::instant(row, "finished_at")?,
            outcome: row::parse_optional(row, "outcome")?,
            code: row.get("code")?,
            detail: row.get("detail")?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// An attempt that began and never ended: the server stopped in the middle of it.
pub fn interrupted(db: &Reader<'_>, message_seq: i64) -> Result<Option<i64>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT seq FROM deliveries WHERE message_seq = ?1 AND outcome IS NULL
         ORDER BY seq DESC LIMIT 1",
    )?;
    Ok(stmt.query_row([message_seq], |row| row.get(0)).optional()?)
}
