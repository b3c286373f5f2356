//! Those who are connected: how many may be, whether they still may, and who is online.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use domain::{Timestamp, ids::AgentId, policy::Caller};
use tokio::sync::watch;
use uuid::Uuid;

use crate::{
    Desk, Result,
    sessions::{self, SignedIn},
};

/// How many streams may be open: each is a socket and some memory.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub of_one_session: usize,
    pub of_one_agent: usize,
    pub of_everybody: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { of_one_session: 20, of_one_agent: 60, of_everybody: 12_000 }
    }
}

/// Why somebody is not taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The session or the agent has as many streams as they may.
    TooManyOfOne,
    /// Everybody together has.
    TooMany,
    Stopping,
}

/// A page that is loaded anew was not left.
const RELOAD_MILLIS: i64 = 15_000;
/// Somebody whose program asks without listening is here for so long after a request.
const SEEN_MILLIS: i64 = 5 * 60_000;
/// Between two looks at who still may listen. What this process changes itself is seen at once,
/// what the command line changes within this time.
const CHECK_EVERY: Duration = Duration::from_secs(2);
/// However often sessions end.
const CHECK_PAUSE: Duration = Duration::from_millis(100);
/// When the database cannot be asked for so long, nobody may.
const UNCHECKED: Duration = Duration::from_secs(4);

/// Everybody who listens.
#[derive(Debug)]
pub struct Listeners {
    inner: Mutex<Inner>,
    /// Becomes true when the server stops.
    ended: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Inner {
    last_id: u64,
    open: HashMap<u64, Open>,
    sessions: HashMap<Uuid, usize>,
    agents: HashMap<AgentId, OfAgent>,
}

#[derive(Debug)]
struct Open {
    who: SignedIn,
    over: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct OfAgent {
    streams: usize,
    /// Those of browsers; a program that listens is nobody who is there.
    people: usize,
    left_at: Option<Timestamp>,
}

/// Somebody who listens, until this is dropped.
pub struct Listener {
    id: u64,
    pub caller: Caller,
    desk: Desk,
    over: watch::Receiver<bool>,
}

impl Default for Listeners {
    fn default() -> Self {
        Self { inner: Mutex::default(), ended: watch::Sender::new(false) }
    }
}

impl Listeners {
    /// Takes somebody in who was just let in by the policy.
    ///
    /// # Errors
    /// When somebody has as many streams as they may, or the server stops.
    pub fn enter(desk: &Desk, who: SignedIn, limits: Limits) -> Result<Listener, Refusal> {
        let this = &desk.listeners;
        let caller = who.caller();
        let mut inner = this.lock();
        if *this.ended.borrow() {
            return Err(Refusal::Stopping);
        }
        let of_session = inner.sessions.get(&who.credential_id()).copied().unwrap_or(0);
        let of_agent = inner.agents.get(&who.agent).map_or(0, |it| it.streams);
        if of_session >= limits.of_one_session || of_agent >= limits.of_one_agent {
            return Err(Refusal::TooManyOfOne);
        }
        if inner.open.len() >= limits.of_everybody {
            return Err(Refusal::TooMany);
        }
        inner.last_id += 1;
        let id = inner.last_id;
        *inner.sessions.entry(who.credential_id()).or_default() += 1;
        let agent = inner.agents.entry(who.agent).or_default();
        agent.streams += 1;
        agent.people += usize::from(caller.has_session());
        let over = watch::Sender::new(false);
        let listener = Listener { id, caller, desk: desk.clone(), over: over.subscribe() };
        inner.open.insert(id, Open { who, over });
        Ok(listener)
    }

    fn leave(&self, id: u64, now: Timestamp) {
        let mut inner = self.lock();
        let Some(Open { who, .. }) = inner.open.remove(&id) else { return };
        if let Entry::Occupied(mut it) = inner.sessions.entry(who.credential_id()) {
            *it.get_mut() -= 1;
            if *it.get() == 0 {
                it.remove();
            }
        }
        if let Entry::Occupied(mut it) = inner.agents.entry(who.agent) {
            let agent = it.get_mut();
            agent.streams -= 1;
            if who.caller().has_session() {
                agent.people -= 1;
                agent.left_at = Some(now);
            }
        }
    }

    pub fn count(&self) -> usize {
        self.lock().open.len()
    }

    /// Whose streams are open.
    pub fn agents(&self) -> Vec<AgentId> {
        let inner = self.lock();
        inner.agents.iter().filter(|(_, it)| it.streams > 0).map(|(id, _)| *id).collect()
    }

    /// Whether somebody is here: their browser listens, did so a moment ago, or they made a request
    /// lately and not only before they left.
    pub fn is_online(&self, agent: AgentId, seen_at: Option<Timestamp>, now: Timestamp) -> bool {
        let inner = self.lock();
        let (people, left_at) =
            inner.agents.get(&agent).map_or((0, None), |it| (it.people, it.left_at));
        let just_left = left_at.is_some_and(|it| now.since(it) < RELOAD_MILLIS);
        let seen_since = seen_at
            .is_some_and(|it| now.since(it) < SEEN_MILLIS && left_at.is_none_or(|left| left < it));
        people > 0 || just_left || seen_since
    }

    /// Ends all streams and takes nobody in any more: the server stops.
    pub fn end(&self) {
        self.ended.send_replace(true);
        self.end_all();
    }

    /// Returns once the server stops.
    pub async fn ended(&self) {
        // The sender lives in `self`, so the channel cannot close meanwhile.
        let _ = self.ended.subscribe().wait_for(|it| *it).await;
    }

    fn end_all(&self) {
        for it in self.lock().open.values() {
            it.over.send_replace(true);
        }
    }

    /// One of each session or key.
    fn distinct(&self) -> Vec<SignedIn> {
        let inner = self.lock();
        let mut found: HashMap<Uuid, &SignedIn> = HashMap::new();
        for it in inner.open.values() {
            found.entry(it.who.credential_id()).or_insert(&it.who);
        }
        found.into_values().cloned().collect()
    }

    /// Ends the streams of those who may less, or more, than when they came.
    async fn check(&self, desk: &Desk) -> Result<()> {
        let asked = self.distinct();
        let ids: Vec<Uuid> = asked.iter().map(SignedIn::credential_id).collect();
        let roles = sessions::roles_now(desk, asked).await?;
        let roles: HashMap<Uuid, _> = ids.into_iter().zip(roles).collect();
        for it in self.lock().open.values() {
            // Who came after the question is asked about next time.
            if roles.get(&it.who.credential_id()).is_some_and(|role| *role != Some(it.who.role)) {
                it.over.send_replace(true);
            }
        }
        Ok(())
    }

    /// What a panicking thread left behind is still a valid map.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listener {
    pub fn is_over(&self) -> bool {
        *self.over.borrow()
    }

    /// Returns when they may not listen any more, or the server stops.
    pub async fn over(&mut self) {
        // Without a sender they are out of the list, which is over, too.
        let _ = self.over.wait_for(|it| *it).await;
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.desk.listeners.leave(self.id, self.desk.clock.now());
    }
}

/// Watches until the server stops that nobody listens who may not.
pub async fn keep_checking(desk: Desk) {
    let listeners: Arc<Listeners> = desk.listeners.clone();
    let mut checked_at = Instant::now();
    loop {
        tokio::select! {
            () = listeners.ended() => return,
            () = desk.sessions.changed() => {}
            () = tokio::time::sleep(CHECK_EVERY) => {}
        }
        if listeners.count() == 0 {
            checked_at = Instant::now();
            continue;
        }
        match listeners.check(&desk).await {
            Ok(()) => checked_at = Instant::now(),
            Err(error) if checked_at.elapsed() > UNCHECKED => {
                tracing::warn!(%error, "Ended all live streams: nobody can say who may listen");
                listeners.end_all();
            }
            Err(error) => tracing::debug!(%error, "Could not ask who may still listen"),
        }
        tokio::time::sleep(CHECK_PAUSE).await;
    }
}
