//! What happened to a conversation, read from its messages and the changes of its status.

use domain::{
    Timestamp,
    conversations::{Conversation, Status},
    ids::{AgentId, MessageId},
    messages::{Direction, SenderType},
    reports::{By, Calendar, Happening, Ledger, What},
    workspace::Workspace,
};
use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use crate::{Reader, Result, row, workspace};

/// What is counted of a message.
pub(super) struct Written {
    seq: i64,
    direction: Direction,
    sender: SenderType,
    sender_id: Option<Uuid>,
    created_at: Timestamp,
    sent_at: Option<Timestamp>,
    automatic: bool,
    /// From a draft of a model.
    drafted: bool,
    /// Older mail that was brought in makes history, not work.
    imported: bool,
}

macro_rules! written {
    () => {
        "SELECT messages.seq, messages.direction, messages.sender_type, messages.sender_id,
                messages.created_at, messages.sent_at,
                COALESCE(mails.automatic, 0) AS automatic,
                EXISTS (SELECT 1 FROM ai_drafts
                        WHERE ai_drafts.message_seq = messages.seq) AS drafted,
                EXISTS (SELECT 1 FROM inbound
                        WHERE inbound.message_seq = messages.seq AND backfill = 1) AS imported
         FROM messages LEFT JOIN message_mails AS mails ON mails.message_seq = messages.seq
         WHERE "
    };
}

/// A message that was just received or sent.
pub(super) fn message(db: &Reader<'_>, id: MessageId) -> Result<Option<Written>> {
    let mut stmt = db.sql().prepare_cached(concat!(written!(), "messages.id = ?1"))?;
    Ok(stmt.query_row([id.0], from_row).optional()?)
}

/// Whether it left more than once: it failed after all, and somebody sent it again.
pub(super) fn was_sent_before(db: &Reader<'_>, it: &Written) -> Result<bool> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT COUNT(*) > 1 FROM deliveries WHERE message_seq = ?1 AND outcome = 'sent'",
    )?;
    Ok(stmt.query_row([it.seq], |row| row.get(0))?)
}

impl Written {
    pub(super) fn received(&self, assignee: Option<AgentId>) -> Happening {
        let what = What::Received { asks: !self.automatic };
        Happening { at: self.created_at, agent: assignee, what }
    }

    /// None while it has not left.
    pub(super) fn sent(&self) -> Option<Happening> {
        let (by, agent) = match self.sender {
            SenderType::Agent if self.drafted => (By::AgentFromDraft, self.sender_id.map(AgentId)),
            SenderType::Agent => (By::Agent, self.sender_id.map(AgentId)),
            SenderType::Ai => (By::Ai, None),
            SenderType::System | SenderType::Contact => (By::Automation, None),
        };
        Some(Happening { at: self.sent_at?, agent, what: What::Sent(by) })
    }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Written> {
    Ok(Written {
        seq: row.get("seq")?,
        direction: row::parse(row, "direction")?,
        sender: row::parse(row, "sender_type")?,
        sender_id: row.get("sender_id")?,
        created_at: Timestamp(row.get("created_at")?),
        sent_at: row::instant(row, "sent_at")?,
        automatic: row.get("automatic")?,
        drafted: row.get("drafted")?,
        imported: row.get("imported")?,
    })
}

pub(super) fn calendar(db: &Reader<'_>) -> Result<Calendar> {
    let found = workspace::find(db)?;
    let of = |it: Workspace| Calendar { zone: it.zone(), hours: it.hours };
    Ok(found.map(of).unwrap_or_default())
}

pub(super) fn tags(db: &Reader<'_>, number: i64) -> Result<Vec<i64>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT tag_seq FROM conversation_tags WHERE conversation_number = ?1 ORDER BY tag_seq",
    )?;
    let rows = stmt.query_map([number], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The ledger as it follows from everything that is stored about the conversation.
pub(super) fn ledger(db: &Reader<'_>, it: &Conversation, calendar: &Calendar) -> Result<Ledger> {
    let written = messages(db, it.number)?;
    let turns = assignments(db, it.number)?;
    let assignee = |at: Timestamp| {
        let had = |turn: &&Turn| turn.from < at && turn.until.is_none_or(|until| at <= until);
        turns.iter().find(had).map(|turn| turn.agent)
    };
    // In what order things of the same millisecond are taken.
    let mut happenings: Vec<(u8, Happening)> = Vec::new();
    let first = written.first();
    if !first.is_some_and(|it| it.imported) {
        let opener = first.filter(|it| it.sender == SenderType::Agent);
        let agent = opener.and_then(|it| it.sender_id).map(AgentId);
        happenings.push((0, Happening { at: it.created_at, agent, what: What::Opened }));
    }
    for it in written.iter().filter(|it| !it.imported) {
        match it.direction {
            Direction::Inbound => happenings.push((1, it.received(assignee(it.created_at)))),
            Direction::Outbound => happenings.extend(it.sent().map(|it| (2, it))),
            Direction::Note | Direction::Event => {}
        }
    }
    for change in status_changes(db, it.number)? {
        let (agent, what) = match (change.before, change.after) {
            (Status::Resolved, Status::Resolved) => continue,
            (_, Status::Resolved) => (change.by, What::Resolved),
            (Status::Resolved, _) => (assignee(change.at), What::Reopened),
            _ => continue,
        };
        happenings.push((3, Happening { at: change.at, agent, what }));
    }
    happenings.extend(ratings(db, it.number)?.into_iter().map(|it| (4, it)));
    happenings.sort_by_key(|(order, it)| (it.at, *order));
    let mut ledger = Ledger::default();
    for (_, it) in happenings {
        ledger.add(it, calendar);
    }
    Ok(ledger)
}

fn messages(db: &Reader<'_>, number: i64) -> Result<Vec<Written>> {
    let mut stmt = db.sql().prepare_cached(concat!(
        written!(),
        "messages.conversation_number = ?1 AND messages.direction IN ('inbound', 'outbound')
         ORDER BY messages.seq"
    ))?;
    let rows = stmt.query_map([number], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Those of what was merged into it, too: like its messages, they are counted here.
fn ratings(db: &Reader<'_>, number: i64) -> Result<Vec<Happening>> {
    let mut stmt = db.sql().prepare_cached(
        "WITH RECURSIVE parts (id, number) AS (
             SELECT id, number FROM conversations WHERE number = ?1 UNION
             SELECT c.id, c.number FROM conversations AS c JOIN parts ON c.merged_into = parts.id
         )
         SELECT score, agent_id, created_at FROM parts
         JOIN ratings ON ratings.conversation_number = parts.number ORDER BY ratings.seq",
    )?;
    let rows = stmt.query_map([number], |row| {
        Ok(Happening {
            at: Timestamp(row.get("created_at")?),
            agent: row.get::<_, Option<_>>("agent_id")?.map(AgentId),
            what: What::Rated(row.get("score")?),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

struct Turn {
    agent: AgentId,
    from: Timestamp,
    until: Option<Timestamp>,
}

fn assignments(db: &Reader<'_>, number: i64) -> Result<Vec<Turn>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT agent_id, assigned_at, unassigned_at FROM assignments
         WHERE conversation_number = ?1 ORDER BY seq",
    )?;
    let rows = stmt.query_map([number], |row| {
        Ok(Turn {
            agent: AgentId(row.get("agent_id")?),
            from: Timestamp(row.get("assigned_at")?),
            until: row::instant(row, "unassigned_at")?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

struct Change {
    before: Status,
    after: Status,
    by: Option<AgentId>,
    at: Timestamp,
}

fn status_changes(db: &Reader<'_>, number: i64) -> Result<Vec<Change>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT before, after, changed_by, changed_at FROM status_changes
         WHERE conversation_number = ?1 ORDER BY seq",
    )?;
    let rows = stmt.query_map(params![number], |row| {
        Ok(Change {
            before: row::parse(row, "before")?,
            after: row::parse(row, "after")?,
            by: row.get::<_, Option<_>>("changed_by")?.map(AgentId),
            at: Timestamp(row.get("changed_at")?),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
