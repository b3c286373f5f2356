//! The one reader of news: it writes each piece once and hands it to all connections.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use desk::{
    Desk, DeskError, Published, StoreError,
    conversations::counts::{self, Totals},
    live::{self, happened},
    visitors,
};
use tokio::sync::{
    Mutex, OwnedSemaphorePermit, Semaphore,
    broadcast::{
        self,
        error::{RecvError, TryRecvError},
    },
};

use super::{
    StreamOptions,
    frames::{self, Batch, Frame},
};

/// Events read at once.
const PAGE: u32 = 64;
/// Writing to one connection takes about as long as this. What happens meanwhile is sent together,
/// so that ten thousand listeners do not take the time of those who work.
const REST_PER_LISTENER: Duration = Duration::from_micros(20);
/// Counters are numbers to glance at.
const COUNTERS_EVERY: Duration = Duration::from_millis(500);
/// Streams that read what they missed at one time: after a restart all come back at once, and
/// others have to read, too.
const OPENING: usize = 8;
/// After a read that failed.
const RETRY: Duration = Duration::from_millis(250);

/// Where connections get their news.
pub(crate) struct Hub {
    batches: broadcast::Sender<Batch>,
    turns: Arc<Semaphore>,
    totals: Mutex<Option<(Instant, Arc<Totals>)>>,
}

impl Hub {
    /// Starts what feeds all streams, until the server stops.
    pub(crate) fn start(desk: &Desk, options: StreamOptions) -> Arc<Self> {
        let hub = Arc::new(Self {
            batches: broadcast::Sender::new(options.behind),
            turns: Arc::new(Semaphore::new(OPENING)),
            totals: Mutex::default(),
        });
        tokio::spawn(live::keep_checking(desk.clone()));
        tokio::spawn(visitors::live::feed(desk.clone()));
        let feed = Feed {
            desk: desk.clone(),
            hub: hub.clone(),
            // Before anybody can listen, or one in between would go unnoticed.
            news: desk.store.events(),
            last: 0,
            told: Totals::default(),
            count_at: None,
            counted_at: Instant::now(),
        };
        tokio::spawn(feed.run());
        hub
    }

    pub(super) fn listen(&self) -> broadcast::Receiver<Batch> {
        self.batches.subscribe()
    }

    /// A place among the few who read what they missed.
    pub(super) async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        self.turns.clone().acquire_owned().await.ok()
    }

    /// The totals of just now, read once for all who ask at the same time.
    pub(super) async fn totals(&self, desk: &Desk) -> desk::Result<Arc<Totals>> {
        let mut known = self.totals.lock().await;
        if let Some((at, totals)) = &*known
            && at.elapsed() < COUNTERS_EVERY
        {
            return Ok(totals.clone());
        }
        let (at, totals) = (Instant::now(), Arc::new(counts::totals(desk).await?));
        *known = Some((at, totals.clone()));
        Ok(totals)
    }

    fn send(&self, frames: Vec<Frame>) {
        if !frames.is_empty() {
            // That the last listener has just left is no failure.
            let _ = self.batches.send(Arc::new(frames));
        }
    }
}

struct Feed {
    desk: Desk,
    hub: Arc<Hub>,
    /// That there are events; what they say is read from the table.
    news: broadcast::Receiver<Published>,
    /// The last event that was handed on, or that nobody listened to.
    last: i64,
    told: Totals,
    /// When counters are to be looked at again.
    count_at: Option<Instant>,
    counted_at: Instant,
}

impl Feed {
    async fn run(mut self) {
        let listeners = self.desk.listeners.clone();
        self.find_start().await;
        let presences = self.desk.presences.clone();
        let watchers = self.desk.watchers.clone();
        let drafts = self.desk.draft_news.clone();
        loop {
            tokio::select! {
                () = listeners.ended() => return,
                heard = self.news.recv() => match heard {
                    // Whoever comes now reads the table themselves.
                    Ok(event) if self.hub.batches.receiver_count() == 0 => {
                        self.last = event.seq;
                        *self.hub.totals.lock().await = None;
                    }
                    // One already told of, with another before it.
                    Ok(event) if event.seq <= self.last => {}
                    // Whatever was too much to be heard is in the table, too.
                    Ok(_) | Err(RecvError::Lagged(_)) => self.tell_events().await,
                    Err(RecvError::Closed) => return,
                },
                () = presences.changed(&self.desk) => {
                    let changes = presences.take_changes(self.desk.clock.now());
                    self.desk.watchers.agents_are(&changes);
                    self.hub.send(changes.into_iter().map(frames::of_presence).collect());
                    self.rest().await;
                }
                () = watchers.typing_changed(&self.desk) => {
                    let changes = watchers.take_typing(self.desk.clock.now());
                    self.hub.send(changes.into_iter().map(frames::of_visitor_typing).collect());
                    self.rest().await;
                }
                () = drafts.changed() => {
                    self.hub.send(drafts.take().into_iter().map(frames::of_draft).collect());
                    self.rest().await;
                }
                () = at(self.count_at) => self.tell_counters().await,
            }
        }
    }

    /// Everything since this began to listen is to be told, also what is in the table by now.
    async fn find_start(&mut self) {
        self.last = loop {
            match happened::head(&self.desk).await {
                Ok(it) => break it,
                Err(DeskError::Store(StoreError::Closed | StoreError::Fatal)) => return,
                Err(_) => tokio::time::sleep(RETRY).await,
            }
        };
        let mut unheard = 0;
        loop {
            match self.news.try_recv() {
                Ok(first) => self.last = self.last.min(first.seq - 1 - unheard),
                Err(TryRecvError::Lagged(n)) => {
                    unheard = i64::try_from(n).unwrap_or(i64::MAX);
                    continue;
                }
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
            }
            return self.tell_events().await;
        }
    }

    /// Hands on what is in the table, until nothing is left.
    async fn tell_events(&mut self) {
        loop {
            let page = match happened::page(&self.desk, self.last, PAGE).await {
                Ok(page) => page,
                Err(DeskError::Store(StoreError::Closed | StoreError::Fatal)) => return,
                Err(error) => {
                    tracing::warn!(%error, "Could not read what the live stream should tell");
                    tokio::time::sleep(RETRY).await;
                    continue;
                }
            };
            self.last = page.read_to;
            let has_more = page.has_more;
            if !page.conversations.is_empty() {
                self.count_at.get_or_insert(self.counted_at + COUNTERS_EVERY);
            }
            self.hub.send(frames::of_page(page));
            self.rest().await;
            if !has_more {
                return;
            }
        }
    }

    async fn tell_counters(&mut self) {
        self.count_at = None;
        self.counted_at = Instant::now();
        let Ok(totals) = counts::totals(&self.desk).await else { return };
        if totals == self.told {
            return;
        }
        let agents = self.desk.listeners.agents();
        self.hub.send(agents.into_iter().map(|it| frames::of_totals(&totals, it)).collect());
        *self.hub.totals.lock().await = Some((self.counted_at, Arc::new(totals.clone())));
        self.told = totals;
        self.rest().await;
    }

    async fn rest(&self) {
        let listeners = u32::try_from(self.hub.batches.receiver_count()).unwrap_or(u32::MAX);
        tokio::time::sleep(REST_PER_LISTENER.saturating_mul(listeners)).await;
    }
}

async fn at(when: Option<Instant>) {
    match when {
        Some(it) => tokio::time::sleep_until(it.into()).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use desk::{Clock, Keys, Options, Store};
    use domain::{
        Timestamp,
        ids::{AgentId, ConversationId},
    };

    use super::*;

    #[tokio::test]
    async fn listeners_are_not_woken_for_each_letter_of_a_draft() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(storage::Options::new(folder.path())).unwrap();
        let keys = Keys::open(&folder.path().join("keys"), false).unwrap();
        let clock = Clock::manual(Timestamp(0));
        let desk = Desk::new(store, clock, keys, Options::new(folder.path()));
        let hub = Hub::start(&desk, StreamOptions::default());
        let mut heard = hub.listen();
        // Many enough to rest for a while.
        let others: Vec<_> = (0..20_000).map(|_| hub.listen()).collect();
        let tell = || desk.draft_news.tell(AgentId::new(), ConversationId::new(), 1);
        tell();
        assert_eq!(heard.recv().await.unwrap().len(), 1);
        for _ in 0..5 {
            tell();
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
        }
        assert_eq!(heard.recv().await.unwrap().len(), 5, "they are told together");
        drop(others);
        desk.listeners.end();
    }
}
