//! Moving what was committed from the write-ahead log into the database file.
//!
//! The writer does it: when it is idle, and when the log passes a size. The log cannot start over
//! while any reader still needs it; reads have a deadline, so that ends.

use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::{connections::BUSY_TIMEOUT, error::StoreError};

/// When to checkpoint.
#[derive(Debug, Clone, Copy)]
pub struct CheckpointLimits {
    /// Log bytes not yet in the database file from which a checkpoint runs that waits for
    /// nobody.
    pub soft: u64,
    /// Log bytes from which the writer waits a moment for readers to let go, since
    /// overlapping readers could otherwise keep the log growing for ever.
    pub hard: u64,
    /// How long nobody must have written before the log is emptied.
    pub idle: Duration,
}

impl Default for CheckpointLimits {
    fn default() -> Self {
        Self { soft: 16 << 20, hard: 256 << 20, idle: Duration::from_millis(250) }
    }
}

/// How long writes stand still for readers at first. In vain, it is twice as long next time, until
/// it outlasts the deadline of any read: so the log is bounded whatever is read.
const PATIENCE: Duration = Duration::from_millis(500);
const LONGEST_PATIENCE: Duration = Duration::from_secs(8);
/// SQLite waits for the place where it saw an old reader and does not notice that newer readers,
/// who are not in the way, have taken that place since. So it must look again now and then.
const TURN: Duration = Duration::from_millis(20);
/// Between two such waits.
const PAUSE: Duration = Duration::from_secs(5);
/// Bytes of a page: SQLite's own choice, which we never change.
const PAGE: u64 = 4_096;
/// Nothing to do: look again this much later, in case another process wrote.
const ASLEEP: Duration = Duration::from_secs(60);
const LONGEST_RETRY: Duration = Duration::from_secs(5);

pub(crate) struct Checkpoints {
    limits: CheckpointLimits,
    /// Only the serving process empties the log; a command beside it leaves that alone.
    serving: bool,
    dirty: bool,
    retry: Duration,
    /// Frames in the log at the last try: without news, another try would do no better.
    tried_at: u64,
    waited: Option<Instant>,
    patience: Duration,
}

impl Checkpoints {
    pub(crate) fn new(limits: CheckpointLimits, serving: bool) -> Self {
        Self {
            limits,
            serving,
            dirty: serving,
            retry: limits.idle,
            tried_at: 0,
            waited: None,
            patience: PATIENCE,
        }
    }

    pub(crate) fn idle_wait(&self) -> Duration {
        if self.dirty { self.retry } else { ASLEEP }
    }

    pub(crate) fn after_commit(&mut self, connection: &Connection) -> Result<(), StoreError> {
        if !self.serving {
            return Ok(());
        }
        self.dirty = true;
        self.retry = self.limits.idle;
        let log = checkpoint(connection, "NOOP")?;
        let news = if log.frames < self.tried_at { log.frames } else { log.frames - self.tried_at };
        if log.frames * PAGE >= self.limits.hard && self.may_wait() {
            self.waited = Some(Instant::now());
            self.tried_at = log.frames;
            if self.insist(connection)? {
                self.tried_at = 0;
                self.waited = None;
                self.patience = PATIENCE;
            } else {
                self.patience = (self.patience * 2).min(LONGEST_PATIENCE);
                tracing::warn!("Long reads keep the write-ahead log from starting over");
            }
        } else if log.pending() * PAGE >= self.limits.soft && news * PAGE >= self.limits.soft / 4 {
            self.tried_at = log.frames;
            checkpoint(connection, "PASSIVE")?;
        }
        Ok(())
    }

    /// Waits for readers until the log is empty; false when patience ran out.
    fn insist(&self, connection: &Connection) -> Result<bool, StoreError> {
        let started = Instant::now();
        connection.busy_timeout(TURN)?;
        let mut done = checkpoint(connection, "TRUNCATE");
        while started.elapsed() < self.patience && done.as_ref().is_ok_and(|it| !it.complete) {
            done = checkpoint(connection, "TRUNCATE");
        }
        connection.busy_timeout(BUSY_TIMEOUT)?;
        Ok(done?.complete)
    }

    /// Empties the log, unless a reader still needs it; then again a little later.
    pub(crate) fn when_idle(&mut self, connection: &Connection) -> Result<(), StoreError> {
        if !self.serving {
            return Ok(());
        }
        self.retry = (self.retry * 2).min(LONGEST_RETRY);
        connection.busy_timeout(Duration::ZERO)?;
        let done = checkpoint(connection, "TRUNCATE");
        connection.busy_timeout(BUSY_TIMEOUT)?;
        if done?.complete {
            self.dirty = false;
            self.tried_at = 0;
        }
        Ok(())
    }

    pub(crate) fn at_close(&self, connection: &Connection) -> Result<(), StoreError> {
        if self.serving {
            checkpoint(connection, "TRUNCATE")?;
        }
        Ok(())
    }

    fn may_wait(&self) -> bool {
        self.waited.is_none_or(|it| it.elapsed() >= PAUSE)
    }
}

pub(crate) struct Log {
    /// All of it is in the database file and, after TRUNCATE, the log is empty.
    pub complete: bool,
    /// Pages in the log.
    pub frames: u64,
    /// Of these, pages that are in the database file.
    pub moved: u64,
}

impl Log {
    fn pending(&self) -> u64 {
        self.frames.saturating_sub(self.moved)
    }
}

/// `mode`: `NOOP` only looks, `PASSIVE` waits for nobody, `TRUNCATE` waits the connection's busy
/// timeout for readers and writers and empties the log.
pub(crate) fn checkpoint(connection: &Connection, mode: &str) -> Result<Log, StoreError> {
    let mut stmt = connection.prepare_cached(&format!("PRAGMA wal_checkpoint({mode})"))?;
    let log = stmt.query_row([], |row| {
        let busy: bool = row.get(0)?;
        // -1 when the database has no log.
        let (frames, moved): (i64, i64) = (row.get(1)?, row.get(2)?);
        Ok(Log {
            complete: !busy && frames == moved,
            frames: u64::try_from(frames).unwrap_or(0),
            moved: u64::try_from(moved).unwrap_or(0),
        })
    })?;
    Ok(log)
}
