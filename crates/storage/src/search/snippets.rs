//! The texts that extracts are made of: the index keeps none.

use domain::ids::MessageId;
use rusqlite::OptionalExtension;

use crate::{Reader, Result};

/// A message's id and text, then the names of its files.
pub fn message(db: &Reader<'_>, seq: i64) -> Result<Option<(MessageId, String)>> {
    let mut stmt =
        db.sql().prepare_cached("SELECT id, text, has_attachments FROM messages WHERE seq = ?1")?;
    let found = stmt
        .query_row([seq], |row| {
            Ok((MessageId(row.get(0)?), row.get::<_, String>(1)?, row.get::<_, bool>(2)?))
        })
        .optional()?;
    let Some((id, mut text, has_attachments)) = found else { return Ok(None) };
    if has_attachments {
        let mut names = db.sql().prepare_cached(
            "SELECT name FROM attachments WHERE message_seq = ?1 ORDER BY created_at, id",
        )?;
        let mut rows = names.query([seq])?;
        while let Some(row) = rows.next()? {
            text.push('\n');
            text.push_str(row.get_ref(0)?.as_str().unwrap_or_default());
        }
    }
    Ok(Some((id, text)))
}

/// A conversation's subject and tags.
pub fn subject(db: &Reader<'_>, number: i64) -> Result<Option<String>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT COALESCE(subject, '') || (
             SELECT COALESCE(group_concat(' ' || tags.name, ''), '') FROM conversation_tags
             JOIN tags ON tags.seq = tag_seq
             WHERE conversation_number = number AND tags.name <> '')
         FROM conversations WHERE number = ?1",
    )?;
    Ok(stmt.query_row([number], |row| row.get(0)).optional()?)
}
