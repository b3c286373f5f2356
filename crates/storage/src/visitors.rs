//! Visitors of web chats and the tokens of their browsers.

use domain::{
    Timestamp,
    ids::{ChannelId, ContactId, VisitorId},
    visitors::Visitor,
};
use rusqlite::{OptionalExtension, Row, named_params, params};

use crate::{Reader, Result, Tx, row};

pub mod chats;
pub mod ratings;

/// A visitor as a token shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub visitor: Visitor,
    /// Until when the site's signature holds; none for who is anonymous.
    pub signed_until: Option<Timestamp>,
    pub expires_at: Timestamp,
}

/// Stores a visitor and gives them their `seq`.
pub fn insert(tx: &Tx<'_>, it: &mut Visitor) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO visitors (id, channel_id, user_id, name, email, phone, contact_id, created_at)
         VALUES (:id, :channel_id, :user_id, :name, :email, :phone, :contact_id, :created_at)",
    )?;
    stmt.execute(named_params! {
        ":id": it.id.0,
        ":channel_id": it.channel_id.0,
        ":user_id": it.user_id,
        ":name": it.name,
        ":email": it.email,
        ":phone": it.phone,
        ":contact_id": it.contact_id.map(|it| it.0),
        ":created_at": it.created_at.0,
    })?;
    it.seq = tx.sql().last_insert_rowid();
    Ok(())
}

/// Stores what is known of a visitor by now.
pub fn update(tx: &Tx<'_>, it: &Visitor) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE visitors SET user_id = :user_id, name = :name, email = :email, phone = :phone,
             contact_id = :contact_id WHERE seq = :seq",
    )?;
    stmt.execute(named_params! {
        ":seq": it.seq,
        ":user_id": it.user_id,
        ":name": it.name,
        ":email": it.email,
        ":phone": it.phone,
        ":contact_id": it.contact_id.map(|it| it.0),
    })?;
    Ok(())
}

pub fn find(db: &Reader<'_>, seq: i64) -> Result<Option<Visitor>> {
    let mut stmt = db.sql().prepare_cached("SELECT * FROM visitors WHERE seq = ?1")?;
    Ok(stmt.query_row([seq], from_row).optional()?)
}

pub fn find_by_id(db: &Reader<'_>, channel: ChannelId, id: VisitorId) -> Result<Option<Visitor>> {
    let mut stmt =
        db.sql().prepare_cached("SELECT * FROM visitors WHERE id = ?1 AND channel_id = ?2")?;
    Ok(stmt.query_row(params![id.0, channel.0], from_row).optional()?)
}

/// The visitor who is this user of the channel's site.
pub fn find_by_user(db: &Reader<'_>, channel: ChannelId, user_id: &str) -> Result<Option<Visitor>> {
    let mut stmt =
        db.sql().prepare_cached("SELECT * FROM visitors WHERE channel_id = ?1 AND user_id = ?2")?;
    Ok(stmt.query_row(params![channel.0, user_id], from_row).optional()?)
}

/// The visitor of this channel with this token, unless its time is over.
pub fn find_by_token(
    db: &Reader<'_>,
    channel: ChannelId,
    token: &[u8; 32],
    now: Timestamp,
) -> Result<Option<Known>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT visitors.*, tokens.signed_until, tokens.expires_at
         FROM visitor_tokens AS tokens JOIN visitors ON visitors.seq = tokens.visitor_seq
         WHERE tokens.token_hash = ?1 AND visitors.channel_id = ?2 AND tokens.expires_at > ?3",
    )?;
    let found = stmt.query_row(params![token, channel.0, now.0], |row| {
        Ok(Known {
            visitor: from_row(row)?,
            signed_until: row::instant(row, "signed_until")?,
            expires_at: Timestamp(row.get("expires_at")?),
        })
    });
    Ok(found.optional()?)
}

/// Makes a token good for a visitor until `expires_at`, or changes until when it is.
pub fn put_token(
    tx: &Tx<'_>,
    visitor_seq: i64,
    token: &[u8; 32],
    signed_until: Option<Timestamp>,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO visitor_tokens (token_hash, visitor_seq, signed_until, created_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (token_hash) DO UPDATE SET
             signed_until = excluded.signed_until, expires_at = excluded.expires_at",
    )?;
    let signed_until = signed_until.map(|it| it.0);
    stmt.execute(params![token, visitor_seq, signed_until, now.0, expires_at.0])?;
    Ok(())
}

/// Removes all but the newest tokens of a visitor.
pub fn keep_newest_tokens(tx: &Tx<'_>, visitor_seq: i64, most: u32) -> Result<()> {
    tx.sql()
        .prepare_cached(
            "DELETE FROM visitor_tokens WHERE token_hash IN (
                 SELECT token_hash FROM visitor_tokens WHERE visitor_seq = ?1
                 ORDER BY created_at DESC, token_hash LIMIT -1 OFFSET ?2
             )",
        )?
        .execute(params![visitor_seq, most])?;
    Ok(())
}

/// Removes every token that a signature of the channel's site stands behind.
pub fn delete_signed_tokens(tx: &Tx<'_>, channel: ChannelId) -> Result<()> {
    tx.sql()
        .prepare_cached(
            "DELETE FROM visitor_tokens WHERE signed_until IS NOT NULL AND visitor_seq IN (
                 SELECT seq FROM visitors WHERE channel_id = ?1 AND user_id IS NOT NULL
             )",
        )?
        .execute([channel.0])?;
    Ok(())
}

/// Whether a visitor has a token that is good at this time.
pub fn has_token(db: &Reader<'_>, visitor_seq: i64, now: Timestamp) -> Result<bool> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT 1 FROM visitor_tokens WHERE visitor_seq = ?1 AND expires_at > ?2",
    )?;
    Ok(stmt.exists(params![visitor_seq, now.0])?)
}

/// Removes tokens whose time is over, at most `limit`, with the visitors nothing is kept of by then.
pub fn delete_expired(tx: &Tx<'_>, now: Timestamp, limit: u32) -> Result<usize> {
    let mut stmt = tx.sql().prepare_cached(
        "DELETE FROM visitor_tokens WHERE token_hash IN (
             SELECT token_hash FROM visitor_tokens WHERE expires_at <= ?1 LIMIT ?2
         ) RETURNING visitor_seq",
    )?;
    let seqs = stmt.query_map(params![now.0, limit], |row| row.get(0))?;
    let seqs = seqs.collect::<rusqlite::Result<Vec<i64>>>()?;
    let mut stmt = tx.sql().prepare_cached(
        "DELETE FROM visitors WHERE seq = ?1 AND user_id IS NULL
         AND NOT EXISTS (SELECT 1 FROM visitor_tokens WHERE visitor_seq = ?1)
         AND NOT EXISTS (SELECT 1 FROM visitor_conversations WHERE visitor_seq = ?1)",
    )?;
    for seq in &seqs {
        stmt.execute([seq])?;
    }
    Ok(seqs.len())
}

/// Lets nobody in any more who is this contact, and forgets who they said they are.
pub(crate) fn forget_contact(tx: &Tx<'_>, contact: ContactId) -> Result<()> {
    for sql in [
        "DELETE FROM visitor_tokens WHERE visitor_seq IN (
             SELECT seq FROM visitors WHERE contact_id = ?1)",
        "UPDATE visitors SET user_id = NULL, name = NULL, email = NULL, phone = NULL
         WHERE contact_id = ?1",
    ] {
        tx.sql().prepare_cached(sql)?.execute([contact.0])?;
    }
    Ok(())
}

pub(crate) fn delete_of_contact(tx: &Tx<'_>, contact: ContactId) -> Result<()> {
    tx.sql().prepare_cached("DELETE FROM visitors WHERE contact_id = ?1")?.execute([contact.0])?;
    Ok(())
}

/// Makes the visitors who are one contact another: the two were merged.
pub(crate) fn move_all(tx: &Tx<'_>, from: ContactId, to: ContactId) -> Result<()> {
    tx.sql()
        .prepare_cached("UPDATE visitors SET contact_id = ?2 WHERE contact_id = ?1")?
        .execute(params![from.0, to.0])?;
    Ok(())
}

/// The same for the visitors of one conversation.
pub(crate) fn move_of_conversation(
    tx: &Tx<'_>,
    number: i64,
    from: ContactId,
    to: ContactId,
) -> Result<()> {
    tx.sql()
        .prepare_cached(
            "UPDATE visitors SET contact_id = ?3 WHERE contact_id = ?2 AND seq IN (
                 SELECT visitor_seq FROM visitor_conversations WHERE conversation_number = ?1)",
        )?
        .execute(params![number, from.0, to.0])?;
    Ok(())
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Visitor> {
    Ok(Visitor {
        seq: row.get("seq")?,
        id: VisitorId(row.get("id")?),
        channel_id: ChannelId(row.get("channel_id")?),
        user_id: row.get("user_id")?,
        name: row.get("name")?,
        email: row.get("email")?,
        phone: row.get("phone")?,
        contact_id: row.get::<_, Option<_>>("contact_id")?.map(ContactId),
        created_at: Timestamp(row.get("created_at")?),
    })
}
