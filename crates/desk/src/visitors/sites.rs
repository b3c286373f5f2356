//! The chats as they are set up, kept in memory: every page of every site asks for its own.
//!
//! What is kept decides how a chat looks and which sites may show it. Who may read or write is
//! looked up in the tables, each time.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use domain::ids::ChannelId;
use storage::channels;

use super::{MISSING, Site, site_of};
use crate::{Desk, DeskError, Result};

/// What this process changes itself is seen at once, what another one does within this time.
const REMEMBERED: Duration = Duration::from_secs(2);

type All = Arc<HashMap<ChannelId, Arc<Site>>>;

/// All chats that are on, so that asking for one that does not exist costs no read either.
#[derive(Debug, Default)]
pub struct Sites {
    known: Mutex<Known>,
    /// Whoever finds nothing kept waits here for the one who reads.
    reading: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Known {
    all: Option<(Instant, All)>,
    /// Raised when a channel changed: what was read before that is not kept.
    generation: u64,
}

/// # Errors
/// `NotFound` for what is no chat, or switched off.
pub(super) async fn find(desk: &Desk, id: ChannelId) -> Result<Arc<Site>> {
    let all = match desk.sites.recall() {
        Some(all) => all,
        None => read(desk).await?,
    };
    all.get(&id).cloned().ok_or(MISSING)
}

async fn read(desk: &Desk) -> Result<All> {
    let _reading = desk.sites.reading.lock().await;
    if let Some(all) = desk.sites.recall() {
        return Ok(all);
    }
    let generation = desk.sites.lock().generation;
    let read = desk.store.read(|db| {
        let sites = channels::all(db)?.into_iter().filter_map(|it| {
            // One that cannot be read closes no other.
            let found = site_of(it).inspect_err(|error| tracing::error!(%error, "A chat is off"));
            found.ok().flatten().map(|it| (it.channel.id, Arc::new(it)))
        });
        Ok::<_, DeskError>(sites.collect::<HashMap<_, _>>())
    });
    let all = Arc::new(read.await?);
    let mut known = desk.sites.lock();
    if known.generation == generation {
        known.all = Some((Instant::now(), all.clone()));
    }
    Ok(all)
}

impl Sites {
    fn recall(&self) -> Option<All> {
        let known = self.lock();
        let (at, all) = known.all.as_ref()?;
        (at.elapsed() < REMEMBERED).then(|| all.clone())
    }

    /// To be called after every change to a channel.
    pub(crate) fn forget(&self) {
        let mut known = self.lock();
        known.generation += 1;
        known.all = None;
    }

    /// What a panicking thread left behind is still valid.
    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
