//! Channels, their health and how far each mail folder was read.

use domain::{
    Timestamp,
    channels::{Channel, Health},
    ids::ChannelId,
};
use rusqlite::{OptionalExtension, Row, params};

use crate::{Reader, Result, Tx, row};

/// Deleted channels too: their conversations stay readable.
pub fn find(db: &Reader<'_>, id: ChannelId) -> Result<Option<Channel>> {
    let mut stmt = db.sql().prepare_cached("SELECT * FROM channels WHERE id = ?1")?;
    Ok(stmt.query_row([id.0], from_row).optional()?)
}

/// The name of a channel, deleted or not.
pub fn name(db: &Reader<'_>, id: ChannelId) -> Result<Option<String>> {
    let mut stmt = db.sql().prepare_cached("SELECT name FROM channels WHERE id = ?1")?;
    Ok(stmt.query_row([id.0], |row| row.get(0)).optional()?)
}

/// All that are not deleted, oldest first.
pub fn all(db: &Reader<'_>) -> Result<Vec<Channel>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT * FROM channels WHERE deleted_at IS NULL ORDER BY created_at, id",
    )?;
    let rows = stmt.query_map([], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub fn insert(tx: &Tx<'_>, it: &Channel) -> Result<()> {
    tx.sql()
        .prepare_cached(
            "INSERT INTO channels (id, type, name, config, is_active, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            it.id.0,
            it.kind.as_str(),
            it.name,
            row::to_json(&it.config)?,
            it.is_active,
            it.created_at.0,
            it.updated_at.0
        ])?;
    tx.sql()
        .prepare_cached("INSERT INTO channel_health (channel_id) VALUES (?1)")?
        .execute([it.id.0])?;
    Ok(())
}

pub fn update(tx: &Tx<'_>, it: &Channel) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE channels SET name = ?2, config = ?3, is_active = ?4, updated_at = ?5,
             deleted_at = ?6 WHERE id = ?1",
    )?;
    stmt.execute(params![
        it.id.0,
        it.name,
        row::to_json(&it.config)?,
        it.is_active,
        it.updated_at.0,
        it.deleted_at.map(|it| it.0)
    ])?;
    Ok(())
}

pub fn has_conversations(db: &Reader<'_>, id: ChannelId) -> Result<bool> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT 1 FROM conversation_counts WHERE channel_id = ?1 AND n > 0 LIMIT 1",
    )?;
    Ok(stmt.exists([id.0])?)
}

pub fn health(db: &Reader<'_>, id: ChannelId) -> Result<Health> {
    let mut stmt = db.sql().prepare_cached("SELECT * FROM channel_health WHERE channel_id = ?1")?;
    let health = stmt.query_row([id.0], |row| {
        Ok(Health {
            receive_ok_at: row::instant(row, "receive_ok_at")?,
            receive_error: row.get("receive_error")?,
            receive_error_at: row::instant(row, "receive_error_at")?,
            send_ok_at: row::instant(row, "send_ok_at")?,
            send_error: row.get("send_error")?,
            send_error_at: row::instant(row, "send_error_at")?,
        })
    });
    Ok(health.optional()?.unwrap_or_default())
}

/// Which half of a channel a piece of health news is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Half {
    Receive,
    Send,
}

/// Notes that a half of the channel works, or why it does not. A success clears the error.
pub fn report(
    tx: &Tx<'_>,
    id: ChannelId,
    half: Half,
    outcome: std::result::Result<(), &str>,
    now: Timestamp,
) -> Result<()> {
    let half = match half {
        Half::Receive => "receive",
        Half::Send => "send",
    };
    let sql = match outcome {
        Ok(()) => format!(
            "UPDATE channel_health SET {half}_ok_at = ?2, {half}_error = ?3, {half}_error_at = NULL
             WHERE channel_id = ?1"
        ),
        Err(_) => format!(
            "UPDATE channel_health SET {half}_error_at = ?2, {half}_error = ?3
             WHERE channel_id = ?1"
        ),
    };
    tx.sql().prepare_cached(&sql)?.execute(params![id.0, now.0, outcome.err()])?;
    Ok(())
}

/// How far a folder was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FolderCursor {
    pub uid_validity: u32,
    pub last_uid: u32,
}

pub fn folder(db: &Reader<'_>, id: ChannelId, name: &str) -> Result<Option<FolderCursor>> {
    let mut stmt = db
        .sql()
        .prepare_cached("SELECT * FROM mail_folders WHERE channel_id = ?1 AND folder = ?2")?;
    let cursor = stmt.query_row(params![id.0, name], |row| {
        Ok(FolderCursor { uid_validity: row.get("uid_validity")?, last_uid: row.get("last_uid")? })
    });
    Ok(cursor.optional()?)
}

pub fn set_folder(
    tx: &Tx<'_>,
    id: ChannelId,
    name: &str,
    cursor: FolderCursor,
    now: Timestamp,
) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO mail_folders (channel_id, folder, uid_validity, last_uid, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (channel_id, folder) DO UPDATE SET uid_validity = excluded.uid_validity,
             last_uid = excluded.last_uid, updated_at = excluded.updated_at",
    )?;
    stmt.execute(params![id.0, name, cursor.uid_validity, cursor.last_uid, now.0])?;
    Ok(())
}

/// Makes the next look at each folder read its recent mail again.
pub fn doubt_folders(tx: &Tx<'_>, id: ChannelId) -> Result<()> {
    tx.sql()
        .prepare_cached("UPDATE mail_folders SET uid_validity = 0 WHERE channel_id = ?1")?
        .execute([id.0])?;
    Ok(())
}

/// The mailbox is another one now: how far the old one was read means nothing for it.
pub fn forget_folders(tx: &Tx<'_>, id: ChannelId) -> Result<()> {
    tx.sql().prepare_cached("DELETE FROM mail_folders WHERE channel_id = ?1")?.execute([id.0])?;
    Ok(())
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Channel> {
    Ok(Channel {
        id: ChannelId(row.get("id")?),
        kind: row::parse(row, "type")?,
        name: row.get("name")?,
        config: row::json(row, "config")?,
        is_active: row.get("is_active")?,
        created_at: Timestamp(row.get("created_at")?),
        updated_at: Timestamp(row.get("updated_at")?),
        deleted_at: row::instant(row, "deleted_at")?,
    })
}
