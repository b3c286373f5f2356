//! What wakes a visitor's stream.

use std::sync::atomic::{AtomicU8, Ordering};

use tokio::sync::Notify;

/// Something in a conversation was stored, or what let them in has changed.
pub(super) const STORED: u8 = 1;
/// Somebody types, or does not any more.
pub(super) const TYPING: u8 = 2;
pub(super) const OVER: u8 = 4;

/// A point between two things that happened, to tell later whether anything did since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Moment {
    /// Things told to those who follow a conversation or a customer.
    pub of_some: u64,
    /// Things that concern visitors who follow nothing yet, too.
    pub of_all: u64,
}

/// Why a watcher was woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Woken {
    pub stored: bool,
    pub is_over: bool,
}

/// What a stream waits for: flags, not a queue.
#[derive(Debug, Default)]
pub(super) struct Signal {
    flags: AtomicU8,
    notify: Notify,
}

impl Signal {
    pub(super) fn raise(&self, flag: u8) {
        self.flags.fetch_or(flag, Ordering::AcqRel);
        self.notify.notify_one();
    }

    /// Returns when there is something to look at.
    pub(super) async fn raised(&self) -> Woken {
        loop {
            let flags = self.flags.swap(0, Ordering::AcqRel);
            if flags != 0 {
                return Woken { stored: flags & STORED != 0, is_over: flags & OVER != 0 };
            }
            self.notify.notified().await;
        }
    }
}
