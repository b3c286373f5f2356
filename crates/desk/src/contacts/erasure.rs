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
    contacts::{
        self,
        erasure::{self, Belongings},
    },
    events, jobs,
};

use crate::{Desk, DeskError, Result};

/// Rows removed in one transaction.
const SLICE: u32 = 500;

/// A contact that is no more, and what goes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erased {
    pub id: ContactId,
    pub belongings: Belongings,
}

/// Erases a person with their conversations, files, raw mail and index entries.
pub async fn erase(desk: &Desk, id: ContactId, actor: Actor) -> Result<Erased> {
    let now = desk.clock.now();
    desk.store.write(move |tx| erase_in(tx, id, actor, now)).await
}

fn erase_in(tx: &Tx<'_>, id: ContactId, actor: Actor, now: Timestamp) -> Result<Erased> {
    contacts::find(tx, id)?.ok_or(DeskError::NotFound("contact"))?;
    let belongings = erasure::belongings(tx, id)?;
    erasure::begin(tx, id, now)?;
    let job = jobs::NewJob {
        kind: JobKind::EraseContact,
        subject: id.0,
        payload: json!({}),
        lane: "erasure".to_owned(),
        run_at: now,
    };
    jobs::put(tx, &job, now)?;
    events::append(tx, None, Event::ContactErased { contact_id: id }, actor, now)?;
    Ok(Erased { id, belongings })
}

/// One slice of the work that [`erase`] left; true once there is none.
pub async fn erase_slice(desk: &Desk, id: ContactId) -> Result<bool> {
    let now = desk.clock.now();
    desk.store.write(move |tx| Ok(erasure::slice(tx, id, SLICE, now)?)).await
}
