//! Conversations in which something matches, the newest match first, each once.
//!
//! Three streams are merged by time: matching messages (newest first), matching subjects and tags,
//! and the conversations of matching contacts. The cursor holds the place in each, so a later page
//! goes on exactly; a conversation met again is left out by asking whether one of its matches lies
//! on the near side of that place. Where a filter leaves only a few conversations, each of these is
//! asked for its newest match instead: a common word has millions.

use std::{collections::BTreeSet, time::Duration};

use domain::conversations::Overview;
use rusqlite::{CachedStatement, OptionalExtension, params};

use super::{query::Query, snippets};
use crate::{
    Reader, Result,
    conversations::{
        list::{self, Filter, wanted::Wanted},
        overviews,
    },
};

mod few;
mod streams;

use self::streams::{By, OfContacts, Statements, Streams};
pub use super::ranks::best;

/// What the index may take to put the words together that begin as asked.
const FOR_PREFIXES: Duration = Duration::from_millis(20);

/// Everything below these places is still to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub message_seq: i64,
    pub conversation_number: i64,
    pub contact_conversation_number: i64,
}

impl Cursor {
    pub const START: Self = Self {
        message_seq: i64::MAX,
        conversation_number: i64::MAX,
        contact_conversation_number: i64::MAX,
    };
}

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    Offset(usize),
    After(Cursor),
    /// The time was up before the page that was asked for began: so many conversations are still
    /// to be passed over.
    Skip {
        after: Cursor,
        rows: usize,
    },
}

/// A conversation and what of it matches, the newest match if several do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    pub number: i64,
    pub place: Place,
    /// When it was written, in milliseconds; of a subject or contact, when the conversation began.
    pub at: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A message by its `seq`.
    Message(i64),
    /// The subject or the tags.
    Subject,
    Contact,
}

#[derive(Debug)]
pub struct Hits {
    pub hits: Vec<Hit>,
    /// Where the next page begins.
    pub next: Option<Start>,
    /// Known only where everything was seen.
    pub total: Option<u64>,
}

/// At most `limit` conversations that match `query` and pass `filter`.
pub fn hits(
    db: &Reader<'_>,
    query: &Query,
    filter: &Filter,
    start: Start,
    limit: usize,
) -> Result<Hits> {
    let Some(wanted) = Wanted::of(db, filter)? else {
        return Ok(Hits { hits: Vec::new(), next: None, total: Some(0) });
    };
    let (cursor, offset) = match start {
        Start::After(cursor) => (cursor, 0),
        Start::Skip { after, rows } => (after, rows),
        Start::Offset(offset) => {
            let undated = Wanted { since: None, until: None, ..wanted.clone() };
            if let Some(numbers) = list::few(db, &undated, few::MOST)?
                && few::is_quick(db, &numbers)?
            {
                return few::hits(db, query, &wanted, &numbers, offset, limit);
            }
            (Cursor::START, offset)
        }
    };
    newest(db, query, &wanted, cursor, offset, limit)
}

/// The conversations of hits, in their order; those of contacts being erased are left out.
pub fn rows(db: &Reader<'_>, hits: &[Hit]) -> Result<Vec<Overview>> {
    let numbers: Vec<i64> = hits.iter().map(|it| it.number).collect();
    overviews::find_all(db, &numbers)
}

fn newest(
    db: &Reader<'_>,
    query: &Query,
    wanted: &Wanted,
    start: Cursor,
    offset: usize,
    limit: usize,
) -> Result<Hits> {
    let of_contacts = OfContacts::read(db, query)?;
    let numbers = BTreeSet::new();
    let mut seen = Seen { db, query, wanted, start, of_contacts: &of_contacts, numbers };
    let mut indexed = Statements::prepare(db, query, By::Index)?;
    let mut in_texts = Statements::prepare(db, query, By::Texts)?;
    let open = |stmts| Streams::open(stmts, &of_contacts, start, wanted.since);
    let opened = match query.has_prefixes() {
        true => db.in_time(FOR_PREFIXES, |_| open(&mut indexed))?,
        false => Some(open(&mut indexed)?),
    };
    let checks_texts = opened.is_none();
    let mut streams = opened.map_or_else(|| open(&mut in_texts), Ok)?;
    let mut hits = Vec::new();
    let (mut skip, mut has_more) = (offset, false);
    // A cursor names the place before the hit that is next.
    let mut next = start;
    while let Some(it) = streams.peek() {
        let is_wanted = wanted.time_matches(it.at)
            && (!checks_texts || has_prefixes(db, query, it)?)
            && seen.first_time(it.number)?
            && wanted.matches(db, it.number)?;
        if is_wanted && skip == 0 && hits.len() == limit {
            has_more = true;
            break;
        }
        streams.advance(&mut next)?;
        if is_wanted && skip > 0 {
            skip -= 1;
        } else if is_wanted {
            hits.push(it);
        }
        if db.out_of_time() {
            has_more = streams.peek().is_some();
            break;
        }
    }
    let all = !has_more && start == Cursor::START;
    let total = all.then(|| (hits.len() + offset - skip) as u64);
    let next = match skip {
        0 => Start::After(next),
        rows => Start::Skip { after: next, rows },
    };
    Ok(Hits { hits, next: has_more.then_some(next), total })
}

/// Whether a conversation was already given out, on this page or an earlier one.
struct Seen<'a> {
    db: &'a Reader<'a>,
    query: &'a Query,
    wanted: &'a Wanted,
    start: Cursor,
    of_contacts: &'a OfContacts,
    numbers: BTreeSet<i64>,
}

impl Seen<'_> {
    fn first_time(&mut self, number: i64) -> Result<bool> {
        Ok(self.numbers.insert(number) && !self.on_an_earlier_page(number)?)
    }

    fn on_an_earlier_page(&self, number: i64) -> Result<bool> {
        if self.start == Cursor::START {
            return Ok(false);
        }
        let counts = |at: Option<i64>| at.is_some_and(|it| self.wanted.time_matches(it));
        if number >= self.start.contact_conversation_number && counts(self.of_contacts.at(number)) {
            return Ok(true);
        }
        if number >= self.start.conversation_number && counts(subject(self.db, self.query, number)?)
        {
            return Ok(true);
        }
        let from = self.start.message_seq;
        Ok(newest_message(self.db, self.query, self.wanted, number, from)?.is_some())
    }
}

/// Whether what is asked for by its beginning stands in what was found without it.
fn has_prefixes(db: &Reader<'_>, query: &Query, hit: Hit) -> Result<bool> {
    let text = match hit.place {
        Place::Message(seq) => snippets::message(db, seq)?.map(|(_, text)| text),
        Place::Subject => snippets::subject(db, hit.number)?,
        // Found with all of it.
        Place::Contact => return Ok(true),
    };
    Ok(text.is_some_and(|it| query.prefixes_stand_in(&it)))
}

/// When the conversation began, if its subject or tags match.
fn subject(db: &Reader<'_>, query: &Query, number: i64) -> Result<Option<i64>> {
    let mut began =
        db.sql().prepare_cached("SELECT created_at FROM conversations WHERE number = ?1")?;
    let mut matching = db.sql().prepare_cached(
        "SELECT 1 FROM conversations_fts WHERE conversations_fts MATCH ?1 AND rowid = ?2",
    )?;
    let at: Option<i64> = began.query_row([number], |row| row.get(0)).optional()?;
    let Some(at) = at else { return Ok(None) };
    let hit = Hit { number, place: Place::Subject, at };
    Ok(is_match(db, query, hit, &mut matching, number)?.then_some(at))
}

/// Whether one row matches. The index would put all words together that begin as asked, for each
/// row anew; so those are looked for in the text.
fn is_match(
    db: &Reader<'_>,
    query: &Query,
    hit: Hit,
    matching: &mut CachedStatement<'_>,
    rowid: i64,
) -> Result<bool> {
    if let Some(words) = query.words()
        && !matching.exists(params![words, rowid])?
    {
        return Ok(false);
    }
    Ok(!query.has_prefixes() || has_prefixes(db, query, hit)?)
}

/// The newest matching message of a conversation with at least this `seq` and of the wanted time.
fn newest_message(
    db: &Reader<'_>,
    query: &Query,
    wanted: &Wanted,
    number: i64,
    from: i64,
) -> Result<Option<Hit>> {
    let mut all = db.sql().prepare_cached(
        "SELECT seq, created_at FROM messages
         WHERE conversation_number = ?1 AND seq >= ?2 AND direction <> 'event' ORDER BY seq DESC",
    )?;
    let mut matching = db
        .sql()
        .prepare_cached("SELECT 1 FROM messages_fts WHERE messages_fts MATCH ?1 AND rowid = ?2")?;
    let mut rows = all.query(params![number, from])?;
    while let Some(row) = rows.next()? {
        let (seq, at): (i64, i64) = (row.get(0)?, row.get(1)?);
        let hit = Hit { number, place: Place::Message(seq), at };
        if wanted.time_matches(at) && is_match(db, query, hit, &mut matching, seq)? {
            return Ok(Some(hit));
        }
    }
    Ok(None)
}
