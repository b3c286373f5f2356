//! What rules did, and which looked in vain: the trace of a conversation.

use domain::{
    Timestamp,
    automations::{RunOutcome, Trigger},
    ids::RuleId,
};
use rusqlite::{OptionalExtension, params};
use serde_json::Value;

use crate::{Reader, Result, Tx, row};

/// More runs than this of one conversation tell nobody anything.
const KEPT: u32 = 200;

#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    pub seq: i64,
    pub rule: RuleId,
    /// Also of a deleted rule.
    pub rule_name: String,
    pub conversation_number: i64,
    pub trigger: Trigger,
    pub outcome: RunOutcome,
    /// How many actions changed something.
    pub changes: u32,
    /// Conditions with what they saw, actions with what they did.
    pub document: Value,
    pub at: Timestamp,
}

/// The rules that looked last and did not match.
#[derive(Debug, Clone, PartialEq)]
pub struct Looks {
    pub document: Value,
    pub at: Timestamp,
}

/// Its `seq` and `rule_name` are not read.
pub fn insert(tx: &Tx<'_>, it: &Run) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO automation_runs (automation_id, conversation_number, trigger_name, outcome,
             changes, document, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    stmt.execute(params![
        it.rule.0,
        it.conversation_number,
        it.trigger.as_str(),
        it.outcome.as_str(),
        it.changes,
        row::to_json(&it.document)?,
        it.at.0
    ])?;
    let mut stmt = tx.sql().prepare_cached(
        "DELETE FROM automation_runs WHERE conversation_number = ?1 AND seq <= (
             SELECT seq FROM automation_runs WHERE conversation_number = ?1
             ORDER BY seq DESC LIMIT 1 OFFSET ?2
         )",
    )?;
    stmt.execute(params![it.conversation_number, KEPT])?;
    Ok(())
}

/// Newest first, those before `before` if it is given.
pub fn page(db: &Reader<'_>, number: i64, before: Option<i64>, limit: u32) -> Result<Vec<Run>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT automation_runs.*, automations.name FROM automation_runs
         JOIN automations ON automations.id = automation_id
         WHERE conversation_number = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3",
    )?;
    let rows = stmt.query_map(params![number, before.unwrap_or(i64::MAX), limit], |row| {
        Ok(Run {
            seq: row.get("seq")?,
            rule: RuleId(row.get("automation_id")?),
            rule_name: row.get("name")?,
            conversation_number: row.get("conversation_number")?,
            trigger: row::parse(row, "trigger_name")?,
            outcome: row::parse(row, "outcome")?,
            changes: row.get("changes")?,
            document: row::json(row, "document")?,
            at: Timestamp(row.get("created_at")?),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How often a rule changed something in a conversation since then.
pub fn changes_since(db: &Reader<'_>, rule: RuleId, number: i64, since: Timestamp) -> Result<u32> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT COUNT(*) FROM automation_runs
         WHERE conversation_number = ?1 AND automation_id = ?2 AND created_at > ?3 AND changes > 0",
    )?;
    Ok(stmt.query_row(params![number, rule.0, since.0], |row| row.get(0))?)
}

/// The numbers of the newest conversations before `before`, for trying a rule on them.
pub fn newest_conversations(db: &Reader<'_>, before: i64, limit: u32) -> Result<Vec<i64>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT number FROM conversations WHERE number < ?1 AND spam = 0
         ORDER BY number DESC LIMIT ?2",
    )?;
    let rows = stmt.query_map(params![before, limit], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Remembers who looked in vain, in place of who did before.
pub fn put_looks(tx: &Tx<'_>, number: i64, it: &Looks) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO automation_looks (conversation_number, document, created_at)
         VALUES (?1, ?2, ?3)
         ON CONFLICT (conversation_number) DO UPDATE SET
             document = excluded.document, created_at = excluded.created_at",
    )?;
    stmt.execute(params![number, row::to_json(&it.document)?, it.at.0])?;
    Ok(())
}

pub fn looks(db: &Reader<'_>, number: i64) -> Result<Option<Looks>> {
    let mut stmt =
        db.sql().prepare_cached("SELECT * FROM automation_looks WHERE conversation_number = ?1")?;
    let found = stmt.query_row([number], |row| {
        Ok(Looks { document: row::json(row, "document")?, at: Timestamp(row.get("created_at")?) })
    });
    Ok(found.optional()?)
}

/// Removes what rules saw in a message's conversation where that names an address.
pub(crate) fn delete_naming(tx: &Tx<'_>, message_seq: i64, address: &str) -> Result<()> {
    for table in ["automation_runs", "automation_looks"] {
        let sql = format!(
            "DELETE FROM {table} WHERE conversation_number =
                 (SELECT conversation_number FROM messages WHERE seq = ?1)
             AND instr(lower(document), ?2) > 0"
        );
        tx.sql().prepare_cached(&sql)?.execute(params![message_seq, address.to_lowercase()])?;
    }
    Ok(())
}

/// Forgets at most `limit` of the oldest runs, and as many looks. Returns how many of the more.
pub fn delete_older(tx: &Tx<'_>, before: Timestamp, limit: u32) -> Result<usize> {
    let runs = tx
        .sql()
        .prepare_cached(
            "DELETE FROM automation_runs WHERE seq IN (
                 SELECT seq FROM automation_runs WHERE created_at < ?1 ORDER BY created_at LIMIT ?2)",
        )?
        .execute(params![before.0, limit])?;
    let looks = tx
        .sql()
        .prepare_cached(
            "DELETE FROM automation_looks WHERE conversation_number IN (
                 SELECT conversation_number FROM automation_looks
                 WHERE created_at < ?1 ORDER BY created_at LIMIT ?2)",
        )?
        .execute(params![before.0, limit])?;
    Ok(runs.max(looks))
}

/// Everything rules left on a conversation that goes.
pub(crate) fn delete_looks_of_conversation(tx: &Tx<'_>, number: i64) -> Result<()> {
    for sql in [
        "DELETE FROM automation_looks WHERE conversation_number = ?1",
        "DELETE FROM automation_firings WHERE conversation_number = ?1",
    ] {
        tx.sql().prepare_cached(sql)?.execute([number])?;
    }
    Ok(())
}

/// What rules saw in a conversation and did there; which waits they answered stays known.
pub(crate) fn delete_traces(tx: &Tx<'_>, number: i64) -> Result<()> {
    for sql in [
        "DELETE FROM automation_runs WHERE conversation_number = ?1",
        "DELETE FROM automation_looks WHERE conversation_number = ?1",
    ] {
        tx.sql().prepare_cached(sql)?.execute([number])?;
    }
    Ok(())
}
