//! Carrying what became of a tag through all that has it, a few conversations in each transaction.

use domain::{
    Timestamp,
    ids::TagId,
    jobs::{Job, JobKind},
};
use serde_json::json;
use storage::{
    Tx, jobs,
    tags::{self, settling},
};

use crate::{Desk, DeskError, Result, workers::Outcome};

/// Conversations in one transaction: others write in between.
const SLICE: u32 = 200;

/// Carries out a job of the kind `SettleTag`.
pub(crate) async fn run(desk: &Desk, job: &Job) -> Result<Outcome> {
    let (id, into) = (TagId(job.subject), target(job));
    let found = desk.store.read(move |db| {
        let is_there = tags::find(db, id)?.is_some();
        Ok::<_, DeskError>(if is_there { settling::conversations(db, id)? } else { Vec::new() })
    });
    // Renamed: those that get it from now on are found by its new name already.
    for slice in found.await?.chunks(SLICE as usize) {
        let slice = slice.to_vec();
        desk.store.write(move |tx| Ok::<_, DeskError>(settling::reindex(tx, &slice)?)).await?;
    }
    while !desk.store.write(move |tx| take_off(tx, id, into)).await? {}
    Ok(Outcome::Done)
}

/// Does the first slice at once, so that a tag of a few is settled with the answer; a job does the
/// rest.
pub(super) fn settle(tx: &Tx<'_>, id: TagId, into: Option<TagId>, now: Timestamp) -> Result<()> {
    let is_over = match tags::find(tx, id)? {
        None => take_off(tx, id, into)?,
        Some(_) => {
            let (few, _) = tags::usage(tx, id, SLICE + 1)?;
            if few <= SLICE {
                settling::reindex(tx, &settling::conversations(tx, id)?)?;
            }
            few <= SLICE
        }
    };
    if is_over {
        jobs::remove(tx, JobKind::SettleTag, id.0)?;
        return Ok(());
    }
    let job = jobs::NewJob {
        kind: JobKind::SettleTag,
        subject: id.0,
        payload: json!({ "into": into }),
        lane: "tags".to_owned(),
        run_at: now,
    };
    Ok(jobs::put(tx, &job, now)?)
}

/// Where what had a tag goes.
pub(super) fn target(job: &Job) -> Option<TagId> {
    job.payload.get("into").and_then(|it| it.as_str()).and_then(|it| it.parse().ok())
}

/// One slice; true once nothing has the deleted tag any more.
fn take_off(tx: &Tx<'_>, id: TagId, into: Option<TagId>) -> Result<bool> {
    if tags::find(tx, id)?.is_some() {
        return Ok(true);
    }
    let into = into.map(|it| tags::find(tx, it)).transpose()?.flatten();
    Ok(settling::take_off(tx, id, into.as_ref(), SLICE)?)
}
