//! What a mail has beyond its message, and the threads it makes.

use domain::{
    ids::{ChannelId, InboundId},
    messages::{Direction, MailFacts, Unreached},
};
use rusqlite::{OptionalExtension, Row, named_params, params};
use sha2::{Digest, Sha256};

use super::people;
use crate::{
    Reader, Result, Tx,
    row::{self, InOrder},
};

/// One mail of a thread: who wrote it, and where they want answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailHead {
    pub seq: i64,
    pub direction: Direction,
    pub from_address: Option<String>,
    pub reply_to: Option<String>,
}

/// The conversation's mails that have a Message-ID, newest first: what an answer continues.
pub fn newest_mails(db: &Reader<'_>, number: i64, limit: u32) -> Result<Vec<MailHead>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT messages.seq, messages.direction, mails.from_address, mails.reply_to
         FROM messages JOIN message_mails AS mails ON mails.message_seq = messages.seq
         WHERE messages.conversation_number = ?1 AND mails.message_id IS NOT NULL
         ORDER BY messages.seq DESC LIMIT ?2",
    )?;
    let rows = stmt.query_map(params![number, limit], |row| {
        let mut row = InOrder::new(row);
        Ok(MailHead {
            seq: row.get()?,
            direction: row.parse()?,
            from_address: row.get()?,
            reply_to: row.get()?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What a message has of a mail; none for one that is no mail.
pub fn mail(db: &Reader<'_>, seq: i64) -> Result<Option<MailFacts>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT message_seq AS mail_seq, message_id AS mail_message_id, in_reply_to, reference_ids,
             subject AS mail_subject, from_name, from_address, to_addresses, cc_addresses,
             bcc_addresses, automatic, remark, inbound_id, reply_to, unreached, over_channel_id
         FROM message_mails WHERE message_seq = ?1",
    )?;
    Ok(stmt.query_row([seq], from_row).optional()?.flatten())
}

/// Stores an outbound mail's Message-ID and the thread it goes into, fixed before the first attempt.
pub fn set_mail(tx: &Tx<'_>, seq: i64, mail: &MailFacts) -> Result<()> {
    tx.sql().prepare_cached("DELETE FROM message_mails WHERE message_seq = ?1")?.execute([seq])?;
    insert(tx, seq, mail)
}

/// Stores who has not got a mail that others have; nobody, if `unreached` is empty.
pub fn set_unreached(tx: &Tx<'_>, seq: i64, unreached: &[Unreached]) -> Result<()> {
    let mut stmt = tx
        .sql()
        .prepare_cached("UPDATE message_mails SET unreached = ?2 WHERE message_seq = ?1")?;
    stmt.execute(params![seq, document(unreached)?])?;
    Ok(())
}

pub(super) fn document(unreached: &[Unreached]) -> Result<Option<String>> {
    if unreached.is_empty() { Ok(None) } else { row::to_json(&unreached).map(Some) }
}

pub(super) fn insert(tx: &Tx<'_>, seq: i64, mail: &MailFacts) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO message_mails (
             message_seq, message_id, message_key, in_reply_to, reference_ids, subject, from_name,
             from_address, to_addresses, cc_addresses, bcc_addresses, automatic, remark, inbound_id,
             reply_to, unreached, over_channel_id
         ) VALUES (
             :message_seq, :message_id, :message_key, :in_reply_to, :reference_ids, :subject,
             :from_name, :from_address, :to_addresses, :cc_addresses, :bcc_addresses, :automatic,
             :remark, :inbound_id, :reply_to, :unreached, :over_channel_id
         )",
    )?;
    stmt.execute(named_params! {
        ":message_seq": seq,
        ":message_id": mail.message_id,
        ":message_key": mail.message_id.as_deref().map(key),
        ":in_reply_to": mail.in_reply_to,
        ":reference_ids": Some(mail.references.join(" ")).filter(|it| !it.is_empty()),
        ":subject": mail.subject,
        ":from_name": mail.from_name,
        ":from_address": mail.from_address,
        ":to_addresses": row::to_json(&mail.to)?,
        ":cc_addresses": row::to_json(&mail.cc)?,
        ":bcc_addresses": row::to_json(&mail.bcc)?,
        ":automatic": mail.automatic,
        ":remark": mail.remark,
        ":inbound_id": mail.inbound_id.map(|it| it.0),
        ":reply_to": mail.reply_to,
        ":unreached": document(&mail.unreached)?,
        ":over_channel_id": mail.over.map(|it| it.0),
    })?;
    people::name_all(tx, seq, mail)
}

/// What tells who wrote a mail, beside its words.
pub(super) fn forget_writer(tx: &Tx<'_>, seq: i64) -> Result<()> {
    for sql in [
        "UPDATE message_mails SET from_name = NULL, from_address = NULL, reply_to = NULL
         WHERE message_seq = ?1",
        "UPDATE message_bodies SET html = NULL, signature = NULL WHERE message_seq = ?1",
    ] {
        tx.sql().prepare_cached(sql)?.execute([seq])?;
    }
    Ok(())
}

/// A narrow key to find a Message-ID by.
pub(super) fn key(message_id: &str) -> i64 {
    let digest = Sha256::digest(message_id.as_bytes());
    let mut head = [0; 8];
    head.copy_from_slice(&digest[..8]);
    i64::from_be_bytes(head)
}

/// None for a message that is no mail.
pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Option<MailFacts>> {
    if row.get::<_, Option<i64>>("mail_seq")?.is_none() {
        return Ok(None);
    }
    Ok(Some(MailFacts {
        message_id: row.get("mail_message_id")?,
        in_reply_to: row.get("in_reply_to")?,
        references: row
            .get::<_, Option<String>>("reference_ids")?
            .map(|it| it.split(' ').map(str::to_owned).collect())
            .unwrap_or_default(),
        subject: row.get("mail_subject")?,
        from_name: row.get("from_name")?,
        from_address: row.get("from_address")?,
        to: row::json(row, "to_addresses")?,
        cc: row::json(row, "cc_addresses")?,
        bcc: row::json(row, "bcc_addresses")?,
        automatic: row.get("automatic")?,
        remark: row.get("remark")?,
        inbound_id: row.get::<_, Option<_>>("inbound_id")?.map(InboundId),
        reply_to: row.get("reply_to")?,
        unreached: row::optional_json(row, "unreached")?.unwrap_or_default(),
        over: row.get::<_, Option<_>>("over_channel_id")?.map(ChannelId),
    }))
}
