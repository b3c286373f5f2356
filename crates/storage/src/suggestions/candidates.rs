//! The newest texts that share a word with a question (FTS5: SQLite's own).
//!
//! Ranking everything that matches takes seconds at a few million messages; a word's newest matches
//! are found by key, and how far back they reach tells how rare the word is.

use domain::{
    conversations::Status,
    ids::{AgentId, ArticleId, ConversationId},
    messages::Direction,
};
use rusqlite::{OptionalExtension, params};

use crate::{Reader, Result, search::index::segmented};

/// The newest rows that hold one word.
#[derive(Debug, Clone, PartialEq)]
pub struct Matches {
    pub seqs: Vec<i64>,
    /// The share (0 to 1) of all rows that hold it, as the newest tell.
    pub share: f64,
}

/// A message of a resolved conversation that is not spam.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub seq: i64,
    pub conversation: ConversationId,
    pub number: i64,
    pub assignee: Option<AgentId>,
    pub subject: Option<String>,
    pub contact_name: Option<String>,
    pub direction: Direction,
    pub text: String,
}

/// A piece of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    pub article: ArticleId,
    pub title: String,
    pub text: String,
}

/// Messages that hold the word.
pub fn messages_with(db: &Reader<'_>, word: &str, most: usize) -> Result<Matches> {
    matches(db, "messages", "messages_fts", word, most)
}

/// Passages of articles that hold the word.
pub fn passages_with(db: &Reader<'_>, word: &str, most: usize) -> Result<Matches> {
    matches(db, "passages", "passages_fts", word, most)
}

fn matches(db: &Reader<'_>, rows: &str, table: &str, word: &str, most: usize) -> Result<Matches> {
    let newest: Option<i64> = db
        .sql()
        .prepare_cached(&format!("SELECT MAX(seq) FROM {rows}"))?
        .query_row([], |row| row.get(0))?;
    let sql =
        format!("SELECT rowid FROM {table} WHERE {table} MATCH ?1 ORDER BY rowid DESC LIMIT ?2");
    let quoted = format!("\"{}\"", segmented(word).replace('"', "\"\"").trim());
    let seqs = db
        .sql()
        .prepare_cached(&sql)?
        .query_map(params![quoted, most], |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<i64>>>()?;
    let newest = newest.unwrap_or(0).max(1);
    let reached = match seqs.last() {
        Some(oldest) if seqs.len() >= most => newest - oldest + 1,
        _ => newest,
    };
    let share = seqs.len() as f64 / reached.max(1) as f64;
    Ok(Matches { seqs, share: share.min(1.0) })
}

/// What was said there, unless it is a note, in `besides`, or not settled yet.
pub fn said(db: &Reader<'_>, seq: i64, besides: i64) -> Result<Option<Said>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT m.seq, m.direction, substr(m.text, 1, 4000) AS text, c.id, c.number, c.subject,
             c.assignee_id, p.name
         FROM messages m
         JOIN conversations c ON c.number = m.conversation_number
         JOIN contacts p ON p.id = c.contact_id
         WHERE m.seq = ?1 AND m.direction IN ('inbound', 'outbound') AND c.number <> ?2
             AND c.status = ?3 AND c.spam = 0 AND p.erased_at IS NULL",
    )?;
    let found = stmt.query_row(params![seq, besides, Status::Resolved.as_str()], said_row);
    Ok(found.optional()?)
}

/// The first reply in the conversation after a message of its customer.
pub fn answer_to(db: &Reader<'_>, it: &Said) -> Result<Option<Said>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT seq, substr(text, 1, 4000) FROM messages
         WHERE conversation_number = ?1 AND seq > ?2 AND direction = 'outbound'
             AND sender_type IN ('agent', 'ai')
         ORDER BY seq LIMIT 1",
    )?;
    let found = stmt
        .query_row(params![it.number, it.seq], |row| {
            Ok(Said {
                seq: row.get(0)?,
                text: row.get(1)?,
                direction: Direction::Outbound,
                ..it.clone()
            })
        })
        .optional()?;
    Ok(found)
}

fn said_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Said> {
    Ok(Said {
        seq: row.get(0)?,
        direction: crate::row::parse(row, "direction")?,
        text: row.get("text")?,
        conversation: ConversationId(row.get("id")?),
        number: row.get("number")?,
        assignee: row.get::<_, Option<uuid::Uuid>>("assignee_id")?.map(AgentId),
        subject: row.get("subject")?,
        contact_name: row.get("name")?,
    })
}

pub fn passage(db: &Reader<'_>, seq: i64) -> Result<Option<Passage>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT a.id, a.title, p.text FROM passages p JOIN articles a ON a.seq = p.article_seq
         WHERE p.seq = ?1",
    )?;
    let found = stmt.query_row([seq], |row| {
        Ok(Passage { article: ArticleId(row.get(0)?), title: row.get(1)?, text: row.get(2)? })
    });
    Ok(found.optional()?)
}
