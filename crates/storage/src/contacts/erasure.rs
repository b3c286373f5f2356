//! Forgetting a person: at once for everybody who looks, then row by row in slices.

use domain::{
    Timestamp,
    ids::{ContactId, ConversationId},
};
use rusqlite::{OptionalExtension, params};

use crate::{Reader, Result, Tx, conversations::removal, search::index};

/// What belongs to a person, and goes with them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Belongings {
    pub conversations: u64,
    pub messages: u64,
    pub attachments: u64,
    pub mails: u64,
}

pub fn belongings(db: &Reader<'_>, id: ContactId) -> Result<Belongings> {
    let mut stmt = db.sql().prepare_cached(
        "WITH mine AS (SELECT number FROM conversations WHERE contact_id = ?1),
              written AS (
                  SELECT seq, has_attachments FROM messages
                  WHERE conversation_number IN (SELECT number FROM mine)
              )
         SELECT (SELECT COUNT(*) FROM mine) AS conversations,
                (SELECT COUNT(*) FROM written) AS messages,
                (SELECT COUNT(*) FROM attachments WHERE message_seq IN (
                    SELECT seq FROM written WHERE has_attachments = 1)) AS attachments,
                (SELECT COUNT(*) FROM inbound WHERE message_seq IN (SELECT seq FROM written))
              + (SELECT COUNT(*) FROM inbound WHERE message_seq IS NULL AND from_address IN (
                    SELECT address FROM contact_emails WHERE contact_id = ?1)) AS mails",
    )?;
    Ok(stmt.query_row([id.0], |row| {
        Ok(Belongings {
            conversations: row.get("conversations")?,
            messages: row.get("messages")?,
            attachments: row.get("attachments")?,
            mails: row.get("mails")?,
        })
    })?)
}

/// Hides the contact with everything that belongs to it and forgets who it was. What is left is
/// removed by [`slice()`]. Mails of its addresses that became no message go now: afterwards nobody
/// knows the addresses any more.
pub fn begin(tx: &Tx<'_>, id: ContactId, now: Timestamp) -> Result<()> {
    let addresses = tx
        .sql()
        .prepare_cached("SELECT address FROM contact_emails WHERE contact_id = ?1")?
        .query_map([id.0], |row| row.get::<_, String>(0))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    for address in addresses {
        removal::delete_mails(tx, "from_address = ?1 AND message_seq IS NULL", &address, now)?;
    }
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

/// Removes at most about `limit` rows of an erased contact. Returns true once nothing is left, the
/// contact's own row included.
pub fn slice(tx: &Tx<'_>, id: ContactId, limit: u32, now: Timestamp) -> Result<bool> {
    let mut left = limit;
    while left > 0 {
        let next = tx
            .sql()
            .prepare_cached("SELECT number, id FROM conversations WHERE contact_id = ?1 LIMIT 1")?
            .query_row([id.0], |row| Ok((row.get(0)?, ConversationId(row.get(1)?))))
            .optional()?;
        let Some((number, conversation)) = next else {
            delete_traces(tx, id)?;
            tx.sql()
                .prepare_cached("DELETE FROM contacts WHERE id = ?1 AND erased_at IS NOT NULL")?
                .execute([id.0])?;
            return Ok(true);
        };
        left = removal::remove(tx, number, conversation, left, now)?;
    }
    Ok(false)
}

/// What the person left in other people's conversations loses its author.
fn delete_traces(tx: &Tx<'_>, id: ContactId) -> Result<()> {
    tx.sql()
        .prepare_cached(
            "UPDATE message_mails SET from_name = NULL, from_address = NULL
             WHERE message_seq IN (SELECT seq FROM messages
                 WHERE sender_type = 'contact' AND sender_id = ?1)",
        )?
        .execute([id.0])?;
    tx.sql()
        .prepare_cached(
            "UPDATE messages SET sender_id = NULL WHERE sender_type = 'contact' AND sender_id = ?1",
        )?
        .execute([id.0])?;
    Ok(())
}
