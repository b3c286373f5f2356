//! People with an account.

use domain::{
    Timestamp,
    addresses::EmailAddress,
    agents::{Agent, Role},
    ids::AgentId,
};
use rusqlite::{OptionalExtension, Row, named_params, params};

use crate::{Reader, Result, Tx, row};

pub fn insert(tx: &Tx<'_>, it: &Agent, password_hash: Option<&str>) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO agents (id, name, email, role, password_hash, is_active, created_at, updated_at)
         VALUES (:id, :name, :email, :role, :password_hash, :is_active, :created_at, :updated_at)",
    )?;
    stmt.execute(named_params! {
        ":id": it.id.0,
        ":name": it.name,
        ":email": it.email.as_str(),
        ":role": it.role.as_str(),
        ":password_hash": password_hash,
        ":is_active": it.is_active,
        ":created_at": it.created_at.0,
        ":updated_at": it.updated_at.0,
    })?;
    Ok(())
}

/// Stores what may change about an agent: name, address, role, activity, deletion.
pub fn update(tx: &Tx<'_>, it: &Agent) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE agents SET name = :name, email = :email, role = :role, is_active = :is_active,
             updated_at = :updated_at, deleted_at = :deleted_at
         WHERE id = :id",
    )?;
    stmt.execute(named_params! {
        ":id": it.id.0,
        ":name": it.name,
        ":email": it.email.as_str(),
        ":role": it.role.as_str(),
        ":is_active": it.is_active,
        ":updated_at": it.updated_at.0,
        ":deleted_at": it.deleted_at.map(|it| it.0),
    })?;
    Ok(())
}

/// An agent who was not deleted.
pub fn find(db: &Reader<'_>, id: AgentId) -> Result<Option<Agent>> {
    let mut stmt =
        db.sql().prepare_cached("SELECT * FROM agents WHERE id = ?1 AND deleted_at IS NULL")?;
    Ok(stmt.query_row([id.0], from_row).optional()?)
}

/// The name of an agent, deleted or not.
pub fn name(db: &Reader<'_>, id: AgentId) -> Result<Option<String>> {
    let mut stmt = db.sql().prepare_cached("SELECT name FROM agents WHERE id = ?1")?;
    Ok(stmt.query_row([id.0], |row| row.get(0)).optional()?)
}

/// The agent who signs in with this address.
pub fn find_by_email(db: &Reader<'_>, email: &EmailAddress) -> Result<Option<Agent>> {
    let mut stmt =
        db.sql().prepare_cached("SELECT * FROM agents WHERE email = ?1 AND deleted_at IS NULL")?;
    Ok(stmt.query_row([email.as_str()], from_row).optional()?)
}

/// All who were not deleted, by name.
pub fn list(db: &Reader<'_>) -> Result<Vec<Agent>> {
    let mut stmt = db
        .sql()
        .prepare_cached("SELECT * FROM agents WHERE deleted_at IS NULL ORDER BY name, email")?;
    let rows = stmt.query_map([], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Whether anybody was ever added: set-up is over then, for ever.
pub fn any(db: &Reader<'_>) -> Result<bool> {
    let mut stmt = db.sql().prepare_cached("SELECT EXISTS (SELECT 1 FROM agents)")?;
    Ok(stmt.query_row([], |row| row.get(0))?)
}

/// Whether an admin other than `id` could sign in right now.
pub fn another_admin(db: &Reader<'_>, id: AgentId) -> Result<bool> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM agents
         WHERE role = ?1 AND is_active = 1 AND deleted_at IS NULL
             AND password_hash IS NOT NULL AND id <> ?2)",
    )?;
    Ok(stmt.query_row(params![Role::Admin.as_str(), id.0], |row| row.get(0))?)
}

pub fn password_hash(db: &Reader<'_>, id: AgentId) -> Result<Option<String>> {
    let mut stmt = db.sql().prepare_cached("SELECT password_hash FROM agents WHERE id = ?1")?;
    Ok(stmt.query_row([id.0], |row| row.get(0)).optional()?.flatten())
}

pub fn set_password_hash(tx: &Tx<'_>, id: AgentId, hash: &str, now: Timestamp) -> Result<()> {
    let mut stmt = tx
        .sql()
        .prepare_cached("UPDATE agents SET password_hash = ?2, updated_at = ?3 WHERE id = ?1")?;
    stmt.execute(params![id.0, hash, now.0])?;
    Ok(())
}

/// Notes that the agent was here. Ask for it at most once a minute: it is a write.
pub fn touch(tx: &Tx<'_>, id: AgentId, now: Timestamp) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached("UPDATE agents SET last_seen_at = ?2 WHERE id = ?1")?;
    stmt.execute(params![id.0, now.0])?;
    Ok(())
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Agent> {
    Ok(Agent {
        id: AgentId(row.get("id")?),
        name: row.get("name")?,
        email: row::parse(row, "email")?,
        role: row::parse(row, "role")?,
        is_active: row.get("is_active")?,
        has_password: row.get::<_, Option<String>>("password_hash")?.is_some(),
        last_seen_at: row.get::<_, Option<_>>("last_seen_at")?.map(Timestamp),
        created_at: Timestamp(row.get("created_at")?),
        updated_at: Timestamp(row.get("updated_at")?),
        deleted_at: row.get::<_, Option<_>>("deleted_at")?.map(Timestamp),
    })
}
