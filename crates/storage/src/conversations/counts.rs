//! How many conversations there are of each combination that lists filter by: kept, never counted.

use domain::{
    channels::ChannelType,
    conversations::{Conversation, Status},
    ids::{AgentId, ChannelId},
};
use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use crate::{Reader, Result, Tx, row};

/// Under `spam` of what was merged into another conversation.
const MERGED: u8 = 2;

/// What a conversation counts under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facets {
    /// 0 or 1; [`MERGED`] is counted nowhere.
    spam: u8,
    status: Status,
    channel_id: Uuid,
    assignee_id: Option<Uuid>,
    unread: bool,
}

impl Facets {
    pub(crate) fn of(it: &Conversation) -> Self {
        Self {
            spam: if it.merged_into.is_some() { MERGED } else { u8::from(it.spam) },
            status: it.status,
            channel_id: it.channel_id.0,
            assignee_id: it.assignee.map(|it| it.0),
            unread: it.unread_count > 0,
        }
    }

    pub(crate) fn stored(db: &Reader<'_>, number: i64) -> Result<Option<Self>> {
        let mut stmt = db.sql().prepare_cached(
            "SELECT CASE WHEN merged_into IS NULL THEN spam ELSE 2 END AS spam, status, channel_id,
                 assignee_id, unread_count > 0 AS unread
             FROM conversations WHERE number = ?1",
        )?;
        let facets = |row: &Row<'_>| {
            Ok(Self {
                spam: row.get("spam")?,
                status: row::parse(row, "status")?,
                channel_id: row.get("channel_id")?,
                assignee_id: row.get("assignee_id")?,
                unread: row.get("unread")?,
            })
        };
        Ok(stmt.query_row([number], facets).optional()?)
    }
}

pub(crate) fn add(tx: &Tx<'_>, facets: &Facets, n: i64) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO conversation_counts (spam, status, channel_id, assignee_id, unread, n)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (spam, status, channel_id, assignee_id, unread) DO UPDATE SET n = n + ?6",
    )?;
    let assignee: &[u8] = facets.assignee_id.as_ref().map_or(&[], |it| it.as_bytes());
    stmt.execute(params![
        facets.spam,
        facets.status.as_str(),
        facets.channel_id,
        assignee,
        facets.unread,
        n
    ])?;
    Ok(())
}

/// One kept total.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    pub spam: bool,
    pub status: Status,
    pub channel_id: ChannelId,
    pub channel_kind: ChannelType,
    pub assignee: Option<AgentId>,
    pub unread: bool,
    pub n: u64,
}

/// Every total there is; a few thousand rows at most, since agents and channels are few.
pub fn all(db: &Reader<'_>) -> Result<Vec<Count>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT counts.*, channels.type AS channel_type FROM conversation_counts AS counts
         JOIN channels ON channels.id = counts.channel_id WHERE n > 0 AND spam < 2",
    )?;
    let rows = stmt.query_map([], |row| {
        let assignee: Vec<u8> = row.get("assignee_id")?;
        Ok(Count {
            spam: row.get("spam")?,
            status: row::parse(row, "status")?,
            channel_id: ChannelId(row.get("channel_id")?),
            channel_kind: row::parse(row, "channel_type")?,
            assignee: Uuid::from_slice(&assignee).ok().map(AgentId),
            unread: row.get("unread")?,
            n: row.get("n")?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Counts everything anew from the conversations themselves. Takes long on a large workspace; only
/// `check --rebuild-counters` asks for it.
pub fn rebuild(tx: &Tx<'_>) -> Result<()> {
    tx.sql().execute_batch(
        "DELETE FROM conversation_counts;
         INSERT INTO conversation_counts (spam, status, channel_id, assignee_id, unread, n)
         SELECT CASE WHEN merged_into IS NULL THEN spam ELSE 2 END, status, channel_id,
             COALESCE(assignee_id, x''), unread_count > 0, COUNT(*)
         FROM conversations GROUP BY 1, 2, 3, 4, 5;",
    )?;
    Ok(())
}

/// The kept totals that differ from the facts, as a number of rows; 0 when all is well.
pub fn differences(db: &Reader<'_>) -> Result<u64> {
    let mut stmt = db.sql().prepare_cached(
        "WITH facts AS (
             SELECT CASE WHEN merged_into IS NULL THEN spam ELSE 2 END AS spam, status, channel_id,
                    COALESCE(assignee_id, x'') AS assignee_id,
                    unread_count > 0 AS unread, COUNT(*) AS n
             FROM conversations GROUP BY 1, 2, 3, 4, 5
         ), kept AS (SELECT * FROM conversation_counts WHERE n <> 0)
         SELECT (SELECT COUNT(*) FROM (SELECT * FROM facts EXCEPT SELECT * FROM kept))
              + (SELECT COUNT(*) FROM (SELECT * FROM kept EXCEPT SELECT * FROM facts))",
    )?;
    Ok(stmt.query_row([], |row| row.get(0))?)
}
