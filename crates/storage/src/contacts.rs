//! Contacts with all their addresses, phones and channel identities.

use std::collections::BTreeMap;

use domain::{
    Timestamp, addresses::EmailAddress, contacts::Contact, ids::ContactId, phones::PhoneNumber,
    tags::TagName,
};
use rusqlite::{OptionalExtension, Row, named_params, params};

use crate::{Reader, Result, Tx, row, search::index, tags};

pub mod erasure;
pub mod list;
pub mod merging;

/// None also for a contact that is being erased.
pub fn find(db: &Reader<'_>, id: ContactId) -> Result<Option<Contact>> {
    let mut stmt =
        db.sql().prepare_cached("SELECT * FROM contacts WHERE id = ?1 AND erased_at IS NULL")?;
    let found = stmt.query_row([id.0], from_row).optional()?;
    found.map(|(seq, it)| complete(db, seq, it)).transpose()
}

/// Also for a contact that is being erased: nobody hears from them any more, either.
pub fn is_blocked(db: &Reader<'_>, id: ContactId) -> Result<bool> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT blocked = 1 OR erased_at IS NOT NULL FROM contacts WHERE id = ?1",
    )?;
    Ok(stmt.query_row([id.0], |row| row.get(0)).optional()?.unwrap_or(true))
}

/// Reads what stands in other tables.
pub(crate) fn complete(db: &Reader<'_>, seq: i64, mut it: Contact) -> Result<Contact> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT address FROM contact_emails WHERE contact_id = ?1 ORDER BY position",
    )?;
    let addresses = stmt.query_map([it.id.0], |row| row::parse(row, "address"))?;
    it.emails = addresses.collect::<rusqlite::Result<_>>()?;
    let mut stmt = db.sql().prepare_cached(
        "SELECT number FROM contact_phones WHERE contact_id = ?1 ORDER BY position",
    )?;
    let numbers = stmt.query_map([it.id.0], |row| Ok(PhoneNumber::stored(row.get(0)?)))?;
    it.phones = numbers.collect::<rusqlite::Result<_>>()?;
    let mut stmt = db
        .sql()
        .prepare_cached("SELECT kind, value FROM contact_external_ids WHERE contact_id = ?1")?;
    let ids = stmt.query_map([it.id.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
    it.external_ids = ids.collect::<rusqlite::Result<BTreeMap<_, _>>>()?;
    it.tags = tags::of_contact(db, seq)?;
    Ok(it)
}

pub fn find_by_email(db: &Reader<'_>, address: &EmailAddress) -> Result<Option<ContactId>> {
    let mut stmt =
        db.sql().prepare_cached("SELECT contact_id FROM contact_emails WHERE address = ?1")?;
    Ok(stmt.query_row([address.as_str()], |row| row.get(0).map(ContactId)).optional()?)
}

pub fn find_by_phone(db: &Reader<'_>, number: &PhoneNumber) -> Result<Option<ContactId>> {
    let mut stmt =
        db.sql().prepare_cached("SELECT contact_id FROM contact_phones WHERE number = ?1")?;
    Ok(stmt.query_row([number.as_str()], |row| row.get(0).map(ContactId)).optional()?)
}

pub fn find_by_external_id(db: &Reader<'_>, kind: &str, value: &str) -> Result<Option<ContactId>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT contact_id FROM contact_external_ids WHERE kind = ?1 AND value = ?2",
    )?;
    Ok(stmt.query_row([kind, value], |row| row.get(0).map(ContactId)).optional()?)
}

/// The caller has made sure that no other contact has one of its addresses, phones or ids.
pub fn insert(tx: &Tx<'_>, it: &Contact) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO contacts (id, name, email, phone, notes, attributes, blocked, created_at, updated_at)
         VALUES (:id, :name, :email, :phone, :notes, :attributes, :blocked, :created_at, :updated_at)",
    )?;
    stmt.execute(named_params! {
        ":id": it.id.0,
        ":name": it.name,
        ":email": it.emails.first().map(EmailAddress::as_str),
        ":phone": it.phones.first().map(PhoneNumber::as_str),
        ":notes": it.notes,
        ":attributes": row::to_json(&it.attributes)?,
        ":blocked": it.blocked,
        ":created_at": it.created_at.0,
        ":updated_at": it.updated_at.0,
    })?;
    let seq = tx.sql().last_insert_rowid();
    put_parts(tx, seq, it)
}

/// Stores everything of the contact anew.
pub fn update(tx: &Tx<'_>, it: &Contact) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE contacts SET name = :name, email = :email, phone = :phone, notes = :notes,
             attributes = :attributes, blocked = :blocked, updated_at = :updated_at
         WHERE id = :id RETURNING seq",
    )?;
    let seq = stmt.query_row(
        named_params! {
            ":id": it.id.0,
            ":name": it.name,
            ":email": it.emails.first().map(EmailAddress::as_str),
            ":phone": it.phones.first().map(PhoneNumber::as_str),
            ":notes": it.notes,
            ":attributes": row::to_json(&it.attributes)?,
            ":blocked": it.blocked,
            ":updated_at": it.updated_at.0,
        },
        |row| row.get(0),
    )?;
    for sql in [
        "DELETE FROM contact_emails WHERE contact_id = ?1",
        "DELETE FROM contact_phones WHERE contact_id = ?1",
        "DELETE FROM contact_external_ids WHERE contact_id = ?1",
    ] {
        tx.sql().prepare_cached(sql)?.execute([it.id.0])?;
    }
    put_parts(tx, seq, it)
}

fn put_parts(tx: &Tx<'_>, seq: i64, it: &Contact) -> Result<()> {
    for (position, address) in it.emails.iter().enumerate() {
        tx.sql()
            .prepare_cached(
                "INSERT INTO contact_emails (address, contact_id, position) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![address.as_str(), it.id.0, position])?;
    }
    for (position, number) in it.phones.iter().enumerate() {
        tx.sql()
            .prepare_cached(
                "INSERT INTO contact_phones (number, contact_id, position) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![number.as_str(), it.id.0, position])?;
    }
    for (kind, value) in &it.external_ids {
        tx.sql()
            .prepare_cached(
                "INSERT INTO contact_external_ids (kind, value, contact_id) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![kind, value, it.id.0])?;
    }
    let names: Vec<TagName> = it
        .tags
        .iter()
        .map(|it| TagName::parse(it))
        .collect::<std::result::Result<_, _>>()
        .map_err(row::unwritable)?;
    tags::set_of_contact(tx, seq, &names, it.updated_at)?;
    let addresses: Vec<&str> = it.emails.iter().map(EmailAddress::as_str).collect();
    let phones: Vec<&str> = it.phones.iter().map(PhoneNumber::as_str).collect();
    index::put_contact(tx, seq, it.name.as_deref(), &addresses, &phones)
}

pub(crate) fn from_row(row: &Row<'_>) -> rusqlite::Result<(i64, Contact)> {
    let created_at = Timestamp(row.get("created_at")?);
    let mut it = Contact::new(ContactId(row.get("id")?), created_at);
    it.name = row.get("name")?;
    it.notes = row.get("notes")?;
    it.attributes = row::json(row, "attributes")?;
    it.blocked = row.get("blocked")?;
    it.updated_at = Timestamp(row.get("updated_at")?);
    Ok((row.get("seq")?, it))
}
