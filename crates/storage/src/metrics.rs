//! Numbers that tell an operator whether the store keeps up.

use std::{
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

use crate::{
    disk, opening,
    store::{Inner, Store},
};

/// How the store is doing.
#[derive(Debug, Clone, Copy)]
pub struct StoreMetrics {
    pub queue_length: usize,
    pub queue_capacity: usize,
    pub commits: u64,
    pub failed_commits: u64,
    /// Writes in all these commits.
    pub writes: u64,
    pub largest_batch: usize,
    pub readers: usize,
    pub readers_in_use: usize,
    pub reads_waiting: usize,
    pub database_bytes: u64,
    pub wal_bytes: u64,
    /// 0 when it could not be found out.
    pub disk_free_bytes: u64,
}

impl Store {
    pub fn metrics(&self) -> StoreMetrics {
        let Inner { shared, readers, .. } = &*self.inner;
        let counters = &shared.counters;
        // Sizes come from the folder: opening and closing these files would drop SQLite's locks.
        let size = |path: &Path| std::fs::metadata(path).map_or(0, |it| it.len());
        let waiting = |it: &AtomicUsize| it.load(Ordering::Relaxed);
        StoreMetrics {
            queue_length: waiting(&counters.queued),
            queue_capacity: self.inner.capacity,
            commits: counters.commits.load(Ordering::Relaxed),
            failed_commits: counters.failed_commits.load(Ordering::Relaxed),
            writes: counters.writes.load(Ordering::Relaxed),
            largest_batch: waiting(&counters.largest_batch),
            readers: readers.size(),
            readers_in_use: readers.in_use(),
            reads_waiting: readers.waiting(),
            database_bytes: size(&shared.database),
            wal_bytes: size(&opening::sidecar(&shared.database, "-wal")),
            disk_free_bytes: shared
                .database
                .parent()
                .and_then(|it| disk::space(it).ok())
                .map_or(0, |(free, _)| free),
        }
    }
}
