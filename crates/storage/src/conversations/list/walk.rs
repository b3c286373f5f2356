//! Reading one page from the narrowest index that a filter has.

mod pages;
mod sources;

use std::cmp::Reverse;

use domain::conversations::Status;
use rusqlite::{CachedStatement, Rows};

use self::{
    pages::{Found, collect},
    sources::{Bound, Decides, Source},
};
use super::{Cursor, Sort, Start, wanted::Wanted};
use crate::{Reader, Result};

impl Start {
    fn after(self) -> Option<Cursor> {
        match self {
            Self::Offset(_) => None,
            Self::After(after) | Self::Skip { after, .. } => Some(after),
        }
    }
}

/// What is left to be checked row by row once a source is chosen.
#[derive(Default)]
struct Checks {
    /// Columns of the row.
    row: bool,
    /// Rows of other tables.
    others: bool,
    /// The last activity, where the order is another.
    time: bool,
}

impl Checks {
    fn beside(decides: Decides, wanted: &Wanted, sort: Sort) -> Self {
        let open = |asked: bool, by: Decides| asked && decides != by;
        let known_tags = usize::from(matches!(decides, Decides::Tag(_)));
        let has_range = wanted.since.is_some() || wanted.until.is_some();
        Self {
            row: open(wanted.contact.is_some(), Decides::Contact)
                || open(wanted.channels.is_some(), Decides::Channels)
                || !wanted.without_channels.is_empty()
                || open(wanted.assignees.is_some(), Decides::Assignee)
                || !wanted.without_assignees.is_empty()
                || wanted.unread == Some(false)
                || open(wanted.unread == Some(true), Decides::Unread),
            others: wanted.tags.len() > known_tags
                || !wanted.without_tags.is_empty()
                || wanted.attachment.is_some(),
            time: has_range && sort == Sort::Waiting,
        }
    }
}

/// A source with what it leaves to be checked row by row.
pub(super) struct Walk<'a> {
    wanted: &'a Wanted,
    source: Source,
    checks: Checks,
    sort: Sort,
}

impl<'a> Walk<'a> {
    pub(super) fn plan(wanted: &'a Wanted, sort: Sort) -> Self {
        let source = Source::choose(wanted, sort);
        let checks = Checks::beside(source.decides, wanted, sort);
        Self { wanted, source, checks, sort }
    }

    /// Takes what matches in the wanted order, until the page is full, everything has been seen or
    /// the time is up.
    pub(super) fn run(
        &self,
        db: &Reader<'_>,
        start: Start,
        limit: usize,
        count: bool,
    ) -> Result<Found> {
        if self.wanted.among.is_some() {
            let mut rows = self.among(db, start)?.into_iter();
            let next = || rows.next().map(|it| self.place(db, it)).transpose();
            return collect(db, start, limit, count, next);
        }
        let mut stmts = Vec::new();
        for status in &self.wanted.statuses {
            let sql = self.sql(*status, start);
            for bound in &self.source.bounds {
                let mut stmt = db.sql().prepare_cached(&sql)?;
                self.bind(&mut stmt, *bound, start)?;
                stmts.push(stmt);
            }
        }
        let mut streams: Vec<Rows<'_>> = stmts.iter_mut().map(|it| it.raw_query()).collect();
        let mut heads = Vec::with_capacity(streams.len());
        for stream in &mut streams {
            heads.push(self.next_of(db, stream)?);
        }
        collect(db, start, limit, count, || {
            let Some(index) = self.best(&heads) else { return Ok(None) };
            let next = self.next_of(db, &mut streams[index])?;
            Ok(std::mem::replace(&mut heads[index], next))
        })
    }

    fn is_ascending(&self) -> bool {
        matches!(self.sort, Sort::Oldest | Sort::Waiting)
    }

    /// The few places a search has named, in order, those after `start` alone.
    fn among(&self, db: &Reader<'_>, start: Start) -> Result<Vec<Cursor>> {
        let mut places = Vec::new();
        let mut waiting = db.sql().prepare_cached(
            "SELECT waiting_since FROM conversations
             WHERE number = ?1 AND waiting_since IS NOT NULL",
        )?;
        for (number, active_at) in self.wanted.among.iter().flat_map(|it| it.iter()) {
            if !self.wanted.time_matches(*active_at) {
                continue;
            }
            if self.sort != Sort::Waiting {
                places.push(Cursor { key: *active_at, number: *number });
                continue;
            }
            let mut rows = waiting.query([number])?;
            if let Some(row) = rows.next()? {
                places.push(Cursor { key: row.get(0)?, number: *number });
            }
        }
        places.sort_unstable_by_key(|it| (it.key, it.number));
        if !self.is_ascending() {
            places.reverse();
        }
        if let Some(last) = start.after() {
            let (last, ascending) = ((last.key, last.number), self.is_ascending());
            places.retain(|it| match ascending {
                true => (it.key, it.number) > last,
                false => (it.key, it.number) < last,
            });
        }
        Ok(places)
    }

    fn place(&self, db: &Reader<'_>, place: Cursor) -> Result<(Cursor, bool)> {
        Ok((place, self.wanted.matches(db, place.number)?))
    }

    fn sql(&self, status: Status, start: Start) -> String {
        let mut columns = String::new();
        if self.checks.row {
            columns += ", c.channel_id, c.assignee_id, c.unread_count, c.contact_id";
        }
        if self.checks.time {
            columns += ", c.active_at";
        }
        let (key, number) = (self.source.key, self.source.number);
        let (order, past) = if self.is_ascending() { ("ASC", ">") } else { ("DESC", "<") };
        let mut bounds = match start {
            Start::After(_) | Start::Skip { .. } => {
                format!(" AND ({key}, {number}) {past} (?2, ?3)")
            }
            Start::Offset(_) => String::new(),
        };
        if !self.checks.time && self.wanted.since.is_some() {
            bounds += &format!(" AND {key} >= ?4");
        }
        if !self.checks.time && self.wanted.until.is_some() {
            bounds += &format!(" AND {key} < ?5");
        }
        format!(
            "SELECT {key}, {number}{columns} FROM {} WHERE {} AND {} = '{status}'{bounds}
             ORDER BY {key} {order}, {number} {order}",
            self.source.from, self.source.condition, self.source.status
        )
    }

    fn bind(
        &self,
        stmt: &mut CachedStatement<'_>,
        bound: Option<Bound>,
        start: Start,
    ) -> rusqlite::Result<()> {
        match bound {
            Some(Bound::Id(id)) => stmt.raw_bind_parameter(1, id)?,
            Some(Bound::Seq(seq)) => stmt.raw_bind_parameter(1, seq)?,
            None => {}
        }
        if let Some(cursor) = start.after() {
            stmt.raw_bind_parameter(2, cursor.key)?;
            stmt.raw_bind_parameter(3, cursor.number)?;
        }
        if let Some(since) = self.wanted.since.filter(|_| !self.checks.time) {
            stmt.raw_bind_parameter(4, since)?;
        }
        if let Some(until) = self.wanted.until.filter(|_| !self.checks.time) {
            stmt.raw_bind_parameter(5, until)?;
        }
        Ok(())
    }

    fn next_of(&self, db: &Reader<'_>, stream: &mut Rows<'_>) -> Result<Option<(Cursor, bool)>> {
        let Some(row) = stream.next()? else { return Ok(None) };
        let place = Cursor { key: row.get(0)?, number: row.get(1)? };
        let mut matches = !self.checks.row || self.wanted.row_matches(row)?;
        if matches && self.checks.time {
            matches = self.wanted.time_matches(row.get("active_at")?);
        }
        if matches && self.checks.others {
            let known = match self.source.decides {
                Decides::Tag(seq) => Some(seq),
                _ => None,
            };
            matches = self.wanted.others_match(db, place.number, known)?;
        }
        Ok(Some((place, matches)))
    }

    /// The stream whose head comes first in the wanted order.
    fn best(&self, heads: &[Option<(Cursor, bool)>]) -> Option<usize> {
        let placed = heads
            .iter()
            .enumerate()
            .filter_map(|(index, it)| it.as_ref().map(|(place, _)| (index, place)));
        if self.is_ascending() {
            placed.min_by_key(|(_, it)| (it.key, it.number)).map(|(index, _)| index)
        } else {
            placed.min_by_key(|(_, it)| Reverse((it.key, it.number))).map(|(index, _)| index)
        }
    }
}
