//! Making the full-text tables anew from their source rows, a slice at a time.

use rusqlite::params;

use super::index;
use crate::{Result, Tx};

/// What one slice does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Messages { after: i64 },
    Conversations { after: i64 },
    Contacts { after: i64 },
}

impl Step {
    /// Begin here, after [`clear`].
    pub const FIRST: Self = Self::Messages { after: 0 };
}

/// Empties the full-text tables: until the last step searches find less than there is.
pub fn clear(tx: &Tx<'_>) -> Result<()> {
    tx.sql().execute_batch(
        "INSERT INTO messages_fts (messages_fts) VALUES ('delete-all');
         INSERT INTO conversations_fts (conversations_fts) VALUES ('delete-all');
         INSERT INTO contacts_fts (contacts_fts) VALUES ('delete-all');",
    )?;
    Ok(())
}

/// Indexes up to `limit` rows; answers how to go on, and nothing at the end.
pub fn step(tx: &Tx<'_>, step: Step, limit: u32) -> Result<Option<Step>> {
    let (last, again): (_, fn(i64) -> Step) = match step {
        Step::Messages { after } => (messages(tx, after, limit)?, |after| Step::Messages { after }),
        Step::Conversations { after } => {
            (conversations(tx, after, limit)?, |after| Step::Conversations { after })
        }
        Step::Contacts { after } => (contacts(tx, after, limit)?, |after| Step::Contacts { after }),
    };
    Ok(last.map(again).or(match step {
        Step::Messages { .. } => Some(Step::Conversations { after: 0 }),
        Step::Conversations { .. } => Some(Step::Contacts { after: 0 }),
        Step::Contacts { .. } => None,
    }))
}

/// The key of the last row indexed, if there was one.
fn messages(tx: &Tx<'_>, after: i64, limit: u32) -> Result<Option<i64>> {
    let mut stmt = tx.sql().prepare_cached(
        "SELECT seq, text, direction <> 'event' AS searched,
             (SELECT json_group_array(name) FROM attachments WHERE message_seq = seq) AS names
         FROM messages WHERE seq > ?1 ORDER BY seq LIMIT ?2",
    )?;
    let mut rows = stmt.query(params![after, limit])?;
    let mut last = None;
    while let Some(row) = rows.next()? {
        let seq = row.get("seq")?;
        last = Some(seq);
        if row.get("searched")? {
            let names: Vec<String> = crate::row::json(row, "names")?;
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            index::add_message(tx, seq, &row.get::<_, String>("text")?, &names)?;
        }
    }
    Ok(last)
}

fn conversations(tx: &Tx<'_>, after: i64, limit: u32) -> Result<Option<i64>> {
    let mut stmt = tx.sql().prepare_cached(
        "SELECT number, subject,
             (SELECT json_group_array(name) FROM conversation_tags JOIN tags ON seq = tag_seq
              WHERE conversation_number = number AND name <> '') AS tags
         FROM conversations WHERE number > ?1 ORDER BY number LIMIT ?2",
    )?;
    let mut rows = stmt.query(params![after, limit])?;
    let mut last = None;
    while let Some(row) = rows.next()? {
        let number = row.get("number")?;
        last = Some(number);
        let subject: Option<String> = row.get("subject")?;
        let tags: Vec<String> = crate::row::json(row, "tags")?;
        index::add_conversation(tx, number, subject.as_deref(), &tags)?;
    }
    Ok(last)
}

fn contacts(tx: &Tx<'_>, after: i64, limit: u32) -> Result<Option<i64>> {
    let mut stmt = tx.sql().prepare_cached(
        "SELECT seq, name, erased_at IS NULL AS searched,
             (SELECT json_group_array(address) FROM contact_emails WHERE contact_id = id) AS emails,
             (SELECT json_group_array(number) FROM contact_phones WHERE contact_id = id) AS phones
         FROM contacts WHERE seq > ?1 ORDER BY seq LIMIT ?2",
    )?;
    let mut rows = stmt.query(params![after, limit])?;
    let mut last = None;
    while let Some(row) = rows.next()? {
        let seq = row.get("seq")?;
        last = Some(seq);
        if row.get("searched")? {
            let name: Option<String> = row.get("name")?;
            let emails: Vec<String> = crate::row::json(row, "emails")?;
            let phones: Vec<String> = crate::row::json(row, "phones")?;
            let emails: Vec<&str> = emails.iter().map(String::as_str).collect();
            let phones: Vec<&str> = phones.iter().map(String::as_str).collect();
            index::put_contact(tx, seq, name.as_deref(), &emails, &phones)?;
        }
    }
    Ok(last)
}
