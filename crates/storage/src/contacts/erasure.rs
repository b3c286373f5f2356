//! Forgetting a person: at once for everybody who looks, then row by row in slices.

use domain::{
    Timestamp,
    addresses::EmailAddress,
    ids::{ContactId, ConversationId},
};
use rusqlite::{OptionalExtension, params};

use crate::{
    Reader, Result, Tx, contacts::merging, conversations::removal, inbound, messages, operations,
    views, visitors,
};

/// What belongs to a person, and goes with them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Belongings {
    pub conversations: u64,
    pub messages: u64,
    pub attachments: u64,
    pub mails: u64,
}

/// Counted by key, but all of it: for a reader, not for the writer's turn.
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
/// removed by [`slice()`], which finds mails by the addresses kept until then; not by `ours`, which
/// stand in everybody's mails.
pub fn begin(tx: &Tx<'_>, id: ContactId, ours: &[EmailAddress], now: Timestamp) -> Result<()> {
    tx.sql()
        .prepare_cached(
            "INSERT INTO erased_addresses (contact_id, address, inbound_seq, message_seq)
             SELECT contact_id, address, (SELECT COALESCE(MAX(seq), 0) FROM inbound),
                 (SELECT COALESCE(MAX(seq), 0) FROM messages)
             FROM contact_emails WHERE contact_id = ?1",
        )?
        .execute([id.0])?;
    for address in ours {
        forget_address(tx, id, address.as_str())?;
    }
    operations::forget_contact(tx, id)?;
    visitors::forget_contact(tx, id)?;
    for known in known_by(tx, id)? {
        if !ours.iter().any(|it| it.as_str() == known) {
            views::forget(tx, &known)?;
        }
    }
    merging::hide(tx, id, now)
}

/// Addresses and numbers.
fn known_by(tx: &Tx<'_>, id: ContactId) -> Result<Vec<String>> {
    let mut stmt = tx.sql().prepare_cached(
        "SELECT address FROM contact_emails WHERE contact_id = ?1
         UNION ALL SELECT number FROM contact_phones WHERE contact_id = ?1",
    )?;
    let rows = stmt.query_map([id.0], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
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
        let Some((number, conversation)) = next else { break };
        left = removal::remove(tx, number, conversation, left, now)?;
    }
    while left > 0 {
        let Some(it) = next_address(tx, id)? else { break };
        left -= inbound::removal::delete_of_address(tx, &it.address, it.inbound_seq, left, now)?
            .min(left);
        left -= messages::people::forget(tx, &it.address, it.message_seq, left, now)?.min(left);
        if left > 0 {
            forget_address(tx, id, &it.address)?;
        }
    }
    left -= messages::people::forget_writer(tx, id, left, now)?.min(left);
    if left == 0 {
        return Ok(false);
    }
    visitors::delete_of_contact(tx, id)?;
    tx.sql()
        .prepare_cached("DELETE FROM contacts WHERE id = ?1 AND erased_at IS NOT NULL")?
        .execute([id.0])?;
    Ok(true)
}

struct ErasedAddress {
    address: String,
    inbound_seq: i64,
    message_seq: i64,
}

fn next_address(tx: &Tx<'_>, id: ContactId) -> Result<Option<ErasedAddress>> {
    let mut stmt =
        tx.sql().prepare_cached("SELECT * FROM erased_addresses WHERE contact_id = ?1 LIMIT 1")?;
    let found = stmt.query_row([id.0], |row| {
        Ok(ErasedAddress {
            address: row.get("address")?,
            inbound_seq: row.get("inbound_seq")?,
            message_seq: row.get("message_seq")?,
        })
    });
    Ok(found.optional()?)
}

/// Nothing is to be looked for by this address any more, and its owner joins no thread.
fn forget_address(tx: &Tx<'_>, id: ContactId, address: &str) -> Result<()> {
    let known = tx
        .sql()
        .prepare_cached("DELETE FROM erased_addresses WHERE contact_id = ?1 AND address = ?2")?
        .execute(params![id.0, address])?;
    if known > 0 {
        tx.sql()
            .prepare_cached("DELETE FROM conversation_participants WHERE address = ?1")?
            .execute([address])?;
    }
    Ok(())
}
