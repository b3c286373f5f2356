//! The conversations that somebody is in: what `from:` and `to:` ask for.

use std::{collections::BTreeMap, time::Duration};

use domain::Timestamp;
use rusqlite::params;
use uuid::Uuid;

use super::query::Query;
use crate::{Reader, Result};

/// Contacts looked at, the newest first: a name or a domain that thousands share needs another word.
const MOST_CONTACTS: u32 = 200;
/// Conversations, those active last first.
const MOST_CONVERSATIONS: usize = 5_000;
/// Messages of one contact looked at for conversations of others, the newest first.
const MOST_MESSAGES: u32 = 1_000;

/// Conversations by number, with when they were active last.
pub type Numbers = BTreeMap<i64, i64>;

/// The conversations of matching contacts, and others in which they wrote.
pub fn from(db: &Reader<'_>, who: &Query) -> Result<Numbers> {
    let mut written = db.sql().prepare_cached(
        "SELECT conversations.number, conversations.active_at FROM (
             SELECT conversation_number FROM messages
             WHERE sender_type = 'contact' AND sender_id = ?1 ORDER BY seq DESC LIMIT ?2
         ) JOIN conversations ON conversations.number = conversation_number",
    )?;
    let mut found = Numbers::new();
    for id in contacts(db, who)? {
        of_contact(db, id, &mut found)?;
        let rows =
            written.query_map(params![id, MOST_MESSAGES], |row| Ok((row.get(0)?, row.get(1)?)))?;
        for row in rows {
            let (number, at) = row?;
            found.insert(number, at);
        }
        if found.len() >= MOST_CONVERSATIONS {
            break;
        }
    }
    Ok(found)
}

/// The conversations in which matching contacts were written to, or this address was put in to or cc.
pub fn to(db: &Reader<'_>, who: &Query, address: &str) -> Result<Numbers> {
    let mut all = Numbers::new();
    for id in contacts(db, who)? {
        of_contact(db, id, &mut all)?;
        if all.len() >= MOST_CONVERSATIONS {
            break;
        }
    }
    let mut answered = db.sql().prepare_cached(
        "SELECT 1 FROM messages WHERE conversation_number = ?1 AND direction = 'outbound' LIMIT 1",
    )?;
    let mut found = Numbers::new();
    for (number, at) in all {
        if answered.exists([number])? {
            found.insert(number, at);
        }
    }
    let mut copied = db.sql().prepare_cached(
        "SELECT number, active_at FROM conversation_participants
         JOIN conversations ON number = conversation_number
         WHERE address = ?1 ORDER BY number DESC LIMIT ?2",
    )?;
    let rows = copied
        .query_map(params![address, MOST_CONVERSATIONS], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for row in rows {
        let (number, at) = row?;
        found.insert(number, at);
    }
    Ok(found)
}

/// One conversation, by the number people use.
pub fn numbered(number: i64, active_at: Timestamp) -> Numbers {
    Numbers::from([(number, active_at.0)])
}

/// The newest contacts that match.
pub(super) fn contacts(db: &Reader<'_>, who: &Query) -> Result<Vec<Uuid>> {
    let expression = contact_expression(db, who)?;
    let mut stmt = db.sql().prepare_cached(
        "SELECT contacts.id FROM contacts_fts JOIN contacts ON contacts.seq = contacts_fts.rowid
         WHERE contacts_fts MATCH ?1 AND contacts.erased_at IS NULL
         ORDER BY contacts_fts.rowid DESC LIMIT ?2",
    )?;
    let rows = stmt.query_map(params![expression, MOST_CONTACTS], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What to look for among contacts: what was asked for, as long as that is soon found.
pub(crate) fn contact_expression(db: &Reader<'_>, query: &Query) -> Result<String> {
    const SOON: Duration = Duration::from_millis(10);
    let expression = query.contact_expression();
    if !query.has_prefixes() {
        return Ok(expression);
    }
    let found = db.in_time(SOON, |db| {
        let mut stmt = db
            .sql()
            .prepare_cached("SELECT 1 FROM contacts_fts WHERE contacts_fts MATCH ?1 LIMIT 1")?;
        Ok(stmt.exists([&expression])?)
    })?;
    Ok(match found {
        Some(_) => expression,
        None => query.exact_contact_expression(),
    })
}

fn of_contact(db: &Reader<'_>, id: Uuid, found: &mut Numbers) -> Result<()> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT number, active_at FROM conversations WHERE contact_id = ?1
         ORDER BY active_at DESC LIMIT ?2",
    )?;
    let rows =
        stmt.query_map(params![id, MOST_CONVERSATIONS], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for row in rows {
        let (number, at) = row?;
        found.insert(number, at);
    }
    Ok(())
}
