//! Keeping the full-text tables in step with their source rows (FTS5: SQLite's own).
//!
//! The tables are contentless: an entry is deleted and inserted anew, never changed in part.

use domain::searches::snippets::is_written_without_spaces;
use rusqlite::params;

use crate::{Result, Tx};

/// Text as the tokenizer should see it: scripts written without spaces between words are given one
/// around each character, so that a query, treated the same way, finds them as a phrase.
pub(crate) fn segmented(text: &str) -> String {
    // The tokenizer stops at a NUL and would leave the rest out.
    if text.is_ascii() && !text.contains('\0') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for it in text.chars() {
        if is_written_without_spaces(it) {
            out.push(' ');
            out.push(it);
            out.push(' ');
        } else {
            out.push(if it == '\0' { ' ' } else { it });
        }
    }
    out
}

/// A message that has no entry yet: a customer's, a reply or a note; not an event told in the thread.
pub fn add_message(tx: &Tx<'_>, seq: i64, text: &str, attachment_names: &[&str]) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO messages_fts (rowid, text, attachments) VALUES (?1, ?2, ?3)",
    )?;
    stmt.execute(params![seq, segmented(text), segmented(&attachment_names.join(" "))])?;
    Ok(())
}

pub fn delete_message(tx: &Tx<'_>, seq: i64) -> Result<()> {
    tx.sql().prepare_cached("DELETE FROM messages_fts WHERE rowid = ?1")?.execute([seq])?;
    Ok(())
}

/// Replaces a conversation's entry, after its subject or tags changed.
pub fn put_conversation(
    tx: &Tx<'_>,
    number: i64,
    subject: Option<&str>,
    tags: &[String],
) -> Result<()> {
    delete_conversation(tx, number)?;
    add_conversation(tx, number, subject, tags)
}

/// A conversation that has no entry yet.
pub fn add_conversation(
    tx: &Tx<'_>,
    number: i64,
    subject: Option<&str>,
    tags: &[String],
) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO conversations_fts (rowid, subject, tags) VALUES (?1, ?2, ?3)",
    )?;
    let subject = segmented(subject.unwrap_or_default());
    stmt.execute(params![number, subject, segmented(&tags.join(" "))])?;
    Ok(())
}

pub fn delete_conversation(tx: &Tx<'_>, number: i64) -> Result<()> {
    tx.sql().prepare_cached("DELETE FROM conversations_fts WHERE rowid = ?1")?.execute([number])?;
    Ok(())
}

pub fn put_contact(
    tx: &Tx<'_>,
    seq: i64,
    name: Option<&str>,
    addresses: &[&str],
    phones: &[&str],
) -> Result<()> {
    delete_contact(tx, seq)?;
    // People search a phone by its last digits, with or without the country code.
    let digits: Vec<String> = phones
        .iter()
        .map(|it| it.chars().filter(char::is_ascii_digit).collect::<String>())
        .flat_map(|it| {
            let tails = (6..it.len()).map(|len| it[it.len() - len..].to_owned());
            tails.chain([it.clone()]).collect::<Vec<_>>()
        })
        .collect();
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO contacts_fts (rowid, names, addresses, phones) VALUES (?1, ?2, ?3, ?4)",
    )?;
    let name = segmented(name.unwrap_or_default());
    stmt.execute(params![seq, name, segmented(&addresses.join(" ")), digits.join(" ")])?;
    Ok(())
}

pub fn delete_contact(tx: &Tx<'_>, seq: i64) -> Result<()> {
    tx.sql().prepare_cached("DELETE FROM contacts_fts WHERE rowid = ?1")?.execute([seq])?;
    Ok(())
}
