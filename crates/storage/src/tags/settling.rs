//! What has a tag that was renamed, merged or deleted, carried along a slice at a time.

use domain::{ids::TagId, tags::Tag};
use rusqlite::{OptionalExtension, params};

use super::of_conversation;
use crate::{Reader, Result, Tx, conversations, reports, search::index};

/// Every conversation that has the tag, by number.
pub fn conversations(db: &Reader<'_>, id: TagId) -> Result<Vec<i64>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT conversation_number FROM conversation_tags
         WHERE tag_seq = (SELECT seq FROM tags WHERE id = ?1)",
    )?;
    let rows = stmt.query_map([id.0], |row| row.get(0))?;
    let mut found = rows.collect::<rusqlite::Result<Vec<i64>>>()?;
    found.sort_unstable();
    Ok(found)
}

/// Puts the tag's words of these conversations into the search index anew.
pub fn reindex(tx: &Tx<'_>, numbers: &[i64]) -> Result<()> {
    let mut stmt = tx
        .sql()
        .prepare_cached("SELECT subject, merged_into FROM conversations WHERE number = ?1")?;
    for number in numbers {
        let found = stmt
            .query_row([number], |row| {
                Ok((row.get::<_, Option<String>>(0)?, row.get::<_, Option<uuid::Uuid>>(1)?))
            })
            .optional()?;
        // One that was merged into another is in no index.
        if let Some((subject, None)) = found {
            let names = of_conversation(tx, *number)?;
            index::put_conversation(tx, *number, subject.as_deref(), &names)?;
        }
    }
    Ok(())
}

/// Takes a deleted tag off at most `limit` conversations and as many contacts, which get `into` in
/// its place if there is one. Returns whether none has it any more.
pub fn take_off(tx: &Tx<'_>, id: TagId, into: Option<&Tag>, limit: u32) -> Result<bool> {
    let numbers = {
        let mut stmt = tx.sql().prepare_cached(
            "SELECT conversation_number FROM conversation_tags
             WHERE tag_seq = (SELECT seq FROM tags WHERE id = ?1) LIMIT ?2",
        )?;
        let rows = stmt.query_map(params![id.0, limit], |row| row.get(0))?;
        rows.collect::<rusqlite::Result<Vec<i64>>>()?
    };
    for number in &numbers {
        if let Some(into) = into {
            tx.sql()
                .prepare_cached(
                    "INSERT INTO conversation_tags
                         (conversation_number, tag_seq, status, active_at, spam)
                     SELECT conversation_number, (SELECT seq FROM tags WHERE id = ?3), status,
                         active_at, spam
                     FROM conversation_tags WHERE conversation_number = ?1
                     AND tag_seq = (SELECT seq FROM tags WHERE id = ?2)
                     ON CONFLICT DO NOTHING",
                )?
                .execute(params![number, id.0, into.id.0])?;
        }
        tx.sql()
            .prepare_cached(
                "DELETE FROM conversation_tags WHERE conversation_number = ?1
                 AND tag_seq = (SELECT seq FROM tags WHERE id = ?2)",
            )?
            .execute(params![number, id.0])?;
        if let Some(it) = conversations::find_by_number(tx, *number)? {
            reports::tags_changed(tx, &it)?;
        }
    }
    reindex(tx, &numbers)?;
    let contacts = off_contacts(tx, id, into, limit)?;
    Ok(numbers.len() < limit as usize && contacts < limit as usize)
}

fn off_contacts(tx: &Tx<'_>, id: TagId, into: Option<&Tag>, limit: u32) -> Result<usize> {
    const SOME: &str = "SELECT contact_seq FROM contact_tags
         WHERE tag_seq = (SELECT seq FROM tags WHERE id = ?1) ORDER BY contact_seq LIMIT ?2";
    if let Some(into) = into {
        let sql = format!(
            "INSERT INTO contact_tags (contact_seq, tag_seq)
             SELECT contact_seq, (SELECT seq FROM tags WHERE id = ?3) FROM ({SOME})
             WHERE true ON CONFLICT DO NOTHING"
        );
        tx.sql().prepare_cached(&sql)?.execute(params![id.0, limit, into.id.0])?;
    }
    let sql = format!(
        "DELETE FROM contact_tags WHERE tag_seq = (SELECT seq FROM tags WHERE id = ?1)
         AND contact_seq IN ({SOME})"
    );
    Ok(tx.sql().prepare_cached(&sql)?.execute(params![id.0, limit])?)
}
