//! Who is at a conversation just now: two people should not answer it at once.

use crate::{Timestamp, ids::AgentId};

crate::words!(Activity, "activity", {
    Viewing => "viewing",
    Typing => "typing",
});

/// Without word for so long somebody does not look any more. A browser says so every 20 s.
const VIEWING_MILLIS: i64 = 45_000;
/// Somebody who types says so every few seconds.
const TYPING_MILLIS: i64 = 8_000;

/// One agent at one conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    pub agent: AgentId,
    pub name: String,
    pub since: Timestamp,
    viewing_until: Timestamp,
    typing_until: Timestamp,
}

impl Presence {
    pub fn new(agent: AgentId, name: String, activity: Activity, now: Timestamp) -> Self {
        let mut it = Self { agent, name, since: now, viewing_until: now, typing_until: now };
        it.renew(activity, now);
        it
    }

    /// Whoever types also looks; whoever says to look has stopped typing.
    pub fn renew(&mut self, activity: Activity, now: Timestamp) {
        self.viewing_until = now.plus_millis(VIEWING_MILLIS);
        self.typing_until = match activity {
            Activity::Typing => now.plus_millis(TYPING_MILLIS),
            Activity::Viewing => now,
        };
    }

    /// None once it is over.
    pub fn activity(&self, now: Timestamp) -> Option<Activity> {
        if now < self.typing_until {
            Some(Activity::Typing)
        } else if now < self.viewing_until {
            Some(Activity::Viewing)
        } else {
            None
        }
    }

    /// When what [`Self::activity`] says changes by itself.
    pub fn changes_at(&self, now: Timestamp) -> Timestamp {
        if now < self.typing_until { self.typing_until } else { self.viewing_until }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_becomes_viewing_and_viewing_ends() {
        let start = Timestamp(1_000_000);
        let at = |millis| start.plus_millis(millis);
        let mut it = Presence::new(AgentId::new(), "Ann".to_owned(), Activity::Typing, start);
        assert_eq!(it.activity(at(7_999)), Some(Activity::Typing));
        assert_eq!(it.changes_at(at(10)), at(8_000));
        assert_eq!(it.activity(at(8_000)), Some(Activity::Viewing));
        assert_eq!(it.changes_at(at(8_000)), at(45_000));
        assert_eq!(it.activity(at(45_000)), None);
        it.renew(Activity::Typing, at(20_000));
        it.renew(Activity::Viewing, at(21_000));
        assert_eq!(it.activity(at(21_000)), Some(Activity::Viewing));
        assert_eq!((it.activity(at(66_000)), it.since), (None, start));
    }
}
