//! A signed-in browser, and the links that let a person in once.

use crate::{
    Timestamp,
    ids::{AgentId, SessionId},
};

crate::words!(
    /// What a single-use link is good for.
    LinkPurpose, "link purpose", {
        /// Makes the first admin.
        Setup => "setup",
        /// Lets a new agent choose a password.
        Invitation => "invitation",
        /// Lets an agent choose a new password.
        Reset => "reset",
    }
);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub agent_id: AgentId,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    /// However busy it is, it ends then.
    pub expires_at: Timestamp,
}

/// How often something failed, and until when it is not tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Throttle {
    pub failures: u32,
    pub last_at: Timestamp,
    pub blocked_until: Timestamp,
}

impl Throttle {
    /// Failures are forgotten this long after the last one.
    pub const MEMORY_SECONDS: i64 = 24 * 3600;
    /// The longest pause: nobody is locked out for good by what a stranger tries.
    pub const LONGEST_PAUSE_SECONDS: i64 = 15 * 60;

    /// Counts one more failure after `before`. The first `allowance` cost nothing; each one after
    /// them doubles the pause, from one second.
    pub fn after_failure(before: Option<Self>, allowance: u32, now: Timestamp) -> Self {
        let remembered = before.filter(|it| now.since(it.last_at) < Self::MEMORY_SECONDS * 1000);
        let failures = remembered.map_or(0, |it| it.failures).saturating_add(1);
        let pause = match failures.checked_sub(allowance) {
            None | Some(0) => 0,
            Some(beyond) => (1_i64 << (beyond - 1).min(20)).min(Self::LONGEST_PAUSE_SECONDS),
        };
        Self { failures, last_at: now, blocked_until: now.plus_seconds(pause) }
    }

    /// Seconds until the next try, rounded up; `None` when it may be made now.
    pub fn wait_seconds(&self, now: Timestamp) -> Option<u64> {
        // A clock that was set back must not lengthen the pause beyond its maximum.
        let left = self.blocked_until.since(now).min(Self::LONGEST_PAUSE_SECONDS * 1000);
        u64::try_from(left).ok().filter(|it| *it > 0).map(|it| it.div_ceil(1000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_after_the_allowance_and_stay_bounded() {
        let now = Timestamp(1_000_000);
        let mut it = None;
        let mut pauses = Vec::new();
        for _ in 0..40 {
            let next = Throttle::after_failure(it, 5, now);
            pauses.push(next.wait_seconds(now).unwrap_or(0));
            it = Some(next);
        }
        assert_eq!(pauses[..9], [0, 0, 0, 0, 0, 1, 2, 4, 8]);
        assert_eq!(pauses[39], 900);
        let next_day = now.plus_seconds(Throttle::MEMORY_SECONDS);
        assert_eq!(Throttle::after_failure(it, 5, next_day).failures, 1);
        let set_back = Timestamp(0);
        assert_eq!(it.unwrap().wait_seconds(set_back), Some(900));
    }
}
