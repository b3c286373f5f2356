//! Conversations in which something matches, the newest match first, each once.
//!
//! Three streams are merged by time: matching messages (newest first), matching subjects and tags,
//! and the conversations of matching contacts. The cursor holds the place in each, so a later page
//! goes on exactly; a conversation met again is left out by asking whether one of its matches lies
//! on the near side of that place.

use std::collections::BTreeSet;

use rusqlite::{OptionalExtension, params};

use super::query::Query;
use crate::{
    Reader, Result,
    conversations::{
        list::{Candidate, Filter},
        overviews,
    },
};

/// Contacts and their conversations looked at, newest first: a name that thousands share is found
/// through what they wrote, or by adding a word.
const MAX_CONTACTS: u32 = 200;
const MAX_CONTACT_CONVERSATIONS: usize = 1000;

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

#[derive(Debug)]
pub struct Found {
    pub rows: Vec<domain::conversations::Overview>,
    pub has_more: bool,
    pub next: Option<Cursor>,
    /// Known only where everything was seen.
    pub total: Option<u64>,
}

/// One match: when it happened and the conversation it is in.
#[derive(Debug, Clone, Copy)]
struct Match {
    at: i64,
    place: i64,
    number: i64,
}

/// At most `limit` conversations that match `query` and pass `filter`. Skips `offset` of them first.
pub fn page(
    db: &Reader<'_>,
    query: &Query,
    filter: &Filter,
    start: Cursor,
    offset: usize,
    limit: usize,
) -> Result<Found> {
    let candidate = Candidate::new(db, filter)?;
    let of_contacts = conversations_of_contacts(db, query)?;
    let mut seen = Seen { db, query, start, of_contacts: &of_contacts, numbers: BTreeSet::new() };
    let mut next = start;

    let expression = query.expression();
    let mut message_stmt = db.sql().prepare_cached(
        "SELECT messages.created_at, messages.seq, messages.conversation_number
         FROM messages_fts JOIN messages ON messages.seq = messages_fts.rowid
         WHERE messages_fts MATCH ?1 AND messages_fts.rowid < ?2
         ORDER BY messages_fts.rowid DESC",
    )?;
    let mut subject_stmt = db.sql().prepare_cached(
        "SELECT conversations.created_at, conversations.number, conversations.number
         FROM conversations_fts JOIN conversations ON conversations.number = conversations_fts.rowid
         WHERE conversations_fts MATCH ?1 AND conversations_fts.rowid < ?2
         ORDER BY conversations_fts.rowid DESC",
    )?;
    let mut messages = message_stmt.query(params![expression, start.message_seq])?;
    let mut subjects = subject_stmt.query(params![expression, start.conversation_number])?;
    let mut contacts =
        of_contacts.iter().rev().filter(|(number, _)| **number < start.contact_conversation_number);

    let mut heads = [
        next_match(&mut messages)?,
        next_match(&mut subjects)?,
        contacts.next().map(|(number, at)| Match { at: *at, place: *number, number: *number }),
    ];
    let mut numbers: Vec<i64> = Vec::new();
    let (mut skip, mut has_more) = (offset, false);
    while let Some(stream) = newest(&heads) {
        let Some(it) = heads[stream] else { break };
        let is_new = seen.first_time(it.number)? && candidate.matches(db, it.number)?;
        if is_new && skip == 0 && numbers.len() == limit {
            has_more = true;
            break;
        }
        match stream {
            0 => next.message_seq = it.place,
            1 => next.conversation_number = it.place,
            _ => next.contact_conversation_number = it.place,
        }
        heads[stream] = match stream {
            0 => next_match(&mut messages)?,
            1 => next_match(&mut subjects)?,
            _ => contacts.next().map(|(number, at)| Match {
                at: *at,
                place: *number,
                number: *number,
            }),
        };
        if is_new && skip > 0 {
            skip -= 1;
        } else if is_new {
            numbers.push(it.number);
        }
        if db.out_of_time() {
            has_more = heads.iter().any(Option::is_some);
            break;
        }
    }
    let total =
        (!has_more && start == Cursor::START).then(|| (numbers.len() + offset - skip) as u64);
    Ok(Found {
        rows: overviews::find_all(db, &numbers)?,
        has_more,
        next: has_more.then_some(next),
        total,
    })
}

fn next_match(rows: &mut rusqlite::Rows<'_>) -> Result<Option<Match>> {
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(Match { at: row.get(0)?, place: row.get(1)?, number: row.get(2)? }))
}

fn newest(heads: &[Option<Match>]) -> Option<usize> {
    let found = heads.iter().enumerate().filter_map(|(index, it)| it.map(|it| (index, it.at)));
    found.max_by_key(|(_, at)| *at).map(|(index, _)| index)
}

/// The conversations of contacts that match, by number, with the time of their creation.
fn conversations_of_contacts(
    db: &Reader<'_>,
    query: &Query,
) -> Result<std::collections::BTreeMap<i64, i64>> {
    let mut found = std::collections::BTreeMap::new();
    let mut contact_stmt = db.sql().prepare_cached(
        "SELECT contacts.id FROM contacts_fts JOIN contacts ON contacts.seq = contacts_fts.rowid
         WHERE contacts_fts MATCH ?1 AND contacts.erased_at IS NULL
         ORDER BY contacts_fts.rowid DESC LIMIT ?2",
    )?;
    let mut conversation_stmt = db.sql().prepare_cached(
        "SELECT number, created_at FROM conversations WHERE contact_id = ?1
         ORDER BY active_at DESC LIMIT 100",
    )?;
    let expression = query.contact_expression();
    let mut contacts = contact_stmt.query(params![expression, MAX_CONTACTS])?;
    while let Some(contact) = contacts.next()? {
        let id: uuid::Uuid = contact.get(0)?;
        let rows = conversation_stmt.query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        for row in rows {
            let (number, at) = row?;
            found.insert(number, at);
        }
        if found.len() >= MAX_CONTACT_CONVERSATIONS {
            break;
        }
    }
    Ok(found)
}

/// Whether a conversation was already given out, on this page or an earlier one.
struct Seen<'a> {
    db: &'a Reader<'a>,
    query: &'a Query,
    start: Cursor,
    of_contacts: &'a std::collections::BTreeMap<i64, i64>,
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
        if number >= self.start.contact_conversation_number
            && self.of_contacts.contains_key(&number)
        {
            return Ok(true);
        }
        Ok((number >= self.start.conversation_number && self.subject_matches(number)?)
            || self.newer_message_matches(number)?)
    }

    fn subject_matches(&self, number: i64) -> Result<bool> {
        let mut stmt = self.db.sql().prepare_cached(
            "SELECT 1 FROM conversations_fts WHERE conversations_fts MATCH ?1 AND rowid = ?2",
        )?;
        Ok(stmt.exists(params![self.query.expression(), number])?)
    }

    fn newer_message_matches(&self, number: i64) -> Result<bool> {
        let mut newer = self.db.sql().prepare_cached(
            "SELECT seq FROM messages WHERE conversation_number = ?1 AND seq >= ?2",
        )?;
        let mut matching = self.db.sql().prepare_cached(
            "SELECT 1 FROM messages_fts WHERE messages_fts MATCH ?1 AND rowid = ?2",
        )?;
        let mut rows = newer.query(params![number, self.start.message_seq])?;
        while let Some(row) = rows.next()? {
            let seq: i64 = row.get(0)?;
            let found =
                matching.query_row(params![self.query.expression(), seq], |_| Ok(())).optional()?;
            if found.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
