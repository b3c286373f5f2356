//! Making the full-text tables free of what was deleted from them (FTS5: SQLite's own).
//!
//! A contentless table only marks a deleted entry; its words stay on the disk until the segment they
//! stand in is merged with others, and a large segment may wait for that for years. FTS5's
//! `secure-delete` does not reach such tables, so their segments are merged on purpose, in slices.

use domain::Timestamp;

use crate::{
    Reader, Result, Tx,
    meta::{self, Moment},
};

/// Index pages of about 4 kB written in one slice: some 10 ms.
const PAGES: i64 = 250;

/// The table a purge works on, and whether it has begun there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    table: usize,
    begun: bool,
}

impl Step {
    pub const FIRST: Self = Self { table: 0, begun: false };
}

const TABLES: [&str; 3] = ["contacts_fts", "conversations_fts", "messages_fts"];

/// Asks for a purge at `at`, or earlier if one was asked for already: all that is removed until then
/// goes with one.
pub fn ask(tx: &Tx<'_>, at: Timestamp) -> Result<()> {
    let at = meta::moment(tx, Moment::PurgeSearch)?.map_or(at, |it| it.min(at));
    meta::set_moment(tx, Moment::PurgeSearch, Some(at))
}

pub fn is_due(db: &Reader<'_>, now: Timestamp) -> Result<bool> {
    Ok(meta::moment(db, Moment::PurgeSearch)?.is_some_and(|it| it <= now))
}

/// The purge is done.
pub fn done(tx: &Tx<'_>) -> Result<()> {
    meta::set_moment(tx, Moment::PurgeSearch, None)
}

/// One slice. Answers how to go on, and nothing at the end.
pub fn step(tx: &Tx<'_>, step: Step) -> Result<Option<Step>> {
    let Some(table) = TABLES.get(step.table) else { return Ok(None) };
    // A negative number begins a merge of all segments, a positive one goes on with it.
    let pages = if step.begun { PAGES } else { -PAGES };
    let before = tx.sql().total_changes();
    let sql = format!("INSERT INTO {table} ({table}, rank) VALUES ('merge', ?1)");
    tx.sql().prepare_cached(&sql)?.execute([pages])?;
    // One change is the command itself; SQLite names this as the sign that nothing is left.
    let is_over = tx.sql().total_changes() - before < 2;
    Ok(Some(match is_over {
        true => Step { table: step.table + 1, begun: false },
        false => Step { begun: true, ..step },
    }))
}
