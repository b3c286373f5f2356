//! Reading one page from the narrowest index that a filter has.

use std::cmp::Reverse;

use domain::conversations::Status;
use rusqlite::{CachedStatement, Rows};
use uuid::Uuid;

use super::{Assigned, COUNT_LIMIT, Cursor, Filter, Sort, Start, has_tag};
use crate::{Reader, Result};

/// One index, and what of a filter it decides by itself beside status and spam.
struct Source {
    from: &'static str,
    condition: &'static str,
    /// One stream of rows is read for each of these values and each status; none binds nothing.
    bounds: Vec<Option<Bound>>,
    key: &'static str,
    number: &'static str,
    status: &'static str,
    decides: usize,
}

#[derive(Clone, Copy)]
enum Bound {
    Id(Uuid),
    Seq(i64),
}

impl Source {
    /// `channels` are those of the wanted type, where only a type is asked for.
    fn choose(filter: &Filter, tag_seq: Option<i64>, channels: &[Uuid], sort: Sort) -> Self {
        if sort == Sort::Waiting {
            return Self::waiting(filter.spam);
        }
        if let Some(seq) = tag_seq {
            return Self::tag(seq, filter.spam);
        }
        if let Some(contact) = filter.contact_id {
            return Self::contact(contact.0, filter.spam);
        }
        if filter.spam {
            let from = "conversations AS c INDEXED BY conversations_spam";
            return Self { decides: 0, ..Self::conversations(from, "c.spam = 1", vec![None]) };
        }
        match (filter.assigned, filter.channel_id, filter.channel_kind, filter.unread) {
            (Some(assigned), ..) => Self::assignee(assigned),
            (_, Some(channel), ..) => Self::channels(&[channel.0]),
            (_, _, Some(_), _) => Self::channels(channels),
            (_, _, _, Some(true)) => Self::conversations(
                "conversations AS c INDEXED BY conversations_unread",
                "c.spam = 0 AND c.unread_count > 0",
                vec![None],
            ),
            _ => {
                let from = "conversations AS c INDEXED BY conversations_status";
                Self { decides: 0, ..Self::conversations(from, "c.spam = 0", vec![None]) }
            }
        }
    }

    fn conversations(
        from: &'static str,
        condition: &'static str,
        bounds: Vec<Option<Bound>>,
    ) -> Self {
        Self {
            from,
            condition,
            bounds,
            key: "c.active_at",
            number: "c.number",
            status: "c.status",
            decides: 1,
        }
    }

    fn waiting(spam: bool) -> Self {
        let condition = match spam {
            true => "c.spam = 1 AND c.waiting_since IS NOT NULL",
            false => "c.spam = 0 AND c.waiting_since IS NOT NULL",
        };
        Self {
            key: "c.waiting_since",
            decides: 0,
            ..Self::conversations("conversations AS c", condition, vec![None])
        }
    }

    fn tag(seq: i64, spam: bool) -> Self {
        let from = "conversation_tags AS t INDEXED BY conversation_tags_tag
             JOIN conversations AS c ON c.number = t.conversation_number";
        let condition = match spam {
            true => "t.tag_seq = ?1 AND t.spam = 1",
            false => "t.tag_seq = ?1 AND t.spam = 0",
        };
        Self {
            key: "t.active_at",
            number: "t.conversation_number",
            status: "t.status",
            ..Self::conversations(from, condition, vec![Some(Bound::Seq(seq))])
        }
    }

    fn contact(id: Uuid, spam: bool) -> Self {
        let condition = match spam {
            true => "c.contact_id = ?1 AND c.spam = 1",
            false => "c.contact_id = ?1 AND c.spam = 0",
        };
        Self::conversations(
            "conversations AS c INDEXED BY conversations_contact",
            condition,
            vec![Some(Bound::Id(id))],
        )
    }

    fn assignee(assigned: Assigned) -> Self {
        let (condition, bound) = match assigned {
            Assigned::To(id) => ("c.spam = 0 AND c.assignee_id = ?1", Some(Bound::Id(id.0))),
            Assigned::Nobody => ("c.spam = 0 AND c.assignee_id IS NULL", None),
        };
        let from = "conversations AS c INDEXED BY conversations_assignee";
        Self::conversations(from, condition, vec![bound])
    }

    fn channels(ids: &[Uuid]) -> Self {
        Self::conversations(
            "conversations AS c INDEXED BY conversations_channel",
            "c.spam = 0 AND c.channel_id = ?1",
            ids.iter().map(|it| Some(Bound::Id(*it))).collect(),
        )
    }
}

/// A source with what it leaves to be checked row by row.
pub(super) struct Walk<'a> {
    source: Source,
    statuses: Vec<Status>,
    ascending: bool,
    /// Set when the index does not decide all: each row is checked.
    check: Option<&'a Filter>,
    /// Set when the index does not know tags: each row is asked for this one.
    check_tag: Option<i64>,
}

pub(super) struct Found {
    pub page: Vec<Cursor>,
    pub has_more: bool,
    pub next: Option<Cursor>,
    pub total: Option<u64>,
}

impl<'a> Walk<'a> {
    pub(super) fn plan(
        filter: &'a Filter,
        tag_seq: Option<i64>,
        channels: &[Uuid],
        sort: Sort,
    ) -> Self {
        let source = Source::choose(filter, tag_seq, channels, sort);
        let asked = [
            filter.tag.is_some(),
            filter.contact_id.is_some(),
            filter.assigned.is_some(),
            filter.channel_id.is_some(),
            filter.channel_kind.is_some(),
            filter.unread.is_some(),
        ];
        let asked = asked.iter().filter(|it| **it).count();
        Self {
            check: (asked > source.decides).then_some(filter),
            check_tag: tag_seq.filter(|_| sort == Sort::Waiting),
            statuses: filter.status.map_or_else(|| Status::ALL.to_vec(), |it| vec![it]),
            ascending: matches!(sort, Sort::Oldest | Sort::Waiting),
            source,
        }
    }

    fn sql(&self, status: Status, start: Start) -> String {
        let columns = match self.check {
            Some(_) => {
                ", c.channel_id, c.channel_type, c.assignee_id, c.unread_count, c.contact_id"
            }
            None => "",
        };
        let (key, number) = (self.source.key, self.source.number);
        let (order, past) = if self.ascending { ("ASC", ">") } else { ("DESC", "<") };
        let after = match start {
            Start::After(_) => format!("AND ({key}, {number}) {past} (?2, ?3)"),
            Start::Offset(_) => String::new(),
        };
        format!(
            "SELECT {key}, {number}{columns} FROM {} WHERE {} AND {} = '{status}' {after}
             ORDER BY {key} {order}, {number} {order}",
            self.source.from, self.source.condition, self.source.status
        )
    }

    fn bind(
        stmt: &mut CachedStatement<'_>,
        bound: Option<Bound>,
        start: Start,
    ) -> rusqlite::Result<()> {
        match bound {
            Some(Bound::Id(id)) => stmt.raw_bind_parameter(1, id)?,
            Some(Bound::Seq(seq)) => stmt.raw_bind_parameter(1, seq)?,
            None => {}
        }
        if let Start::After(cursor) = start {
            stmt.raw_bind_parameter(2, cursor.key)?;
            stmt.raw_bind_parameter(3, cursor.number)?;
        }
        Ok(())
    }

    /// Merges the streams of all wanted statuses and takes what matches, until the page is full,
    /// everything has been seen or the time is up.
    pub(super) fn run(
        &self,
        db: &Reader<'_>,
        start: Start,
        limit: usize,
        count: bool,
    ) -> Result<Found> {
        let mut stmts = Vec::with_capacity(self.statuses.len() * self.source.bounds.len());
        for status in &self.statuses {
            let sql = self.sql(*status, start);
            for bound in &self.source.bounds {
                let mut stmt = db.sql().prepare_cached(&sql)?;
                Self::bind(&mut stmt, *bound, start)?;
                stmts.push(stmt);
            }
        }
        let mut streams: Vec<Rows<'_>> = stmts.iter_mut().map(|it| it.raw_query()).collect();
        let mut heads = Vec::with_capacity(streams.len());
        for stream in &mut streams {
            heads.push(self.next_of(db, stream)?);
        }

        let (mut skip, may_count) = match start {
            Start::Offset(offset) => (offset as usize, count),
            Start::After(_) => (0, false),
        };
        let mut found = Found { page: Vec::new(), has_more: false, next: None, total: None };
        let mut matched: u64 = 0;
        while let Some(index) = self.best(&heads) {
            let Some((place, matches)) = heads[index].take() else { break };
            heads[index] = self.next_of(db, &mut streams[index])?;
            if matches {
                matched += 1;
                if skip > 0 {
                    skip -= 1;
                } else if found.page.len() < limit {
                    found.page.push(place);
                    found.next = Some(place);
                } else {
                    found.has_more = true;
                    if !may_count || matched > COUNT_LIMIT {
                        break;
                    }
                }
            } else if found.page.len() < limit {
                found.next = Some(place);
            }
            if db.out_of_time() {
                let more = heads.iter().any(Option::is_some);
                found.has_more |= more;
                break;
            }
        }
        let seen_all = heads.iter().all(Option::is_none);
        if may_count && seen_all && matched <= COUNT_LIMIT {
            found.total = Some(matched);
        }
        if !found.has_more {
            found.next = None;
        }
        Ok(found)
    }

    fn next_of(&self, db: &Reader<'_>, stream: &mut Rows<'_>) -> Result<Option<(Cursor, bool)>> {
        let Some(row) = stream.next()? else { return Ok(None) };
        let place = Cursor { key: row.get(0)?, number: row.get(1)? };
        let matches = match self.check {
            Some(filter) => filter.matches(row)?,
            None => true,
        };
        let has_tag = match self.check_tag {
            Some(tag_seq) if matches => has_tag(db, place.number, tag_seq)?,
            _ => true,
        };
        Ok(Some((place, matches && has_tag)))
    }

    /// The stream whose head comes first in the wanted order.
    fn best(&self, heads: &[Option<(Cursor, bool)>]) -> Option<usize> {
        let placed = heads
            .iter()
            .enumerate()
            .filter_map(|(index, it)| it.as_ref().map(|(place, _)| (index, place)));
        if self.ascending {
            placed.min_by_key(|(_, it)| (it.key, it.number)).map(|(index, _)| index)
        } else {
            placed.min_by_key(|(_, it)| Reverse((it.key, it.number))).map(|(index, _)| index)
        }
    }
}
