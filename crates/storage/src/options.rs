//! How a store is opened.

use std::{path::PathBuf, thread, time::Duration};

use crate::checkpoint::CheckpointLimits;

/// Where the data lies, and how much may happen at once.
#[derive(Debug, Clone)]
pub struct Options {
    /// Holds `deskbell.db`, `deskbell.lock` and the folders `files` and `keys`.
    pub folder: PathBuf,
    /// Reads at a time.
    pub readers: u32,
    /// Writes that may wait; one more hears `Busy`.
    pub queue: usize,
    /// Work in one commit, at most: who came first should not wait for ever more of the others.
    pub batch_time: Duration,
    /// A read that takes longer is stopped.
    pub deadline: Duration,
    pub checkpoint: CheckpointLimits,
}

impl Options {
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        let cores = thread::available_parallelism().map_or(2, usize::from);
        Self {
            folder: folder.into(),
            readers: u32::try_from(cores * 2).unwrap_or(u32::MAX).clamp(4, 16),
            queue: 1_024,
            batch_time: Duration::from_millis(5),
            deadline: Duration::from_secs(5),
            checkpoint: CheckpointLimits::default(),
        }
    }
}
