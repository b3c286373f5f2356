//! One page of conversations by any combination of filters.
//!
//! A page is read from one index, the narrowest that a filter has, once for each wanted status;
//! the streams are merged by the sort key, and what the index does not know is checked row by row.
//! So a single filter, alone or with a status, costs the same at any size, and other combinations
//! walk until the reader's time is up: then the page is short and the cursor goes on from there.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use domain::{
    Timestamp,
    channels::ChannelType,
    conversations::{Overview, Status},
    ids::{AgentId, ChannelId, ContactId},
};

mod walk;
pub(crate) mod wanted;

use rusqlite::OptionalExtension;

use self::{walk::Walk, wanted::Wanted};
use super::overviews;
use crate::{Reader, Result};

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
    /// What else must be so, all of it.
    pub conditions: Vec<Condition>,
}

/// What operators of a search ask for.
#[derive(Debug, Clone)]
pub enum Condition {
    /// A tag's name in any case.
    Tag(String),
    NotTag(String),
    /// Any of these, as with all lists here.
    Statuses(Vec<Status>),
    Channels(Vec<ChannelId>),
    NotChannels(Vec<ChannelId>),
    Assigned(Vec<Assigned>),
    NotAssigned(Vec<Assigned>),
    Unread(bool),
    Attachment(bool),
    /// Active at this instant or later. With words to look for, it is the match that counts.
    Since(Timestamp),
    /// As [`Self::Since`], but before this instant.
    Until(Timestamp),
    /// One of these numbers, with the milliseconds of the last activity.
    Among(Arc<BTreeMap<i64, i64>>),
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

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    Offset(u32),
    After(Cursor),
    /// The time was up before the page that was asked for began: so many matches are still to be
    /// passed over.
    Skip {
        after: Cursor,
        rows: u32,
    },
}

#[derive(Debug)]
pub struct Listed {
    pub rows: Vec<Overview>,
    pub has_more: bool,
    pub next: Option<Start>,
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
    let Some(wanted) = Wanted::of(db, filter)? else {
        return Ok(Listed { rows: Vec::new(), has_more: false, next: None, total: Some(0) });
    };
    let kept_total = wanted.kept_total(db, sort)?;
    let found = Walk::plan(&wanted, sort).run(db, start, limit, kept_total.is_none())?;
    let total = kept_total.or(found.total);
    let numbers: Vec<i64> = found.page.iter().map(|it| it.number).collect();
    Ok(Listed {
        rows: overviews::find_all(db, &numbers)?,
        has_more: found.has_more,
        next: found.next,
        total,
    })
}

/// The numbers of all that match, where they are at most `most` and soon found.
pub(crate) fn few(db: &Reader<'_>, wanted: &Wanted, most: usize) -> Result<Option<Vec<i64>>> {
    const SOON: Duration = Duration::from_millis(5);
    let soon = db.within(SOON);
    let found = Walk::plan(wanted, Sort::Newest).run(&soon, Start::Offset(0), most, false)?;
    let numbers = found.page.iter().map(|it| it.number);
    Ok((!found.has_more).then(|| numbers.collect()))
}

/// The numbers of at most `limit` that match, the longest inactive first, and where to go on.
pub fn numbers(
    db: &Reader<'_>,
    filter: &Filter,
    start: Start,
    limit: usize,
) -> Result<(Vec<i64>, Option<Cursor>)> {
    let Some(wanted) = Wanted::of(db, filter)? else { return Ok((Vec::new(), None)) };
    let found = Walk::plan(&wanted, Sort::Oldest).run(db, start, limit, false)?;
    // Nothing is passed over here, so a page goes on after its last place.
    let next = match found.next {
        Some(Start::After(cursor)) => Some(cursor),
        _ => None,
    };
    Ok((found.page.iter().map(|it| it.number).collect(), next))
}

/// How many match, counted up to `most` and while there is time: at least so many, and whether that
/// is all.
pub fn count(db: &Reader<'_>, filter: &Filter, sort: Sort, most: usize) -> Result<(usize, bool)> {
    let Some(wanted) = Wanted::of(db, filter)? else { return Ok((0, true)) };
    if let Some(total) = wanted.kept_total(db, sort)? {
        let total = usize::try_from(total).unwrap_or(usize::MAX);
        return Ok((total.min(most), total <= most));
    }
    let found = Walk::plan(&wanted, sort).run(db, Start::Offset(0), most, false)?;
    Ok((found.page.len(), !found.has_more))
}

/// What lists sort by, of one conversation.
#[derive(Debug, Clone, Copy)]
pub struct Keys {
    pub active_at: Timestamp,
    pub waiting_since: Option<Timestamp>,
}

pub fn keys(db: &Reader<'_>, number: i64) -> Result<Option<Keys>> {
    let mut stmt = db
        .sql()
        .prepare_cached("SELECT active_at, waiting_since FROM conversations WHERE number = ?1")?;
    let keys = |row: &rusqlite::Row<'_>| {
        Ok(Keys {
            active_at: Timestamp(row.get("active_at")?),
            waiting_since: crate::row::instant(row, "waiting_since")?,
        })
    };
    Ok(stmt.query_row([number], keys).optional()?)
}
