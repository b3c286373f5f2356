//! What the writer's thread and everybody's `Store` both see.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
};

use tokio::sync::{broadcast, watch};

use crate::{
    error::StoreError,
    jobs::Alarm,
    tx::{Effects, Published},
};

/// Events a slow listener may fall behind before it must read the rest from the table.
const EVENTS: usize = 4_096;

pub(crate) struct Shared {
    pub database: PathBuf,
    pub counters: Counters,
    pub events: broadcast::Sender<Published>,
    pub alarm: Alarm,
    pub closing: AtomicBool,
    pub fatal: watch::Sender<Option<String>>,
}

impl Shared {
    pub(crate) fn new(database: PathBuf) -> Self {
        Self {
            database,
            counters: Counters::default(),
            events: broadcast::Sender::new(EVENTS),
            alarm: Alarm::new(),
            closing: AtomicBool::new(false),
            fatal: watch::Sender::new(None),
        }
    }

    /// After the commit: tells the live stream and the workers.
    pub(crate) fn announce(&self, effects: Effects) {
        for event in effects.published {
            // Nobody listening is fine.
            let _ = self.events.send(event);
        }
        if let Some(first) = effects.first_job {
            self.alarm.committed(first);
        }
    }

    /// From now on nothing more is accepted; the program is told to stop.
    pub(crate) fn fail(&self, error: &StoreError) {
        tracing::error!(error = ?error, "The database can promise nothing more; a restart is needed");
        self.fatal.send_replace(Some(error.to_string()));
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.fatal.borrow().is_some()
    }
}

#[derive(Default)]
pub(crate) struct Counters {
    pub queued: AtomicUsize,
    pub commits: AtomicU64,
    pub failed_commits: AtomicU64,
    pub writes: AtomicU64,
    pub largest_batch: AtomicUsize,
}

impl Counters {
    pub(crate) fn leave_queue(&self) {
        self.queued.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn committed(&self, jobs: usize) {
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.writes.fetch_add(jobs as u64, Ordering::Relaxed);
        self.largest_batch.fetch_max(jobs, Ordering::Relaxed);
    }
}
