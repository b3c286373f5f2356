//! Where visitors wait for their turn to read. Thousands may come within a second, after a restart or
//! a newsletter: they take few places before the store at a time, so that none is turned away there
//! and no agent waits behind them.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use actix_web::http::StatusCode;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::error::{ApiError, Result};

/// Visitors who read at one time: enough to keep all readers of the store busy.
const READING: usize = 16;
/// Those who wait may be as many as may listen; each holds a socket and little more.
const WAITING: usize = 12_000;
/// Shorter than the deadline of a request, so that the answer says what happened.
const PATIENCE: Duration = Duration::from_secs(25);

const TOO_MANY: ApiError =
    ApiError::Refused(StatusCode::SERVICE_UNAVAILABLE, "too many visitors come at once");

/// First come, first served, at each door.
#[derive(Debug)]
pub(crate) struct Doors {
    /// For pages that begin: how the chat looks, what was written, listening.
    pub(super) coming: Door,
    /// For who becomes a visitor: these may wait for the disk.
    pub(super) entering: Door,
    /// For who listens already, and has heard that there is news.
    pub(super) hearing: Door,
}

#[derive(Debug)]
pub(super) struct Door {
    places: Semaphore,
    waiting: AtomicUsize,
}

impl Default for Doors {
    fn default() -> Self {
        Self { coming: Door::new(READING), entering: Door::new(READING), hearing: Door::new(8) }
    }
}

impl Door {
    fn new(places: usize) -> Self {
        Self { places: Semaphore::new(places), waiting: AtomicUsize::new(0) }
    }

    /// Waits for a place and has it until what is returned is dropped.
    ///
    /// # Errors
    /// 503 when too many wait, or it takes too long.
    pub(super) async fn turn(&self) -> Result<SemaphorePermit<'_>> {
        self.turn_within(PATIENCE).await
    }

    async fn turn_within(&self, patience: Duration) -> Result<SemaphorePermit<'_>> {
        if let Ok(place) = self.places.try_acquire() {
            return Ok(place);
        }
        let _waiting = Waiting::begin(&self.waiting).ok_or(TOO_MANY)?;
        let place = tokio::time::timeout(patience, self.places.acquire()).await;
        place.ok().and_then(Result::ok).ok_or(TOO_MANY)
    }
}

struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn begin(count: &'a AtomicUsize) -> Option<Self> {
        let before = count.fetch_add(1, Ordering::Relaxed);
        let it = Self(count);
        (before < WAITING).then_some(it)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_comes_waits_for_a_place_in_turn_and_not_without_end() {
        let door = Door::new(1);
        let inside = door.turn().await.unwrap();
        {
            let (mut second, mut third) = (Box::pin(door.turn()), Box::pin(door.turn()));
            assert!(futures_util::poll!(&mut second).is_pending());
            assert!(futures_util::poll!(&mut third).is_pending());
            drop(inside);
            assert!(futures_util::poll!(&mut third).is_pending(), "it is not their turn");
            let inside = second.await.unwrap();
            drop(inside);
            drop(third.await.unwrap());
        }
        assert_eq!(door.waiting.load(Ordering::Relaxed), 0);

        let _inside = door.turn().await.unwrap();
        let soon = Duration::from_millis(1);
        assert!(door.turn_within(soon).await.is_err(), "nobody leaves");
        door.waiting.store(WAITING, Ordering::Relaxed);
        assert!(futures_util::poll!(Box::pin(door.turn())).is_ready(), "too many wait");
    }
}
