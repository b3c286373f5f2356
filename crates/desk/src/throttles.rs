//! Brakes on guessing: by account and by address, with growing pauses and no permanent lock.

use std::net::IpAddr;

use domain::{Timestamp, ids::AgentId, sessions::Throttle};
use storage::{Tx, throttles};

use crate::{DeskError, Result, tokens};

/// Something that may be tried only so often.
#[derive(Debug, Clone)]
pub(crate) struct Brake {
    key: String,
    /// Failures that cost nothing.
    allowance: u32,
}

const HOUR_MILLIS: i64 = 3_600_000;

impl Brake {
    /// Sign-in to one account, whether there is such an account or not.
    pub(crate) fn account(email: &str) -> Self {
        Self { key: format!("login account {}", short_hash(email)), allowance: 5 }
    }

    /// Sign-in from one network.
    pub(crate) fn network(ip: Option<IpAddr>) -> Self {
        Self { key: format!("login network {}", network(ip)), allowance: 20 }
    }

    /// Sign-in from a browser that did so before: it has its own count, so that its owner gets in
    /// while strangers guess.
    pub(crate) fn device(device: &str) -> Self {
        Self { key: format!("login device {}", short_hash(device)), allowance: 5 }
    }

    /// Telling one's current password to choose another.
    pub(crate) fn current_password(agent: AgentId) -> Self {
        Self { key: format!("current password {agent}"), allowance: 5 }
    }

    /// Counts a try before it is made, so that many at once cannot all slip through.
    ///
    /// # Errors
    /// `TooMany` while the pause after earlier failures lasts; that try is not counted.
    pub(crate) fn count(&self, tx: &Tx<'_>, now: Timestamp) -> Result<()> {
        let before = throttles::find(tx, &self.key)?;
        if let Some(retry_after_seconds) = before.and_then(|it| it.wait_seconds(now)) {
            return Err(DeskError::TooMany { retry_after_seconds });
        }
        let after = Throttle::after_failure(before, self.allowance, now);
        Ok(throttles::put(tx, &self.key, &after)?)
    }

    /// The try succeeded: all is forgotten.
    pub(crate) fn forget(&self, tx: &Tx<'_>) -> Result<()> {
        Ok(throttles::delete(tx, &self.key)?)
    }

    /// The try succeeded: it alone is taken back, since others may share the network.
    pub(crate) fn refund(&self, tx: &Tx<'_>) -> Result<()> {
        if let Some(mut it) = throttles::find(tx, &self.key)? {
            it.failures = it.failures.saturating_sub(1);
            throttles::put(tx, &self.key, &it)?;
        }
        Ok(())
    }
}

/// Whether another mail may be asked for: at most `limit` in an hour under this key.
pub(crate) fn within_hourly_limit(
    tx: &Tx<'_>,
    what: &str,
    whose: &str,
    limit: u32,
    now: Timestamp,
) -> Result<bool> {
    let key = format!("{what} {}", short_hash(whose));
    // Here `last_at` is the start of the hour that is counted.
    let started = throttles::find(tx, &key)?.filter(|it| {
        let age = now.since(it.last_at);
        (0..HOUR_MILLIS).contains(&age)
    });
    let mut it =
        started.unwrap_or(Throttle { failures: 0, last_at: now, blocked_until: Timestamp(0) });
    it.failures = it.failures.saturating_add(1);
    throttles::put(tx, &key, &it)?;
    Ok(it.failures <= limit)
}

/// The network an address belongs to: IPv6 by /64, which is what one customer gets.
pub fn network(ip: Option<IpAddr>) -> String {
    match ip.map(|it| it.to_canonical()) {
        None => "unknown".to_owned(),
        Some(IpAddr::V4(it)) => it.to_string(),
        Some(IpAddr::V6(it)) => {
            let [a, b, c, d, ..] = it.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

fn short_hash(text: &str) -> String {
    tokens::digest(&[text.as_bytes()])[..16].iter().map(|it| format!("{it:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_stands_for_its_network() {
        let cases = [
            (None, "unknown"),
            (Some("203.0.113.9"), "203.0.113.9"),
            (Some("::ffff:203.0.113.9"), "203.0.113.9"),
            (Some("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64"),
        ];
        for (ip, want) in cases {
            assert_eq!(network(ip.map(|it| it.parse().unwrap())), want);
        }
    }
}
