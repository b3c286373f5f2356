//! One attempt at one job, and what becomes of the job afterwards.

use std::{panic::AssertUnwindSafe, time::Duration};

use domain::{Timestamp, jobs::Job};
use futures_util::FutureExt;
use storage::{StoreError, Tx, jobs};
use tracing::Instrument;
use uuid::Uuid;

use super::{Outcome, after, handlers, next_attempt};
use crate::{Desk, DeskError, Result};

/// Attempts before a job is given up: about a day and a half of growing pauses.
pub const MAX_ATTEMPTS: u32 = 12;
/// A job that crashed this often is not tried again when it panics.
pub const MAX_PANICS: u32 = 3;
/// Nor after so many crashes when it ends with the whole server: one that merely ran when the machine
/// went down a few times is carried out all the same.
pub const MAX_CRASHES: u32 = 6;
/// Ends of the server after which a job is tried again at once. Later ones cost it a pause: if it is
/// what ends the server, others get their turn.
const FREE_CRASHES: u32 = 2;

/// How long to wait when the database cannot take a result at the moment.
const PAUSE: Duration = Duration::from_secs(1);

/// Whether the store works again by itself.
pub(crate) fn passes(error: &StoreError) -> bool {
    use StoreError::{Busy, Deadline, Exhausted, Full, Interrupted};
    matches!(error, Busy | Deadline | Exhausted | Full | Interrupted)
}

pub(super) async fn run(desk: Desk, job: Job) {
    let span = tracing::info_span!("job", job.kind = %job.kind, job.subject = %job.subject);
    async {
        let attempt = AssertUnwindSafe(handlers::run(&desk, &job)).catch_unwind();
        let attempt = tokio::time::timeout(handlers::deadline(job.kind), attempt).await;
        let now = desk.clock.now();
        let end = match attempt {
            Ok(Ok(Ok(outcome))) => End::Outcome(outcome),
            Ok(Ok(Err(DeskError::Store(StoreError::Closed | StoreError::Fatal)))) => return,
            Ok(Ok(Err(DeskError::Store(error)))) if passes(&error) => {
                let at = now.plus_seconds(5);
                End::Outcome(Outcome::Later { at, reason: error.to_string() })
            }
            Ok(Ok(Err(error))) => {
                tracing::error!(error = ?error, attempt = job.attempts, "A job failed");
                End::Outcome(Outcome::Failed(error.to_string()))
            }
            Ok(Err(_)) => {
                tracing::error!(attempt = job.attempts, "A job panicked");
                End::Crashed("the attempt panicked")
            }
            Err(_) => End::Outcome(Outcome::Failed("the attempt took too long".to_owned())),
        };
        keep(&desk, job, end).await;
    }
    .instrument(span)
    .await;
}

#[derive(Debug, Clone)]
enum End {
    Outcome(Outcome),
    Crashed(&'static str),
}

/// Writes down the end of an attempt, however long the database refuses: until then the job counts
/// as running and its lane waits.
async fn keep(desk: &Desk, job: Job, end: End) {
    loop {
        let (job, end, now) = (job.clone(), end.clone(), desk.clock.now());
        match desk.store.write(move |tx| settle(tx, &job, &end, now)).await {
            Ok(()) | Err(DeskError::Store(StoreError::Closed | StoreError::Fatal)) => return,
            Err(error) => tracing::error!(error = ?error, "A job's result cannot be kept yet"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn settle(tx: &Tx<'_>, job: &Job, end: &End, now: Timestamp) -> Result<()> {
    match end {
        End::Outcome(Outcome::Done) => jobs::finish(tx, job.id)?,
        End::Outcome(Outcome::Settled) => {}
        End::Outcome(Outcome::Later { at, reason }) => jobs::postpone(tx, job.id, *at, reason)?,
        End::Outcome(Outcome::Failed(reason)) => match next_attempt(job, now) {
            Some(at) => jobs::retry(tx, job.id, at, Some(reason))?,
            None => bury(tx, job, reason, now)?,
        },
        End::Outcome(Outcome::Hopeless(reason)) => bury(tx, job, reason, now)?,
        End::Crashed(reason) if job.crashes + 1 >= MAX_PANICS => bury(tx, job, reason, now)?,
        End::Crashed(reason) => {
            jobs::crashed(tx, job.id, after(job.crashes + 1, now), reason)?;
        }
    }
    Ok(())
}

fn bury(tx: &Tx<'_>, job: &Job, reason: &str, now: Timestamp) -> Result<()> {
    if job.kind.is_never_given_up() {
        tracing::error!(job.kind = %job.kind, job.subject = %job.subject, reason, "A job fails on");
        return Ok(jobs::retry(tx, job.id, super::again(job, now), Some(reason))?);
    }
    tracing::error!(
        job.kind = %job.kind,
        job.subject = %job.subject,
        attempts = job.attempts,
        "Gave up a job"
    );
    handlers::given_up(tx, job, reason, now)?;
    Ok(jobs::bury(tx, job.id, reason)?)
}

/// Frees the jobs that ran when an earlier start of the server ended.
pub(super) fn free_orphans(tx: &Tx<'_>, owner: Uuid, now: Timestamp) -> Result<()> {
    let reason = "the server ended during the attempt";
    for job in jobs::orphans(tx, owner)? {
        if job.crashes + 1 >= MAX_CRASHES {
            bury(tx, &job, reason, now)?;
            continue;
        }
        let paid = (job.crashes + 1).saturating_sub(FREE_CRASHES);
        let again = if paid == 0 { now } else { after(paid, now) };
        jobs::crashed(tx, job.id, again, reason)?;
    }
    Ok(())
}
