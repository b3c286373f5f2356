//! How the desk is doing, for whoever watches over it.

use domain::jobs::{JobKind, JobState};
use storage::{StoreError, StoreMetrics, jobs};

use crate::{Desk, Result};

#[derive(Debug, Clone)]
pub struct Report {
    pub store: StoreMetrics,
    /// How many jobs there are of each kind and state.
    pub jobs: Vec<(JobKind, JobState, u64)>,
    /// How often a password was hashed or compared since the start.
    pub password_runs: u64,
}

/// Counts what waits.
pub async fn report(desk: &Desk) -> Result<Report> {
    let jobs = desk.store.read(jobs::summary).await?;
    Ok(Report { store: desk.store.metrics(), jobs, password_runs: desk.passwords.runs() })
}

/// Fails when requests should go elsewhere for now: the database cannot be read, or takes no writes
/// until a restart.
pub async fn ready(desk: &Desk) -> Result<()> {
    if desk.store.fatal().borrow().is_some() {
        return Err(StoreError::Fatal.into());
    }
    desk.store.read(storage::workspace::find).await?;
    Ok(())
}
