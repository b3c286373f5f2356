//! The three streams of matches, merged by time.

use std::collections::BTreeMap;

use rusqlite::{CachedStatement, Rows, params};

use super::{Cursor, Hit, Place};
use crate::{Reader, Result, search::query::Query};

/// Conversations of contacts looked at, newest first: a name that thousands share is found through
/// what they wrote, or by adding a word.
const MAX_CONTACT_CONVERSATIONS: usize = 1000;
/// Messages are stored nearly in the order of their times: what an agent wrote is never this much
/// older than what stands before it.
const DISORDER_MS: i64 = 7 * 24 * 3600 * 1000;

/// The conversations of contacts that match, by number, with the time of their creation.
pub(super) struct OfContacts(BTreeMap<i64, i64>);

impl OfContacts {
    pub fn read(db: &Reader<'_>, query: &Query) -> Result<Self> {
        let mut found = BTreeMap::new();
        let mut conversation_stmt = db.sql().prepare_cached(
            "SELECT number, created_at FROM conversations WHERE contact_id = ?1
             ORDER BY active_at DESC LIMIT 100",
        )?;
        for id in super::super::people::contacts(db, query)? {
            let rows = conversation_stmt.query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
            for row in rows {
                let (number, at) = row?;
                found.insert(number, at);
            }
            if found.len() >= MAX_CONTACT_CONVERSATIONS {
                break;
            }
        }
        Ok(Self(found))
    }

    /// When this conversation began, if its contact matches.
    pub fn at(&self, number: i64) -> Option<i64> {
        self.0.get(&number).copied()
    }
}

/// What finds the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Index,
    /// The index as far as whole words are asked for; the texts are read for the rest.
    Texts,
}

pub(super) struct Statements<'db> {
    messages: CachedStatement<'db>,
    subjects: CachedStatement<'db>,
    /// None where every row is looked at.
    expression: Option<String>,
}

impl<'db> Statements<'db> {
    pub fn prepare(db: &Reader<'db>, query: &Query, by: By) -> Result<Self> {
        let expression = match by {
            By::Index => Some(query.expression().to_owned()),
            By::Texts => query.words().map(str::to_owned),
        };
        let (messages, subjects) = match expression {
            Some(_) => (
                "SELECT messages.created_at, messages.seq, messages.conversation_number,
                     messages.sender_type = 'agent'
                 FROM messages_fts JOIN messages ON messages.seq = messages_fts.rowid
                 WHERE messages_fts MATCH ?1 AND messages_fts.rowid < ?2
                 ORDER BY messages_fts.rowid DESC",
                "SELECT conversations.created_at, conversations.number
                 FROM conversations_fts
                 JOIN conversations ON conversations.number = conversations_fts.rowid
                 WHERE conversations_fts MATCH ?1 AND conversations_fts.rowid < ?2
                 ORDER BY conversations_fts.rowid DESC",
            ),
            None => (
                "SELECT created_at, seq, conversation_number, sender_type = 'agent'
                 FROM messages WHERE seq < ?2 AND direction <> 'event' AND ?1 IS NULL
                 ORDER BY seq DESC",
                "SELECT created_at, number FROM conversations WHERE number < ?2 AND ?1 IS NULL
                 ORDER BY number DESC",
            ),
        };
        Ok(Self {
            messages: db.sql().prepare_cached(messages)?,
            subjects: db.sql().prepare_cached(subjects)?,
            expression,
        })
    }
}

/// Every match, the newest of the three streams' heads first.
pub(super) struct Streams<'a> {
    messages: Rows<'a>,
    subjects: Rows<'a>,
    contacts: Vec<Hit>,
    heads: [Option<Hit>; 3],
    /// No message further on is as new as this, in milliseconds.
    end: Option<i64>,
}

impl<'a> Streams<'a> {
    /// Of messages long before `since` there is no need to see any.
    pub fn open(
        stmts: &'a mut Statements<'_>,
        of_contacts: &OfContacts,
        start: Cursor,
        since: Option<i64>,
    ) -> Result<Self> {
        let expression = stmts.expression.as_deref();
        let left = of_contacts.0.range(..start.contact_conversation_number);
        let contacts =
            left.map(|(number, at)| Hit { number: *number, place: Place::Contact, at: *at });
        let mut it = Self {
            messages: stmts.messages.query(params![expression, start.message_seq])?,
            subjects: stmts.subjects.query(params![expression, start.conversation_number])?,
            contacts: contacts.collect(),
            heads: [None; 3],
            end: since.map(|it| it.saturating_sub(DISORDER_MS)),
        };
        for stream in 0..it.heads.len() {
            it.heads[stream] = it.next_of(stream)?;
        }
        Ok(it)
    }

    pub fn peek(&self) -> Option<Hit> {
        self.heads[self.first()?]
    }

    /// Goes past the match that [`Self::peek`] shows and notes its place in `cursor`.
    pub fn advance(&mut self, cursor: &mut Cursor) -> Result<()> {
        let Some(stream) = self.first() else { return Ok(()) };
        if let Some(hit) = self.heads[stream] {
            match hit.place {
                Place::Message(seq) => cursor.message_seq = seq,
                Place::Subject => cursor.conversation_number = hit.number,
                Place::Contact => cursor.contact_conversation_number = hit.number,
            }
        }
        self.heads[stream] = self.next_of(stream)?;
        Ok(())
    }

    fn first(&self) -> Option<usize> {
        let heads = self.heads.iter().enumerate();
        let found = heads.filter_map(|(index, it)| it.map(|it| (index, it.at)));
        found.max_by_key(|(_, at)| *at).map(|(index, _)| index)
    }

    fn next_of(&mut self, stream: usize) -> Result<Option<Hit>> {
        match stream {
            0 => self.next_message(),
            1 => {
                let Some(row) = self.subjects.next()? else { return Ok(None) };
                Ok(Some(Hit { at: row.get(0)?, place: Place::Subject, number: row.get(1)? }))
            }
            _ => Ok(self.contacts.pop()),
        }
    }

    fn next_message(&mut self) -> Result<Option<Hit>> {
        let Some(row) = self.messages.next()? else { return Ok(None) };
        let at: i64 = row.get(0)?;
        // Only what agents wrote tells the time of the row: older mail may be brought in later.
        let written_here: bool = row.get(3)?;
        if written_here && self.end.is_some_and(|end| at < end) {
            return Ok(None);
        }
        Ok(Some(Hit { at, place: Place::Message(row.get(1)?), number: row.get(2)? }))
    }
}
