//! Drafts, and the uploads they hold.

use domain::{
    Timestamp,
    drafts::Draft,
    ids::{AgentId, AttachmentId},
};
use rusqlite::{OptionalExtension, Row, named_params, params};

use crate::{Reader, Result, Tx, attachments, row};

pub fn find(db: &Reader<'_>, agent: AgentId, conversation: i64) -> Result<Option<Draft>> {
    let mut stmt = db
        .sql()
        .prepare_cached("SELECT * FROM drafts WHERE agent_id = ?1 AND conversation_number = ?2")?;
    Ok(stmt.query_row(params![agent.0, conversation], from_row).optional()?)
}

/// An agent's drafts, the newest first.
pub fn of_agent(db: &Reader<'_>, agent: AgentId, limit: u32) -> Result<Vec<Draft>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT * FROM drafts WHERE agent_id = ?1 ORDER BY updated_at DESC LIMIT ?2",
    )?;
    let rows = stmt.query_map(params![agent.0, limit], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Everybody's drafts in a conversation.
pub fn of_conversation(db: &Reader<'_>, conversation: i64) -> Result<Vec<Draft>> {
    let mut stmt =
        db.sql().prepare_cached("SELECT * FROM drafts WHERE conversation_number = ?1")?;
    let rows = stmt.query_map([conversation], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Stores a draft in place of the agent's earlier one in that conversation.
pub fn put(tx: &Tx<'_>, it: &Draft) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO drafts (
             agent_id, conversation_number, kind, text, html, cc, bcc, attachment_ids, version,
             updated_at
         ) VALUES (
             :agent_id, :conversation_number, :kind, :text, :html, :cc, :bcc, :attachment_ids,
             :version, :updated_at
         ) ON CONFLICT (agent_id, conversation_number) DO UPDATE SET
             kind = excluded.kind, text = excluded.text, html = excluded.html, cc = excluded.cc,
             bcc = excluded.bcc, attachment_ids = excluded.attachment_ids,
             version = excluded.version, updated_at = excluded.updated_at",
    )?;
    stmt.execute(named_params! {
        ":agent_id": it.agent.0,
        ":conversation_number": it.conversation_number,
        ":kind": it.kind.as_str(),
        ":text": it.text,
        ":html": it.html,
        ":cc": row::to_json(&it.cc)?,
        ":bcc": row::to_json(&it.bcc)?,
        ":attachment_ids": row::to_json(&it.attachments)?,
        ":version": it.version,
        ":updated_at": it.updated_at.0,
    })?;
    Ok(())
}

pub fn delete(tx: &Tx<'_>, agent: AgentId, conversation: i64) -> Result<Option<Draft>> {
    let mut stmt = tx.sql().prepare_cached(
        "DELETE FROM drafts WHERE agent_id = ?1 AND conversation_number = ?2 RETURNING *",
    )?;
    Ok(stmt.query_row(params![agent.0, conversation], from_row).optional()?)
}

/// Removes everybody's drafts in a conversation with the uploads they hold.
pub(crate) fn delete_of_conversation(tx: &Tx<'_>, conversation: i64, now: Timestamp) -> Result<()> {
    for draft in of_conversation(tx, conversation)? {
        for id in &draft.attachments {
            attachments::delete_upload(tx, *id, draft.agent, now)?;
        }
        delete(tx, draft.agent, conversation)?;
    }
    Ok(())
}

/// Removes what nobody has touched since `before`, at most `limit`.
pub fn delete_older(tx: &Tx<'_>, before: Timestamp, limit: u32) -> Result<usize> {
    let mut stmt = tx.sql().prepare_cached(
        "DELETE FROM drafts WHERE (agent_id, conversation_number) IN (
             SELECT agent_id, conversation_number FROM drafts WHERE updated_at < ?1 LIMIT ?2
         )",
    )?;
    Ok(stmt.execute(params![before.0, limit])?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Draft> {
    Ok(Draft {
        agent: AgentId(row.get("agent_id")?),
        conversation_number: row.get("conversation_number")?,
        kind: row::parse(row, "kind")?,
        text: row.get("text")?,
        html: row.get("html")?,
        cc: row::json(row, "cc")?,
        bcc: row::json(row, "bcc")?,
        attachments: row::json::<Vec<AttachmentId>>(row, "attachment_ids")?,
        version: row.get("version")?,
        updated_at: Timestamp(row.get("updated_at")?),
    })
}
