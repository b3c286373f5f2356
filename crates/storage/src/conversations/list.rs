//! One page of conversations by any combination of filters.
//!
//! A page is read from one index, the narrowest that a filter has, once for each wanted status;
//! the streams are merged by the sort key, and what the index does not know is checked row by row.
//! So a single filter, alone or with a status, costs the same at any size, and other combinations
//! walk until the reader's time is up: then the page is short and the cursor goes on from there.

use std::cmp::Reverse;

use domain::{
    channels::ChannelType,
    conversations::{Overview, Status},
    ids::{AgentId, ChannelId, ContactId},
    text,
};
use rusqlite::{CachedStatement, OptionalExtension, Row, Rows};
use uuid::Uuid;

use super::{counts, overviews};
use crate::{Reader, Result, row};

/// Beyond this many matches a total that is not kept is not told.
const COUNT_LIMIT: u64 = 10_000;

#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub status: Option<Status>,
    pub channel_id: Option<ChannelId>,
    pub channel_kind: Option<ChannelType>,
    /// A tag's name in any case.
    pub tag: Option<String>,
    pub assigned: Option<Assigned>,
    pub unread: Option<bool>,
    pub contact_id: Option<ContactId>,
    pub spam: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assigned {
    To(AgentId),
    Nobody,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// Most recently active first.
    #[default]
    Newest,
    Oldest,
    /// Only those where a customer waits, the longest waiting first.
    Waiting,
}

/// The place after a row: its sort key in milliseconds and its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub key: i64,
    pub number: i64,
}

#[derive(Debug, Clone, Copy)]
pub enum Start {
    Offset(u32),
    After(Cursor),
}

#[derive(Debug)]
pub struct Listed {
    pub rows: Vec<Overview>,
    pub has_more: bool,
    pub next: Option<Cursor>,
    /// None where it is not kept and there are more than 10,000, or counting took too long.
    pub total: Option<u64>,
}

/// Reads one page of at most `limit` rows.
pub fn page(
    db: &Reader<'_>,
    filter: &Filter,
    sort: Sort,
    start: Start,
    limit: usize,
) -> Result<Listed> {
    let empty = Listed { rows: Vec::new(), has_more: false, next: None, total: Some(0) };
    let tag_seq = match &filter.tag {
        Some(tag) => match find_tag(db, tag)? {
            Some(seq) => Some(seq),
            None => return Ok(empty),
        },
        None => None,
    };
    let kept_total = kept_total(db, filter, sort)?;
    let channels = match (filter.channel_kind, filter.channel_id) {
        (Some(kind), None) => channels_of(db, kind)?,
        _ => Vec::new(),
    };
    let walk = Walk::plan(filter, tag_seq, &channels, sort);
    let found = walk.run(db, start, limit, kept_total.is_none())?;
    let total = kept_total.or(found.total);
    let numbers: Vec<i64> = found.page.iter().map(|it| it.number).collect();
    Ok(Listed {
        rows: overviews::find_all(db, &numbers)?,
        has_more: found.has_more,
        next: found.next,
        total,
    })
}

fn find_tag(db: &Reader<'_>, name: &str) -> Result<Option<i64>> {
    let mut stmt = db.sql().prepare_cached("SELECT seq FROM tags WHERE name_key = ?1")?;
    Ok(stmt.query_row([text::fold(name.trim())], |row| row.get(0)).optional()?)
}

fn has_tag(db: &Reader<'_>, number: i64, tag_seq: i64) -> Result<bool> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT 1 FROM conversation_tags WHERE conversation_number = ?1 AND tag_seq = ?2",
    )?;
    Ok(stmt.exists([number, tag_seq])?)
}

fn channels_of(db: &Reader<'_>, kind: ChannelType) -> Result<Vec<Uuid>> {
    let mut stmt = db.sql().prepare_cached("SELECT id FROM channels WHERE type = ?1")?;
    let rows = stmt.query_map([kind.as_str()], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The total from the kept counts, where they know every filter.
fn kept_total(db: &Reader<'_>, filter: &Filter, sort: Sort) -> Result<Option<u64>> {
    if filter.tag.is_some() || filter.contact_id.is_some() || sort == Sort::Waiting {
        return Ok(None);
    }
    let matches = |it: &counts::Count| {
        it.spam == filter.spam
            && filter.status.is_none_or(|want| it.status == want)
            && filter.channel_id.is_none_or(|want| it.channel_id == want)
            && filter.channel_kind.is_none_or(|want| it.channel_kind == want)
            && filter.unread.is_none_or(|want| it.unread == want)
            && filter.assigned.is_none_or(|want| match want {
                Assigned::To(agent) => it.assignee == Some(agent),
                Assigned::Nobody => it.assignee.is_none(),
            })
    };
    let all = counts::all(db)?;
    Ok(Some(all.iter().filter(|it| matches(it)).map(|it| it.n).sum()))
}

/// One index with its bound values, and the filters it leaves to be checked row by row.
struct Walk<'a> {
    from: &'static str,
    condition: &'static str,
    /// One stream of rows is read for each of these values and each status; none binds nothing.
    bounds: Vec<Option<Bound>>,
    key: &'static str,
    number: &'static str,
    status: &'static str,
    statuses: Vec<Status>,
    ascending: bool,
    /// Set when the index does not decide all: each row is checked.
    check: Option<&'a Filter>,
    /// Set when the index does not know tags: each row is asked for this one.
    check_tag: Option<i64>,
}

#[derive(Clone, Copy)]
enum Bound {
    Id(Uuid),
    Seq(i64),
}

struct Found {
    page: Vec<Cursor>,
    has_more: bool,
    next: Option<Cursor>,
    total: Option<u64>,
}

impl<'a> Walk<'a> {
    fn plan(filter: &'a Filter, tag_seq: Option<i64>, channels: &[Uuid], sort: Sort) -> Self {
        let mut walk = Walk {
            from: "conversations AS c INDEXED BY conversations_status",
            condition: "c.spam = 0",
            bounds: vec![None],
            key: "c.active_at",
            number: "c.number",
            status: "c.status",
            statuses: filter.status.map_or_else(|| Status::ALL.to_vec(), |it| vec![it]),
            ascending: matches!(sort, Sort::Oldest | Sort::Waiting),
            check: None,
            check_tag: None,
        };
        // How many filters the chosen index decides, beside status and spam.
        let mut decided = 1;
        if sort == Sort::Waiting {
            walk.from = "conversations AS c";
            walk.condition = match filter.spam {
                true => "c.spam = 1 AND c.waiting_since IS NOT NULL",
                false => "c.spam = 0 AND c.waiting_since IS NOT NULL",
            };
            walk.key = "c.waiting_since";
            walk.check_tag = tag_seq;
            decided = 0;
        } else if let Some(seq) = tag_seq {
            walk.from = "conversation_tags AS t INDEXED BY conversation_tags_tag
                 JOIN conversations AS c ON c.number = t.conversation_number";
            walk.condition = match filter.spam {
                true => "t.tag_seq = ?1 AND t.spam = 1",
                false => "t.tag_seq = ?1 AND t.spam = 0",
            };
            walk.bounds = vec![Some(Bound::Seq(seq))];
            walk.key = "t.active_at";
            walk.number = "t.conversation_number";
            walk.status = "t.status";
        } else if let Some(contact) = filter.contact_id {
            walk.from = "conversations AS c INDEXED BY conversations_contact";
            walk.condition = match filter.spam {
                true => "c.contact_id = ?1 AND c.spam = 1",
                false => "c.contact_id = ?1 AND c.spam = 0",
            };
            walk.bounds = vec![Some(Bound::Id(contact.0))];
        } else if filter.spam {
            walk.from = "conversations AS c INDEXED BY conversations_spam";
            walk.condition = "c.spam = 1";
            decided = 0;
        } else if let Some(assigned) = filter.assigned {
            walk.from = "conversations AS c INDEXED BY conversations_assignee";
            (walk.condition, walk.bounds) = match assigned {
                Assigned::To(id) => {
                    ("c.spam = 0 AND c.assignee_id = ?1", vec![Some(Bound::Id(id.0))])
                }
                Assigned::Nobody => ("c.spam = 0 AND c.assignee_id IS NULL", vec![None]),
            };
        } else if let Some(channel) = filter.channel_id {
            walk.read_channels(&[channel.0]);
        } else if filter.channel_kind.is_some() {
            walk.read_channels(channels);
        } else if filter.unread == Some(true) {
            walk.from = "conversations AS c INDEXED BY conversations_unread";
            walk.condition = "c.spam = 0 AND c.unread_count > 0";
        } else {
            decided = 0;
        }
        let asked = [
            filter.tag.is_some(),
            filter.contact_id.is_some(),
            filter.assigned.is_some(),
            filter.channel_id.is_some(),
            filter.channel_kind.is_some(),
            filter.unread.is_some(),
        ];
        if asked.iter().filter(|it| **it).count() > decided {
            walk.check = Some(filter);
        }
        walk
    }

    fn read_channels(&mut self, channels: &[Uuid]) {
        self.from = "conversations AS c INDEXED BY conversations_channel";
        self.condition = "c.spam = 0 AND c.channel_id = ?1";
        self.bounds = channels.iter().map(|it| Some(Bound::Id(*it))).collect();
    }

    fn sql(&self, status: Status, start: Start) -> String {
        let columns = match self.check {
            Some(_) => {
                ", c.channel_id, c.channel_type, c.assignee_id, c.unread_count, c.contact_id"
            }
            None => "",
        };
        let (key, number) = (self.key, self.number);
        let (order, past) = if self.ascending { ("ASC", ">") } else { ("DESC", "<") };
        let after = match start {
            Start::After(_) => format!("AND ({key}, {number}) {past} (?2, ?3)"),
            Start::Offset(_) => String::new(),
        };
        format!(
            "SELECT {key}, {number}{columns} FROM {} WHERE {} AND {} = '{status}' {after}
             ORDER BY {key} {order}, {number} {order}",
            self.from, self.condition, self.status
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
    fn run(&self, db: &Reader<'_>, start: Start, limit: usize, count: bool) -> Result<Found> {
        let mut stmts = Vec::with_capacity(self.statuses.len() * self.bounds.len());
        for status in &self.statuses {
            let sql = self.sql(*status, start);
            for bound in &self.bounds {
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

/// Checks one conversation at a time against a filter, for lists that come from elsewhere.
pub(crate) struct Candidate<'a> {
    filter: &'a Filter,
    /// Some(None) when no such tag exists.
    tag_seq: Option<Option<i64>>,
}

impl<'a> Candidate<'a> {
    pub(crate) fn new(db: &Reader<'_>, filter: &'a Filter) -> Result<Self> {
        let tag_seq = filter.tag.as_deref().map(|tag| find_tag(db, tag)).transpose()?;
        Ok(Self { filter, tag_seq })
    }

    pub(crate) fn matches(&self, db: &Reader<'_>, number: i64) -> Result<bool> {
        match self.tag_seq {
            Some(None) => return Ok(false),
            Some(Some(tag_seq)) if !has_tag(db, number, tag_seq)? => return Ok(false),
            _ => {}
        }
        let mut stmt = db.sql().prepare_cached(
            "SELECT spam, status, channel_id, channel_type, assignee_id, unread_count, contact_id
             FROM conversations WHERE number = ?1",
        )?;
        let mut rows = stmt.query([number])?;
        let Some(row) = rows.next()? else { return Ok(false) };
        let spam: bool = row.get("spam")?;
        let status: Status = row::parse(row, "status")?;
        Ok(spam == self.filter.spam
            && self.filter.status.is_none_or(|it| it == status)
            && self.filter.matches(row)?)
    }
}

impl Filter {
    /// Whether a row passes what no index decides; spam, status and tag are decided elsewhere.
    fn matches(&self, row: &Row<'_>) -> Result<bool> {
        let want = self;
        let channel: Uuid = row.get("channel_id")?;
        let kind: ChannelType = row::parse(row, "channel_type")?;
        let assignee: Option<Uuid> = row.get("assignee_id")?;
        let unread: u32 = row.get("unread_count")?;
        let contact: Uuid = row.get("contact_id")?;
        Ok(want.channel_id.is_none_or(|it| it.0 == channel)
            && want.channel_kind.is_none_or(|it| it == kind)
            && want.contact_id.is_none_or(|it| it.0 == contact)
            && want.unread.is_none_or(|it| it == (unread > 0))
            && want.assigned.is_none_or(|it| match it {
                Assigned::To(agent) => assignee == Some(agent.0),
                Assigned::Nobody => assignee.is_none(),
            }))
    }
}
