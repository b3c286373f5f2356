//! Giving all that is one contact's to another, and taking it back.

use domain::{Timestamp, ids::ContactId};
use rusqlite::params;

use crate::{Reader, Result, Tx, search::index, visitors};

/// What went over, by its keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Moved {
    pub conversations: Vec<i64>,
    pub messages: Vec<i64>,
}

/// How many rows would move, counted up to `limit` of each kind.
pub fn size(db: &Reader<'_>, id: ContactId, limit: u32) -> Result<u32> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT (SELECT COUNT(*) FROM
                 (SELECT 1 FROM conversations WHERE contact_id = ?1 LIMIT ?2) AS own)
              + (SELECT COUNT(*) FROM
                 (SELECT 1 FROM messages WHERE sender_type = 'contact' AND sender_id = ?1 LIMIT ?2)
                 AS written)",
    )?;
    Ok(stmt.query_row(params![id.0, limit], |row| row.get(0))?)
}

/// Moves conversations and what was written, wherever that stands.
pub fn move_all(tx: &Tx<'_>, from: ContactId, to: ContactId) -> Result<Moved> {
    let keys = |sql: &str| -> Result<Vec<i64>> {
        let mut stmt = tx.sql().prepare_cached(sql)?;
        let rows = stmt.query_map(params![from.0, to.0], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    };
    visitors::move_all(tx, from, to)?;
    Ok(Moved {
        conversations: keys(
            "UPDATE conversations SET contact_id = ?2 WHERE contact_id = ?1 RETURNING number",
        )?,
        messages: keys(
            "UPDATE messages SET sender_id = ?2 WHERE sender_type = 'contact' AND sender_id = ?1
             RETURNING seq",
        )?,
    })
}

/// Moves those of these that are still `from`'s.
pub fn move_these(tx: &Tx<'_>, from: ContactId, to: ContactId, moved: &Moved) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE conversations SET contact_id = ?2 WHERE contact_id = ?1 AND number = ?3",
    )?;
    for number in &moved.conversations {
        stmt.execute(params![from.0, to.0, number])?;
        visitors::move_of_conversation(tx, *number, from, to)?;
    }
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE messages SET sender_id = ?2
         WHERE sender_type = 'contact' AND sender_id = ?1 AND seq = ?3",
    )?;
    for seq in &moved.messages {
        stmt.execute(params![from.0, to.0, seq])?;
    }
    Ok(())
}

/// Hides a contact that nothing belongs to any more, as one that is being erased is hidden. Its row
/// stays for whatever refers to it.
pub fn hide(tx: &Tx<'_>, id: ContactId, now: Timestamp) -> Result<()> {
    let seq: i64 = tx
        .sql()
        .prepare_cached(
            "UPDATE contacts SET erased_at = ?2, updated_at = ?2, name = NULL, email = NULL,
                 phone = NULL, notes = NULL, attributes = '{}'
             WHERE id = ?1 RETURNING seq",
        )?
        .query_row(params![id.0, now.0], |row| row.get(0))?;
    for sql in [
        "DELETE FROM contact_emails WHERE contact_id = ?1",
        "DELETE FROM contact_phones WHERE contact_id = ?1",
        "DELETE FROM contact_external_ids WHERE contact_id = ?1",
    ] {
        tx.sql().prepare_cached(sql)?.execute([id.0])?;
    }
    tx.sql().prepare_cached("DELETE FROM contact_tags WHERE contact_seq = ?1")?.execute([seq])?;
    index::delete_contact(tx, seq)
}

/// Shows a hidden contact again; the caller then stores what it is like.
pub fn show(tx: &Tx<'_>, id: ContactId) -> Result<()> {
    tx.sql()
        .prepare_cached("UPDATE contacts SET erased_at = NULL WHERE id = ?1")?
        .execute([id.0])?;
    Ok(())
}
