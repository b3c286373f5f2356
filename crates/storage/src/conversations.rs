//! Conversations, with the totals and tag keys that follow every change to one.

use domain::{
    Timestamp,
    conversations::{Conversation, LastMessage},
    ids::{AgentId, ChannelId, ContactId, ConversationId},
    messages::Direction,
};
use rusqlite::{OptionalExtension, Row, named_params, params};

use crate::{
    Reader, Result, Tx,
    row::{self, InOrder},
};

/// What [`from_row`] reads, in its order.
macro_rules! columns {
    () => {
        "conversations.number, conversations.id, conversations.channel_id,
         conversations.channel_type, conversations.contact_id, conversations.subject,
         conversations.status, conversations.snoozed_until, conversations.spam,
         conversations.priority, conversations.assignee_id, conversations.unread_count,
         conversations.notes, conversations.attributes, conversations.message_count,
         conversations.last_message_seq, conversations.last_message_text,
         conversations.last_message_direction, conversations.last_message_at,
         conversations.active_at, conversations.waiting_since, conversations.first_message_at,
         conversations.first_response_at, conversations.first_response_by,
         conversations.resolved_at, conversations.resolved_by, conversations.related_id,
         conversations.created_at, conversations.updated_at, conversations.merged_into"
    };
}

pub mod counts;
pub mod list;
pub mod merged;
pub mod overviews;
pub mod removal;

pub fn find(db: &Reader<'_>, id: ConversationId) -> Result<Option<Conversation>> {
    let mut stmt = db.sql().prepare_cached(concat!(
        "SELECT ",
        columns!(),
        " FROM conversations WHERE id = ?1"
    ))?;
    Ok(stmt.query_row([id.0], from_row).optional()?)
}

/// None also when its contact is being erased.
pub fn find_by_number(db: &Reader<'_>, number: i64) -> Result<Option<Conversation>> {
    let mut stmt = db.sql().prepare_cached(concat!(
        "SELECT ",
        columns!(),
        " FROM conversations WHERE number = ?1 AND EXISTS (
             SELECT 1 FROM contacts WHERE contacts.id = contact_id AND erased_at IS NULL)"
    ))?;
    Ok(stmt.query_row([number], from_row).optional()?)
}

/// The newest ones up to a number, newest first; also those of people who are being erased.
pub(crate) fn newest_until(db: &Reader<'_>, number: i64, limit: u32) -> Result<Vec<Conversation>> {
    let mut stmt = db.sql().prepare_cached(concat!(
        "SELECT ",
        columns!(),
        " FROM conversations WHERE number <= ?1 ORDER BY number DESC LIMIT ?2"
    ))?;
    let rows = stmt.query_map(params![number, limit], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Those an agent has that are not resolved, oldest number first.
pub fn unresolved_of_agent(db: &Reader<'_>, agent: AgentId) -> Result<Vec<Conversation>> {
    let mut stmt = db.sql().prepare_cached(concat!(
        "SELECT ",
        columns!(),
        " FROM conversations WHERE assignee_id = ?1 AND status <> 'resolved' ORDER BY number"
    ))?;
    let rows = stmt.query_map([agent.0], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Stores a new conversation and gives it its number.
pub fn insert(tx: &Tx<'_>, it: &mut Conversation) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO conversations (
             id, channel_id, channel_type, contact_id, subject, status, snoozed_until, spam, priority,
             assignee_id, unread_count, notes, attributes, message_count, last_message_seq,
             last_message_text, last_message_direction, last_message_at, active_at, waiting_since,
             first_message_at, first_response_at, first_response_by, resolved_at, resolved_by,
             related_id, created_at, updated_at
         ) VALUES (
             :id, :channel_id, :channel_type, :contact_id, :subject, :status, :snoozed_until, :spam,
             :priority, :assignee_id, :unread_count, :notes, :attributes, :message_count,
             :last_message_seq, :last_message_text, :last_message_direction, :last_message_at,
             :active_at, :waiting_since, :first_message_at, :first_response_at, :first_response_by,
             :resolved_at, :resolved_by, :related_id, :created_at, :updated_at
         )",
    )?;
    let last = it.last_message.as_ref();
    stmt.execute(named_params! {
        ":id": it.id.0,
        ":channel_id": it.channel_id.0,
        ":channel_type": it.channel_kind.as_str(),
        ":contact_id": it.contact_id.0,
        ":subject": it.subject,
        ":status": it.status.as_str(),
        ":snoozed_until": it.snoozed_until.map(|it| it.0),
        ":spam": it.spam,
        ":priority": it.priority.as_str(),
        ":assignee_id": it.assignee.map(|it| it.0),
        ":unread_count": it.unread_count,
        ":notes": it.notes,
        ":attributes": row::to_json(&it.attributes)?,
        ":message_count": it.message_count,
        ":last_message_seq": last.map(|it| it.seq),
        ":last_message_text": last.map(|it| &it.text),
        ":last_message_direction": last.map(|it| it.direction.as_str()),
        ":last_message_at": last.map(|it| it.at.0),
        ":active_at": it.active_at.0,
        ":waiting_since": it.waiting_since.map(|it| it.0),
        ":first_message_at": it.first_message_at.map(|it| it.0),
        ":first_response_at": it.first_response_at.map(|it| it.0),
        ":first_response_by": it.first_response_by.map(|it| it.0),
        ":resolved_at": it.resolved_at.map(|it| it.0),
        ":resolved_by": it.resolved_by.map(|it| it.0),
        ":related_id": it.related_id.map(|it| it.0),
        ":created_at": it.created_at.0,
        ":updated_at": it.updated_at.0,
    })?;
    it.number = tx.sql().last_insert_rowid();
    counts::add(tx, &counts::Facets::of(it), 1)
}

/// Stores what may change of a conversation; its channel, contact and creation do not.
pub fn update(tx: &Tx<'_>, it: &Conversation) -> Result<()> {
    let before = counts::Facets::stored(tx, it.number)?;
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE conversations SET
             subject = :subject, status = :status, snoozed_until = :snoozed_until, spam = :spam,
             priority = :priority, assignee_id = :assignee_id, unread_count = :unread_count,
             notes = :notes, attributes = :attributes, message_count = :message_count,
             last_message_seq = :last_message_seq, last_message_text = :last_message_text,
             last_message_direction = :last_message_direction, last_message_at = :last_message_at,
             active_at = :active_at, waiting_since = :waiting_since,
             first_message_at = :first_message_at, first_response_at = :first_response_at,
             first_response_by = :first_response_by, resolved_at = :resolved_at,
             resolved_by = :resolved_by, related_id = :related_id, merged_into = :merged_into,
             updated_at = :updated_at
         WHERE number = :number",
    )?;
    let last = it.last_message.as_ref();
    stmt.execute(named_params! {
        ":number": it.number,
        ":subject": it.subject,
        ":status": it.status.as_str(),
        ":snoozed_until": it.snoozed_until.map(|it| it.0),
        ":spam": it.spam,
        ":priority": it.priority.as_str(),
        ":assignee_id": it.assignee.map(|it| it.0),
        ":unread_count": it.unread_count,
        ":notes": it.notes,
        ":attributes": row::to_json(&it.attributes)?,
        ":message_count": it.message_count,
        ":last_message_seq": last.map(|it| it.seq),
        ":last_message_text": last.map(|it| &it.text),
        ":last_message_direction": last.map(|it| it.direction.as_str()),
        ":last_message_at": last.map(|it| it.at.0),
        ":active_at": it.active_at.0,
        ":waiting_since": it.waiting_since.map(|it| it.0),
        ":first_message_at": it.first_message_at.map(|it| it.0),
        ":first_response_at": it.first_response_at.map(|it| it.0),
        ":first_response_by": it.first_response_by.map(|it| it.0),
        ":resolved_at": it.resolved_at.map(|it| it.0),
        ":resolved_by": it.resolved_by.map(|it| it.0),
        ":related_id": it.related_id.map(|it| it.0),
        ":merged_into": it.merged_into.map(|it| it.0),
        ":updated_at": it.updated_at.0,
    })?;
    let after = counts::Facets::of(it);
    if let Some(before) = before.filter(|it| *it != after) {
        counts::add(tx, &before, -1)?;
        counts::add(tx, &after, 1)?;
    }
    let mut stmt = tx.sql().prepare_cached(
        "UPDATE conversation_tags SET status = ?2, active_at = ?3, spam = ?4
         WHERE conversation_number = ?1",
    )?;
    stmt.execute(params![it.number, it.status.as_str(), it.active_at.0, it.spam])?;
    Ok(())
}

/// Notes that the conversation changed hands. `from` is who had it until now.
pub fn record_assignment(
    tx: &Tx<'_>,
    number: i64,
    to: Option<AgentId>,
    by: Option<AgentId>,
    at: Timestamp,
) -> Result<()> {
    tx.sql()
        .prepare_cached(
            "UPDATE assignments SET unassigned_at = ?2
             WHERE conversation_number = ?1 AND unassigned_at IS NULL",
        )?
        .execute(params![number, at.0])?;
    if let Some(to) = to {
        tx.sql()
            .prepare_cached(
                "INSERT INTO assignments (conversation_number, agent_id, assigned_by, assigned_at)
                 VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![number, to.0, by.map(|it| it.0), at.0])?;
    }
    Ok(())
}

/// One turn of somebody having a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    pub agent: AgentId,
    pub agent_name: String,
    /// None when Deskbell itself assigned it.
    pub by: Option<AgentId>,
    pub by_name: Option<String>,
    pub assigned_at: Timestamp,
    /// None while it lasts.
    pub unassigned_at: Option<Timestamp>,
}

/// Who had the conversation, the oldest turn first. Names of deleted agents too.
pub fn assignments(db: &Reader<'_>, number: i64) -> Result<Vec<Assignment>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT assignments.*, agents.name AS agent_name, givers.name AS by_name FROM assignments
         JOIN agents ON agents.id = assignments.agent_id
         LEFT JOIN agents AS givers ON givers.id = assignments.assigned_by
         WHERE conversation_number = ?1 ORDER BY seq LIMIT 1000",
    )?;
    let rows = stmt.query_map([number], |row| {
        Ok(Assignment {
            agent: AgentId(row.get("agent_id")?),
            agent_name: row.get("agent_name")?,
            by: row.get::<_, Option<_>>("assigned_by")?.map(AgentId),
            by_name: row.get("by_name")?,
            assigned_at: Timestamp(row.get("assigned_at")?),
            unassigned_at: row::instant(row, "unassigned_at")?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub fn record_status_change(
    tx: &Tx<'_>,
    number: i64,
    before: domain::conversations::Status,
    after: domain::conversations::Status,
    by: Option<AgentId>,
    at: Timestamp,
) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO status_changes (conversation_number, before, after, changed_by, changed_at)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    stmt.execute(params![number, before.as_str(), after.as_str(), by.map(|it| it.0), at.0])?;
    Ok(())
}

/// Lets an address join the thread when it answers: an agent put it in to or cc.
pub fn add_participant(tx: &Tx<'_>, number: i64, address: &str) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO conversation_participants (conversation_number, address) VALUES (?1, ?2)
         ON CONFLICT DO NOTHING",
    )?;
    stmt.execute(params![number, address])?;
    Ok(())
}

pub fn remove_participant(tx: &Tx<'_>, number: i64, address: &str) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "DELETE FROM conversation_participants WHERE conversation_number = ?1 AND address = ?2",
    )?;
    stmt.execute(params![number, address])?;
    Ok(())
}

pub fn is_participant(db: &Reader<'_>, number: i64, address: &str) -> Result<bool> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT 1 FROM conversation_participants WHERE conversation_number = ?1 AND address = ?2",
    )?;
    Ok(stmt.exists(params![number, address])?)
}

pub(crate) fn from_row(row: &Row<'_>) -> rusqlite::Result<Conversation> {
    from_columns(&mut InOrder::new(row))
}

/// Reads the first columns of a wider row and leaves the others to be read.
pub(crate) fn from_columns(row: &mut InOrder<'_, '_>) -> rusqlite::Result<Conversation> {
    // Fields are evaluated in the order they are written: that of the columns.
    Ok(Conversation {
        number: row.get()?,
        id: ConversationId(row.get()?),
        channel_id: ChannelId(row.get()?),
        channel_kind: row.parse()?,
        contact_id: ContactId(row.get()?),
        subject: row.get()?,
        status: row.parse()?,
        snoozed_until: row.instant()?,
        spam: row.get()?,
        priority: row.parse()?,
        assignee: row.get::<Option<_>>()?.map(AgentId),
        unread_count: row.get()?,
        notes: row.get()?,
        attributes: row.json()?,
        message_count: row.get()?,
        last_message: last_message(row)?,
        active_at: Timestamp(row.get()?),
        waiting_since: row.instant()?,
        first_message_at: row.instant()?,
        first_response_at: row.instant()?,
        first_response_by: row.get::<Option<_>>()?.map(AgentId),
        resolved_at: row.instant()?,
        resolved_by: row.get::<Option<_>>()?.map(AgentId),
        related_id: row.get::<Option<_>>()?.map(ConversationId),
        created_at: Timestamp(row.get()?),
        updated_at: Timestamp(row.get()?),
        merged_into: row.get::<Option<_>>()?.map(ConversationId),
    })
}

fn last_message(row: &mut InOrder<'_, '_>) -> rusqlite::Result<Option<LastMessage>> {
    let seq: Option<i64> = row.get()?;
    let text: Option<String> = row.get()?;
    let direction: Option<Direction> = row.parse_optional()?;
    let at = row.instant()?;
    let (Some(seq), Some(direction), Some(at)) = (seq, direction, at) else { return Ok(None) };
    Ok(Some(LastMessage { seq, text: text.unwrap_or_default(), direction, at }))
}
