//! How often strangers may knock: in memory, by network and for everybody together.

use std::{
    collections::HashMap,
    hash::{BuildHasher, Hash, RandomState},
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use actix_web::{HttpMessage, HttpRequest, web::Data};
use desk::DeskError;

use crate::{
    error::{ApiError, Result},
    security::Origin,
    server::WebOptions,
};

/// Requests a minute to what needs no session: sign-in, links, set-up.
#[derive(Debug, Clone, Copy)]
pub struct KnockLimits {
    pub from_one_network: u32,
    pub from_everybody: u32,
}

impl Default for KnockLimits {
    fn default() -> Self {
        Self { from_one_network: 120, from_everybody: 3_000 }
    }
}

pub(crate) const WINDOW: Duration = Duration::from_secs(60);
/// Networks counted in a minute; beyond them the common limit holds.
const MOST_NETWORKS: usize = 50_000;

/// Counts of the current minute.
#[derive(Debug, Default)]
pub(crate) struct Knocks(Mutex<Counts>);

/// Requests with a key that is not good. Counted apart: a script with an old key keeps nobody from
/// signing in.
#[derive(Debug, Default)]
pub(crate) struct BadKeys(Knocks);

#[derive(Debug)]
struct Counts {
    everybody: Option<Window>,
    networks: Windows,
}

impl Default for Counts {
    fn default() -> Self {
        Self { everybody: None, networks: Windows::new(MOST_NETWORKS) }
    }
}

/// The windows of many, each known by a hash that no stranger can foresee. They lie in two halves
/// that change places each minute, and what is in the older one then is over: nobody ever waits
/// while somebody walks through them.
#[derive(Debug)]
pub(crate) struct Windows {
    newer: HashMap<u64, Window>,
    older: HashMap<u64, Window>,
    /// When the newer half was begun.
    began: Option<Instant>,
    /// In each half.
    most: usize,
    hasher: RandomState,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    started: Instant,
    count: u32,
}

impl Window {
    /// Whether one more is too many, without counting it.
    ///
    /// # Errors
    /// As [`Self::check`].
    pub(crate) fn has_room(self, limit: u32, now: Instant) -> Result<()> {
        Self::count(Some(self), now).check(limit, now)
    }

    pub(crate) fn count(it: Option<Self>, now: Instant) -> Self {
        let current = it.filter(|it| now.duration_since(it.started) < WINDOW);
        let mut window = current.unwrap_or(Self { started: now, count: 0 });
        window.count = window.count.saturating_add(1);
        window
    }

    pub(crate) fn check(self, limit: u32, now: Instant) -> Result<()> {
        if self.count <= limit {
            return Ok(());
        }
        let left = WINDOW.saturating_sub(now.duration_since(self.started));
        let retry_after_seconds = left.as_secs() + 1;
        Err(ApiError::Desk(DeskError::TooMany { retry_after_seconds }))
    }
}

impl Windows {
    pub(crate) fn new(most: usize) -> Self {
        let (newer, older) = (HashMap::new(), HashMap::new());
        Self { newer, older, began: None, most, hasher: RandomState::new() }
    }

    pub(crate) fn find(&self, whose: &impl Hash) -> Option<Window> {
        let key = self.hasher.hash_one(whose);
        self.newer.get(&key).or_else(|| self.older.get(&key)).copied()
    }

    /// Counts one more. While there is no room for a stranger their window is not kept.
    pub(crate) fn count(&mut self, whose: &impl Hash, now: Instant) -> Window {
        self.change_places(now);
        let window = Window::count(self.find(whose), now);
        let key = self.hasher.hash_one(whose);
        if self.newer.len() < self.most || self.newer.contains_key(&key) {
            self.newer.insert(key, window);
        }
        window
    }

    fn change_places(&mut self, now: Instant) {
        let began = *self.began.get_or_insert(now);
        if now.duration_since(began) >= WINDOW {
            // Whatever is in the older half began before the newer one did.
            self.older = std::mem::take(&mut self.newer);
            self.began = Some(now);
        }
    }
}

impl Knocks {
    fn count(&self, ip: Option<IpAddr>, limits: KnockLimits, now: Instant) -> Result<()> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let one = counts.networks.count(&desk::throttles::network(ip), now);
        // A network over its limit does not use up everybody's.
        one.check(limits.from_one_network, now)?;
        let everybody = Window::count(counts.everybody, now);
        counts.everybody = Some(everybody);
        everybody.check(limits.from_everybody, now)
    }
}

/// Counts a request to a route that needs no session.
///
/// # Errors
/// 429 with `Retry-After`.
pub(crate) fn knock(request: &HttpRequest) -> Result<()> {
    let (Some(knocks), Some(options)) =
        (request.app_data::<Data<Knocks>>(), request.app_data::<Data<WebOptions>>())
    else {
        return Err(ApiError::Panicked);
    };
    let ip = request.extensions().get::<Origin>().and_then(|it| it.ip);
    knocks.count(ip, options.knocks, Instant::now())
}

/// Counts a request with a key that is not good; a good one is never counted.
///
/// # Errors
/// As [`knock`].
pub(crate) fn bad_key(request: &HttpRequest) -> Result<()> {
    let (Some(bad_keys), Some(options)) =
        (request.app_data::<Data<BadKeys>>(), request.app_data::<Data<WebOptions>>())
    else {
        return Err(ApiError::Panicked);
    };
    let ip = request.extensions().get::<Origin>().and_then(|it| it.ip);
    bad_keys.0.count(ip, options.knocks, Instant::now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_and_everybody_have_a_limit_a_minute() {
        let knocks = Knocks::default();
        let limits = KnockLimits { from_one_network: 2, from_everybody: 3 };
        let now = Instant::now();
        let ann = Some("203.0.113.1".parse().unwrap());
        let ben = Some("203.0.113.2".parse().unwrap());
        assert!(knocks.count(ann, limits, now).is_ok());
        assert!(knocks.count(ann, limits, now).is_ok());
        let refused = knocks.count(ann, limits, now).unwrap_err();
        assert!(matches!(refused, ApiError::Desk(DeskError::TooMany { retry_after_seconds: 61 })));
        assert!(knocks.count(ben, limits, now).is_ok());
        assert!(knocks.count(ben, limits, now).is_err());
        assert!(knocks.count(ann, limits, now + WINDOW).is_ok());
    }

    #[test]
    fn a_crowd_is_counted_and_nobody_walks_through_it() {
        let mut windows = Windows::new(1_000);
        let now = Instant::now();
        let mut counted = |whose: u32, at| windows.count(&whose, at).count;
        for whose in 0..1_000 {
            counted(whose, now);
        }
        assert_eq!(counted(7, now), 2, "who is known is counted on");
        assert_eq!((counted(5_000, now), counted(5_000, now)), (1, 1), "there is no room");
        let soon = now + WINDOW / 2;
        assert_eq!(counted(7, soon), 3);
        let later = now + WINDOW;
        assert_eq!(counted(7, later), 1, "a minute forgives");
        assert_eq!((counted(5_000, later), counted(5_000, later)), (1, 2));
        let end = later + WINDOW * 9 / 10;
        assert_eq!(counted(6_000, end), 1);
        assert_eq!(
            counted(6_000, later + WINDOW),
            2,
            "the halves changed places, nothing was lost"
        );
        assert_eq!(windows.newer.len() + windows.older.len(), 4);
    }
}
