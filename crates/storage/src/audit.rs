//! The audit trail: added to by [`crate::events::append`], read by admins, cut by its retention.

use std::net::IpAddr;

use domain::{
    Timestamp,
    audit::{Entry, Object},
    events::{Actor, Recorded},
    ids::{AgentId, ApiKeyId, ContactId, RuleId},
    messages::SenderType,
};
use rusqlite::{Row, ToSql, named_params, params};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{Reader, Result, Tx, row, sources::Source};

/// Whose entries are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Agent(AgentId),
    /// Deskbell itself: the command line, or a stranger nobody is known by.
    System,
}

#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub by: Option<By>,
    pub action: Option<String>,
    pub object: Option<Uuid>,
    pub from: Option<Timestamp>,
    /// Not this instant itself.
    pub to: Option<Timestamp>,
}

/// Where a page goes on: the last entry of the one before.
pub type Place = (Timestamp, i64);

/// Adds a line about what was just recorded.
pub(crate) fn append(
    tx: &Tx<'_>,
    it: &Recorded,
    object: Object,
    document: &Value,
    source: Source,
) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO audit_log
             (action, actor_type, actor_id, object_type, object_id, details, ip, key_id, created_at)
         VALUES
             (:action, :actor_type, :actor_id, :object_type, :object_id, :details, :ip, :key_id,
              :created_at)",
    )?;
    let id = object.id.map(|it| it.to_string());
    let mut details = document.as_object().cloned().unwrap_or_default();
    let action = details.remove("kind");
    // The object has columns of its own.
    details.retain(|_, value| id.is_none() || value.as_str() != id.as_deref());
    details.retain(|_, value| !value.is_null());
    stmt.execute(named_params! {
        ":action": action.as_ref().and_then(Value::as_str).unwrap_or("unknown"),
        ":actor_type": it.actor.kind().as_str(),
        ":actor_id": it.actor.id(),
        ":object_type": object.kind.as_str(),
        ":object_id": object.id,
        ":details": row::to_json(&details)?,
        ":ip": source.ip.map(|it| it.to_string()),
        ":key_id": source.key.map(|it| it.0),
        ":created_at": it.at.0,
    })?;
    Ok(())
}

/// At most `limit` entries, the newest first, and whether there are more.
pub fn page(
    db: &Reader<'_>,
    filter: &Filter,
    after: Option<Place>,
    offset: u64,
    limit: usize,
) -> Result<(Vec<Entry>, bool)> {
    let (after_at, after_seq) = after.unwrap_or((Timestamp(i64::MAX), i64::MAX));
    let condition = Condition::of(filter);
    let sql = format!(
        "SELECT * FROM audit_log WHERE {} AND (created_at, seq) < (:at, :after)
         ORDER BY created_at DESC, seq DESC LIMIT :limit OFFSET :offset",
        condition.sql
    );
    let wanted = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let offset = i64::try_from(offset).unwrap_or(i64::MAX);
    let mut values = condition.values();
    values.extend([
        (":at", &after_at.0 as &dyn ToSql),
        (":after", &after_seq),
        (":limit", &wanted),
        (":offset", &offset),
    ]);
    let mut stmt = db.sql().prepare_cached(&sql)?;
    let rows = stmt.query_map(values.as_slice(), from_row)?;
    let mut entries = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let has_more = entries.len() > limit;
    entries.truncate(limit);
    Ok((entries, has_more))
}

/// How many entries there are, up to `most`.
pub fn count(db: &Reader<'_>, filter: &Filter, most: u32) -> Result<u64> {
    let condition = Condition::of(filter);
    let sql = format!(
        "SELECT count(*) FROM (SELECT 1 FROM audit_log WHERE {} LIMIT :most)",
        condition.sql
    );
    let mut values = condition.values();
    values.push((":most", &most));
    Ok(db.sql().prepare_cached(&sql)?.query_row(values.as_slice(), |row| row.get(0))?)
}

/// Removes at most `limit` entries made before `before`. Returns how many there were.
pub fn delete_older(tx: &Tx<'_>, before: Timestamp, limit: u32) -> Result<usize> {
    let mut stmt = tx.sql().prepare_cached(
        "DELETE FROM audit_log WHERE seq IN
             (SELECT seq FROM audit_log WHERE created_at < ?1 ORDER BY created_at LIMIT ?2)",
    )?;
    Ok(stmt.execute(params![before.0, limit])?)
}

/// A filter as SQL: of a closed set of texts, with every value bound.
struct Condition {
    sql: String,
    bound: Vec<(&'static str, Box<dyn ToSql>)>,
}

impl Condition {
    fn of(filter: &Filter) -> Self {
        let mut it =
            Self { sql: "created_at >= :from AND created_at < :to".to_owned(), bound: vec![] };
        it.bind(":from", filter.from.map_or(i64::MIN, |it| it.0));
        it.bind(":to", filter.to.map_or(i64::MAX, |it| it.0));
        match filter.by {
            Some(By::Agent(id)) => {
                it.sql += " AND actor_id = :actor";
                it.bind(":actor", id.0);
            }
            // Few entries have no actor's id, and the index finds them.
            Some(By::System) => it.sql += " AND actor_id IS NULL AND actor_type = 'system'",
            None => {}
        }
        if let Some(action) = &filter.action {
            it.sql += " AND action = :action";
            it.bind(":action", action.clone());
        }
        if let Some(object) = filter.object {
            it.sql += " AND object_id = :object";
            it.bind(":object", object);
        }
        it
    }

    fn bind(&mut self, name: &'static str, value: impl ToSql + 'static) {
        self.bound.push((name, Box::new(value)));
    }

    fn values(&self) -> Vec<(&str, &dyn ToSql)> {
        self.bound.iter().map(|(name, value)| (*name, &**value)).collect()
    }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let actor_id: Option<Uuid> = row.get("actor_id")?;
    let actor = match (row::parse::<SenderType>(row, "actor_type")?, actor_id) {
        (SenderType::Agent, Some(id)) => Actor::Agent(AgentId(id)),
        (SenderType::Contact, Some(id)) => Actor::Contact(ContactId(id)),
        (SenderType::System, Some(id)) => Actor::Rule(RuleId(id)),
        _ => Actor::System,
    };
    Ok(Entry {
        seq: row.get("seq")?,
        action: row.get("action")?,
        actor,
        object: Object { kind: row::parse(row, "object_type")?, id: row.get("object_id")? },
        details: row::json::<Map<String, Value>>(row, "details")?,
        ip: row::parse_optional::<IpAddr>(row, "ip")?,
        key: row.get::<_, Option<Uuid>>("key_id")?.map(ApiKeyId),
        at: Timestamp(row.get("created_at")?),
    })
}
