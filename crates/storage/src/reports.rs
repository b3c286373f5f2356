//! Figures, kept in the transaction of each fact: what a conversation adds to them stands in its
//! ledger, and the sums change by the difference between the ledger before and after.
//!
//! Facts stay counted when their conversation goes; spam is not counted; tags count as they are now.

mod backlog;
mod cells;
mod ledgers;
mod rebuild;
mod sources;
mod sums;

use domain::{
    Timestamp,
    channels::ChannelType,
    conversations::{Conversation, Status},
    events::{Actor, Event},
    ids::ChannelId,
    messages::DeliveryStatus,
    reports::{Calendar, Happening, What},
};
use rusqlite::OptionalExtension;

pub use self::{
    backlog::{Backlog, backlog},
    rebuild::{begin, catch_up, count_newest, end_load, expect_load, uncounted},
    sums::{ANY_TAG, Changes, Key, each},
};
use self::{ledgers::Stored, sums::Table};
use crate::{Reader, Result, Tx, conversations, visitors::ratings};

/// Counts what an event tells. The conversation is as it is after it; all it tells of is stored.
pub(crate) fn observe(
    tx: &Tx<'_>,
    it: &Conversation,
    event: &Event,
    actor: Actor,
    now: Timestamp,
) -> Result<()> {
    let Some(seen) = seen(tx, it, event, actor, now)? else { return Ok(()) };
    let Some(before) = ledgers::find(tx, it.number)? else {
        return match seen {
            // It will be counted with all that it has had.
            _ if it.number <= uncounted(tx)? => Ok(()),
            Seen::Happened(first) if first.what == What::Opened => {
                let mut after = Stored::default();
                after.ledger.add(first, &Calendar::default());
                replace_now(tx, it, None, after)
            }
            _ => recount(tx, it, None),
        };
    };
    let mut after = before.clone();
    match seen {
        Seen::Changed => {}
        Seen::Again if before.partial => return Ok(()),
        // What went with messages that moved cannot be told from what is left.
        Seen::Rearranged if before.partial => {}
        Seen::Again | Seen::Rearranged => return recount(tx, it, Some(before)),
        // It came late: what followed is measured from it.
        Seen::Happened(what) if !before.partial && Some(what.at) < before.ledger.latest_at => {
            return recount(tx, it, Some(before));
        }
        Seen::Happened(what) => {
            let measures = matches!(what.what, What::Sent(_) | What::Resolved);
            let calendar = if measures { sources::calendar(tx)? } else { Calendar::default() };
            after.ledger.add(what, &calendar);
        }
        Seen::Rated { rated, before } => {
            if let Some(score) = before {
                after.ledger.take_back_rating(rated.at, rated.agent, score);
            }
            after.ledger.add(rated, &Calendar::default());
        }
    }
    replace_now(tx, it, Some(before), after)
}

/// Counts under the tags it has now, where no event tells of them.
pub(crate) fn tags_changed(tx: &Tx<'_>, it: &Conversation) -> Result<()> {
    let Some(before) = ledgers::find(tx, it.number)? else { return Ok(()) };
    let after = before.clone();
    replace_now(tx, it, Some(before), after)
}

enum Seen {
    Happened(Happening),
    /// Sent once more: it is to be counted when it left the last time, and only then.
    Again,
    /// Messages moved from it or to it. One that was merged into another is hidden like spam: what
    /// it had is counted there.
    Rearranged,
    /// Its tags, or whether it is spam.
    Changed,
    /// In place of an earlier score, if there was one.
    Rated {
        rated: Happening,
        before: Option<u8>,
    },
}

/// None for what nothing is counted of.
fn seen(
    db: &Reader<'_>,
    it: &Conversation,
    event: &Event,
    actor: Actor,
    now: Timestamp,
) -> Result<Option<Seen>> {
    let happened = |at, agent, what| Seen::Happened(Happening { at, agent, what });
    Ok(match event {
        Event::ConversationOpened => Some(happened(it.created_at, actor.agent(), What::Opened)),
        Event::MessageReceived { message_id } => sources::message(db, *message_id)?
            .map(|message| Seen::Happened(message.received(it.assignee))),
        // Nobody carries a chat's message: it has left when it is stored, and no delivery follows.
        Event::MessageQueued { message_id } if it.channel_kind == ChannelType::Webchat => {
            sources::message(db, *message_id)?.and_then(|it| it.sent()).map(Seen::Happened)
        }
        Event::DeliveryChanged { message_id, status: DeliveryStatus::Sent } => {
            match sources::message(db, *message_id)? {
                Some(message) if sources::was_sent_before(db, &message)? => Some(Seen::Again),
                Some(message) => message.sent().map(Seen::Happened),
                None => None,
            }
        }
        Event::StatusChanged { before, after, .. } => match (before, after) {
            (Status::Resolved, Status::Resolved) => None,
            (_, Status::Resolved) => Some(happened(now, actor.agent(), What::Resolved)),
            (Status::Resolved, _) => Some(happened(now, it.assignee, What::Reopened)),
            _ => None,
        },
        Event::ConversationRated { score, before } => {
            let found = ratings::newest(db, it.number)?;
            found.map(|(at, agent)| Seen::Rated {
                rated: Happening { at, agent, what: What::Rated(*score) },
                before: *before,
            })
        }
        Event::ConversationMerged { .. }
        | Event::MergeUndone { .. }
        | Event::ConversationSplit { .. } => Some(Seen::Rearranged),
        Event::TagAdded { .. } | Event::TagRemoved { .. } => Some(Seen::Changed),
        Event::ConversationChanged { fields } if fields.contains(&"spam") => Some(Seen::Changed),
        _ => None,
    })
}

/// Counts a conversation anew from everything that is stored about it.
fn recount(tx: &Tx<'_>, it: &Conversation, before: Option<Stored>) -> Result<()> {
    let ledger = sources::ledger(tx, it, &sources::calendar(tx)?)?;
    replace_now(tx, it, before, Stored { ledger, ..Stored::default() })
}

fn replace_now(
    tx: &Tx<'_>,
    it: &Conversation,
    before: Option<Stored>,
    after: Stored,
) -> Result<()> {
    let mut changes = Changes::default();
    replace(tx, it, before, after, &mut changes)?;
    changes.apply(tx, Table::Sums)
}

/// Stores what a conversation adds from now on, with the tags it has. What it added before is taken
/// back in `changes`.
fn replace(
    tx: &Tx<'_>,
    it: &Conversation,
    before: Option<Stored>,
    mut after: Stored,
    changes: &mut Changes,
) -> Result<()> {
    after.counted = !it.spam;
    after.tags = sources::tags(tx, it.number)?;
    if before.as_ref() == Some(&after) {
        return Ok(());
    }
    if let Some(before) = before {
        gather(changes, &before, it.channel_id, -1);
    }
    gather(changes, &after, it.channel_id, 1);
    ledgers::put(tx, it.number, &after)
}

fn gather(changes: &mut Changes, it: &Stored, channel: ChannelId, sign: i64) {
    if it.counted {
        for (entry, n) in &it.ledger.entries {
            changes.add(entry, channel, &it.tags, sign * i64::from(*n));
        }
    }
}

/// To be called before a message goes. What was counted of its conversation stays as it is then,
/// since it cannot be counted anew. One that never left was not counted.
pub(crate) fn keep_message(tx: &Tx<'_>, seq: i64) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "SELECT conversation_number FROM messages AS gone WHERE seq = ?1 AND NOT (
             direction <> 'inbound' AND sent_at IS NULL AND EXISTS (
                 SELECT 1 FROM messages AS earlier
                 WHERE earlier.conversation_number = gone.conversation_number
                 AND earlier.direction = 'inbound' AND earlier.seq < gone.seq))",
    )?;
    match stmt.query_row([seq], |row| row.get(0)).optional()? {
        Some(number) => keep(tx, number),
        None => Ok(()),
    }
}

fn keep(tx: &Tx<'_>, number: i64) -> Result<()> {
    let mark = || -> Result<bool> {
        let mut stmt = tx.sql().prepare_cached(
            "UPDATE report_ledgers SET partial = 1 WHERE conversation_number = ?1",
        )?;
        Ok(stmt.execute([number])? > 0)
    };
    if mark()? {
        return Ok(());
    }
    if let Some(it) = stored(tx, number)? {
        recount(tx, &it, None)?;
        mark()?;
    }
    Ok(())
}

fn stored(db: &Reader<'_>, number: i64) -> Result<Option<Conversation>> {
    let found = conversations::newest_until(db, number, 1)?.pop();
    Ok(found.filter(|it| it.number == number))
}

/// To be called before a conversation goes. The figures go on counting what it had.
pub(crate) fn retire(tx: &Tx<'_>, number: i64) -> Result<()> {
    keep(tx, number)?;
    if let (Some(conversation), Some(it)) = (stored(tx, number)?, ledgers::find(tx, number)?) {
        // The sums may yet lack it, while all is counted anew.
        replace_now(tx, &conversation, Some(it.clone()), it)?;
        let mut changes = Changes::default();
        let it = ledgers::find(tx, number)?.unwrap_or_default();
        gather(&mut changes, &it, conversation.channel_id, 1);
        changes.apply(tx, Table::Kept)?;
    }
    tx.sql()
        .prepare_cached("DELETE FROM report_ledgers WHERE conversation_number = ?1")?
        .execute([number])?;
    Ok(())
}
