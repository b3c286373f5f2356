//! What each conversation has added, stored.

use domain::{
    Timestamp,
    ids::AgentId,
    reports::{Entry, Fact, Ledger, Quarter},
};
use rusqlite::{OptionalExtension, Row, named_params};
use uuid::Uuid;

use super::cells::{read, write};
use crate::{Reader, Result, Tx, row};

/// A ledger and how it stands in the sums.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Stored {
    pub counted: bool,
    pub partial: bool,
    /// In the order of their keys.
    pub tags: Vec<i64>,
    pub ledger: Ledger,
}

pub(super) fn find(db: &Reader<'_>, number: i64) -> Result<Option<Stored>> {
    let mut stmt =
        db.sql().prepare_cached("SELECT * FROM report_ledgers WHERE conversation_number = ?1")?;
    let found = stmt.query_row([number], |row| {
        let (tags, entries): (Vec<u8>, Vec<u8>) = (row.get("tags")?, row.get("entries")?);
        Ok((from_row(row)?, tags, entries))
    });
    let Some((mut it, tags, entries)) = found.optional()? else { return Ok(None) };
    let mut tags = tags.as_slice();
    while !tags.is_empty() {
        it.tags.push(read(&mut tags)? as i64);
    }
    read_entries(&entries, &mut it.ledger)?;
    Ok(Some(it))
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored {
        counted: row.get("counted")?,
        partial: row.get("partial")?,
        tags: Vec::new(),
        ledger: Ledger {
            waiting_since: row::instant(row, "waiting_since")?,
            answered: row.get("answered")?,
            unresolved_since: row::instant(row, "unresolved_since")?,
            latest_at: row::instant(row, "latest_at")?,
            ..Ledger::default()
        },
    })
}

pub(super) fn put(tx: &Tx<'_>, number: i64, it: &Stored) -> Result<()> {
    let mut tags = Vec::new();
    for tag in &it.tags {
        write(&mut tags, *tag as u64);
    }
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO report_ledgers (conversation_number, counted, partial, waiting_since, answered,
             unresolved_since, latest_at, tags, entries)
         VALUES (:number, :counted, :partial, :waiting_since, :answered, :unresolved_since,
             :latest_at, :tags, :entries)
         ON CONFLICT (conversation_number) DO UPDATE SET
             counted = excluded.counted, partial = excluded.partial,
             waiting_since = excluded.waiting_since, answered = excluded.answered,
             unresolved_since = excluded.unresolved_since, latest_at = excluded.latest_at,
             tags = excluded.tags, entries = excluded.entries",
    )?;
    let millis = |it: Option<Timestamp>| it.map(|it| it.0);
    stmt.execute(named_params! {
        ":number": number,
        ":counted": it.counted,
        ":partial": it.partial,
        ":waiting_since": millis(it.ledger.waiting_since),
        ":answered": it.ledger.answered,
        ":unresolved_since": millis(it.ledger.unresolved_since),
        ":latest_at": millis(it.ledger.latest_at),
        ":tags": tags,
        ":entries": written(&it.ledger),
    })?;
    Ok(())
}

/// The agents, each once; then quarters, as the difference to the one before, facts, which agent (0
/// is nobody) and how often. All in LEB128.
fn written(ledger: &Ledger) -> Vec<u8> {
    let mut agents: Vec<AgentId> = ledger.entries.keys().filter_map(|it| it.agent).collect();
    agents.sort_unstable();
    agents.dedup();
    let mut bytes = Vec::with_capacity(1 + agents.len() * 16 + ledger.entries.len() * 6);
    write(&mut bytes, agents.len() as u64);
    for it in &agents {
        bytes.extend_from_slice(it.0.as_bytes());
    }
    let mut before = 0;
    for (entry, n) in &ledger.entries {
        write(&mut bytes, u64::from(entry.quarter.0 - before));
        before = entry.quarter.0;
        write(&mut bytes, u64::from(entry.fact.code()));
        let place = entry.agent.map_or(0, |it| agents.binary_search(&it).map_or(0, |at| at + 1));
        write(&mut bytes, place as u64);
        write(&mut bytes, u64::from(*n));
    }
    bytes
}

fn read_entries(mut bytes: &[u8], ledger: &mut Ledger) -> Result<()> {
    let malformed = || row::malformed("entries");
    let mut agents = Vec::new();
    for _ in 0..read(&mut bytes)? {
        let (id, rest) = bytes.split_at_checked(16).ok_or_else(malformed)?;
        agents.push(AgentId(Uuid::from_slice(id).map_err(|_| malformed())?));
        bytes = rest;
    }
    let mut quarter: u32 = 0;
    let number = |bytes: &mut &[u8]| Ok::<_, crate::StoreError>(read(bytes)? as u32);
    while !bytes.is_empty() {
        quarter = quarter.saturating_add(number(&mut bytes)?);
        let code = number(&mut bytes)?;
        let fact = u16::try_from(code).ok().and_then(Fact::from_code).ok_or_else(malformed)?;
        let agent = match number(&mut bytes)? {
            0 => None,
            at => Some(*agents.get(at as usize - 1).ok_or_else(malformed)?),
        };
        let n = number(&mut bytes)?;
        ledger.entries.insert(Entry { quarter: Quarter(quarter), fact, agent }, n);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use domain::reports::{By, Calendar, Happening, What};

    use super::*;

    #[test]
    fn entries_are_read_as_they_were_written() {
        let mut ledger = Ledger::default();
        let (ann, ben) = (AgentId::new(), AgentId::new());
        let whats = [
            (None, What::Opened),
            (None, What::Received { asks: true }),
            (Some(ann), What::Sent(By::Agent)),
            (Some(ben), What::Sent(By::Agent)),
            (Some(ben), What::Sent(By::Agent)),
            (Some(ann), What::Resolved),
        ];
        for (at, (agent, what)) in (1..).zip(whats) {
            let at = Timestamp(1_700_000_000_000 + at * 700_000);
            ledger.add(Happening { at, agent, what }, &Calendar::default());
        }
        let mut read = Ledger { entries: Default::default(), ..ledger.clone() };
        read_entries(&written(&ledger), &mut read).unwrap();
        assert_eq!(read, ledger);
        for bad in [&[][..], &[1, 2], &[0, 1], &[0, 1, 0, 5, 1]] {
            assert!(read_entries(bad, &mut Ledger::default()).is_err(), "{bad:?}");
        }
    }
}
