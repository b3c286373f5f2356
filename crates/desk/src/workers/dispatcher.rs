//! Takes due jobs and runs them, as many at once as there are free lanes.

use std::{
    collections::{HashMap, HashSet},
    panic::AssertUnwindSafe,
    time::Duration,
};

use domain::{
    Timestamp,
    jobs::{Job, JobKind},
};
use futures_util::FutureExt;
use storage::{StoreError, Tx, jobs};
use tokio::{sync::watch, task::JoinSet};
use uuid::Uuid;

use super::{Workers, run};
use crate::{Desk, DeskError, Result};

/// Jobs that run at the same time.
pub const AT_ONCE: usize = 32;

/// How many of them may wait for somebody outside: a provider that hangs for minutes, with however
/// many channels, never keeps a snooze from ending or a mail from being read.
pub const OUTSIDE_AT_ONCE: usize = AT_ONCE / 2;

/// The pause after the dispatcher itself failed.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) struct Dispatcher {
    desk: Desk,
    /// Marks the leases of this start.
    owner: Uuid,
    running: JoinSet<()>,
    lanes: HashMap<tokio::task::Id, (JobKind, String)>,
}

/// Keeps a dispatcher running until told to stop.
pub(super) async fn supervise(desk: Desk, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        let serving = AssertUnwindSafe(serve(&desk, &mut stopped)).catch_unwind();
        match serving.await {
            Ok(Ok(())) => return,
            Ok(Err(DeskError::Store(StoreError::Closed | StoreError::Fatal))) => return,
            Ok(Err(error)) => tracing::error!(error = ?error, "The job dispatcher failed"),
            Err(_) => tracing::error!("The job dispatcher panicked and is started again"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn serve(desk: &Desk, stopped: &mut watch::Receiver<bool>) -> Result<()> {
    let mut dispatcher = Dispatcher::start(desk.clone()).await?;
    let alarm = desk.store.alarm();
    let mut rung = alarm.listen();
    while !*stopped.borrow() {
        rung.mark_unchanged();
        alarm.looking();
        let next = match dispatcher.begin_due().await {
            Ok(next) => next,
            // The disk is full or the queue long: what runs goes on, and we look again soon.
            Err(DeskError::Store(error)) if run::passes(&error) => {
                tracing::warn!(%error, "Due jobs cannot be taken at the moment");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            Err(error) => return Err(error),
        };
        alarm.looks_again(next);
        tokio::select! {
            _ = stopped.changed() => {}
            () = dispatcher.one_ended() => {}
            _ = rung.changed() => {}
            () = wait(desk, next) => {}
        }
    }
    dispatcher.stop().await;
    Ok(())
}

async fn wait(desk: &Desk, next: Option<Timestamp>) {
    match next {
        Some(at) => desk.clock.wait_until(at).await,
        None => std::future::pending().await,
    }
}

impl Dispatcher {
    /// Frees what an earlier start had leased: one process serves a database, so nobody works on it.
    pub(super) async fn start(desk: Desk) -> Result<Self> {
        let owner = Uuid::now_v7();
        let now = desk.clock.now();
        desk.store.write(move |tx| run::free_orphans(tx, owner, now)).await?;
        Ok(Self { desk, owner, running: JoinSet::new(), lanes: HashMap::new() })
    }

    /// Starts what is due, as far as lanes are free, and answers when to look again. That is never
    /// in the past, or it would look without end: a lane's next job is due when the lane is free.
    async fn begin_due(&mut self) -> Result<Option<Timestamp>> {
        let busy = self.busy();
        let free = AT_ONCE.saturating_sub(self.running.len());
        if free == 0 {
            return Ok(None);
        }
        let kinds = self.kinds();
        let (to_outside, looked_at) = (self.free_to_outside().min(free), kinds.clone());
        // Reading first: looking costs no commit.
        let firsts = self.desk.store.read(move |db| jobs::firsts(db, &looked_at)).await?;
        let next = |firsts: &[jobs::First], busy: &HashSet<String>| {
            firsts.iter().filter(|it| !busy.contains(&it.lane)).map(|it| it.run_at).min()
        };
        let now = self.desk.clock.now();
        match next(&firsts, &busy) {
            Some(at) if at <= now => {}
            later => return Ok(later),
        }
        let owner = self.owner;
        let leased = self
            .desk
            .store
            .write(move |tx| lease(tx, busy, owner, now, (to_outside, free)))
            .await?;
        for job in leased {
            let lane = (job.kind, job.lane.clone());
            let task = self.running.spawn(run::run(self.desk.clone(), job));
            self.lanes.insert(task.id(), lane);
        }
        let (busy, kinds) = (self.busy(), self.kinds());
        let firsts: Vec<_> = firsts.into_iter().filter(|it| kinds.contains(&it.kind)).collect();
        Ok(next(&firsts, &busy).filter(|_| self.running.len() < AT_ONCE))
    }

    fn busy(&self) -> HashSet<String> {
        self.lanes.values().map(|(_, lane)| lane.clone()).collect()
    }

    fn free_to_outside(&self) -> usize {
        let outside = self.lanes.values().filter(|(kind, _)| kind.waits_for_others()).count();
        OUTSIDE_AT_ONCE.saturating_sub(outside)
    }

    /// Kinds of which more may run.
    fn kinds(&self) -> Vec<JobKind> {
        let outside = self.free_to_outside() > 0;
        JobKind::ALL.iter().copied().filter(|it| outside || !it.waits_for_others()).collect()
    }

    /// Waits for one of the running jobs; for ever when none runs.
    async fn one_ended(&mut self) {
        let ended = match self.running.join_next_with_id().await {
            Some(Ok((id, ()))) => id,
            Some(Err(error)) => error.id(),
            None => return std::future::pending().await,
        };
        self.lanes.remove(&ended);
    }

    /// Runs until nothing is due and nothing runs.
    pub(super) async fn drain(mut self) -> Result<usize> {
        let mut attempts = 0;
        loop {
            let before = self.running.len();
            self.begin_due().await?;
            attempts += self.running.len() - before;
            if self.running.is_empty() {
                return Ok(attempts);
            }
            self.one_ended().await;
        }
    }

    async fn stop(mut self) {
        let ended = async {
            while !self.running.is_empty() {
                self.one_ended().await;
            }
        };
        if tokio::time::timeout(Workers::PATIENCE, ended).await.is_ok() {
            return;
        }
        tracing::warn!(jobs = self.running.len(), "Jobs that still run are returned to the queue");
        self.running.shutdown().await;
        let owner = self.owner;
        if let Err(error) = self.desk.store.write(move |tx| jobs::release_leases(tx, owner)).await {
            tracing::warn!(%error, "They are found again at the next start");
        }
    }
}

/// Leases what is due. Jobs that wait for others have the first pick of the few places they may take,
/// so that neither sort keeps the other waiting for ever.
fn lease(
    tx: &Tx<'_>,
    mut busy: HashSet<String>,
    owner: Uuid,
    now: Timestamp,
    (to_outside, free): (usize, usize),
) -> storage::Result<Vec<Job>> {
    let (outside, inside): (Vec<JobKind>, Vec<JobKind>) =
        JobKind::ALL.iter().partition(|it| it.waits_for_others());
    let mut leased = jobs::lease(tx, &outside, &busy, owner, now, to_outside)?;
    busy.extend(leased.iter().map(|it| it.lane.clone()));
    leased.extend(jobs::lease(tx, &inside, &busy, owner, now, free - leased.len())?);
    Ok(leased)
}
