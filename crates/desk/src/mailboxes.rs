//! Watching mailboxes: one task for each folder of each active e-mail channel.
//!
//! A slow or broken mailbox delays no other. What a task takes in is committed before anything else
//! happens, so any of them may end at any moment.

mod arrivals;
pub mod backfill;
mod folders;
mod health;
pub mod progress;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use domain::{
    channels::{Channel, ChannelType},
    events::Event,
    ids::ChannelId,
};
use futures_util::future::join_all;
use storage::channels;
use tokio::{
    sync::{broadcast::error::RecvError, watch},
    task::JoinSet,
};

use crate::{Desk, Result, channels::mail_config};
use health::Board;

/// Channels are read again at least this often, whatever was heard of them.
const LOOK_AGAIN: Duration = Duration::from_secs(60);
/// How long a watcher may take to say goodbye.
const PATIENCE: Duration = Duration::from_secs(3);

/// Watches until told to stop.
pub async fn run(desk: Desk, mut stopped: watch::Receiver<bool>) {
    // Before the first look, so that no change falls in between.
    let mut events = desk.store.events();
    let mut watchers: HashMap<ChannelId, Watcher> = HashMap::new();
    while !*stopped.borrow() {
        if let Err(error) = update(&desk, &mut watchers).await {
            tracing::error!(error = ?error, "The channels cannot be read");
        }
        let changed = async {
            loop {
                match events.recv().await {
                    Ok(published) => {
                        if let Some(id) = channel_of(&published.event) {
                            return Some(id);
                        }
                    }
                    Err(RecvError::Lagged(_)) => return None,
                    // The store is closing, and we with it.
                    Err(RecvError::Closed) => std::future::pending().await,
                }
            }
        };
        tokio::select! {
            // Secrets may have changed, which no comparison of settings shows.
            changed = changed => if let Some(id) = changed { watchers.remove(&id); },
            () = tokio::time::sleep(LOOK_AGAIN) => {}
            _ = stopped.changed() => break,
        }
    }
    join_all(watchers.into_values().map(Watcher::stop)).await;
}

fn channel_of(event: &Event) -> Option<ChannelId> {
    match event {
        Event::ChannelCreated { channel_id }
        | Event::ChannelChanged { channel_id, .. }
        | Event::ChannelDeleted { channel_id } => Some(*channel_id),
        _ => None,
    }
}

/// Starts the watchers that are missing, and stops those of channels that changed or went.
async fn update(desk: &Desk, watchers: &mut HashMap<ChannelId, Watcher>) -> Result<()> {
    let all = desk.store.read(channels::all).await?;
    let wanted: HashMap<ChannelId, Channel> = all
        .into_iter()
        .filter(|it| it.is_active && it.kind == ChannelType::Email)
        .map(|it| (it.id, it))
        .collect();
    watchers.retain(|id, watcher| wanted.get(id) == Some(&watcher.channel));
    for (id, channel) in wanted {
        if let std::collections::hash_map::Entry::Vacant(entry) = watchers.entry(id) {
            match Watcher::start(desk, channel) {
                Ok(watcher) => drop(entry.insert(watcher)),
                Err(error) => tracing::error!(channel.id = %id, error = ?error, "Not watched"),
            }
        }
    }
    Ok(())
}

/// The tasks of one channel. Dropped, they end at once.
struct Watcher {
    channel: Channel,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Watcher {
    fn start(desk: &Desk, channel: Channel) -> Result<Self> {
        let config = mail_config(&channel)?;
        let board = Arc::new(Mutex::new(Board::default()));
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for folder in config.folders {
            let watched = folders::Watched {
                desk: desk.clone(),
                channel: channel.clone(),
                folder,
                board: board.clone(),
            };
            tasks.spawn(folders::watch(watched, stopped.clone()));
        }
        tracing::info!(channel.id = %channel.id, "Watching a mailbox");
        Ok(Self { channel, stop, tasks })
    }

    async fn stop(mut self) {
        self.stop.send_replace(true);
        let all = async { while self.tasks.join_next().await.is_some() {} };
        // Whoever takes longer is cut off; nothing is lost by it.
        let _ = tokio::time::timeout(PATIENCE, all).await;
    }
}

#[cfg(test)]
mod tests;
