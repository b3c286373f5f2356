//! Views: searches people keep, and the order each agent wants to see them in.

use domain::{
    Timestamp,
    ids::{AgentId, ViewId},
    views::View,
};
use rusqlite::{OptionalExtension, Row, named_params, params};

use crate::{Reader, Result, Tx, row};

pub fn find(db: &Reader<'_>, id: ViewId) -> Result<Option<View>> {
    let mut stmt = db.sql().prepare_cached("SELECT * FROM views WHERE id = ?1")?;
    Ok(stmt.query_row([id.0], from_row).optional()?)
}

/// The agent's own and the shared ones, in the agent's order.
pub fn visible_to(db: &Reader<'_>, agent: AgentId) -> Result<Vec<View>> {
    let mut stmt = db.sql().prepare_cached(
        "WITH visible AS (
             SELECT * FROM views WHERE shared = 1
             UNION ALL SELECT * FROM views WHERE owner_id = ?1 AND shared = 0
         )
         SELECT visible.* FROM visible
         LEFT JOIN view_places ON view_places.agent_id = ?1 AND view_places.view_seq = visible.seq
         ORDER BY view_places.position IS NULL, view_places.position, visible.seq",
    )?;
    let rows = stmt.query_map([agent.0], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Everybody's, for what concerns all of them.
pub fn all(db: &Reader<'_>) -> Result<Vec<View>> {
    let mut stmt = db.sql().prepare_cached("SELECT * FROM views ORDER BY seq")?;
    let rows = stmt.query_map([], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many there are that only `owner` sees, or that all see.
pub fn count(db: &Reader<'_>, owner: Option<AgentId>) -> Result<u64> {
    let count = |row: &Row<'_>| row.get(0);
    Ok(match owner {
        Some(owner) => db
            .sql()
            .prepare_cached("SELECT COUNT(*) FROM views WHERE owner_id = ?1 AND shared = 0")?
            .query_row([owner.0], count)?,
        None => db
            .sql()
            .prepare_cached("SELECT COUNT(*) FROM views WHERE shared = 1")?
            .query_row([], count)?,
    })
}

pub fn insert(tx: &Tx<'_>, it: &View) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO views (id, name, query, owner_id, shared, created_at, updated_at)
         VALUES (:id, :name, :query, :owner_id, :shared, :created_at, :updated_at)",
    )?;
    stmt.execute(named_params! {
        ":id": it.id.0,
        ":name": it.name,
        ":query": row::to_json(&it.query)?,
        ":owner_id": it.owner.0,
        ":shared": it.shared,
        ":created_at": it.created_at.0,
        ":updated_at": it.updated_at.0,
    })?;
    Ok(())
}

pub fn update(tx: &Tx<'_>, it: &View) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE views SET name = ?2, query = ?3, shared = ?4, updated_at = ?5 WHERE id = ?1",
    )?;
    let query = row::to_json(&it.query)?;
    stmt.execute(params![it.id.0, it.name, query, it.shared, it.updated_at.0])?;
    Ok(())
}

pub fn delete(tx: &Tx<'_>, id: ViewId) -> Result<()> {
    tx.sql().prepare_cached("DELETE FROM views WHERE id = ?1")?.execute([id.0])?;
    Ok(())
}

/// Sets an agent's order anew.
pub fn set_order(tx: &Tx<'_>, agent: AgentId, order: &[ViewId]) -> Result<()> {
    tx.sql().prepare_cached("DELETE FROM view_places WHERE agent_id = ?1")?.execute([agent.0])?;
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO view_places (agent_id, view_seq, position)
         SELECT ?1, seq, ?3 FROM views WHERE id = ?2",
    )?;
    for (position, id) in order.iter().enumerate() {
        stmt.execute(params![agent.0, id.0, position])?;
    }
    Ok(())
}

/// Takes an address or number out of every view that names it; its owner finds the place marked.
/// There are few views.
pub(crate) fn forget(tx: &Tx<'_>, address: &str) -> Result<()> {
    /// What stands where it stood.
    const ERASED: &str = "erased";
    let mut stmt = tx.sql().prepare_cached(
        "SELECT * FROM views WHERE instr(lower(name), ?1) > 0 OR instr(lower(query), ?1) > 0",
    )?;
    let address = address.to_lowercase();
    let rows = stmt.query_map([&address], from_row)?;
    for mut it in rows.collect::<rusqlite::Result<Vec<_>>>()? {
        it.name = without(&it.name, &address, ERASED);
        it.query.search = it.query.search.map(|it| without(&it, &address, ERASED));
        update(tx, &it)?;
    }
    Ok(())
}

/// The text with every occurrence replaced, in whatever case.
fn without(text: &str, folded: &str, by: &str) -> String {
    let mut left = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = found_at(rest, folded) {
        left.push_str(&rest[..at]);
        left.push_str(by);
        rest = &rest[at + folded.len()..];
    }
    left + rest
}

/// Addresses and numbers are ASCII, so bytes of the text are compared where it has such.
fn found_at(text: &str, folded: &str) -> Option<usize> {
    let matches = |at: &usize| {
        text.get(*at..*at + folded.len()).is_some_and(|it| it.eq_ignore_ascii_case(folded))
    };
    if folded.is_empty() { None } else { (0..text.len()).find(matches) }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<View> {
    Ok(View {
        id: ViewId(row.get("id")?),
        name: row.get("name")?,
        query: row::json(row, "query")?,
        owner: AgentId(row.get("owner_id")?),
        shared: row.get("shared")?,
        created_at: Timestamp(row.get("created_at")?),
        updated_at: Timestamp(row.get("updated_at")?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_replaced_in_whatever_case() {
        let cases = [
            ("from:Cora@X.example tag:vip", "from:erased tag:vip"),
            ("für cora@x.exampleCORA@x.example", "für erasederased"),
            ("dora@x.example", "dora@x.example"),
            ("", ""),
        ];
        for (text, want) in cases {
            assert_eq!(without(text, "cora@x.example", "erased"), want);
        }
        assert_eq!(without("ä", "", "x"), "ä");
    }
}
