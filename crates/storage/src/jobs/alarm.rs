//! Wakes whoever takes due jobs, when one comes that is due before they would look by themselves.

use std::sync::atomic::{AtomicI64, Ordering};

use domain::Timestamp;
use tokio::sync::watch;

/// Rung after the commit that put a job in. A job due in a month need not be looked for now.
#[derive(Debug)]
pub struct Alarm {
    rung: watch::Sender<()>,
    /// Milliseconds UTC. Jobs due at it or later are found without being rung for.
    next_look: AtomicI64,
}

impl Alarm {
    pub(crate) fn new() -> Self {
        Self { rung: watch::Sender::new(()), next_look: AtomicI64::new(i64::MAX) }
    }

    /// Changes when it rings.
    pub fn listen(&self) -> watch::Receiver<()> {
        self.rung.subscribe()
    }

    /// Somebody begins to look. What is committed meanwhile they may not see, so any job rings.
    pub fn looking(&self) {
        self.next_look.store(i64::MAX, Ordering::SeqCst);
    }

    /// They have looked and will again at `at`, or only when it rings.
    pub fn looks_again(&self, at: Option<Timestamp>) {
        self.next_look.store(at.map_or(i64::MAX, |it| it.0), Ordering::SeqCst);
    }

    /// Jobs were committed, the first of them due at `first`.
    pub(crate) fn committed(&self, first: Timestamp) {
        if first.0 < self.next_look.load(Ordering::SeqCst) {
            self.rung.send_replace(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_job_due_before_the_next_look_rings() {
        let alarm = Alarm::new();
        let mut heard = alarm.listen();
        let mut rings = |due| {
            alarm.committed(Timestamp(due));
            let rung = heard.has_changed().unwrap();
            heard.mark_unchanged();
            rung
        };
        assert!(rings(i64::MAX - 1), "nobody has looked yet");
        alarm.looks_again(Some(Timestamp(1_000)));
        assert_eq!([rings(999), rings(1_000), rings(2_000)], [true, false, false]);
        alarm.looking();
        assert!(rings(2_000), "whoever looks may have read before it came");
        alarm.looks_again(None);
        assert!(rings(2_000), "nothing is known to be due");
    }
}
