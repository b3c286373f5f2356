//! The one thread that writes: it takes everything waiting, commits it together, then answers.
//!
//! A commit costs one flush to the disk, whatever is in it; sharing it is what makes durable
//! answers cheap. Each job has its own savepoint, so that it fails alone.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::Ordering,
        mpsc::{Receiver, RecvTimeoutError, TryRecvError},
    },
    time::{Duration, Instant},
};

use rusqlite::Connection;

use crate::{
    bulk::Load,
    checkpoint::Checkpoints,
    connections,
    error::{self, StoreError},
    lock::Lock,
    options::Options,
    orders::{Bulk, Failure, Job, Order},
    shared::Shared,
    tx::{self, Effects, Tx},
};

/// Jobs in one commit, at most.
const BATCH: usize = 256;
/// A single write that runs longer is a defect; it is stopped, or nobody else could write.
const JOB_DEADLINE: Duration = Duration::from_secs(30);
/// How long another process may hold the write lock before those waiting hear `Busy`.
const BEGIN_PATIENCE: Duration = Duration::from_secs(30);
/// Database instructions between two looks at the clock.
const INSTRUCTIONS: i32 = 100_000;
/// Panics of the writer itself (not of a job) in a row before it gives up.
const RESTARTS: u32 = 3;

pub(crate) struct Writer {
    shared: Arc<Shared>,
    orders: Receiver<Order>,
    checkpoints: Checkpoints,
    batch_time: Duration,
    /// Released only when the last write is done.
    _lock: Option<Lock>,
}

impl Writer {
    pub(crate) fn new(
        shared: Arc<Shared>,
        orders: Receiver<Order>,
        options: &Options,
        lock: Option<Lock>,
    ) -> Self {
        let checkpoints = Checkpoints::new(options.checkpoint, lock.is_some());
        Self { shared, orders, checkpoints, batch_time: options.batch_time, _lock: lock }
    }

    /// Works until the store is closed. A panic outside of the jobs loses only the batch it hit
    /// (its callers hear `Interrupted`); a fresh connection goes on.
    pub(crate) fn run(mut self, connection: Connection) {
        let mut next = Some(connection);
        let mut panics = 0;
        while panics < RESTARTS {
            let commits = self.shared.counters.commits.load(Ordering::Relaxed);
            let opened = next.take().map_or_else(
                || connections::open_writer(&self.shared.database).map_err(StoreError::from),
                Ok,
            );
            let mut connection = match opened {
                Ok(connection) => connection,
                Err(error) => return self.shared.fail(&error),
            };
            if catch_unwind(AssertUnwindSafe(|| self.serve(&mut connection))).is_ok() {
                return;
            }
            let progress = self.shared.counters.commits.load(Ordering::Relaxed) > commits;
            panics = if progress { 1 } else { panics + 1 };
            tracing::error!("The database writer panicked and is started again");
        }
        self.shared.fail(&StoreError::Panicked);
    }

    fn serve(&mut self, connection: &mut Connection) {
        let mut after = None;
        while !self.shared.has_failed() {
            let order = match after.take() {
                Some(order) => Ok(order),
                None => self.orders.recv_timeout(self.checkpoints.idle_wait()),
            };
            let checkpoint = match order {
                Ok(Order::Write(first)) => {
                    after = self.batch(connection, first);
                    self.checkpoints.after_commit(connection)
                }
                Ok(Order::Alone(work)) => self.alone(connection, work),
                Ok(Order::Close) | Err(RecvTimeoutError::Disconnected) => break,
                // The order to close was lost with a batch that panicked.
                Err(RecvTimeoutError::Timeout) if self.shared.is_closing() => break,
                Err(RecvTimeoutError::Timeout) => self.checkpoints.when_idle(connection),
            };
            self.heed(checkpoint);
        }
        self.drain();
        if !self.shared.has_failed() {
            self.heed(self.checkpoints.at_close(connection));
        }
    }

    /// Commits `first` and what waits behind it; returns an order that cannot share a commit.
    fn batch(&self, connection: &Connection, first: Box<dyn Job>) -> Option<Order> {
        self.shared.counters.leave_queue();
        if let Err(failure) = self.begin(connection) {
            return self.refuse(first, failure);
        }
        let started = Instant::now();
        let mut batch = Batch::default();
        let mut after = None;
        let mut next = Some(first);
        while let Some(job) = next.take() {
            batch.run(connection, job);
            if batch.broken.is_some()
                || batch.jobs.len() >= BATCH
                || started.elapsed() > self.batch_time
            {
                break;
            }
            match self.orders.try_recv() {
                Ok(Order::Write(job)) => {
                    self.shared.counters.leave_queue();
                    next = Some(job);
                }
                Ok(other) => after = Some(other),
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => {}
            }
        }
        self.finish(connection, batch);
        after
    }

    fn finish(&self, connection: &Connection, mut batch: Batch) {
        let outcome = match batch.broken.take() {
            Some(error) => Err(error),
            None => tx::run(connection, "COMMIT"),
        };
        let failure = match outcome {
            Ok(()) => {
                self.shared.counters.committed(batch.jobs.len());
                self.shared.announce(batch.effects);
                None
            }
            Err(error) => Some(self.abandon(connection, &error)),
        };
        for job in batch.jobs {
            // The others must hear the truth even if one caller's own error type panics.
            if catch_unwind(AssertUnwindSafe(|| job.answer(failure))).is_err() {
                tracing::error!("A write could not be answered");
            }
        }
    }

    /// The batch is lost: tidies up and says what its callers hear.
    fn abandon(&self, connection: &Connection, error: &StoreError) -> Failure {
        if !connection.is_autocommit()
            && let Err(error) = tx::run(connection, "ROLLBACK")
        {
            tracing::error!(%error, "A failed commit could not be rolled back");
        }
        self.shared.counters.failed_commits.fetch_add(1, Ordering::Relaxed);
        match error {
            StoreError::Full => {
                tracing::error!("The disk is full: writes are refused");
                Failure::Full
            }
            StoreError::Fatal => {
                self.shared.fail(error);
                Failure::Fatal
            }
            other => {
                tracing::error!(error = ?other, "A commit failed");
                Failure::Interrupted
            }
        }
    }

    /// BUSY is waited out, since no job is to blame for it.
    fn begin(&self, connection: &Connection) -> Result<(), Failure> {
        let started = Instant::now();
        loop {
            match tx::run(connection, "BEGIN IMMEDIATE") {
                Ok(()) => return Ok(()),
                Err(StoreError::Busy) if started.elapsed() < BEGIN_PATIENCE => {
                    tracing::warn!("Another process holds the database's write lock");
                }
                Err(StoreError::Busy) => return Err(Failure::Busy),
                Err(error) => return Err(self.abandon(connection, &error)),
            }
        }
    }

    /// Nothing could begin, so those who wait behind would fare the same: a full disk or a lock
    /// held too long is an answer for all of them.
    fn refuse(&self, first: Box<dyn Job>, failure: Failure) -> Option<Order> {
        first.answer(Some(failure));
        let waiting = self.shared.counters.queued.load(Ordering::Relaxed);
        for order in self.orders.try_iter().take(waiting) {
            let Order::Write(job) = order else { return Some(order) };
            self.shared.counters.leave_queue();
            job.answer(Some(failure));
        }
        None
    }

    /// A load that panics answers nobody: its caller hears `Interrupted`.
    fn alone(&self, connection: &Connection, work: Bulk) -> Result<(), StoreError> {
        let load = Load::begin(connection)?;
        let answer = catch_unwind(AssertUnwindSafe(|| work(&load)));
        load.end()?;
        if let Ok(answer) = answer {
            answer();
        }
        Ok(())
    }

    /// A failed checkpoint loses nothing, the log keeps what was committed; unless the disk
    /// broke its promise.
    fn heed(&self, checkpoint: Result<(), StoreError>) {
        match checkpoint {
            Ok(()) => {}
            Err(error @ StoreError::Fatal) => self.shared.fail(&error),
            Err(error) => tracing::warn!(error = ?error, "The database could not be checkpointed"),
        }
    }

    /// Those who came while the store was closing, or when it had failed.
    fn drain(&self) {
        let failure = if self.shared.has_failed() { Failure::Fatal } else { Failure::Closed };
        for order in self.orders.try_iter() {
            // Whoever asked for anything else hears it from the dropped reply.
            if let Order::Write(job) = order {
                self.shared.counters.leave_queue();
                job.answer(Some(failure));
            }
        }
    }
}

#[derive(Default)]
struct Batch {
    jobs: Vec<Box<dyn Job>>,
    effects: Effects,
    /// Why the transaction is gone, if it is.
    broken: Option<StoreError>,
}

impl Batch {
    fn run(&mut self, connection: &Connection, mut job: Box<dyn Job>) {
        let outcome = self.attempt(connection, &mut *job);
        self.jobs.push(job);
        if let Err(error) = outcome {
            self.broken = Some(error);
        }
    }

    /// Runs one job in its savepoint. An error means the whole transaction cannot go on.
    fn attempt(&mut self, connection: &Connection, job: &mut dyn Job) -> Result<(), StoreError> {
        tx::begin(connection, "job")?;
        error::forget_grave();
        let end = Instant::now() + JOB_DEADLINE;
        connection.progress_handler(INSTRUCTIONS, Some(move || Instant::now() >= end))?;
        let tx = Tx::new(connection);
        let kept = catch_unwind(AssertUnwindSafe(|| job.run(&tx))).unwrap_or(false);
        connection.progress_handler(0, None::<fn() -> bool>)?;
        match error::take_grave() {
            Some(Failure::Fatal) => return Err(StoreError::Fatal),
            // SQLite ended the transaction by itself, and with it the neighbours' writes.
            grave if connection.is_autocommit() => {
                return Err(grave.unwrap_or(Failure::Interrupted).into());
            }
            _ => {}
        }
        if kept {
            tx::release(connection, "job")?;
            self.effects.append(tx.into_effects());
        } else {
            tx::undo(connection, "job")?;
        }
        Ok(())
    }
}
