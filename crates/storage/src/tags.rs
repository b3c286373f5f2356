//! Tags: made on first use, unique ignoring case, first spelling kept.

use std::collections::HashMap;

use domain::{
    Timestamp,
    conversations::Conversation,
    ids::TagId,
    tags::{COLORS, Tag, TagName},
};
use rusqlite::{OptionalExtension, Row, params};

use crate::{Reader, Result, Tx};

/// The tag's key, making the tag if nobody used it before.
fn find_or_create(tx: &Tx<'_>, name: &TagName, now: Timestamp) -> Result<i64> {
    let key = name.key();
    let mut stmt = tx.sql().prepare_cached("SELECT seq FROM tags WHERE name_key = ?1")?;
    if let Some(seq) = stmt.query_row([&key], |row| row.get(0)).optional()? {
        return Ok(seq);
    }
    let count: usize = tx.sql().query_row("SELECT COUNT(*) FROM tags", [], |row| row.get(0))?;
    tx.sql()
        .prepare_cached(
            "INSERT INTO tags (id, name, name_key, color, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            TagId::new().0,
            name.as_str(),
            key,
            COLORS[count % COLORS.len()],
            now.0
        ])?;
    Ok(tx.sql().last_insert_rowid())
}

/// Returns false when the conversation had the tag already.
pub fn add(tx: &Tx<'_>, it: &Conversation, name: &TagName, now: Timestamp) -> Result<bool> {
    let seq = find_or_create(tx, name, now)?;
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO conversation_tags (conversation_number, tag_seq, status, active_at, spam)
         VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
    )?;
    let added =
        stmt.execute(params![it.number, seq, it.status.as_str(), it.active_at.0, it.spam])?;
    Ok(added > 0)
}

/// Returns false when the conversation did not have the tag.
pub fn remove(tx: &Tx<'_>, it: &Conversation, name: &TagName) -> Result<bool> {
    let mut stmt = tx.sql().prepare_cached(
        "DELETE FROM conversation_tags WHERE conversation_number = ?1
         AND tag_seq = (SELECT seq FROM tags WHERE name_key = ?2)",
    )?;
    Ok(stmt.execute(params![it.number, name.key()])? > 0)
}

/// Takes every tag off a conversation.
pub fn clear(tx: &Tx<'_>, number: i64) -> Result<()> {
    tx.sql()
        .prepare_cached("DELETE FROM conversation_tags WHERE conversation_number = ?1")?
        .execute([number])?;
    Ok(())
}

pub fn of_conversation(db: &Reader<'_>, number: i64) -> Result<Vec<String>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT tags.name FROM conversation_tags JOIN tags ON tags.seq = tag_seq
         WHERE conversation_number = ?1 ORDER BY tag_seq",
    )?;
    let rows = stmt.query_map([number], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Replaces a contact's tags.
pub fn set_of_contact(
    tx: &Tx<'_>,
    contact_seq: i64,
    names: &[TagName],
    now: Timestamp,
) -> Result<()> {
    tx.sql()
        .prepare_cached("DELETE FROM contact_tags WHERE contact_seq = ?1")?
        .execute([contact_seq])?;
    for name in names {
        let seq = find_or_create(tx, name, now)?;
        tx.sql()
            .prepare_cached(
                "INSERT INTO contact_tags (contact_seq, tag_seq) VALUES (?1, ?2)
                 ON CONFLICT DO NOTHING",
            )?
            .execute([contact_seq, seq])?;
    }
    Ok(())
}

pub fn of_contact(db: &Reader<'_>, contact_seq: i64) -> Result<Vec<String>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT tags.name FROM contact_tags JOIN tags ON tags.seq = tag_seq
         WHERE contact_seq = ?1 ORDER BY tag_seq",
    )?;
    let rows = stmt.query_map([contact_seq], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The key of a tag, for what is counted by it.
pub fn key(db: &Reader<'_>, name: &TagName) -> Result<Option<i64>> {
    let mut stmt = db.sql().prepare_cached("SELECT seq FROM tags WHERE name_key = ?1")?;
    Ok(stmt.query_row([name.key()], |row| row.get(0)).optional()?)
}

/// The names of all tags by their keys.
pub fn names(db: &Reader<'_>) -> Result<HashMap<i64, String>> {
    let mut stmt = db.sql().prepare_cached("SELECT seq, name FROM tags")?;
    let rows = stmt.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Every tag, by name.
pub fn all(db: &Reader<'_>) -> Result<Vec<Tag>> {
    let mut stmt = db.sql().prepare_cached("SELECT * FROM tags ORDER BY name_key")?;
    let rows = stmt.query_map([], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Tag> {
    Ok(Tag {
        id: TagId(row.get("id")?),
        name: row.get("name")?,
        color: row.get("color")?,
        created_at: Timestamp(row.get("created_at")?),
    })
}
