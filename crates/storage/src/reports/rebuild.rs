//! Counting everything anew, a bounded number of conversations at a time: what is older than the
//! figures, and all of it when an operator asks.

use domain::conversations::Conversation;

use super::{Changes, ledgers, replace, sources, sums::Table};
use crate::{Reader, Result, Tx, conversations};

/// Conversations up to this number have yet to be counted; 0 when all are.
pub fn uncounted(db: &Reader<'_>) -> Result<i64> {
    let mut stmt = db.sql().prepare_cached("SELECT uncounted FROM report_progress")?;
    Ok(stmt.query_row([], |row| row.get(0))?)
}

fn set_uncounted(tx: &Tx<'_>, number: i64) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached("UPDATE report_progress SET uncounted = ?1")?;
    stmt.execute([number])?;
    Ok(())
}

/// What is loaded from now on is counted by [`count_newest`], not one by one.
pub fn expect_load(tx: &Tx<'_>) -> Result<()> {
    set_uncounted(tx, i64::MAX)
}

/// Counts the newest conversations, which were loaded just now.
pub fn count_newest(tx: &Tx<'_>, count: u64) -> Result<()> {
    let limit = u32::try_from(count).unwrap_or(u32::MAX);
    count_all(tx, &conversations::newest_until(tx, i64::MAX, limit)?)
}

/// Everything that was loaded has been counted.
pub fn end_load(tx: &Tx<'_>) -> Result<()> {
    set_uncounted(tx, 0)
}

/// Throws the sums away, but for what conversations that are gone had added. [`catch_up`] then
/// counts the others.
pub fn begin(tx: &Tx<'_>) -> Result<()> {
    tx.sql().execute_batch(
        "DELETE FROM report_sums;
         INSERT INTO report_sums (day, tag_seq, channel_id, agent_id, cells)
         SELECT day, tag_seq, channel_id, agent_id, cells FROM report_kept;
         UPDATE report_ledgers SET counted = 0;
         UPDATE report_progress
         SET uncounted = (SELECT COALESCE(MAX(number), 0) FROM conversations);",
    )?;
    Ok(())
}

/// Counts the newest `limit` conversations that are not counted yet. Returns true when all are.
/// Business hours are measured by those of today.
pub fn catch_up(tx: &Tx<'_>, limit: u32) -> Result<bool> {
    let below = uncounted(tx)?;
    if below == 0 {
        return Ok(true);
    }
    let found = conversations::newest_until(tx, below, limit)?;
    count_all(tx, &found)?;
    let next = found.last().map_or(0, |it| it.number.saturating_sub(1));
    set_uncounted(tx, next)?;
    Ok(next == 0)
}

fn count_all(tx: &Tx<'_>, found: &[Conversation]) -> Result<()> {
    let calendar = sources::calendar(tx)?;
    let mut changes = Changes::default();
    for it in found {
        let before = ledgers::find(tx, it.number)?;
        let mut after = before.clone().unwrap_or_default();
        if !after.partial {
            after.ledger = sources::ledger(tx, it, &calendar)?;
        }
        replace(tx, it, before, after, &mut changes)?;
    }
    changes.apply(tx, Table::Sums)
}
