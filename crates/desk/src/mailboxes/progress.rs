//! How far a backfill is. It stands in the job itself: a restart keeps it, and with the job it goes.

use domain::{
    Timestamp,
    ids::{ChannelId, JobId},
    jobs::{Job, JobKind, JobState},
};
use serde_json::{Value, json};
use storage::{Reader, jobs};

use crate::{Desk, Result};

/// Between two notes: each is a write of its own.
const PAUSE_MS: i64 = 1000;

/// A request for older mail that is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackfillState {
    pub since: Timestamp,
    pub before: Timestamp,
    pub state: JobState,
    /// When it is tried next, or was given up.
    pub at: Timestamp,
    /// Mails of the range in the folders that were looked at; none before the first one was.
    pub found: Option<u64>,
    /// How many of those are in the ledger, or are known to stay on the server.
    pub read: u64,
    /// Why it waits or was given up.
    pub error: Option<String>,
}

pub(crate) fn of(db: &Reader<'_>, id: ChannelId) -> Result<Option<BackfillState>> {
    let job = jobs::find(db, JobKind::BackfillMail, id.0)?;
    Ok(job.and_then(|job| {
        let number = |name: &str| job.payload.get(name).and_then(Value::as_i64);
        Some(BackfillState {
            since: Timestamp(number("since")?),
            before: Timestamp(number("before")?),
            state: job.state,
            at: job.run_at,
            found: number("found").and_then(|it| it.try_into().ok()),
            read: number("read").and_then(|it| it.try_into().ok()).unwrap_or(0),
            error: job.last_error,
        })
    }))
}

/// Counts what an attempt has done, and notes it now and then.
pub(super) struct Progress {
    job: JobId,
    payload: Value,
    /// In the folders that are done.
    before: (u64, u64),
    found: u64,
    read: u64,
    noted_at: Option<Timestamp>,
}

impl Progress {
    pub fn of(job: &Job) -> Self {
        let payload = job.payload.clone();
        Self { job: job.id, payload, before: (0, 0), found: 0, read: 0, noted_at: None }
    }

    /// A folder is listed, for the first time or again: what is counted there begins anew.
    pub async fn listed(&mut self, desk: &Desk, mails: usize) -> Result<()> {
        self.found = self.before.0.saturating_add(mails as u64);
        self.read = self.before.1;
        self.note(desk).await
    }

    /// One more mail of the folder is done.
    pub async fn passed(&mut self, desk: &Desk) -> Result<()> {
        self.read += 1;
        let is_soon = |at: Timestamp| (0..PAUSE_MS).contains(&desk.clock.now().since(at));
        match self.noted_at.is_some_and(is_soon) {
            true => Ok(()),
            false => self.note(desk).await,
        }
    }

    pub async fn folder_is_done(&mut self, desk: &Desk) -> Result<()> {
        self.before = (self.found, self.read);
        self.note(desk).await
    }

    async fn note(&mut self, desk: &Desk) -> Result<()> {
        self.noted_at = Some(desk.clock.now());
        self.payload["found"] = json!(self.found);
        self.payload["read"] = json!(self.read);
        let (id, payload) = (self.job, self.payload.clone());
        desk.store.write(move |tx| Ok(jobs::note(tx, id, &payload)?)).await
    }
}
