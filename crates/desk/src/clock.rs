//! The one clock: the system's, or one that tests set.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use domain::Timestamp;
use tokio::sync::watch;

/// Where "now" comes from. Cheap to clone; clones of a manual clock show the same time.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    System,
    Manual(watch::Sender<Timestamp>),
}

/// The longest a wait trusts its pause: the wall clock may be set meanwhile.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

impl Clock {
    pub fn system() -> Self {
        Self(Source::System)
    }

    pub fn manual(now: Timestamp) -> Self {
        Self(Source::Manual(watch::Sender::new(now)))
    }

    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            }
            Source::Manual(now) => *now.borrow(),
        }
    }

    /// Sets a manual clock and wakes who waits for it; the system's clock stays as it is.
    pub fn set(&self, to: Timestamp) {
        if let Source::Manual(now) = &self.0 {
            now.send_replace(to);
        }
    }

    /// Moves a manual clock forward; the system's clock stays as it is.
    pub fn advance(&self, by: Duration) {
        if let Source::Manual(now) = &self.0 {
            let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
            now.send_modify(|it| *it = it.plus_millis(millis));
        }
    }

    /// Returns once the clock shows `at` or later.
    pub async fn wait_until(&self, at: Timestamp) {
        match &self.0 {
            Source::System => {
                while let Ok(left) = u64::try_from(at.since(self.now())) {
                    if left == 0 {
                        return;
                    }
                    tokio::time::sleep(Duration::from_millis(left).min(LONGEST_PAUSE)).await;
                }
            }
            Source::Manual(now) => {
                // The sender lives in `self`, so the channel cannot close meanwhile.
                let _ = now.subscribe().wait_for(|it| *it >= at).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_manual_clock_moves_when_told_and_wakes_who_waits() {
        let clock = Clock::manual(Timestamp(1_000));
        let waiting = tokio::spawn({
            let clock = clock.clone();
            async move { clock.wait_until(Timestamp(61_000)).await }
        });
        clock.advance(Duration::from_secs(60));
        waiting.await.unwrap();
        assert_eq!(clock.now(), Timestamp(61_000));
        clock.wait_until(Timestamp(5)).await;
    }

    #[tokio::test]
    async fn the_system_clock_returns_at_once_for_the_past() {
        let clock = Clock::system();
        clock.wait_until(clock.now().plus_seconds(-5)).await;
    }
}
