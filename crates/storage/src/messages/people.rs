//! Whom messages name beside their writer and their receiver: people who may want to be forgotten in
//! other people's conversations.

use domain::{
    Timestamp,
    messages::{MailFacts, Unreached},
};
use rusqlite::{OptionalExtension, params};
use serde_json::Value;

use super::mails;
use crate::{Reader, Result, Tx, automations::runs, inbound, row};

/// What stands where an erased person's address stood.
const ERASED: &str = "(erased)";

/// Notes that a message names an address.
pub fn name(tx: &Tx<'_>, message_seq: i64, address: &str) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO message_people (address, message_seq) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    )?;
    stmt.execute(params![address, message_seq])?;
    Ok(())
}

/// Whether the desk wrote to this address in a conversation, openly.
pub fn was_written_to(db: &Reader<'_>, number: i64, address: &str) -> Result<bool> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT mails.to_addresses, mails.cc_addresses FROM message_people AS people
         JOIN messages ON messages.seq = people.message_seq
         JOIN message_mails AS mails ON mails.message_seq = messages.seq
         WHERE people.address = ?1 AND messages.conversation_number = ?2
             AND messages.direction = 'outbound'",
    )?;
    let mut rows = stmt.query(params![address, number])?;
    while let Some(row) = rows.next()? {
        let lists = ["to_addresses", "cc_addresses"].map(|it| row::json::<Vec<String>>(row, it));
        for list in lists {
            if list?.iter().any(|it| it == address) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Notes everybody a mail was copied to. One receiver needs no note: it is the contact, or we are.
pub(super) fn name_all(tx: &Tx<'_>, message_seq: i64, mail: &MailFacts) -> Result<()> {
    let others = if mail.to.len() > 1 { mail.to.as_slice() } else { &[] };
    for address in others.iter().chain(&mail.cc).chain(&mail.bcc).chain(&mail.reply_to) {
        name(tx, message_seq, address)?;
    }
    Ok(())
}

/// Takes an address out of messages up to `newest` that name it, at most `limit`; their words stay,
/// the raw mails behind them go. Returns how many there were.
pub(crate) fn forget(
    tx: &Tx<'_>,
    address: &str,
    newest: i64,
    limit: u32,
    now: Timestamp,
) -> Result<u32> {
    let named = tx
        .sql()
        .prepare_cached(
            "DELETE FROM message_people WHERE address = ?1 AND message_seq IN (
                 SELECT message_seq FROM message_people
                 WHERE address = ?1 AND message_seq <= ?2 LIMIT ?3)
             RETURNING message_seq",
        )?
        .query_map(params![address, newest, limit], |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<i64>>>()?;
    for seq in &named {
        take_out(tx, *seq, address, now)?;
    }
    Ok(u32::try_from(named.len()).unwrap_or(u32::MAX))
}

fn take_out(tx: &Tx<'_>, seq: i64, address: &str, now: Timestamp) -> Result<()> {
    runs::delete_naming(tx, seq, address)?;
    inbound::removal::strip(tx, seq, false, now)?;
    let lists = tx
        .sql()
        .prepare_cached(
            "SELECT to_addresses, cc_addresses, bcc_addresses, unreached FROM message_mails
             WHERE message_seq = ?1",
        )?
        .query_row([seq], |row| {
            let list = |column| row::json::<Vec<String>>(row, column);
            let unreached = row::optional_json::<Vec<Unreached>>(row, "unreached")?;
            let lists = [list("to_addresses")?, list("cc_addresses")?, list("bcc_addresses")?];
            Ok((lists, unreached.unwrap_or_default()))
        })
        .optional()?;
    if let Some((lists, mut unreached)) = lists {
        let left = lists.map(|mut list| {
            list.retain(|it| it != address);
            row::to_json(&list)
        });
        let [to, cc, bcc] = left;
        tx.sql()
            .prepare_cached(
                "UPDATE message_mails SET to_addresses = ?2, cc_addresses = ?3, bcc_addresses = ?4,
                     reply_to = NULLIF(reply_to, ?5)
                 WHERE message_seq = ?1",
            )?
            .execute(params![seq, to?, cc?, bcc?, address])?;
        unreached.retain(|it| it.address != address);
        mails::set_unreached(tx, seq, &unreached)?;
    }
    for sql in [
        "UPDATE messages SET error = replace(error, ?2, ?3),
             text = CASE direction WHEN 'event' THEN replace(text, ?2, ?3) ELSE text END
         WHERE seq = ?1",
        "UPDATE deliveries SET detail = replace(detail, ?2, ?3) WHERE message_seq = ?1",
    ] {
        tx.sql().prepare_cached(sql)?.execute(params![seq, address, ERASED])?;
    }
    take_out_of_event(tx, seq, address)
}

/// As out of its text: an address may stand in any of its words.
fn take_out_of_event(tx: &Tx<'_>, seq: i64, address: &str) -> Result<()> {
    let event = tx
        .sql()
        .prepare_cached("SELECT event FROM messages WHERE seq = ?1")?
        .query_row([seq], |row| row::optional_json::<Value>(row, "event"))
        .optional()?
        .flatten();
    if let Some(mut event) = event {
        replace(&mut event, address);
        tx.sql()
            .prepare_cached("UPDATE messages SET event = ?2 WHERE seq = ?1")?
            .execute(params![seq, row::to_json(&event)?])?;
    }
    Ok(())
}

fn replace(document: &mut Value, address: &str) {
    match document {
        Value::String(text) => *text = text.replace(address, ERASED),
        Value::Object(object) => object.values_mut().for_each(|it| replace(it, address)),
        _ => {}
    }
}

/// Messages an erased contact wrote into other people's conversations keep their words and lose who
/// wrote them: name, address, signature, formatted form and raw mail. At most `limit`; returns how
/// many there were.
pub(crate) fn forget_writer(
    tx: &Tx<'_>,
    contact: domain::ids::ContactId,
    limit: u32,
    now: Timestamp,
) -> Result<u32> {
    let written = tx
        .sql()
        .prepare_cached(
            "UPDATE messages SET sender_id = NULL WHERE seq IN (
                 SELECT seq FROM messages WHERE sender_type = 'contact' AND sender_id = ?1 LIMIT ?2)
             RETURNING seq, conversation_number",
        )?
        .query_map(params![contact.0, limit], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<Vec<(i64, i64)>>>()?;
    for (seq, conversation) in &written {
        // What rules saw of the writer there.
        runs::delete_traces(tx, *conversation)?;
        inbound::removal::strip(tx, *seq, true, now)?;
        mails::forget_writer(tx, *seq)?;
    }
    Ok(u32::try_from(written.len()).unwrap_or(u32::MAX))
}
