//! Lists of conversations: filtered, sorted, searched, a page at a time.

use std::time::Duration;

use domain::{
    conversations::Overview,
    policy::{self, Action, Caller, Object},
};
use storage::{
    Reader,
    conversations::list::{self, Start},
    search::{conversations as matches, query::Query},
};
pub use storage::{
    conversations::list::{Assigned, Cursor as RowCursor, Filter, Sort},
    search::conversations::Cursor as MatchCursor,
};

use crate::{Desk, Result};

/// A walk through rows that no index decides stops here; the cursor goes on from there.
const BUDGET: Duration = Duration::from_millis(50);
/// Another order than newest match first sorts this many of the newest matches: sorting all of a
/// common word's would read half the database.
const MOST_SORTED: usize = 1_000;

#[derive(Debug, Clone)]
pub struct Asked {
    pub filter: Filter,
    pub sort: Sort,
    /// Words to look for; without one everything is listed.
    pub search: Option<String>,
    pub from: From,
    pub limit: usize,
}

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    Offset(u32),
    Row(RowCursor),
    Match(MatchCursor),
}

#[derive(Debug)]
pub struct Listed {
    pub rows: Vec<Overview>,
    pub has_more: bool,
    /// Where the next page begins, if there is one.
    pub next: Option<From>,
    pub total: Option<u64>,
}

const NOTHING: Listed = Listed { rows: Vec::new(), has_more: false, next: None, total: Some(0) };

#[tracing::instrument(skip_all)]
pub async fn list(desk: &Desk, caller: Caller, asked: Asked) -> Result<Listed> {
    policy::authorize(&caller, Action::ReadConversations, Object::Any)?;
    let mut found = desk.store.read_within(BUDGET, move |db| page(db, &asked)).await?;
    // Today this keeps every row; once the policy hides some, no list tells of them.
    found.rows.retain(|it| {
        super::access::check(&caller, Action::ReadConversations, &it.conversation).is_ok()
    });
    Ok(found)
}

fn page(db: &Reader<'_>, asked: &Asked) -> Result<Listed> {
    let Some(words) = &asked.search else { return rows(db, asked) };
    match (Query::parse(words), asked.sort) {
        (None, _) => Ok(NOTHING),
        (Some(query), Sort::Newest) => newest_matches(db, &query, asked),
        (Some(query), _) => sorted_matches(db, &query, asked),
    }
}

fn rows(db: &Reader<'_>, asked: &Asked) -> Result<Listed> {
    let start = match asked.from {
        From::Offset(offset) => Start::Offset(offset),
        From::Row(cursor) => Start::After(cursor),
        From::Match(_) => return Ok(NOTHING),
    };
    let found = list::page(db, &asked.filter, asked.sort, start, asked.limit)?;
    Ok(Listed {
        rows: found.rows,
        has_more: found.has_more,
        next: found.next.map(From::Row),
        total: found.total,
    })
}

fn newest_matches(db: &Reader<'_>, query: &Query, asked: &Asked) -> Result<Listed> {
    let (start, offset) = match asked.from {
        From::Offset(offset) => (MatchCursor::START, offset as usize),
        From::Match(cursor) => (cursor, 0),
        From::Row(_) => return Ok(NOTHING),
    };
    let found = matches::page(db, query, &asked.filter, start, offset, asked.limit)?;
    Ok(Listed {
        rows: found.rows,
        has_more: found.has_more,
        next: found.next.map(From::Match),
        total: found.total,
    })
}

fn sorted_matches(db: &Reader<'_>, query: &Query, asked: &Asked) -> Result<Listed> {
    let From::Offset(offset) = asked.from else { return Ok(NOTHING) };
    let start = MatchCursor::START;
    let found = matches::page(db, query, &asked.filter, start, 0, MOST_SORTED)?;
    let mut keyed: Vec<(i64, Overview)> = found
        .rows
        .into_iter()
        .filter_map(|it| {
            let key = match asked.sort {
                Sort::Waiting => it.conversation.waiting_since?,
                Sort::Newest | Sort::Oldest => it.conversation.active_at,
            };
            Some((key.0, it))
        })
        .collect();
    keyed.sort_by_key(|(key, it)| (*key, it.conversation.number));
    let total = keyed.len();
    let offset = offset as usize;
    let rows: Vec<Overview> =
        keyed.into_iter().skip(offset).take(asked.limit).map(|(_, it)| it).collect();
    let end = offset + rows.len();
    let has_more = end < total;
    Ok(Listed {
        has_more,
        next: u32::try_from(end).ok().filter(|_| has_more).map(From::Offset),
        total: (!found.has_more).then_some(total as u64),
        rows,
    })
}
