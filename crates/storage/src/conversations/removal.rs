//! Removing conversations with everything in them, a bounded number of rows at a time.

use domain::{
    Timestamp,
    conversations::Status,
    ids::{ConversationId, MessageId},
    jobs::JobKind,
};
use rusqlite::{OptionalExtension, params};

use super::counts;
use crate::{
    Result, Tx, attachments, automations::runs, drafts, events, inbound, jobs, messages, reports,
    search::index, visitors::chats,
};

/// Bytes of a message that count as one more row: clearing the pages of a long one takes its time.
const BYTES_A_ROW: u32 = 16 * 1024;

/// Tables to which a conversation adds rows as long as it lives.
const GROWING: [(&str, &str); 4] = [
    ("automation_runs", "conversation_number = ?1"),
    ("assignments", "conversation_number = ?1"),
    ("status_changes", "conversation_number = ?1"),
    ("notices", "conversation_id = (SELECT id FROM conversations WHERE number = ?1)"),
];

/// Removes a conversation with those that were merged into it, or at most `limit` of their rows
/// elsewhere first. Returns how much of the limit is left: none while the conversation is still there.
pub(crate) fn remove(
    tx: &Tx<'_>,
    number: i64,
    id: ConversationId,
    limit: u32,
    now: Timestamp,
) -> Result<u32> {
    let mut left = limit;
    while left > 0 {
        let part = innermost(tx, (number, id))?;
        left = remove_one(tx, part.0, part.1, left, now)?;
        if part.0 == number {
            break;
        }
    }
    Ok(left)
}

/// What was merged into it, or into that, and has nothing merged into it.
fn innermost(tx: &Tx<'_>, mut it: (i64, ConversationId)) -> Result<(i64, ConversationId)> {
    let mut stmt = tx
        .sql()
        .prepare_cached("SELECT number, id FROM conversations WHERE merged_into = ?1 LIMIT 1")?;
    loop {
        let part = stmt.query_row([it.1.0], |row| Ok((row.get(0)?, ConversationId(row.get(1)?))));
        match part.optional()? {
            Some(part) => it = part,
            None => return Ok(it),
        }
    }
}

fn remove_one(
    tx: &Tx<'_>,
    number: i64,
    id: ConversationId,
    limit: u32,
    now: Timestamp,
) -> Result<u32> {
    let mut left = delete_messages(tx, number, limit, now)?;
    if left > 0 {
        left = left.saturating_sub(events::delete_of(tx, number, left)?);
    }
    for (table, of_it) in GROWING {
        if left > 0 {
            left = left.saturating_sub(delete_rows(tx, table, of_it, number, left)?);
        }
    }
    if left > 0 {
        delete_conversation(tx, number, id, now)?;
        return Ok(left - 1);
    }
    Ok(0)
}

/// What came of one slice of removals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    pub removed: bool,
    /// Nothing is left.
    pub is_last: bool,
}

/// Removes at most about `limit` rows of what has been resolved, or spam, and untouched since
/// `before`. What has yet to send a reply stays; what was merged goes with what it went into.
pub fn slice_untouched_since(
    tx: &Tx<'_>,
    before: Timestamp,
    limit: u32,
    now: Timestamp,
) -> Result<Slice> {
    let mut left = limit;
    while left > 0 {
        let Some((number, id)) = oldest(tx, before)? else {
            return Ok(Slice { removed: left < limit, is_last: true });
        };
        left = remove(tx, number, id, left, now)?;
    }
    Ok(Slice { removed: true, is_last: false })
}

fn oldest(tx: &Tx<'_>, before: Timestamp) -> Result<Option<(i64, ConversationId)>> {
    let resolved = format!("spam = 0 AND status = '{}'", Status::Resolved);
    let spam = Status::ALL
        .iter()
        .map(|it| format!("spam = 1 AND merged_into IS NULL AND status = '{it}'"));
    for condition in std::iter::once(resolved).chain(spam) {
        let sql = format!(
            "SELECT number, id FROM conversations WHERE {condition} AND active_at < ?1
             AND NOT EXISTS (
                 SELECT 1 FROM messages WHERE conversation_number = number AND messages.status = 'queued'
             )
             ORDER BY active_at LIMIT 1"
        );
        let found = tx
            .sql()
            .prepare_cached(&sql)?
            .query_row([before.0], |row| Ok((row.get(0)?, ConversationId(row.get(1)?))))
            .optional()?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Returns how much of the limit is left: none while there may be more messages.
fn delete_messages(tx: &Tx<'_>, number: i64, limit: u32, now: Timestamp) -> Result<u32> {
    let found = tx
        .sql()
        .prepare_cached(
            "SELECT seq, id, octet_length(text) + COALESCE(octet_length(html), 0)
                 + COALESCE(octet_length(quoted), 0) AS bytes
             FROM messages LEFT JOIN message_bodies ON message_seq = seq
             WHERE conversation_number = ?1 LIMIT ?2",
        )?
        .query_map(params![number, limit], |row| {
            Ok((row.get::<_, i64>(0)?, MessageId(row.get(1)?), row.get::<_, u32>(2)?))
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let mut left = limit;
    for (seq, id, bytes) in &found {
        if left == 0 {
            break;
        }
        jobs::remove(tx, JobKind::SendMessage, id.0)?;
        inbound::removal::delete_of_message(tx, *seq, now)?;
        attachments::delete_of_message(tx, *seq, now)?;
        messages::delete(tx, *seq)?;
        left = left.saturating_sub(1 + bytes / BYTES_A_ROW);
    }
    Ok(left)
}

/// Removes at most `limit` rows. Returns how many there were.
fn delete_rows(tx: &Tx<'_>, table: &str, of_it: &str, number: i64, limit: u32) -> Result<u32> {
    let sql = format!(
        "DELETE FROM {table} WHERE seq IN (SELECT seq FROM {table} WHERE {of_it} LIMIT ?2)"
    );
    let removed = tx.sql().prepare_cached(&sql)?.execute(params![number, limit])?;
    Ok(u32::try_from(removed).unwrap_or(u32::MAX))
}

/// The row itself, and those of which there are few.
fn delete_conversation(tx: &Tx<'_>, number: i64, id: ConversationId, now: Timestamp) -> Result<()> {
    drafts::delete_of_conversation(tx, number, now)?;
    reports::retire(tx, number)?;
    jobs::remove(tx, JobKind::WakeConversation, id.0)?;
    jobs::remove(tx, JobKind::RunTimers, id.0)?;
    jobs::remove(tx, JobKind::MailVisitor, id.0)?;
    runs::delete_looks_of_conversation(tx, number)?;
    chats::delete_of_conversation(tx, number)?;
    if let Some(facets) = counts::Facets::stored(tx, number)? {
        counts::add(tx, &facets, -1)?;
    }
    index::delete_conversation(tx, number)?;
    for sql in [
        "DELETE FROM conversation_tags WHERE conversation_number = ?1",
        "DELETE FROM conversation_participants WHERE conversation_number = ?1",
        "DELETE FROM conversations WHERE number = ?1",
    ] {
        tx.sql().prepare_cached(sql)?.execute([number])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use domain::{
        channels::{Channel, ChannelType},
        contacts::Contact,
        conversations::Conversation,
        ids::{ChannelId, ContactId},
    };

    use super::*;
    use crate::{Options, Store, StoreError, channels, contacts, conversations};

    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    #[test]
    fn a_long_history_goes_in_slices() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(Options::new(folder.path())).unwrap();
        let work = |tx: &Tx<'_>| {
            let (channel, contact) = (ChannelId::new(), ContactId::new());
            let kind = ChannelType::Email;
            channels::insert(
                tx,
                &Channel {
                    id: channel,
                    kind,
                    name: "a channel".to_owned(),
                    config: serde_json::json!({}),
                    is_active: true,
                    created_at: NOW,
                    updated_at: NOW,
                    deleted_at: None,
                },
            )?;
            contacts::insert(tx, &Contact::new(contact, NOW))?;
            let id = ConversationId::new();
            let mut it = Conversation::open(id, (channel, kind), contact, None, NOW);
            conversations::insert(tx, &mut it)?;
            let (open, resolved) = (Status::Open, Status::Resolved);
            for _ in 0..40 {
                conversations::record_status_change(tx, it.number, open, resolved, None, NOW)?;
            }
            let left = || -> Result<u32> {
                let sql = "SELECT COUNT(*) FROM status_changes";
                Ok(tx.sql().query_row(sql, [], |row| row.get(0))?)
            };
            let mut slices = 0;
            while conversations::find_by_number(tx, it.number)?.is_some() {
                let before = left()?;
                remove(tx, it.number, it.id, 10, NOW)?;
                slices += 1;
                assert!(before - left()? <= 10, "slice {slices}");
            }
            assert_eq!((slices, left()?), (5, 0));
            Ok::<_, StoreError>(())
        };
        store.write_blocking(work).unwrap();
    }
}
