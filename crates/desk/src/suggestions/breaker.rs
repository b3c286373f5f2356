//! Keeps a model's server that does not answer from slowing the team down (circuit breaker).

use std::sync::{Arc, Mutex, PoisonError};

use domain::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Failures in a row after which the server is left alone, and for how long.
const MOST_FAILURES: u32 = 3;
const PAUSE_SECONDS: i64 = 60;
/// Drafts written at a time.
const MOST_AT_ONCE: usize = 4;

/// What the process remembers of the model's server.
pub(crate) struct Models {
    slots: Arc<Semaphore>,
    health: Mutex<Health>,
}

#[derive(Debug, Default)]
struct Health {
    failures: u32,
    closed_until: Option<Timestamp>,
    /// When it failed last, and why; for an admin.
    last: Option<(Timestamp, String)>,
}

impl Default for Models {
    fn default() -> Self {
        Self { slots: Arc::new(Semaphore::new(MOST_AT_ONCE)), health: Mutex::default() }
    }
}

impl Models {
    /// Room for one more draft, if there is any. Waiting would only fill the line.
    pub(super) fn slot(&self) -> Option<OwnedSemaphorePermit> {
        self.slots.clone().try_acquire_owned().ok()
    }

    pub(super) fn is_left_alone(&self, now: Timestamp) -> bool {
        self.with(|it| it.closed_until.is_some_and(|until| now < until))
    }

    pub(super) fn failed(&self, why: String, now: Timestamp) {
        self.with(|it| {
            it.failures = it.failures.saturating_add(1);
            it.last = Some((now, why));
            if it.failures >= MOST_FAILURES {
                // After the pause one try decides again.
                it.failures = MOST_FAILURES - 1;
                it.closed_until = Some(now.plus_seconds(PAUSE_SECONDS));
            }
        });
    }

    /// It answered, or somebody changed how it is asked.
    pub(super) fn forget(&self) {
        self.with(|it| *it = Health::default());
    }

    pub(super) fn last_failure(&self) -> Option<(Timestamp, String)> {
        self.with(|it| it.last.clone())
    }

    fn with<T>(&self, work: impl FnOnce(&mut Health) -> T) -> T {
        work(&mut self.health.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_three_failures_there_is_a_pause_and_then_one_try() {
        let models = Models::default();
        let at = |seconds: i64| Timestamp(seconds * 1_000);
        for _ in 0..2 {
            models.failed("down".to_owned(), at(0));
            assert!(!models.is_left_alone(at(0)));
        }
        models.failed("down".to_owned(), at(0));
        assert!(models.is_left_alone(at(59)) && !models.is_left_alone(at(60)));
        models.failed("still down".to_owned(), at(61));
        assert!(models.is_left_alone(at(62)));
        assert_eq!(models.last_failure(), Some((at(61), "still down".to_owned())));
        models.forget();
        assert!(!models.is_left_alone(at(62)) && models.last_failure().is_none());
    }
}
