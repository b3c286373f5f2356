//! Lists of conversations: filtered, sorted, searched, a page at a time.

use std::time::Duration;

use domain::{
    Timestamp,
    conversations::Overview,
    policy::{self, Action, Caller, Object},
    searches::{Search, snippets::Terms},
};
use storage::{
    Reader,
    conversations::list::{self, Start},
    search::{
        conversations::{self as matches, Hit},
        query::Query,
    },
};
pub use storage::{
    conversations::list::{Assigned, Cursor as RowCursor, Filter},
    search::conversations::Cursor as MatchCursor,
};

use super::{
    operators,
    questions::Question,
    snippets::{self, Snippet},
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
    /// Without words everything that its operators allow is listed.
    pub search: Search,
    pub sort: Sort,
    pub from: From,
    pub limit: usize,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// Most recently active first; of a search, the newest match first.
    #[default]
    Newest,
    Oldest,
    /// Only those where a customer waits, the longest waiting first.
    Waiting,
    /// What is most about the words of a search first.
    Relevance,
}

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    Offset(u32),
    /// After a row, past so many more that match: a page far down took too long to get to.
    Row(RowCursor, u32),
    Match(MatchCursor, u32),
}

#[derive(Debug)]
pub struct Listed {
    pub rows: Vec<Row>,
    pub has_more: bool,
    /// Where the next page begins, if there is one.
    pub next: Option<From>,
    pub total: Option<u64>,
}

#[derive(Debug)]
pub struct Row {
    pub overview: Overview,
    /// Of a search for words: where they stand.
    pub snippet: Option<Snippet>,
}

const NOTHING: Listed = Listed { rows: Vec::new(), has_more: false, next: None, total: Some(0) };

#[tracing::instrument(skip_all)]
pub async fn list(desk: &Desk, caller: Caller, asked: Asked) -> Result<Listed> {
    policy::authorize(&caller, Action::ReadConversations, Object::Any)?;
    let now = desk.clock.now();
    let mut found = desk
        .store
        .read_within(BUDGET, move |db| {
            let mut asked = asked;
            operators::apply(db, &caller, &asked.search, &mut asked.filter, now)?;
            page(db, &asked)
        })
        .await?;
    // Today this keeps every row; once the policy hides some, no list tells of them.
    found.rows.retain(|it| {
        let conversation = &it.overview.conversation;
        super::access::check(&caller, Action::ReadConversations, conversation).is_ok()
    });
    Ok(found)
}

fn page(db: &Reader<'_>, asked: &Asked) -> Result<Listed> {
    if asked.search.words.is_empty() {
        return rows(db, asked);
    }
    let Some(query) = Query::of(&asked.search.words) else { return Ok(NOTHING) };
    match asked.sort {
        Sort::Newest => newest_matches(db, &query, asked),
        _ => sorted_matches(db, &query, asked),
    }
}

/// How many conversations a question finds, counted up to `most` and while there is time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    pub n: usize,
    /// Else there are more, or there was no time to see them all.
    pub is_exact: bool,
}

pub(crate) fn count(
    db: &Reader<'_>,
    caller: &Caller,
    question: Question,
    most: usize,
    now: Timestamp,
) -> Result<Count> {
    let Question { mut filter, search, sort } = question;
    operators::apply(db, caller, &search, &mut filter, now)?;
    if search.words.is_empty() {
        let sort = match sort {
            Some(Sort::Waiting) => list::Sort::Waiting,
            _ => list::Sort::Newest,
        };
        let (n, is_exact) = list::count(db, &filter, sort, most)?;
        return Ok(Count { n, is_exact });
    }
    let Some(query) = Query::of(&search.words) else { return Ok(Count { n: 0, is_exact: true }) };
    let found = matches::hits(db, &query, &filter, matches::Start::Offset(0), most)?;
    let is_exact = found.next.is_none();
    let hits = match sort {
        Some(Sort::Waiting) => by_time(db, found.hits, Sort::Waiting)?,
        _ => found.hits,
    };
    Ok(Count { n: hits.len(), is_exact })
}

fn rows(db: &Reader<'_>, asked: &Asked) -> Result<Listed> {
    let start = match asked.from {
        From::Offset(offset) => Start::Offset(offset),
        From::Row(cursor, 0) => Start::After(cursor),
        From::Row(after, rows) => Start::Skip { after, rows },
        From::Match(..) => return Ok(NOTHING),
    };
    let sort = match asked.sort {
        Sort::Newest | Sort::Relevance => list::Sort::Newest,
        Sort::Oldest => list::Sort::Oldest,
        Sort::Waiting => list::Sort::Waiting,
    };
    let found = list::page(db, &asked.filter, sort, start, asked.limit)?;
    let plain = |overview| Row { overview, snippet: None };
    Ok(Listed {
        rows: found.rows.into_iter().map(plain).collect(),
        has_more: found.has_more,
        next: found.next.map(|it| match it {
            Start::Offset(offset) => From::Offset(offset),
            Start::After(cursor) => From::Row(cursor, 0),
            Start::Skip { after, rows } => From::Row(after, rows),
        }),
        total: found.total,
    })
}

fn newest_matches(db: &Reader<'_>, query: &Query, asked: &Asked) -> Result<Listed> {
    let start = match asked.from {
        From::Offset(offset) => matches::Start::Offset(offset as usize),
        From::Match(cursor, 0) => matches::Start::After(cursor),
        From::Match(after, rows) => matches::Start::Skip { after, rows: rows as usize },
        From::Row(..) => return Ok(NOTHING),
    };
    let found = matches::hits(db, query, &asked.filter, start, asked.limit)?;
    let next = found.next.and_then(|it| match it {
        matches::Start::After(cursor) => Some(From::Match(cursor, 0)),
        matches::Start::Skip { after, rows } => {
            u32::try_from(rows).ok().map(|rows| From::Match(after, rows))
        }
        matches::Start::Offset(offset) => u32::try_from(offset).ok().map(From::Offset),
    });
    Ok(Listed {
        rows: shown(db, asked, &found.hits)?,
        has_more: next.is_some(),
        next,
        total: found.total,
    })
}

fn sorted_matches(db: &Reader<'_>, query: &Query, asked: &Asked) -> Result<Listed> {
    let From::Offset(offset) = asked.from else { return Ok(NOTHING) };
    let (hits, all) = if asked.sort == Sort::Relevance {
        let terms = Terms::of(&asked.search.words);
        matches::best(db, query, &terms, &asked.filter, MOST_SORTED)?
    } else {
        let start = matches::Start::Offset(0);
        let found = matches::hits(db, query, &asked.filter, start, MOST_SORTED)?;
        (by_time(db, found.hits, asked.sort)?, found.next.is_none())
    };
    let total = hits.len();
    let offset = (offset as usize).min(total);
    let end = offset.saturating_add(asked.limit).min(total);
    let next = u32::try_from(end).ok().filter(|_| end < total).map(From::Offset);
    Ok(Listed {
        rows: shown(db, asked, &hits[offset..end])?,
        has_more: next.is_some(),
        next,
        total: all.then_some(total as u64),
    })
}

/// The oldest, or the longest waiting, first.
fn by_time(db: &Reader<'_>, hits: Vec<Hit>, sort: Sort) -> Result<Vec<Hit>> {
    let mut keyed = Vec::with_capacity(hits.len());
    for hit in hits {
        let Some(keys) = list::keys(db, hit.number)? else { continue };
        let key = match sort {
            Sort::Waiting => keys.waiting_since,
            _ => Some(keys.active_at),
        };
        keyed.extend(key.map(|key| ((key, hit.number), hit)));
    }
    keyed.sort_by_key(|(key, _)| *key);
    Ok(keyed.into_iter().map(|(_, hit)| hit).collect())
}

fn shown(db: &Reader<'_>, asked: &Asked, hits: &[Hit]) -> Result<Vec<Row>> {
    let terms = Terms::of(&asked.search.words);
    let overviews = matches::rows(db, hits)?;
    let rows = overviews.into_iter().map(|overview| {
        let hit = hits.iter().find(|it| it.number == overview.conversation.number);
        let snippet = match hit {
            Some(hit) => snippets::of(db, &terms, hit, &overview)?,
            None => None,
        };
        Ok(Row { overview, snippet })
    });
    rows.collect()
}
