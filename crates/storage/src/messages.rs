//! Messages with what a mail adds, their attachments and their delivery.

use std::collections::HashMap;

use domain::{
    Timestamp,
    ids::{AttachmentId, ConversationId, MessageId},
    messages::{Attachment, DeliveryStatus, Direction, Message, Sender},
};
use rusqlite::{OptionalExtension, Row, named_params, params, params_from_iter};

use crate::{Reader, Result, Tx, reports, row, search::index};

mod mails;
mod pages;
pub mod people;

pub use mails::{MailHead, mail, newest_mails, set_mail, set_unreached};
pub use pages::{Bounds, Listed, Place, listed, page};

const SELECT: &str = "SELECT messages.*, conversations.id AS conversation_id,
        COALESCE(agents.name, contacts.name, contacts.email, automations.name) AS sender_name,
        bodies.html, bodies.quoted, bodies.signature,
        mails.message_seq AS mail_seq, mails.message_id AS mail_message_id, mails.in_reply_to,
        mails.reference_ids, mails.subject AS mail_subject, mails.from_name, mails.from_address,
        mails.to_addresses, mails.cc_addresses, mails.bcc_addresses, mails.automatic, mails.remark,
        mails.inbound_id, mails.reply_to, mails.unreached, mails.over_channel_id
    FROM messages
    JOIN conversations ON conversations.number = messages.conversation_number
    LEFT JOIN agents ON messages.sender_type = 'agent' AND agents.id = messages.sender_id
    LEFT JOIN contacts ON messages.sender_type = 'contact' AND contacts.id = messages.sender_id
    LEFT JOIN automations ON messages.sender_type = 'system' AND automations.id = messages.sender_id
    LEFT JOIN message_bodies AS bodies ON bodies.message_seq = messages.seq
    LEFT JOIN message_mails AS mails ON mails.message_seq = messages.seq";

/// Stores a message with its mail facts, body and search entry, and gives it its `seq`. Its
/// attachments are put on it afterwards (see [`crate::attachments`]).
pub fn insert(tx: &Tx<'_>, it: &mut Message) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO messages (
             id, conversation_number, direction, type, sender_type, sender_id, text, status, error,
             send_at, cancel_if_customer_writes, has_attachments, event, created_at, sent_at
         ) VALUES (
             :id, :conversation_number, :direction, :type, :sender_type, :sender_id, :text, :status,
             :error, :send_at, :cancel_if_customer_writes, :has_attachments, :event, :created_at,
             :sent_at
         )",
    )?;
    stmt.execute(named_params! {
        ":id": it.id.0,
        ":conversation_number": it.conversation_number,
        ":direction": it.direction.as_str(),
        ":type": it.kind.as_str(),
        ":sender_type": it.sender.kind.as_str(),
        ":sender_id": it.sender.id,
        ":text": it.text,
        ":status": it.status.map(DeliveryStatus::as_str),
        ":error": it.error,
        ":send_at": it.send_at.map(|it| it.0),
        ":cancel_if_customer_writes": it.cancel_if_customer_writes,
        ":has_attachments": !it.attachments.is_empty(),
        ":event": it.event.as_ref().map(row::to_json).transpose()?,
        ":created_at": it.created_at.0,
        ":sent_at": it.sent_at.map(|it| it.0),
    })?;
    it.seq = tx.sql().last_insert_rowid();
    insert_body(tx, it)?;
    if let Some(mail) = &it.mail {
        mails::insert(tx, it.seq, mail)?;
    }
    if it.direction != Direction::Event {
        let names: Vec<&str> = it.attachments.iter().map(|it| it.name.as_str()).collect();
        index::add_message(tx, it.seq, &it.text, &names)?;
    }
    Ok(())
}

fn insert_body(tx: &Tx<'_>, it: &Message) -> Result<()> {
    if it.html.is_none() && it.quoted.is_none() && it.signature.is_none() {
        return Ok(());
    }
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO message_bodies (message_seq, html, quoted, signature) VALUES (?1, ?2, ?3, ?4)",
    )?;
    stmt.execute(params![it.seq, it.html, it.quoted, it.signature])?;
    Ok(())
}

pub fn find(db: &Reader<'_>, id: MessageId) -> Result<Option<Message>> {
    let sql = format!("{SELECT} WHERE messages.id = ?1");
    let mut stmt = db.sql().prepare_cached(&sql)?;
    let found = stmt.query_row([id.0], from_row).optional()?;
    found.map(|it| with_attachments(db, vec![it])).transpose().map(|it| it?.pop())
}

/// The message with this Message-ID (RFC 5322), the newest if several claim it.
pub fn find_by_message_id(db: &Reader<'_>, message_id: &str) -> Result<Option<Message>> {
    let sql = format!(
        "{SELECT} WHERE mails.message_key = ?1 AND mails.message_id = ?2
         ORDER BY messages.seq DESC LIMIT 1"
    );
    let mut stmt = db.sql().prepare_cached(&sql)?;
    let found = stmt.query_row(params![mails::key(message_id), message_id], from_row).optional()?;
    found.map(|it| with_attachments(db, vec![it])).transpose().map(|it| it?.pop())
}

/// The conversations in which a mail has this Message-ID, newest mail first, at most 20: anybody can
/// write one, so the caller decides which it believes.
pub fn conversations_with(db: &Reader<'_>, message_id: &str) -> Result<Vec<i64>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT messages.conversation_number FROM message_mails AS mails
         JOIN messages ON messages.seq = mails.message_seq
         WHERE mails.message_key = ?1 AND mails.message_id = ?2
         ORDER BY messages.seq DESC LIMIT 20",
    )?;
    let rows = stmt.query_map(params![mails::key(message_id), message_id], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The newest mail of a conversation that has left, e.g. the one a report without details means.
pub fn newest_sent(db: &Reader<'_>, number: i64) -> Result<Option<Message>> {
    let sql = format!(
        "{SELECT} WHERE messages.conversation_number = ?1 AND messages.direction = 'outbound'
         AND messages.status <> 'queued' ORDER BY messages.seq DESC LIMIT 1"
    );
    let mut stmt = db.sql().prepare_cached(&sql)?;
    Ok(stmt.query_row([number], from_row).optional()?)
}

/// The message that went out from here with this Message-ID.
pub fn find_sent(db: &Reader<'_>, message_id: &str) -> Result<Option<Message>> {
    let sql = format!(
        "{SELECT} WHERE mails.message_key = ?1 AND mails.message_id = ?2
         AND messages.direction = 'outbound' ORDER BY messages.seq DESC LIMIT 1"
    );
    let mut stmt = db.sql().prepare_cached(&sql)?;
    Ok(stmt.query_row(params![mails::key(message_id), message_id], from_row).optional()?)
}

/// Whether a mail with this Message-ID went out from here.
pub fn is_ours(db: &Reader<'_>, message_id: &str) -> Result<bool> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT 1 FROM message_mails AS mails
         JOIN messages ON messages.seq = mails.message_seq
         WHERE mails.message_key = ?1 AND mails.message_id = ?2
         AND messages.direction = 'outbound'",
    )?;
    Ok(stmt.exists(params![mails::key(message_id), message_id])?)
}

/// The conversation's number and the message's place in it.
pub fn place(db: &Reader<'_>, id: MessageId) -> Result<Option<(i64, i64)>> {
    let mut stmt =
        db.sql().prepare_cached("SELECT conversation_number, seq FROM messages WHERE id = ?1")?;
    Ok(stmt.query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

/// Where the `n`th newest message of a conversation lies, the newest being 0.
pub fn nth_newest(db: &Reader<'_>, number: i64, n: u32) -> Result<Option<i64>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT seq FROM messages WHERE conversation_number = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2",
    )?;
    Ok(stmt.query_row(params![number, n], |row| row.get(0)).optional()?)
}

/// How many messages a conversation has, told events too, counted up to `limit`.
pub fn count(db: &Reader<'_>, number: i64, limit: u32) -> Result<u32> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT COUNT(*) FROM
             (SELECT 1 FROM messages WHERE conversation_number = ?1 LIMIT ?2) AS found",
    )?;
    Ok(stmt.query_row(params![number, limit], |row| row.get(0))?)
}

/// The message at a place in the order of all.
pub fn find_by_seq(db: &Reader<'_>, seq: i64) -> Result<Option<Message>> {
    let sql = format!("{SELECT} WHERE messages.seq = ?1");
    let mut stmt = db.sql().prepare_cached(&sql)?;
    let found = stmt.query_row([seq], from_row).optional()?;
    found.map(|it| with_attachments(db, vec![it])).transpose().map(|it| it?.pop())
}

/// The messages at these places that there are, in their order.
pub fn find_all(db: &Reader<'_>, seqs: &[i64]) -> Result<Vec<Message>> {
    if seqs.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "{SELECT} WHERE messages.seq IN ({}) ORDER BY messages.seq",
        row::placeholders(seqs)
    );
    let mut stmt = db.sql().prepare_cached(&sql)?;
    let rows = stmt.query_map(params_from_iter(row::padded(seqs)), from_row)?;
    with_attachments(db, rows.collect::<rusqlite::Result<_>>()?)
}

/// The messages people wrote after `seq`: what a stale reply has not seen.
pub fn written_after(db: &Reader<'_>, number: i64, seq: i64, limit: u32) -> Result<Vec<Message>> {
    let sql = format!(
        "{SELECT} WHERE messages.conversation_number = ?1 AND messages.seq > ?2
         AND messages.direction <> 'event' ORDER BY messages.seq LIMIT ?3"
    );
    let mut stmt = db.sql().prepare_cached(&sql)?;
    let rows = stmt.query_map(params![number, seq, limit], from_row)?;
    with_attachments(db, rows.collect::<rusqlite::Result<_>>()?)
}

/// Outbound messages that have not left yet, oldest first.
pub fn queued(db: &Reader<'_>, number: i64) -> Result<Vec<Message>> {
    let sql = format!(
        "{SELECT} WHERE messages.conversation_number = ?1 AND messages.status = 'queued'
         ORDER BY messages.seq"
    );
    let mut stmt = db.sql().prepare_cached(&sql)?;
    let rows = stmt.query_map([number], from_row)?;
    with_attachments(db, rows.collect::<rusqlite::Result<_>>()?)
}

/// Stores how far an outbound message has come. The caller has asked
/// [`DeliveryStatus::may_become`].
pub fn set_delivery(
    tx: &Tx<'_>,
    seq: i64,
    status: DeliveryStatus,
    error: Option<&str>,
    sent_at: Option<Timestamp>,
) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE messages SET status = ?2, error = ?3, sent_at = COALESCE(?4, sent_at)
         WHERE seq = ?1",
    )?;
    stmt.execute(params![seq, status.as_str(), error, sent_at.map(|it| it.0)])?;
    Ok(())
}

/// Changes when a queued message leaves.
pub fn set_send_at(tx: &Tx<'_>, seq: i64, at: Timestamp) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached("UPDATE messages SET send_at = ?2 WHERE seq = ?1")?;
    stmt.execute(params![seq, at.0])?;
    Ok(())
}

/// Removes a message that never left, with all that belongs to it. Its attachments' files lose this
/// reference; see [`crate::attachments`].
pub fn delete(tx: &Tx<'_>, seq: i64) -> Result<()> {
    reports::keep_message(tx, seq)?;
    index::delete_message(tx, seq)?;
    for sql in [
        "DELETE FROM message_bodies WHERE message_seq = ?1",
        "DELETE FROM message_mails WHERE message_seq = ?1",
        "DELETE FROM deliveries WHERE message_seq = ?1",
        "DELETE FROM visitor_messages WHERE message_seq = ?1",
        "UPDATE inbound SET message_seq = NULL WHERE message_seq = ?1",
        "DELETE FROM messages WHERE seq = ?1",
    ] {
        tx.sql().prepare_cached(sql)?.execute([seq])?;
    }
    Ok(())
}

/// The newest message people wrote, for the list row after another one was taken back.
pub fn newest_written(db: &Reader<'_>, number: i64) -> Result<Option<Message>> {
    let sql = format!(
        "{SELECT} WHERE messages.conversation_number = ?1 AND messages.direction <> 'event'
         ORDER BY messages.seq DESC LIMIT 1"
    );
    let mut stmt = db.sql().prepare_cached(&sql)?;
    Ok(stmt.query_row([number], from_row).optional()?)
}

fn with_attachments(db: &Reader<'_>, mut messages: Vec<Message>) -> Result<Vec<Message>> {
    read_attachments(db, messages.iter_mut())?;
    Ok(messages)
}

fn read_attachments<'a>(
    db: &Reader<'_>,
    messages: impl Iterator<Item = &'a mut Message>,
) -> Result<()> {
    let messages: Vec<_> = messages.collect();
    let seqs: Vec<i64> = messages.iter().map(|it| it.seq).collect();
    if seqs.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "SELECT * FROM attachments WHERE message_seq IN ({}) ORDER BY created_at, id",
        row::placeholders(&seqs)
    );
    let mut stmt = db.sql().prepare_cached(&sql)?;
    let mut rows = stmt.query(params_from_iter(row::padded(&seqs)))?;
    let mut found: HashMap<i64, Vec<Attachment>> = HashMap::new();
    while let Some(row) = rows.next()? {
        found.entry(row.get("message_seq")?).or_default().push(attachment_from_row(row)?);
    }
    for it in messages {
        it.attachments = found.remove(&it.seq).unwrap_or_default();
    }
    Ok(())
}

pub(crate) fn attachment_from_row(row: &Row<'_>) -> rusqlite::Result<Attachment> {
    Ok(Attachment {
        id: AttachmentId(row.get("id")?),
        file_hash: row.get("file_hash")?,
        name: row.get("name")?,
        mime: row.get("mime")?,
        size: row.get("size")?,
        content_id: row.get("content_id")?,
        inline: row.get("inline")?,
    })
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Message> {
    Ok(Message {
        seq: row.get("seq")?,
        id: MessageId(row.get("id")?),
        conversation_id: ConversationId(row.get("conversation_id")?),
        conversation_number: row.get("conversation_number")?,
        direction: row::parse(row, "direction")?,
        kind: row::parse(row, "type")?,
        sender: Sender {
            kind: row::parse(row, "sender_type")?,
            id: row.get("sender_id")?,
            name: row.get("sender_name")?,
        },
        text: row.get("text")?,
        html: row.get("html")?,
        quoted: row.get("quoted")?,
        signature: row.get("signature")?,
        attachments: Vec::new(),
        status: row::parse_optional(row, "status")?,
        error: row.get("error")?,
        send_at: row::instant(row, "send_at")?,
        cancel_if_customer_writes: row.get("cancel_if_customer_writes")?,
        mail: mails::from_row(row)?,
        event: row::optional_json(row, "event")?,
        created_at: Timestamp(row.get("created_at")?),
        sent_at: row::instant(row, "sent_at")?,
    })
}
