//! How often strangers may knock: in memory, by network and for everybody together.

use std::{
    collections::HashMap,
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
/// Beyond this many networks old windows are dropped; the common limit holds meanwhile.
const MOST_NETWORKS: usize = 20_000;

/// Counts of the current minute.
#[derive(Debug, Default)]
pub(crate) struct Knocks(Mutex<Counts>);

/// Requests with a key that is not good. Counted apart: a script with an old key keeps nobody from
/// signing in.
#[derive(Debug, Default)]
pub(crate) struct BadKeys(Knocks);

#[derive(Debug, Default)]
struct Counts {
    everybody: Option<Window>,
    networks: HashMap<String, Window>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    started: Instant,
    count: u32,
}

impl Window {
    pub(crate) fn is_over(self, now: Instant) -> bool {
        now.duration_since(self.started) >= WINDOW
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

impl Knocks {
    fn count(&self, ip: Option<IpAddr>, limits: KnockLimits, now: Instant) -> Result<()> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.networks.len() >= MOST_NETWORKS {
            counts.networks.retain(|_, it| now.duration_since(it.started) < WINDOW);
        }
        let network = desk::throttles::network(ip);
        let one = Window::count(counts.networks.get(&network).copied(), now);
        if counts.networks.len() < MOST_NETWORKS || counts.networks.contains_key(&network) {
            counts.networks.insert(network, one);
        }
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
}
