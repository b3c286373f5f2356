//! IANA time zones. The only module that knows `jiff`; everything else counts in UTC.

use jiff::tz::TimeZone;

/// A time zone by its IANA name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown time zone \"{0}\"; use an IANA name such as Asia/Jakarta")]
pub struct UnknownZone(String);

impl Zone {
    pub fn parse(name: &str) -> Result<Self, UnknownZone> {
        let zone = TimeZone::get(name).map_err(|_| UnknownZone(name.chars().take(60).collect()))?;
        Ok(Self(zone.iana_name().unwrap_or(name).to_owned()))
    }

    pub fn name(&self) -> &str {
        &self.0
    }

    /// The day an instant falls on there, for English text: `31 January 2026`.
    pub fn day_in_words(&self, at: crate::Timestamp) -> String {
        let zone = TimeZone::get(&self.0).unwrap_or(TimeZone::UTC);
        let instant =
            jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        instant.to_zoned(zone).strftime("%-d %B %Y").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_that_of_the_zone() {
        let at = crate::Timestamp::parse("2026-01-31T20:00:00Z").unwrap();
        assert_eq!(Zone::parse("UTC").unwrap().day_in_words(at), "31 January 2026");
        assert_eq!(Zone::parse("Asia/Jakarta").unwrap().day_in_words(at), "1 February 2026");
    }

    #[test]
    fn knows_iana_names_only() {
        assert_eq!(Zone::parse("Asia/Jakarta").unwrap().name(), "Asia/Jakarta");
        assert_eq!(Zone::parse("UTC").unwrap().name(), "UTC");
        for bad in ["", "Mars/Olympus", "../../etc/passwd", "+07:00"] {
            assert!(Zone::parse(bad).is_err(), "{bad}");
        }
    }
}
