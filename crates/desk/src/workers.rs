//! Background work: one dispatcher takes due jobs from the database and runs them.
//!
//! A job is leased in the database before it runs and removed with its result, so a crash loses
//! none. Jobs of one lane run one after another; lanes never wait for each other.

mod dispatcher;
mod handlers;
pub mod housekeeping;
mod run;
#[cfg(test)]
pub(crate) mod tests;

use std::time::Duration;

use domain::{Timestamp, jobs};
use tokio::{sync::watch, task::JoinHandle};

use crate::{Desk, Result, deliver::Connections, mailboxes};
use dispatcher::Dispatcher;

pub use dispatcher::{AT_ONCE, OUTSIDE_AT_ONCE};
pub(crate) use run::passes;
pub use run::{MAX_ATTEMPTS, MAX_CRASHES, MAX_PANICS};

/// What came of one attempt at a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is done; the job goes.
    Done,
    /// The handler removed the job or set its next time in a transaction of its own.
    Settled,
    /// It could not be begun, through no fault of the job: the attempt does not count.
    Later { at: Timestamp, reason: String },
    /// It failed, for a reason that may pass: tried again by the schedule, then given up.
    Failed(String),
    /// Another attempt is of no use: given up at once.
    Hopeless(String),
}

/// When a job that failed is tried again; none when it was tried often enough.
pub(crate) fn next_attempt(job: &jobs::Job, now: Timestamp) -> Option<Timestamp> {
    if job.kind.is_never_given_up() {
        return Some(again(job, now));
    }
    (job.attempts < MAX_ATTEMPTS).then(|| after(job.attempts, now))
}

/// The next time of a job that is tried for ever: ten minutes at most, since people wait for it.
fn again(job: &jobs::Job, now: Timestamp) -> Timestamp {
    const LONGEST: u32 = 4;
    after(job.attempts.max(job.crashes + 1).min(LONGEST), now)
}

/// The next time after so many failures.
pub(crate) fn after(failures: u32, now: Timestamp) -> Timestamp {
    let mut random = [0; 2];
    // Without jitter the pauses are merely more regular.
    let _ = getrandom::fill(&mut random);
    let jitter = f64::from(u16::from_be_bytes(random)) / f64::from(u16::MAX);
    let pause = jobs::pause_after(failures, jitter);
    now.plus_millis(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX))
}

/// The running workers. Dropped without `stop`, they end at once and what they did is found again
/// at the next start.
pub struct Workers {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    connections: Connections,
}

/// Starts the workers of a serving process. There must be one set of them for a database.
pub fn spawn(desk: &Desk) -> Workers {
    let (stop, stopped) = watch::channel(false);
    let tasks = vec![
        tokio::spawn(dispatcher::supervise(desk.clone(), stopped.clone())),
        tokio::spawn(housekeeping::run(desk.clone(), stopped.clone())),
        tokio::spawn(mailboxes::run(desk.clone(), stopped)),
    ];
    Workers { stop, tasks, connections: desk.connections.clone() }
}

impl Workers {
    /// How long running jobs may take to finish once the server stops.
    const PATIENCE: Duration = Duration::from_secs(8);
    const GOODBYE: Duration = Duration::from_secs(1);

    /// Takes no more jobs, gives those that run a few seconds, and returns the rest to the queue.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        for task in &mut self.tasks {
            // A panic was logged by the supervisor; there is nothing left to wait for then.
            let _ = task.await;
        }
        // A server that does not answer a goodbye holds up nobody.
        let _ = tokio::time::timeout(Self::GOODBYE, self.connections.close()).await;
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Runs everything that is due now, and what becomes due by it, and waits for the end of it: for
/// tests and tools, never beside running workers. Like a start of the server, it first frees what an
/// interrupted run had leased. Returns how many attempts were made.
pub async fn step(desk: &Desk) -> Result<usize> {
    Dispatcher::start(desk.clone()).await?.drain().await
}
