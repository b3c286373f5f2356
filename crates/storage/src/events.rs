//! Events: written in the transaction of what happened, published after its commit.

use domain::{
    Timestamp,
    conversations::Conversation,
    events::{Actor, Event, Recorded},
    ids::ConversationId,
    messages::SenderType,
};
use rusqlite::{OptionalExtension, Row, params};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{Reader, Result, Tx, audit, reports, row};

/// An event as it lies in the table; its payload has its kind, too.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    pub seq: i64,
    pub kind: String,
    pub conversation: Option<ConversationId>,
    pub actor_kind: SenderType,
    pub actor_id: Option<Uuid>,
    pub payload: Map<String, Value>,
    pub at: Timestamp,
}

impl Stored {
    /// An id the payload names.
    pub fn id<T: From<Uuid>>(&self, field: &str) -> Option<T> {
        self.payload.get(field)?.as_str()?.parse().ok().map(Uuid::into)
    }
}

/// Records what happened, to a conversation or to the desk at large. The conversation is as it is
/// after it, and what the event tells of is stored already: the figures count it here.
pub fn append(
    tx: &Tx<'_>,
    conversation: Option<&Conversation>,
    event: Event,
    actor: Actor,
    now: Timestamp,
) -> Result<i64> {
    let document = serde_json::to_value(&event).map_err(row::unwritable)?;
    let kind = document.get("kind").and_then(|it| it.as_str()).unwrap_or("unknown");
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO events (kind, conversation_number, subject_id, actor_type, actor_id, payload, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    stmt.execute(params![
        kind,
        conversation.map(|it| it.number),
        conversation.map(|it| it.id.0),
        actor.kind().as_str(),
        actor.id(),
        row::to_json(&document)?,
        now.0
    ])?;
    let seq = tx.sql().last_insert_rowid();
    if let Some(conversation) = conversation {
        reports::observe(tx, conversation, &event, actor, now)?;
    }
    let conversation = conversation.map(|it| it.id);
    let recorded = Recorded { seq, event, conversation, actor, at: now };
    if let Some(object) = domain::audit::object_of(&recorded.event, conversation) {
        audit::append(tx, &recorded, object, &document, tx.source())?;
    }
    tx.publish(recorded);
    Ok(seq)
}

/// The newest event's place in the order of all; 0 before the first.
pub fn head(db: &Reader<'_>) -> Result<i64> {
    let mut stmt = db.sql().prepare_cached("SELECT coalesce(max(seq), 0) FROM events")?;
    Ok(stmt.query_row([], |row| row.get(0))?)
}

/// How far the numbers leap after a restore: more than were ever given out since a backup, and few
/// enough for thousands of restores within the whole numbers that JavaScript knows.
const LEAP: i64 = 1 << 40;

/// Goes on counting far beyond what may have been given out since this was backed up, so that who
/// resumes after one of those numbers is told to begin anew.
pub fn leap(tx: &Tx<'_>) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO events (seq, kind, actor_type, created_at)
         SELECT COALESCE(max(seq), 0) + ?1, 'forgotten', 'system', COALESCE(max(created_at), 0)
         FROM events",
    )?;
    stmt.execute([LEAP])?;
    Ok(())
}

/// When an event was, while it is kept.
pub fn at(db: &Reader<'_>, seq: i64) -> Result<Option<Timestamp>> {
    let mut stmt = db.sql().prepare_cached("SELECT created_at FROM events WHERE seq = ?1")?;
    Ok(stmt.query_row([seq], |row| row.get(0).map(Timestamp)).optional()?)
}

/// The events that follow the one at `seq`, at most `limit`, in their order.
pub fn after(db: &Reader<'_>, seq: i64, limit: u32) -> Result<Vec<Stored>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT seq, kind, conversation_number, subject_id, actor_type, actor_id, payload, created_at
         FROM events WHERE seq > ?1 ORDER BY seq LIMIT ?2",
    )?;
    let rows = stmt.query_map(params![seq, limit], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What happened in a conversation after the event at `seq`, at most `limit`, in its order.
pub fn of_after(db: &Reader<'_>, number: i64, seq: i64, limit: u32) -> Result<Vec<Stored>> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT seq, kind, conversation_number, subject_id, actor_type, actor_id, payload, created_at
         FROM events WHERE conversation_number = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
    )?;
    let rows = stmt.query_map(params![number, seq, limit], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored {
        seq: row.get("seq")?,
        kind: row.get("kind")?,
        conversation: row.get::<_, Option<_>>("subject_id")?.map(ConversationId),
        actor_kind: row::parse(row, "actor_type")?,
        actor_id: row.get("actor_id")?,
        payload: row::json(row, "payload")?,
        at: Timestamp(row.get("created_at")?),
    })
}

/// Forgets what happened in a conversation, at most `limit` events of it. Returns how many there
/// were: fewer than `limit` means that none is left.
///
/// The newest event of all stays without its content: numbers are given out from the highest
/// there is, and one given out twice would hide an event from who resumes after the first.
pub(crate) fn delete_of(tx: &Tx<'_>, conversation_number: i64, limit: u32) -> Result<u32> {
    tx.sql()
        .prepare_cached(
            "UPDATE events SET kind = 'forgotten', conversation_number = NULL, subject_id = NULL,
                 actor_type = 'system', actor_id = NULL, payload = '{}'
             WHERE conversation_number = ?1 AND seq = (SELECT max(seq) FROM events)",
        )?
        .execute([conversation_number])?;
    let mut stmt = tx.sql().prepare_cached(
        "DELETE FROM events WHERE seq IN (
             SELECT seq FROM events WHERE conversation_number = ?1 LIMIT ?2
         )",
    )?;
    let removed = stmt.execute(params![conversation_number, limit])?;
    Ok(u32::try_from(removed).unwrap_or(u32::MAX))
}

/// Removes at most `limit` of the oldest events before `before`: those of conversations, or the
/// others; never the newest of all (see `delete_of`). Returns how many
/// there were.
pub fn delete_older(
    tx: &Tx<'_>,
    of_conversations: bool,
    before: Timestamp,
    limit: u32,
) -> Result<usize> {
    let mut stmt = tx.sql().prepare_cached(
        "DELETE FROM events WHERE seq IN (
             SELECT seq FROM events
             WHERE created_at < ?2 AND (conversation_number IS NOT NULL) = ?1
                 AND seq < (SELECT max(seq) FROM events)
             ORDER BY created_at LIMIT ?3
         )",
    )?;
    Ok(stmt.execute(params![of_conversations, before.0, limit])?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Options, Store, StoreError};

    #[test]
    fn no_number_is_given_out_twice() {
        const NOW: Timestamp = Timestamp(1_000_000);
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(Options::new(folder.path())).unwrap();
        let add = |tx: &Tx<'_>| append(tx, None, Event::ConversationRead, Actor::System, NOW);
        store
            .write_blocking(move |tx| {
                assert_eq!((add(tx)?, add(tx)?, add(tx)?), (1, 2, 3));
                let of_seven = "UPDATE events SET conversation_number = 7 WHERE seq > 1";
                tx.sql().execute_batch(of_seven)?;
                delete_of(tx, 7, 1000)?;
                assert_eq!(add(tx)?, 4);
                let left: Vec<_> =
                    after(tx, 0, 10)?.into_iter().map(|it| (it.seq, it.kind)).collect();
                let kinds = [(1, "conversation_read"), (3, "forgotten"), (4, "conversation_read")];
                assert_eq!(left, kinds.map(|(seq, kind)| (seq, kind.to_owned())));
                assert_eq!(delete_older(tx, false, NOW.plus_seconds(1), 10)?, 2);
                assert_eq!((head(tx)?, add(tx)?), (4, 5));
                Ok::<_, StoreError>(())
            })
            .unwrap();
    }
}
