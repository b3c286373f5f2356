//! Forgetting a person: at once for everybody who looks, then row by row in slices.

use domain::{
    Timestamp,
    ids::{ContactId, ConversationId, MessageId},
    jobs::JobKind,
};
use rusqlite::{OptionalExtension, params};

use crate::{
    Reader, Result, Tx, attachments,
    conversations::{self, counts},
    jobs, messages,
    search::index,
};

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
/// removed by [`slice`]. Mails of its addresses that became no message go now: afterwards nobody
/// knows the addresses any more.
pub fn begin(tx: &Tx<'_>, id: ContactId, now: Timestamp) -> Result<()> {
    let addresses = tx
        .sql()
        .prepare_cached("SELECT address FROM contact_emails WHERE contact_id = ?1")?
        .query_map([id.0], |row| row.get::<_, String>(0))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    for address in addresses {
        delete_mails(tx, "from_address = ?1 AND message_seq IS NULL", &address, now)?;
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
        let removed = delete_messages(tx, number, left, now)?;
        left = left.saturating_sub(removed);
        if left > 0 {
            delete_conversation(tx, number, conversation)?;
            left -= 1;
        }
    }
    Ok(false)
}

/// Returns how many messages it removed; fewer than `limit` means that none is left.
fn delete_messages(tx: &Tx<'_>, number: i64, limit: u32, now: Timestamp) -> Result<u32> {
    let found = tx
        .sql()
        .prepare_cached("SELECT seq, id FROM messages WHERE conversation_number = ?1 LIMIT ?2")?
        .query_map(params![number, limit], |row| {
            Ok((row.get::<_, i64>(0)?, MessageId(row.get(1)?)))
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    for (seq, id) in &found {
        jobs::remove(tx, JobKind::SendMessage, id.0)?;
        delete_mails(tx, "message_seq = ?1", seq, now)?;
        attachments::delete_of_message(tx, *seq, now)?;
        messages::delete(tx, *seq)?;
    }
    Ok(u32::try_from(found.len()).unwrap_or(u32::MAX))
}

/// Removes ledger rows, with the jobs that would process them and the raw mails behind them.
fn delete_mails(
    tx: &Tx<'_>,
    condition: &str,
    value: &dyn rusqlite::ToSql,
    now: Timestamp,
) -> Result<()> {
    let sql = format!("DELETE FROM inbound WHERE {condition} RETURNING id, file_hash");
    let removed = tx
        .sql()
        .prepare_cached(&sql)?
        .query_map([value], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<Vec<(uuid::Uuid, Option<String>)>>>()?;
    for (id, hash) in removed {
        jobs::remove(tx, JobKind::ProcessInbound, id)?;
        if let Some(hash) = hash {
            attachments::release_file(tx, &hash, now)?;
        }
    }
    Ok(())
}

fn delete_conversation(tx: &Tx<'_>, number: i64, id: ConversationId) -> Result<()> {
    jobs::remove(tx, JobKind::WakeConversation, id.0)?;
    if let Some(facets) = counts::Facets::stored(tx, number)? {
        counts::add(tx, &facets, -1)?;
    }
    index::delete_conversation(tx, number)?;
    for sql in [
        "DELETE FROM conversation_tags WHERE conversation_number = ?1",
        "DELETE FROM conversation_participants WHERE conversation_number = ?1",
        "DELETE FROM assignments WHERE conversation_number = ?1",
        "DELETE FROM status_changes WHERE conversation_number = ?1",
        "DELETE FROM events WHERE conversation_number = ?1",
        "DELETE FROM conversations WHERE number = ?1",
    ] {
        tx.sql().prepare_cached(sql)?.execute([number])?;
    }
    debug_assert!(conversations::find(tx, id)?.is_none());
    Ok(())
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
