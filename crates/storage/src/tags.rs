//! Tags: made on first use, unique ignoring case, first spelling kept until somebody renames them.
//!
//! One that was deleted keeps its row without a name: figures of the past are counted under its
//! number, which no other tag may get.

pub mod settling;

use std::collections::HashMap;

use domain::{
    Timestamp,
    conversations::Conversation,
    ids::TagId,
    tags::{COLORS, Tag, TagName},
    text,
};
use rusqlite::{OptionalExtension, Row, params};

use crate::{Reader, Result, Tx};

/// The tag's key, making the tag if nobody used it before.
fn find_or_create(tx: &Tx<'_>, name: &TagName, now: Timestamp) -> Result<i64> {
    if let Some(seq) = key(tx, name)? {
        return Ok(seq);
    }
    let it = Tag {
        id: TagId::new(),
        name: name.as_str().to_owned(),
        color: next_color(tx)?.to_owned(),
        created_at: now,
    };
    insert(tx, &it)?;
    Ok(tx.sql().last_insert_rowid())
}

/// The colour of a tag nobody has chosen one for.
pub fn next_color(db: &Reader<'_>) -> Result<&'static str> {
    let count: usize = db.sql().query_row("SELECT COUNT(*) FROM tags", [], |row| row.get(0))?;
    Ok(COLORS[count % COLORS.len()])
}

pub fn insert(tx: &Tx<'_>, it: &Tag) -> Result<()> {
    tx.sql()
        .prepare_cached(
            "INSERT INTO tags (id, name, name_key, color, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![it.id.0, it.name, text::fold(&it.name), it.color, it.created_at.0])?;
    Ok(())
}

/// Stores its name and colour.
pub fn update(tx: &Tx<'_>, it: &Tag) -> Result<()> {
    tx.sql()
        .prepare_cached("UPDATE tags SET name = ?2, name_key = ?3, color = ?4 WHERE id = ?1")?
        .execute(params![it.id.0, it.name, text::fold(&it.name), it.color])?;
    Ok(())
}

/// Takes its name away, which is free for another at once. No name holds a line break, so that none
/// is ever the key of this one.
pub fn hide(tx: &Tx<'_>, id: TagId) -> Result<()> {
    tx.sql()
        .prepare_cached("UPDATE tags SET name = '', name_key = ?2 WHERE id = ?1")?
        .execute(params![id.0, format!("\n{id}")])?;
    Ok(())
}

pub fn find(db: &Reader<'_>, id: TagId) -> Result<Option<Tag>> {
    let mut stmt = db.sql().prepare_cached("SELECT * FROM tags WHERE id = ?1 AND name <> ''")?;
    Ok(stmt.query_row([id.0], from_row).optional()?)
}

pub fn find_by_name(db: &Reader<'_>, name: &TagName) -> Result<Option<Tag>> {
    let mut stmt = db.sql().prepare_cached("SELECT * FROM tags WHERE name_key = ?1")?;
    Ok(stmt.query_row([name.key()], from_row).optional()?)
}

/// How many conversations and contacts have a tag, each counted up to `most`.
pub fn usage(db: &Reader<'_>, id: TagId, most: u32) -> Result<(u32, u32)> {
    let count = |sql: &str| -> Result<u32> {
        let mut stmt = db.sql().prepare_cached(sql)?;
        Ok(stmt.query_row(params![id.0, most], |row| row.get(0))?)
    };
    let conversations = count(
        "SELECT COUNT(*) FROM (SELECT 1 FROM conversation_tags
         WHERE tag_seq = (SELECT seq FROM tags WHERE id = ?1) LIMIT ?2)",
    )?;
    let contacts = count(
        "SELECT COUNT(*) FROM (SELECT 1 FROM contact_tags
         WHERE tag_seq = (SELECT seq FROM tags WHERE id = ?1) LIMIT ?2)",
    )?;
    Ok((conversations, contacts))
}

pub fn count(db: &Reader<'_>) -> Result<u64> {
    let mut stmt = db.sql().prepare_cached("SELECT COUNT(*) FROM tags WHERE name <> ''")?;
    Ok(stmt.query_row([], |row| row.get(0))?)
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
         WHERE conversation_number = ?1 AND name <> '' ORDER BY tag_seq",
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
         WHERE contact_seq = ?1 AND name <> '' ORDER BY tag_seq",
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
    let mut stmt = db.sql().prepare_cached("SELECT seq, name FROM tags WHERE name <> ''")?;
    let rows = stmt.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Every tag, by name.
pub fn all(db: &Reader<'_>) -> Result<Vec<Tag>> {
    let mut stmt =
        db.sql().prepare_cached("SELECT * FROM tags WHERE name <> '' ORDER BY name_key")?;
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
