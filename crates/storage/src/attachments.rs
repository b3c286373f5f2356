//! Attachments: uploads that wait for a message, files on messages, and which stored files are
//! still referred to.

use domain::{
    Timestamp,
    ids::{AgentId, AttachmentId},
    messages::Attachment,
};
use rusqlite::{OptionalExtension, Row, named_params, params};

use crate::{Reader, Result, Tx, messages::attachment_from_row};

/// An attachment with what decides who may read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub attachment: Attachment,
    /// None while it is an upload that no message has taken.
    pub message_seq: Option<i64>,
    pub uploader: Option<AgentId>,
    pub expires_at: Option<Timestamp>,
}

/// Stores an upload, to be taken by one message of the same agent before `expires_at`.
pub fn insert_upload(
    tx: &Tx<'_>,
    it: &Attachment,
    uploader: AgentId,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<()> {
    refer_to_file(tx, &it.file_hash, it.size, now)?;
    insert(tx, it, None, Some((Some(uploader), expires_at)), now)
}

/// Stores a visitor's upload, to be taken by one message of theirs before `expires_at`.
pub fn insert_visitor_upload(
    tx: &Tx<'_>,
    it: &Attachment,
    visitor_seq: i64,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<()> {
    refer_to_file(tx, &it.file_hash, it.size, now)?;
    insert(tx, it, None, Some((None, expires_at)), now)?;
    tx.sql()
        .prepare_cached("UPDATE attachments SET visitor_seq = ?2 WHERE id = ?1")?
        .execute(params![it.id.0, visitor_seq])?;
    Ok(())
}

/// Puts a file on a stored message.
pub fn attach(tx: &Tx<'_>, message_seq: i64, it: &Attachment, now: Timestamp) -> Result<()> {
    refer_to_file(tx, &it.file_hash, it.size, now)?;
    insert(tx, it, Some(message_seq), None, now)
}

fn insert(
    tx: &Tx<'_>,
    it: &Attachment,
    message_seq: Option<i64>,
    upload: Option<(Option<AgentId>, Timestamp)>,
    now: Timestamp,
) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO attachments (
             id, message_seq, uploader_id, expires_at, file_hash, name, mime, size, content_id,
             inline, created_at
         ) VALUES (
             :id, :message_seq, :uploader_id, :expires_at, :file_hash, :name, :mime, :size,
             :content_id, :inline, :created_at
         )",
    )?;
    stmt.execute(named_params! {
        ":id": it.id.0,
        ":message_seq": message_seq,
        ":uploader_id": upload.and_then(|(uploader, _)| uploader).map(|it| it.0),
        ":expires_at": upload.map(|(_, expires_at)| expires_at.0),
        ":file_hash": it.file_hash,
        ":name": it.name,
        ":mime": it.mime,
        ":size": it.size,
        ":content_id": it.content_id,
        ":inline": it.inline,
        ":created_at": now.0,
    })?;
    Ok(())
}

/// Takes uploads for a message, to be put on it with [`attach`]. `None`, and the transaction must be
/// given up, when one of them is not there, is another agent's, has expired or was taken already.
pub fn take_uploads(
    tx: &Tx<'_>,
    ids: &[AttachmentId],
    uploader: AgentId,
    now: Timestamp,
) -> Result<Option<Vec<Attachment>>> {
    let mut stmt = tx.sql().prepare_cached(
        "DELETE FROM attachments
         WHERE id = ?1 AND uploader_id = ?2 AND message_seq IS NULL AND expires_at > ?3
         RETURNING *",
    )?;
    let mut taken = Vec::with_capacity(ids.len());
    for id in ids {
        let found = stmt.query_row(params![id.0, uploader.0, now.0], attachment_from_row);
        let Some(it) = found.optional()? else { return Ok(None) };
        taken.push(it);
    }
    Ok(Some(taken))
}

/// Lets an agent's uploads live until `expires_at`. Those that are there, in this order.
pub fn keep_uploads(
    tx: &Tx<'_>,
    ids: &[AttachmentId],
    uploader: AgentId,
    expires_at: Timestamp,
) -> Result<Vec<Attachment>> {
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE attachments SET expires_at = ?3
         WHERE id = ?1 AND uploader_id = ?2 AND message_seq IS NULL RETURNING *",
    )?;
    let mut kept = Vec::with_capacity(ids.len());
    for id in ids {
        let found = stmt.query_row(params![id.0, uploader.0, expires_at.0], attachment_from_row);
        kept.extend(found.optional()?);
    }
    Ok(kept)
}

/// Removes an upload of this agent's that no message has taken.
pub(crate) fn delete_upload(
    tx: &Tx<'_>,
    id: AttachmentId,
    uploader: AgentId,
    now: Timestamp,
) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "DELETE FROM attachments WHERE id = ?1 AND uploader_id = ?2 AND message_seq IS NULL
         RETURNING file_hash",
    )?;
    let hash = stmt.query_row(params![id.0, uploader.0], |row| row.get::<_, String>(0));
    match hash.optional()? {
        Some(hash) => release_file(tx, &hash, now),
        None => Ok(()),
    }
}

/// As [`take_uploads`], of a visitor's.
pub fn take_visitor_uploads(
    tx: &Tx<'_>,
    ids: &[AttachmentId],
    visitor_seq: i64,
    now: Timestamp,
) -> Result<Option<Vec<Attachment>>> {
    let mut stmt = tx.sql().prepare_cached(
        "DELETE FROM attachments
         WHERE id = ?1 AND visitor_seq = ?2 AND message_seq IS NULL AND expires_at > ?3
         RETURNING *",
    )?;
    let mut taken = Vec::with_capacity(ids.len());
    for id in ids {
        let found = stmt.query_row(params![id.0, visitor_seq, now.0], attachment_from_row);
        let Some(it) = found.optional()? else { return Ok(None) };
        taken.push(it);
    }
    Ok(Some(taken))
}

const UNCLAIMED_OF_VISITORS: &str = "SELECT COUNT(*) AS uploads, COALESCE(SUM(size), 0) AS bytes
    FROM attachments WHERE message_seq IS NULL AND visitor_seq BETWEEN ?1 AND ?2";

/// What a visitor, or with `None` all of them, have uploaded without sending it yet. Read from an index
/// alone.
pub fn unclaimed_of_visitors(db: &Reader<'_>, visitor_seq: Option<i64>) -> Result<Unclaimed> {
    let mut stmt = db.sql().prepare_cached(UNCLAIMED_OF_VISITORS)?;
    let range = visitor_seq.map_or((0, i64::MAX), |it| (it, it));
    let unclaimed = stmt.query_row(range, |row| {
        Ok(Unclaimed { uploads: row.get("uploads")?, bytes: row.get("bytes")? })
    });
    Ok(unclaimed?)
}

/// Makes a message's attachments uploads again, so that whoever took it back can send it anew.
pub fn give_back(
    tx: &Tx<'_>,
    message_seq: i64,
    uploader: AgentId,
    expires_at: Timestamp,
) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE attachments SET message_seq = NULL, uploader_id = ?2, expires_at = ?3
         WHERE message_seq = ?1",
    )?;
    stmt.execute(params![message_seq, uploader.0, expires_at.0])?;
    Ok(())
}

pub fn find(db: &Reader<'_>, id: AttachmentId) -> Result<Option<Stored>> {
    let mut stmt = db.sql().prepare_cached("SELECT * FROM attachments WHERE id = ?1")?;
    Ok(stmt.query_row([id.0], from_row).optional()?)
}

pub fn of_message(db: &Reader<'_>, message_seq: i64) -> Result<Vec<Attachment>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT * FROM attachments WHERE message_seq = ?1 ORDER BY created_at, id",
    )?;
    let rows = stmt.query_map([message_seq], attachment_from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What an agent has uploaded since some time without sending it yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unclaimed {
    pub uploads: u64,
    pub bytes: u64,
}

pub fn unclaimed(db: &Reader<'_>, uploader: AgentId, since: Timestamp) -> Result<Unclaimed> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT COUNT(*) AS uploads, COALESCE(SUM(size), 0) AS bytes FROM attachments
         WHERE message_seq IS NULL AND uploader_id = ?1 AND created_at > ?2",
    )?;
    let unclaimed = stmt.query_row(params![uploader.0, since.0], |row| {
        Ok(Unclaimed { uploads: row.get("uploads")?, bytes: row.get("bytes")? })
    });
    Ok(unclaimed?)
}

/// Removes a message's attachments; files nobody else refers to start their last day.
pub fn delete_of_message(tx: &Tx<'_>, message_seq: i64, now: Timestamp) -> Result<u64> {
    let attachments = of_message(tx, message_seq)?;
    tx.sql()
        .prepare_cached("DELETE FROM attachments WHERE message_seq = ?1")?
        .execute([message_seq])?;
    for it in &attachments {
        release_file(tx, &it.file_hash, now)?;
    }
    Ok(attachments.len() as u64)
}

/// Removes uploads that no message took in time, at most `limit`.
pub fn delete_expired_uploads(tx: &Tx<'_>, now: Timestamp, limit: u32) -> Result<u64> {
    let mut stmt = tx.sql().prepare_cached(
        "DELETE FROM attachments WHERE id IN (
             SELECT id FROM attachments WHERE message_seq IS NULL AND expires_at <= ?1 LIMIT ?2
         ) RETURNING file_hash",
    )?;
    let hashes = stmt.query_map(params![now.0, limit], |row| row.get::<_, String>(0))?;
    let hashes = hashes.collect::<rusqlite::Result<Vec<_>>>()?;
    for hash in &hashes {
        release_file(tx, hash, now)?;
    }
    Ok(hashes.len() as u64)
}

/// Notes that a stored file is referred to (again). Call it in the transaction that stores the
/// reference, after the bytes were fsynced.
pub fn refer_to_file(tx: &Tx<'_>, hash: &str, size: u64, now: Timestamp) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO files (hash, size, created_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (hash) DO UPDATE SET unreferenced_at = NULL",
    )?;
    stmt.execute(params![hash, size, now.0])?;
    Ok(())
}

/// After a reference was removed: if it was the last one, the file's last day begins.
pub fn release_file(tx: &Tx<'_>, hash: &str, now: Timestamp) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE files SET unreferenced_at = ?2 WHERE hash = ?1
         AND NOT EXISTS (SELECT 1 FROM attachments WHERE file_hash = ?1)
         AND NOT EXISTS (SELECT 1 FROM inbound WHERE file_hash = ?1)
         AND NOT EXISTS (SELECT 1 FROM imports WHERE file_hash = ?1)",
    )?;
    stmt.execute(params![hash, now.0])?;
    Ok(())
}

/// The names of all files that something refers to, for a backup.
pub fn referenced_files(db: &Reader<'_>) -> Result<Vec<String>> {
    let mut stmt =
        db.sql().prepare("SELECT hash FROM files WHERE unreferenced_at IS NULL ORDER BY hash")?;
    let rows = stmt.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Hashes of files that nothing has referred to since `before`, at most `limit`.
pub fn unreferenced(db: &Reader<'_>, before: Timestamp, limit: u32) -> Result<Vec<String>> {
    let mut stmt =
        db.sql().prepare_cached("SELECT hash FROM files WHERE unreferenced_at < ?1 LIMIT ?2")?;
    let rows = stmt.query_map(params![before.0, limit], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Whether a row knows this file, referred to or not.
pub fn knows_file(db: &Reader<'_>, hash: &str) -> Result<bool> {
    Ok(db.sql().prepare_cached("SELECT 1 FROM files WHERE hash = ?1")?.exists([hash])?)
}

/// Forgets a file whose bytes are gone.
pub fn forget_file(tx: &Tx<'_>, hash: &str) -> Result<()> {
    tx.sql().prepare_cached("DELETE FROM files WHERE hash = ?1")?.execute([hash])?;
    Ok(())
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored {
        attachment: attachment_from_row(row)?,
        message_seq: row.get("message_seq")?,
        uploader: row.get::<_, Option<_>>("uploader_id")?.map(AgentId),
        expires_at: crate::row::instant(row, "expires_at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Options, Store, StoreError};

    #[test]
    fn what_visitors_have_waiting_is_summed_from_an_index_alone() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(Options::new(folder.path())).unwrap();
        let plan = store.read_blocking::<_, StoreError>(|db| {
            let sql = format!("EXPLAIN QUERY PLAN {UNCLAIMED_OF_VISITORS}");
            Ok(db.sql().query_row(&sql, [0, 1], |row| row.get::<_, String>("detail"))?)
        });
        let plan = plan.unwrap();
        assert!(plan.contains("USING COVERING INDEX attachments_visitor"), "{plan}");
    }
}
