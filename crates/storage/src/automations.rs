//! Automations: the rules and how they fared. What they did stands in [`runs`], what they wait for in
//! [`timers`].

use domain::{
    Timestamp,
    automations::{Conditions, Counters, Rule, parse_actions},
    ids::{AgentId, RuleId},
};
use rusqlite::{OptionalExtension, Row, named_params, params};
use uuid::Uuid;

use crate::{Reader, Result, Tx, row};

pub mod runs;
pub mod timers;

/// Every rule, in order. There are few.
pub fn all(db: &Reader<'_>) -> Result<Vec<Rule>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT * FROM automations WHERE deleted_at IS NULL ORDER BY position, id",
    )?;
    let rows = stmt.query_map([], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub fn find(db: &Reader<'_>, id: RuleId) -> Result<Option<Rule>> {
    let mut stmt = db
        .sql()
        .prepare_cached("SELECT * FROM automations WHERE id = ?1 AND deleted_at IS NULL")?;
    Ok(stmt.query_row([id.0], from_row).optional()?)
}

/// The name, also of a deleted rule.
pub fn name(db: &Reader<'_>, id: RuleId) -> Result<Option<String>> {
    let mut stmt = db.sql().prepare_cached("SELECT name FROM automations WHERE id = ?1")?;
    Ok(stmt.query_row([id.0], |row| row.get(0)).optional()?)
}

/// Another value after each change of any rule; none before the first.
pub fn version(db: &Reader<'_>) -> Result<Option<Uuid>> {
    let mut stmt = db.sql().prepare_cached("SELECT version FROM automations_version")?;
    Ok(stmt.query_row([], |row| row.get(0)).optional()?)
}

/// Never a count: a number taken back with its transaction would come again for another change.
fn changed(tx: &Tx<'_>) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO automations_version (only_one, version) VALUES (1, ?1)
         ON CONFLICT (only_one) DO UPDATE SET version = excluded.version",
    )?;
    stmt.execute([Uuid::now_v7()])?;
    Ok(())
}

pub fn insert(tx: &Tx<'_>, it: &Rule) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO automations (id, position, name, trigger_name, minutes, conditions, actions,
             is_active, active_since, disabled_reason, created_by, created_at, updated_at)
         VALUES (:id, :position, :name, :trigger_name, :minutes, :conditions, :actions,
             :is_active, :active_since, :disabled_reason, :created_by, :created_at, :updated_at)",
    )?;
    stmt.execute(named_params! {
        ":id": it.id.0,
        ":position": it.position,
        ":name": it.name,
        ":trigger_name": it.trigger.as_str(),
        ":minutes": it.minutes,
        ":conditions": row::to_json(&it.conditions.document())?,
        ":actions": actions(it)?,
        ":is_active": it.is_active,
        ":active_since": it.active_since.map(|it| it.0),
        ":disabled_reason": it.disabled_reason,
        ":created_by": it.created_by.map(|it| it.0),
        ":created_at": it.created_at.0,
        ":updated_at": it.updated_at.0,
    })?;
    changed(tx)
}

/// Stores what people decide about a rule; how it fares is counted elsewhere.
pub fn update(tx: &Tx<'_>, it: &Rule) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE automations SET position = :position, name = :name, trigger_name = :trigger_name,
             minutes = :minutes, conditions = :conditions, actions = :actions,
             is_active = :is_active, active_since = :active_since,
             disabled_reason = :disabled_reason, failed_in_a_row = :failed_in_a_row,
             updated_at = :updated_at
         WHERE id = :id",
    )?;
    stmt.execute(named_params! {
        ":id": it.id.0,
        ":position": it.position,
        ":name": it.name,
        ":trigger_name": it.trigger.as_str(),
        ":minutes": it.minutes,
        ":conditions": row::to_json(&it.conditions.document())?,
        ":actions": actions(it)?,
        ":is_active": it.is_active,
        ":active_since": it.active_since.map(|it| it.0),
        ":disabled_reason": it.disabled_reason,
        ":failed_in_a_row": it.counters.failed_in_a_row,
        ":updated_at": it.updated_at.0,
    })?;
    changed(tx)
}

pub fn set_position(tx: &Tx<'_>, id: RuleId, position: u32) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached("UPDATE automations SET position = ?2 WHERE id = ?1")?;
    stmt.execute(params![id.0, position])?;
    changed(tx)
}

/// Its name stays for what it wrote.
pub fn delete(tx: &Tx<'_>, id: RuleId, now: Timestamp) -> Result<()> {
    tx.sql()
        .prepare_cached("DELETE FROM automation_firings WHERE automation_id = ?1")?
        .execute([id.0])?;
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE automations SET deleted_at = ?2, is_active = 0, conditions = '{\"rules\":[]}',
             actions = '[]' WHERE id = ?1",
    )?;
    stmt.execute(params![id.0, now.0])?;
    changed(tx)
}

/// Switches a rule off by itself.
pub fn disable(tx: &Tx<'_>, id: RuleId, reason: &str, now: Timestamp) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE automations SET is_active = 0, disabled_reason = ?2, updated_at = ?3 WHERE id = ?1",
    )?;
    stmt.execute(params![id.0, reason, now.0])?;
    changed(tx)
}

/// Counts looks that led to nothing.
pub fn count_looks(tx: &Tx<'_>, id: RuleId, looks: u32) -> Result<()> {
    let mut stmt =
        tx.sql().prepare_cached("UPDATE automations SET runs = runs + ?2 WHERE id = ?1")?;
    stmt.execute(params![id.0, looks])?;
    Ok(())
}

pub fn count_match(tx: &Tx<'_>, id: RuleId, now: Timestamp) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE automations SET runs = runs + 1, matches = matches + 1, failed_in_a_row = 0,
             last_matched_at = ?2
         WHERE id = ?1",
    )?;
    stmt.execute(params![id.0, now.0])?;
    Ok(())
}

/// Counts a failure and tells how many there were in a row.
pub fn count_failure(tx: &Tx<'_>, id: RuleId, error: &str, now: Timestamp) -> Result<u32> {
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE automations SET runs = runs + 1, matches = matches + 1, failures = failures + 1,
             failed_in_a_row = failed_in_a_row + 1, last_matched_at = ?3, last_error = ?2
         WHERE id = ?1 RETURNING failed_in_a_row",
    )?;
    Ok(stmt.query_row(params![id.0, error, now.0], |row| row.get(0)).optional()?.unwrap_or(0))
}

fn actions(it: &Rule) -> Result<String> {
    let documents: Vec<_> = it.actions.iter().map(|it| it.document()).collect();
    row::to_json(&documents)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Rule> {
    let conditions: serde_json::Value = row::json(row, "conditions")?;
    let actions: serde_json::Value = row::json(row, "actions")?;
    Ok(Rule {
        id: RuleId(row.get("id")?),
        position: row.get("position")?,
        name: row.get("name")?,
        trigger: row::parse(row, "trigger_name")?,
        minutes: row.get("minutes")?,
        conditions: Conditions::parse(&conditions, "conditions")
            .map_err(|_| row::malformed("conditions"))?,
        actions: parse_actions(&actions, "actions").map_err(|_| row::malformed("actions"))?,
        is_active: row.get("is_active")?,
        active_since: row::instant(row, "active_since")?,
        counters: Counters {
            runs: row.get("runs")?,
            matches: row.get("matches")?,
            failures: row.get("failures")?,
            failed_in_a_row: row.get("failed_in_a_row")?,
            last_matched_at: row::instant(row, "last_matched_at")?,
            last_error: row.get("last_error")?,
        },
        disabled_reason: row.get("disabled_reason")?,
        created_by: row.get::<_, Option<_>>("created_by")?.map(AgentId),
        created_at: Timestamp(row.get("created_at")?),
        updated_at: Timestamp(row.get("updated_at")?),
    })
}
