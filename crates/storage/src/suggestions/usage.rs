//! The model that may draft, and what it used.

use domain::{
    Timestamp,
    ids::{AgentId, DraftId, MessageId},
};
use rusqlite::{OptionalExtension, params};

use crate::{Reader, Result, Tx};

/// An OpenAI-compatible endpoint; its key is a sealed secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    pub base_url: String,
    pub model: String,
    /// Tokens a calendar month may cost.
    pub monthly_tokens: Option<u64>,
    pub is_active: bool,
    pub updated_at: Timestamp,
}

/// One draft and what it cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    pub id: DraftId,
    pub conversation_number: i64,
    pub agent: AgentId,
    pub model: String,
    pub prompt_tokens: u64,
    pub completion_tokens: u64,
    pub credits: u64,
    pub at: Timestamp,
}

/// What a month used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Month {
    pub drafts: u64,
    pub tokens: u64,
    pub credits: u64,
}

pub fn settings(db: &Reader<'_>) -> Result<Option<Settings>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT base_url, model, monthly_tokens, is_active, updated_at FROM ai_settings",
    )?;
    let found = stmt.query_row([], |row| {
        Ok(Settings {
            base_url: row.get(0)?,
            model: row.get(1)?,
            monthly_tokens: row.get(2)?,
            is_active: row.get(3)?,
            updated_at: Timestamp(row.get(4)?),
        })
    });
    Ok(found.optional()?)
}

pub fn put_settings(tx: &Tx<'_>, it: &Settings) -> Result<()> {
    tx.sql()
        .prepare_cached(
            "INSERT INTO ai_settings (only_one, base_url, model, monthly_tokens, is_active, updated_at)
             VALUES (1, ?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (only_one) DO UPDATE SET base_url = excluded.base_url,
                 model = excluded.model, monthly_tokens = excluded.monthly_tokens,
                 is_active = excluded.is_active, updated_at = excluded.updated_at",
        )?
        .execute(params![it.base_url, it.model, it.monthly_tokens, it.is_active, it.updated_at.0])?;
    Ok(())
}

/// Keeps a draft's cost, and adds it to its month (as `2026-11`).
pub fn record(tx: &Tx<'_>, it: &Used, month: &str) -> Result<()> {
    tx.sql()
        .prepare_cached(
            "INSERT INTO ai_drafts (id, conversation_number, agent_id, model, prompt_tokens,
                 completion_tokens, credits, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            it.id.0,
            it.conversation_number,
            it.agent.0,
            it.model,
            it.prompt_tokens,
            it.completion_tokens,
            it.credits,
            it.at.0
        ])?;
    tx.sql()
        .prepare_cached(
            "INSERT INTO ai_usage (month, drafts, tokens, credits) VALUES (?1, 1, ?2, ?3)
             ON CONFLICT (month) DO UPDATE SET drafts = drafts + 1,
                 tokens = tokens + excluded.tokens, credits = credits + excluded.credits",
        )?
        .execute(params![month, it.prompt_tokens + it.completion_tokens, it.credits])?;
    Ok(())
}

pub fn month(db: &Reader<'_>, month: &str) -> Result<Month> {
    let mut stmt =
        db.sql().prepare_cached("SELECT drafts, tokens, credits FROM ai_usage WHERE month = ?1")?;
    let found = stmt.query_row([month], |row| {
        Ok(Month { drafts: row.get(0)?, tokens: row.get(1)?, credits: row.get(2)? })
    });
    Ok(found.optional()?.unwrap_or_default())
}

/// Notes that a draft became a message. False when there is no such draft for this conversation, or
/// it became one before.
pub fn link(tx: &Tx<'_>, draft: DraftId, number: i64, message: MessageId) -> Result<bool> {
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE ai_drafts SET message_seq = (SELECT seq FROM messages WHERE id = ?3)
         WHERE id = ?1 AND conversation_number = ?2 AND message_seq IS NULL",
    )?;
    Ok(stmt.execute(params![draft.0, number, message.0])? > 0)
}
