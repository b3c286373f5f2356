//! What the log says of requests that were answered 503: a line each second with their number, since
//! there are thousands of them when it matters.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::runtime::Handle;

use crate::error::ApiError;

const TOLD_EVERY: Duration = Duration::from_secs(1);

static REFUSED: Refused = Refused(Mutex::new(BTreeMap::new()));

/// How many were refused since the last line, by reason.
struct Refused(Mutex<BTreeMap<String, u64>>);

/// Counts a request that is answered 503.
pub(crate) fn note(error: &ApiError) {
    if !REFUSED.add(format!("{error:?}")) {
        return;
    }
    // Outside of the server nothing comes later.
    let Ok(runtime) = Handle::try_current() else { return REFUSED.tell() };
    runtime.spawn(async {
        tokio::time::sleep(TOLD_EVERY).await;
        REFUSED.tell();
    });
}

impl Refused {
    /// Returns whether it is the first since the last line.
    fn add(&self, reason: String) -> bool {
        let mut counts = self.lock();
        let is_first = counts.is_empty();
        *counts.entry(reason).or_default() += 1;
        is_first
    }

    fn tell(&self) {
        let counts = std::mem::take(&mut *self.lock());
        for (reason, count) in counts {
            tracing::warn!(reason, count, "Answered {count} requests with 503");
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_counted_by_reason_and_told_once() {
        let refused = Refused(Mutex::default());
        assert!(refused.add("Busy".to_owned()));
        assert!(!refused.add("Busy".to_owned()) && !refused.add("Full".to_owned()));
        let counts = refused.lock().clone();
        assert_eq!(counts, [("Busy".to_owned(), 2), ("Full".to_owned(), 1)].into());
        refused.tell();
        assert!(refused.add("Busy".to_owned()), "the next is the first of another line");
    }
}
