//! Forgetting a person: out of sight in one small transaction, off the disk soon after.

use domain::{
    Timestamp,
    events::{Actor, Event},
    ids::ContactId,
    jobs::JobKind,
};
use serde_json::json;
use storage::{
    Tx,
    contacts::erasure::{self, Belongings},
    events, jobs,
    search::purge,
};

use super::merges;
use crate::{Desk, DeskError, Result, channels};

/// Rows removed in one transaction.
const SLICE: u32 = 500;

/// A contact that is no more, and what goes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erased {
    pub id: ContactId,
    pub belongings: Belongings,
}

/// When words of the erased are gone from the search index, too, in seconds.
const PURGE_AFTER: i64 = 24 * 3600;

/// Erases a person with their conversations, files, raw mail and index entries.
pub async fn erase(desk: &Desk, id: ContactId, actor: Actor) -> Result<Erased> {
    let now = desk.clock.now();
    let belongings = desk
        .store
        .read(move |db| {
            merges::present(db, id)?;
            Ok::<_, DeskError>(erasure::belongings(db, id)?)
        })
        .await?;
    desk.store.write(move |tx| erase_in(tx, id, actor, now)).await?;
    Ok(Erased { id, belongings })
}

fn erase_in(tx: &Tx<'_>, id: ContactId, actor: Actor, now: Timestamp) -> Result<()> {
    merges::present(tx, id)?;
    erasure::begin(tx, id, &channels::addresses(tx)?, now)?;
    let job = jobs::NewJob {
        kind: JobKind::EraseContact,
        subject: id.0,
        payload: json!({}),
        lane: "erasure".to_owned(),
        run_at: now,
    };
    jobs::put(tx, &job, now)?;
    events::append(tx, None, Event::ContactErased { contact_id: id }, actor, now)?;
    Ok(())
}

/// One slice of the work that [`erase`] left; true once there is none.
pub async fn erase_slice(desk: &Desk, id: ContactId) -> Result<bool> {
    let now = desk.clock.now();
    desk.store
        .write(move |tx| {
            let over = erasure::slice(tx, id, SLICE, now)?;
            if over {
                purge::ask(tx, now.plus_seconds(PURGE_AFTER))?;
            }
            Ok(over)
        })
        .await
}
