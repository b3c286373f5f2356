//! Imports of contacts: what was asked for, how far each has come, and what became of its rows.

use domain::{
    Timestamp,
    ids::{AgentId, ContactId, ImportId},
    imports::{Column, Fate, Field, Import, Row as ImportRow, Tally},
};
use rusqlite::{OptionalExtension, Row, named_params, params};
use serde::{Deserialize, Serialize};

use crate::{Reader, Result, Tx, attachments, row};

#[derive(Serialize, Deserialize)]
struct StoredColumn {
    name: String,
    field: Option<String>,
}

pub fn find(db: &Reader<'_>, id: ImportId) -> Result<Option<Import>> {
    let mut stmt = db.sql().prepare_cached("SELECT * FROM imports WHERE id = ?1")?;
    Ok(stmt.query_row([id.0], from_row).optional()?)
}

/// The newest before the place `before`.
pub fn page(db: &Reader<'_>, before: i64, offset: u64, limit: usize) -> Result<Vec<Import>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT * FROM imports WHERE seq < ?1 ORDER BY seq DESC LIMIT ?2 OFFSET ?3",
    )?;
    let rows = stmt.query_map(params![before, limit, offset], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many are not over.
pub fn unfinished(db: &Reader<'_>) -> Result<u64> {
    let mut stmt = db
        .sql()
        .prepare_cached("SELECT COUNT(*) FROM imports WHERE status IN ('queued', 'running')")?;
    Ok(stmt.query_row([], |row| row.get(0))?)
}

/// Stores a new import and gives it its place. Its file was referred to already.
pub fn insert(tx: &Tx<'_>, it: &mut Import) -> Result<()> {
    let columns: Vec<_> = it
        .columns
        .iter()
        .map(|it| StoredColumn {
            name: it.name.clone(),
            field: it.field.as_ref().map(ToString::to_string),
        })
        .collect();
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO imports (id, status, dry_run, duplicates, name, file_hash, columns, total,
             author_id, created_at)
         VALUES (:id, :status, :dry_run, :duplicates, :name, :file_hash, :columns, :total,
             :author_id, :created_at)",
    )?;
    stmt.execute(named_params! {
        ":id": it.id.0,
        ":status": it.status.as_str(),
        ":dry_run": it.dry_run,
        ":duplicates": it.duplicates.as_str(),
        ":name": it.name,
        ":file_hash": it.file,
        ":columns": row::to_json(&columns)?,
        ":total": it.total,
        ":author_id": it.author.0,
        ":created_at": it.created_at.0,
    })?;
    it.seq = tx.sql().last_insert_rowid();
    Ok(())
}

/// Stores how far it has come.
pub fn update(tx: &Tx<'_>, it: &Import) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE imports SET status = :status, created = :created, updated = :updated,
             skipped = :skipped, failed = :failed, next_byte = :next_byte, error = :error,
             finished_at = :finished_at
         WHERE seq = :seq",
    )?;
    stmt.execute(named_params! {
        ":seq": it.seq,
        ":status": it.status.as_str(),
        ":created": it.tally.created,
        ":updated": it.tally.updated,
        ":skipped": it.tally.skipped,
        ":failed": it.tally.failed,
        ":next_byte": it.next_byte,
        ":error": it.error,
        ":finished_at": it.finished_at.map(|it| it.0),
    })?;
    Ok(())
}

/// Lets go of the file; its last day begins unless something else refers to it.
pub fn release_file(tx: &Tx<'_>, it: &mut Import, now: Timestamp) -> Result<()> {
    let Some(hash) = it.file.take() else { return Ok(()) };
    tx.sql()
        .prepare_cached("UPDATE imports SET file_hash = NULL WHERE seq = ?1")?
        .execute([it.seq])?;
    attachments::release_file(tx, &hash, now)
}

/// Lets go of files of imports that were over before `before`. Returns how many.
pub fn release_files(tx: &Tx<'_>, before: Timestamp, now: Timestamp, limit: u32) -> Result<usize> {
    let mut stmt = tx.sql().prepare_cached(
        "SELECT * FROM imports WHERE file_hash IS NOT NULL AND finished_at < ?1 LIMIT ?2",
    )?;
    let rows = stmt.query_map(params![before.0, limit], from_row)?;
    let found = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let count = found.len();
    for mut it in found {
        release_file(tx, &mut it, now)?;
    }
    Ok(count)
}

pub fn add_row(tx: &Tx<'_>, import: i64, it: &ImportRow) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO import_rows (import_seq, number, line, result, contact_id, reason)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let contact = it.contact.map(|it| it.0);
    stmt.execute(params![import, it.number, it.line, it.fate.as_str(), contact, it.reason])?;
    Ok(())
}

/// Rows of an import that follow the one of the number `after`, in the file's order.
pub fn rows(
    db: &Reader<'_>,
    import: i64,
    fate: Option<Fate>,
    after: i64,
    offset: u64,
    limit: usize,
) -> Result<Vec<ImportRow>> {
    let condition = if fate.is_some() { "result = ?5" } else { "?5 IS NULL" };
    let mut stmt = db.sql().prepare_cached(&format!(
        "SELECT * FROM import_rows WHERE import_seq = ?1 AND number > ?2 AND {condition}
         ORDER BY number LIMIT ?3 OFFSET ?4"
    ))?;
    let fate = fate.map(Fate::as_str);
    let rows = stmt.query_map(params![import, after, limit, offset, fate], |row| {
        Ok(ImportRow {
            number: row.get("number")?,
            line: row.get("line")?,
            fate: row::parse(row, "result")?,
            contact: row.get::<_, Option<_>>("contact_id")?.map(ContactId),
            reason: row.get("reason")?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Forgets imports begun before `before`, at most `limit` rows of one. Returns `limit` while there
/// may be more, else 0.
pub fn delete_older(tx: &Tx<'_>, before: Timestamp, now: Timestamp, limit: u32) -> Result<usize> {
    let oldest = tx
        .sql()
        .prepare_cached(
            "SELECT * FROM imports
             WHERE created_at < ?1 AND status NOT IN ('queued', 'running')
             ORDER BY created_at LIMIT 1",
        )?
        .query_row([before.0], from_row)
        .optional()?;
    let Some(mut oldest) = oldest else { return Ok(0) };
    let removed = tx
        .sql()
        .prepare_cached(
            "DELETE FROM import_rows WHERE import_seq = ?1 AND number IN (
                 SELECT number FROM import_rows WHERE import_seq = ?1 LIMIT ?2)",
        )?
        .execute(params![oldest.seq, limit])?;
    if removed < limit as usize {
        release_file(tx, &mut oldest, now)?;
        tx.sql().prepare_cached("DELETE FROM imports WHERE seq = ?1")?.execute([oldest.seq])?;
    }
    Ok(limit as usize)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Import> {
    let columns: Vec<StoredColumn> = row::json(row, "columns")?;
    let columns = columns.into_iter().map(|it| Column {
        name: it.name,
        // One that a newer program wrote and we do not know is passed over.
        field: it.field.and_then(|it| it.parse::<Field>().ok()),
    });
    Ok(Import {
        seq: row.get("seq")?,
        id: ImportId(row.get("id")?),
        status: row::parse(row, "status")?,
        dry_run: row.get("dry_run")?,
        duplicates: row::parse(row, "duplicates")?,
        name: row.get("name")?,
        file: row.get("file_hash")?,
        columns: columns.collect(),
        total: row.get("total")?,
        tally: Tally {
            created: row.get("created")?,
            updated: row.get("updated")?,
            skipped: row.get("skipped")?,
            failed: row.get("failed")?,
        },
        next_byte: row.get("next_byte")?,
        error: row.get("error")?,
        author: AgentId(row.get("author_id")?),
        created_at: Timestamp(row.get("created_at")?),
        finished_at: row::instant(row, "finished_at")?,
    })
}
