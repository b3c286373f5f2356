//! Canned replies: the shared ones and each agent's own.

use domain::{
    Timestamp,
    canned_replies::{Actions, AssignTo, CannedReply, Shortcut},
    ids::{AgentId, CannedReplyId},
    tags::TagName,
};
use rusqlite::{OptionalExtension, Row, named_params, params};

use crate::{Reader, Result, Tx, row};

pub fn insert(tx: &Tx<'_>, it: &CannedReply) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO canned_replies (id, name, shortcut, shortcut_key, owner_id, created_by, text,
             html, action_status, action_tags, action_assign, action_agent, created_at, updated_at)
         VALUES (:id, :name, :shortcut, :shortcut_key, :owner_id, :created_by, :text,
             :html, :action_status, :action_tags, :action_assign, :action_agent, :created_at,
             :updated_at)",
    )?;
    let (assign, agent) = assign_columns(&it.actions);
    stmt.execute(named_params! {
        ":id": it.id.0,
        ":name": it.name,
        ":shortcut": it.shortcut.as_ref().map(Shortcut::as_str),
        ":shortcut_key": it.shortcut.as_ref().map(Shortcut::key),
        ":owner_id": it.owner.map(|it| it.0),
        ":created_by": it.created_by.0,
        ":text": it.text,
        ":html": it.html,
        ":action_status": it.actions.status.map(|it| it.as_str()),
        ":action_tags": tags_column(&it.actions)?,
        ":action_assign": assign,
        ":action_agent": agent.map(|it| it.0),
        ":created_at": it.created_at.0,
        ":updated_at": it.updated_at.0,
    })?;
    Ok(())
}

/// Stores what people write on it; uses are counted by [`count_use`].
pub fn update(tx: &Tx<'_>, it: &CannedReply) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE canned_replies SET name = :name, shortcut = :shortcut,
             shortcut_key = :shortcut_key, owner_id = :owner_id, text = :text, html = :html,
             action_status = :action_status, action_tags = :action_tags,
             action_assign = :action_assign, action_agent = :action_agent,
             updated_at = :updated_at
         WHERE id = :id",
    )?;
    let (assign, agent) = assign_columns(&it.actions);
    stmt.execute(named_params! {
        ":id": it.id.0,
        ":name": it.name,
        ":shortcut": it.shortcut.as_ref().map(Shortcut::as_str),
        ":shortcut_key": it.shortcut.as_ref().map(Shortcut::key),
        ":owner_id": it.owner.map(|it| it.0),
        ":text": it.text,
        ":html": it.html,
        ":action_status": it.actions.status.map(|it| it.as_str()),
        ":action_tags": tags_column(&it.actions)?,
        ":action_assign": assign,
        ":action_agent": agent.map(|it| it.0),
        ":updated_at": it.updated_at.0,
    })?;
    Ok(())
}

pub fn find(db: &Reader<'_>, id: CannedReplyId) -> Result<Option<CannedReply>> {
    let mut stmt = db.sql().prepare_cached("SELECT * FROM canned_replies WHERE id = ?1")?;
    Ok(stmt.query_row([id.0], from_row).optional()?)
}

/// The one with this shortcut among the owner's own, or among the shared ones.
pub fn find_by_shortcut(
    db: &Reader<'_>,
    owner: Option<AgentId>,
    shortcut: &Shortcut,
) -> Result<Option<CannedReplyId>> {
    let found = match owner {
        Some(owner) => db
            .sql()
            .prepare_cached(
                "SELECT id FROM canned_replies WHERE owner_id = ?1 AND shortcut_key = ?2",
            )?
            .query_row(params![owner.0, shortcut.key()], |row| row.get(0)),
        None => db
            .sql()
            .prepare_cached(
                "SELECT id FROM canned_replies WHERE owner_id IS NULL AND shortcut_key = ?1",
            )?
            .query_row([shortcut.key()], |row| row.get(0)),
    };
    Ok(found.optional()?.map(CannedReplyId))
}

/// The shared ones, with an agent's own if one is given; by name. There are at most some hundreds
/// of each.
pub fn list(db: &Reader<'_>, agent: Option<AgentId>) -> Result<Vec<CannedReply>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT * FROM canned_replies WHERE owner_id IS NULL OR owner_id = ?1 ORDER BY name, id",
    )?;
    let rows = stmt.query_map([agent.map(|it| it.0)], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Everybody's, for what concerns all of them.
pub fn all(db: &Reader<'_>) -> Result<Vec<CannedReply>> {
    let mut stmt = db.sql().prepare_cached("SELECT * FROM canned_replies ORDER BY name, id")?;
    let rows = stmt.query_map([], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many an owner has, or how many are shared.
pub fn count(db: &Reader<'_>, owner: Option<AgentId>) -> Result<u64> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT COUNT(*) FROM canned_replies WHERE owner_id IS NOT DISTINCT FROM ?1",
    )?;
    Ok(stmt.query_row([owner.map(|it| it.0)], |row| row.get(0))?)
}

pub fn count_use(tx: &Tx<'_>, id: CannedReplyId, now: Timestamp) -> Result<()> {
    tx.sql()
        .prepare_cached(
            "UPDATE canned_replies SET use_count = use_count + 1, last_used_at = ?2 WHERE id = ?1",
        )?
        .execute(params![id.0, now.0])?;
    Ok(())
}

pub fn delete(tx: &Tx<'_>, id: CannedReplyId) -> Result<()> {
    tx.sql().prepare_cached("DELETE FROM canned_replies WHERE id = ?1")?.execute([id.0])?;
    Ok(())
}

/// Removes the own ones of an agent who goes.
pub fn delete_of(tx: &Tx<'_>, owner: AgentId) -> Result<()> {
    tx.sql()
        .prepare_cached("DELETE FROM canned_replies WHERE owner_id = ?1")?
        .execute([owner.0])?;
    Ok(())
}

fn tags_column(it: &Actions) -> Result<String> {
    let names: Vec<&str> = it.tags.iter().map(TagName::as_str).collect();
    row::to_json(&names)
}

fn assign_columns(it: &Actions) -> (Option<&'static str>, Option<AgentId>) {
    match it.assign {
        None => (None, None),
        Some(AssignTo::User) => (Some("me"), None),
        Some(AssignTo::Agent(id)) => (Some("agent"), Some(id)),
    }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<CannedReply> {
    let shortcut: Option<String> = row.get("shortcut")?;
    let shortcut = shortcut.map(|it| Shortcut::parse(&it).map_err(|_| row::malformed("shortcut")));
    let tags: Vec<String> = row::json(row, "action_tags")?;
    let tags = tags.iter().map(|it| TagName::parse(it).map_err(|_| row::malformed("action_tags")));
    let agent: Option<uuid::Uuid> = row.get("action_agent")?;
    let assign: Option<String> = row.get("action_assign")?;
    Ok(CannedReply {
        id: CannedReplyId(row.get("id")?),
        name: row.get("name")?,
        shortcut: shortcut.transpose()?,
        owner: row.get::<_, Option<_>>("owner_id")?.map(AgentId),
        created_by: AgentId(row.get("created_by")?),
        text: row.get("text")?,
        html: row.get("html")?,
        actions: Actions {
            status: row::parse_optional(row, "action_status")?,
            tags: tags.collect::<Result<_, _>>()?,
            assign: match agent {
                Some(id) => Some(AssignTo::Agent(AgentId(id))),
                None => assign.map(|_| AssignTo::User),
            },
        },
        use_count: row.get("use_count")?,
        last_used_at: row::instant(row, "last_used_at")?,
        created_at: Timestamp(row.get("created_at")?),
        updated_at: Timestamp(row.get("updated_at")?),
    })
}
