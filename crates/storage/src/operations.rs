//! Operations on many conversations, and what became of each of these.

use domain::{
    Timestamp,
    agents::Role,
    ids::{AgentId, ContactId, ConversationId, OperationId},
    operations::{Details, ItemState, Operation, OperationState, Tally, traces::Trace},
};
use rusqlite::{OptionalExtension, Row, named_params, params};

use crate::{Reader, Result, Tx, row};

pub fn find(db: &Reader<'_>, id: OperationId) -> Result<Option<Operation>> {
    let mut stmt = db.sql().prepare_cached("SELECT * FROM operations WHERE id = ?1")?;
    Ok(stmt.query_row([id.0], from_row).optional()?)
}

/// Which operations are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    /// Those of an agent, or everybody's.
    pub author: Option<AgentId>,
    /// Those that changed this conversation, merged it or split it.
    pub conversation: Option<(i64, ConversationId)>,
}

/// The newest before the place `before`.
pub fn page(
    db: &Reader<'_>,
    filter: Filter,
    before: i64,
    offset: u64,
    limit: usize,
) -> Result<Vec<Operation>> {
    let author = if filter.author.is_some() { "author_id = ?4" } else { "?4 IS NULL" };
    let about = match filter.conversation {
        Some(_) => {
            "seq IN (
                 SELECT operation_seq FROM operation_items WHERE conversation_number = ?5
                     AND state IN ('changed', 'restored', 'kept')
                 UNION SELECT seq FROM operations WHERE target_id = ?6
                 UNION SELECT seq FROM operations WHERE other_id = ?6)"
        }
        None => "?5 IS NULL AND ?6 IS NULL",
    };
    let sql = format!(
        "SELECT * FROM operations WHERE {author} AND {about} AND seq < ?1
         ORDER BY seq DESC LIMIT ?2 OFFSET ?3"
    );
    let mut stmt = db.sql().prepare_cached(&sql)?;
    let (number, id) = filter.conversation.map(|(number, id)| (number, id.0)).unzip();
    let author = filter.author.map(|it| it.0);
    let rows = stmt.query_map(params![before, limit, offset, author, number, id], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many of an agent's operations are not over.
pub fn unfinished_of(db: &Reader<'_>, author: AgentId) -> Result<u64> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT COUNT(*) FROM operations
         WHERE author_id = ?1 AND state IN ('collecting', 'running', 'undoing')",
    )?;
    Ok(stmt.query_row([author.0], |row| row.get(0))?)
}

/// Stores a new operation and gives it its place.
pub fn insert(tx: &Tx<'_>, it: &mut Operation) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO operations (id, kind, state, author_id, author_role, details, target_id,
             other_id, total, changed, created_at, finished_at)
         VALUES (:id, :kind, :state, :author_id, :author_role, :details, :target_id, :other_id,
             :total, :changed, :created_at, :finished_at)",
    )?;
    stmt.execute(named_params! {
        ":id": it.id.0,
        ":kind": it.details.kind().as_str(),
        ":state": it.state.as_str(),
        ":author_id": it.author.0,
        ":author_role": it.author_role.as_str(),
        ":details": row::to_json(&it.details)?,
        ":target_id": it.details.target(),
        ":other_id": it.details.other(),
        ":total": it.total,
        ":changed": it.tally.changed,
        ":finished_at": it.finished_at.map(|it| it.0),
        ":created_at": it.created_at.0,
    })?;
    it.seq = tx.sql().last_insert_rowid();
    Ok(())
}

/// Stores how far it has come.
pub fn update(tx: &Tx<'_>, it: &Operation) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE operations SET state = :state, details = :details, total = :total,
             changed = :changed, same = :same, skipped = :skipped, restored = :restored,
             kept = :kept, error = :error, undone_by = :undone_by, undone_role = :undone_role,
             finished_at = :finished_at, undone_at = :undone_at
         WHERE seq = :seq",
    )?;
    stmt.execute(named_params! {
        ":seq": it.seq,
        ":state": it.state.as_str(),
        ":details": row::to_json(&it.details)?,
        ":total": it.total,
        ":changed": it.tally.changed,
        ":same": it.tally.same,
        ":skipped": it.tally.skipped,
        ":restored": it.tally.restored,
        ":kept": it.tally.kept,
        ":error": it.error,
        ":undone_by": it.undone_by.map(|(id, _)| id.0),
        ":undone_role": it.undone_by.map(|(_, role)| role.as_str()),
        ":finished_at": it.finished_at.map(|it| it.0),
        ":undone_at": it.undone_at.map(|it| it.0),
    })?;
    Ok(())
}

/// Returns false when the operation has this conversation already.
pub fn add_item(tx: &Tx<'_>, operation: i64, number: i64) -> Result<bool> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO operation_items (operation_seq, conversation_number, state)
         VALUES (?1, ?2, 'waiting') ON CONFLICT DO NOTHING",
    )?;
    Ok(stmt.execute(params![operation, number])? > 0)
}

/// At most `limit` conversations of an operation that are in this state.
pub fn items(
    db: &Reader<'_>,
    operation: i64,
    state: ItemState,
    limit: u32,
) -> Result<Vec<(i64, Option<Trace>)>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT conversation_number, trace FROM operation_items
         WHERE operation_seq = ?1 AND state = ?2 LIMIT ?3",
    )?;
    let rows = stmt.query_map(params![operation, state.as_str(), limit], |row| {
        Ok((row.get("conversation_number")?, row::optional_json(row, "trace")?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub fn set_item(
    tx: &Tx<'_>,
    operation: i64,
    number: i64,
    state: ItemState,
    trace: Option<&Trace>,
) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE operation_items SET state = ?3, trace = ?4
         WHERE operation_seq = ?1 AND conversation_number = ?2",
    )?;
    let trace = trace.map(row::to_json).transpose()?;
    stmt.execute(params![operation, number, state.as_str(), trace])?;
    Ok(())
}

/// The contact that this one was merged into.
pub fn contact_became(db: &Reader<'_>, id: ContactId) -> Result<Option<ContactId>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT target_id FROM operations
         WHERE other_id = ?1 AND kind = 'merge_contacts' AND state = 'done'
         ORDER BY seq DESC LIMIT 1",
    )?;
    Ok(stmt.query_row([id.0], |row| row.get(0).map(ContactId)).optional()?)
}

/// Takes what merges know of a contact, and of those that went into it, out of them.
pub(crate) fn forget_contact(tx: &Tx<'_>, id: ContactId) -> Result<()> {
    let found = tx
        .sql()
        .prepare_cached(
            "WITH RECURSIVE gone (id) AS (
                 SELECT ?1 UNION
                 SELECT other_id FROM operations JOIN gone ON target_id = gone.id
                 WHERE kind = 'merge_contacts' AND state = 'done'
             )
             SELECT operations.* FROM operations JOIN gone ON target_id = gone.id
             WHERE kind = 'merge_contacts'
             UNION SELECT operations.* FROM operations JOIN gone ON other_id = gone.id
             WHERE kind = 'merge_contacts'",
        )?
        .query_map([id.0], from_row)?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    for mut it in found {
        if let Details::MergeContacts(merge) = &mut it.details {
            merge.people = None;
            merge.conversations.clear();
            merge.messages.clear();
        }
        update(tx, &it)?;
    }
    Ok(())
}

/// Forgets bulk operations made before `before`, at most `limit` rows of one. Returns `limit` while
/// there may be more, else 0.
pub fn delete_older(tx: &Tx<'_>, before: Timestamp, limit: u32) -> Result<usize> {
    let oldest: Option<i64> = tx
        .sql()
        .prepare_cached(
            "SELECT seq FROM operations WHERE kind = 'bulk' AND created_at < ?1
             ORDER BY created_at LIMIT 1",
        )?
        .query_row([before.0], |row| row.get(0))
        .optional()?;
    let Some(seq) = oldest else { return Ok(0) };
    let removed = tx
        .sql()
        .prepare_cached(
            "DELETE FROM operation_items WHERE operation_seq = ?1 AND conversation_number IN (
                 SELECT conversation_number FROM operation_items WHERE operation_seq = ?1 LIMIT ?2)",
        )?
        .execute(params![seq, limit])?;
    if removed < limit as usize {
        tx.sql().prepare_cached("DELETE FROM operations WHERE seq = ?1")?.execute([seq])?;
    }
    Ok(limit as usize)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Operation> {
    let undone_role: Option<Role> = row::parse_optional(row, "undone_role")?;
    let undone_by: Option<AgentId> = row.get::<_, Option<_>>("undone_by")?.map(AgentId);
    Ok(Operation {
        seq: row.get("seq")?,
        id: OperationId(row.get("id")?),
        state: row::parse::<OperationState>(row, "state")?,
        author: AgentId(row.get("author_id")?),
        author_role: row::parse(row, "author_role")?,
        details: row::json(row, "details")?,
        total: row.get("total")?,
        tally: Tally {
            changed: row.get("changed")?,
            same: row.get("same")?,
            skipped: row.get("skipped")?,
            restored: row.get("restored")?,
            kept: row.get("kept")?,
        },
        error: row.get("error")?,
        undone_by: undone_by.zip(undone_role),
        created_at: Timestamp(row.get("created_at")?),
        finished_at: row::instant(row, "finished_at")?,
        undone_at: row::instant(row, "undone_at")?,
    })
}
