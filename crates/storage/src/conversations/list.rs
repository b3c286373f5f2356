//! One page of conversations by any combination of filters.
//!
//! A page is read from one index, the narrowest that a filter has, once for each wanted status;
//! the streams are merged by the sort key, and what the index does not know is checked row by row.
//! So a single filter, alone or with a status, costs the same at any size, and other combinations
//! walk until the reader's time is up: then the page is short and the cursor goes on from there.

use domain::{
    channels::ChannelType,
    conversations::{Overview, Status},
    ids::{AgentId, ChannelId, ContactId},
    text,
};
use rusqlite::{OptionalExtension, Row, params_from_iter, types::Value};
use uuid::Uuid;

mod walk;

use self::walk::Walk;
use super::overviews;
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
    let mut sql =
        String::from("SELECT COALESCE(SUM(n), 0) FROM conversation_counts WHERE spam = ?");
    let mut bound: Vec<Value> = vec![i64::from(filter.spam).into()];
    if let Some(status) = filter.status {
        sql += " AND status = ?";
        bound.push(status.as_str().to_owned().into());
    }
    if let Some(id) = filter.channel_id {
        sql += " AND channel_id = ?";
        bound.push(id.0.as_bytes().to_vec().into());
    }
    if let Some(kind) = filter.channel_kind {
        sql += " AND channel_id IN (SELECT id FROM channels WHERE type = ?)";
        bound.push(kind.as_str().to_owned().into());
    }
    if let Some(assigned) = filter.assigned {
        sql += " AND assignee_id = ?";
        bound.push(match assigned {
            Assigned::To(id) => id.0.as_bytes().to_vec().into(),
            Assigned::Nobody => Vec::new().into(),
        });
    }
    if let Some(unread) = filter.unread {
        sql += " AND unread = ?";
        bound.push(i64::from(unread).into());
    }
    let mut stmt = db.sql().prepare_cached(&sql)?;
    Ok(Some(stmt.query_row(params_from_iter(bound), |row| row.get(0))?))
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
