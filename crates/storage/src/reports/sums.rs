//! The counters themselves.

use std::collections::BTreeMap;

use domain::{
    ids::{AgentId, ChannelId},
    reports::{Entry, Fact, Quarter},
};
use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use super::cells::{self, Cell};
use crate::{Reader, Result, Tx, row};

/// The tag that stands for all conversations, whatever their tags.
pub const ANY_TAG: i64 = 0;

/// Under what facts are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Days of UTC since 1970-01-01.
    pub day: u32,
    pub tag: i64,
    pub channel: ChannelId,
    pub agent: Option<AgentId>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Table {
    Sums,
    Kept,
}

/// The statements of [`change`] for one of the two tables of the same shape.
macro_rules! statements {
    ($table:literal) => {
        [
            concat!(
                "SELECT cells FROM ",
                $table,
                " WHERE day = ?1 AND tag_seq = ?2 AND channel_id = ?3 AND agent_id = ?4"
            ),
            concat!(
                "INSERT INTO ",
                $table,
                " (day, tag_seq, channel_id, agent_id, cells) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (day, tag_seq, channel_id, agent_id)
                 DO UPDATE SET cells = excluded.cells"
            ),
            concat!(
                "DELETE FROM ",
                $table,
                " WHERE day = ?1 AND tag_seq = ?2 AND channel_id = ?3 AND agent_id = ?4"
            ),
        ]
    };
}
/// What is to be added to the counters, gathered so that each row is written once.
#[derive(Debug, Default)]
pub struct Changes(BTreeMap<Key, BTreeMap<u32, i64>>);

impl Changes {
    /// Adds a fact `n` times, under each tag and under all.
    pub(super) fn add(&mut self, entry: &Entry, channel: ChannelId, tags: &[i64], n: i64) {
        let day = entry.quarter.utc_day();
        let cell = entry.quarter.of_day() * u32::from(Fact::CODES) + u32::from(entry.fact.code());
        for tag in std::iter::once(&ANY_TAG).chain(tags) {
            let key = Key { day, tag: *tag, channel, agent: entry.agent };
            *self.0.entry(key).or_default().entry(cell).or_default() += n;
        }
    }

    pub(super) fn apply(self, tx: &Tx<'_>, table: Table) -> Result<()> {
        for (key, cells) in self.0 {
            let cells: Vec<Cell> = cells.into_iter().filter(|it| it.1 != 0).collect();
            if !cells.is_empty() {
                change(tx, table, &key, &cells)?;
            }
        }
        Ok(())
    }
}

fn change(tx: &Tx<'_>, table: Table, key: &Key, cells: &[Cell]) -> Result<()> {
    let [find, put, delete] = match table {
        Table::Sums => statements!("report_sums"),
        Table::Kept => statements!("report_kept"),
    };
    let agent: &[u8] = key.agent.as_ref().map_or(&[], |it| it.0.as_bytes());
    let stored: Option<Vec<u8>> = tx
        .sql()
        .prepare_cached(find)?
        .query_row(params![key.day, key.tag, key.channel.0, agent], |row| row.get(0))
        .optional()?;
    let mut before = Vec::new();
    cells::decode(&stored.unwrap_or_default(), |it, n| before.push((it, n)))?;
    let after = cells::merged(&before, cells);
    if after.is_empty() {
        let mut stmt = tx.sql().prepare_cached(delete)?;
        stmt.execute(params![key.day, key.tag, key.channel.0, agent])?;
        return Ok(());
    }
    let mut stmt = tx.sql().prepare_cached(put)?;
    stmt.execute(params![key.day, key.tag, key.channel.0, agent, cells::encode(&after)])?;
    Ok(())
}

/// Hands over every counter from `first` to `last`, days of UTC since 1970-01-01: whose it is, when,
/// what, and how often.
pub fn each(
    db: &Reader<'_>,
    first: u32,
    last: u32,
    mut each: impl FnMut(&Key, Quarter, Fact, i64),
) -> Result<()> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT day, tag_seq, channel_id, agent_id, cells FROM report_sums
         WHERE day BETWEEN ?1 AND ?2",
    )?;
    let mut rows = stmt.query([first, last])?;
    let codes = u32::from(Fact::CODES);
    while let Some(found) = rows.next()? {
        let agent = found.get_ref(3)?.as_blob().map_err(|_| row::malformed("agent_id"))?;
        let key = Key {
            day: found.get(0)?,
            tag: found.get(1)?,
            channel: ChannelId(found.get(2)?),
            agent: Uuid::from_slice(agent).ok().map(AgentId),
        };
        let bytes = found.get_ref(4)?.as_blob().map_err(|_| row::malformed("cells"))?;
        cells::decode(bytes, |cell, n| {
            let code = u16::try_from(cell % codes).expect("a code is less than all codes");
            // A code of a later version is not known here.
            if let Some(fact) = Fact::from_code(code) {
                each(&key, Quarter::on(key.day, cell / codes), fact, n);
            }
        })?;
    }
    Ok(())
}
