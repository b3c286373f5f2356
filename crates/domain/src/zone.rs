//! IANA time zones and the days of a calendar. The only module that knows `jiff`; everything else
//! counts in UTC.

use std::fmt;

use jiff::{civil, tz::TimeZone};

use crate::Timestamp;

/// A time zone by its IANA name. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    name: String,
    rules: TimeZone,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown time zone \"{0}\"; use an IANA name such as Asia/Jakarta")]
pub struct UnknownZone(String);

/// A day of the calendar. When it begins depends on the zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(civil::Date);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a day such as 2026-12-25")]
pub struct NotADay;

impl Zone {
    pub fn parse(name: &str) -> Result<Self, UnknownZone> {
        let rules =
            TimeZone::get(name).map_err(|_| UnknownZone(name.chars().take(60).collect()))?;
        let name = rules.iana_name().unwrap_or(name).to_owned();
        Ok(Self { name, rules })
    }

    pub fn utc() -> Self {
        Self { name: "UTC".to_owned(), rules: TimeZone::UTC }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The day an instant falls on there.
    pub fn day_of(&self, at: Timestamp) -> Day {
        Day(self.rules.to_datetime(instant(at)).date())
    }

    /// Minutes since midnight as the clock on the wall shows them there, 0 to 1439.
    pub fn minute_of(&self, at: Timestamp) -> u16 {
        let time = self.rules.to_datetime(instant(at)).time();
        u16::from(time.hour().unsigned_abs()) * 60 + u16::from(time.minute().unsigned_abs())
    }

    /// When the clock there first shows so many minutes since midnight; 1440 is the end of the day.
    /// A time the clock jumps over is as much later as it jumps.
    pub fn instant_of(&self, day: Day, minutes: u16) -> Timestamp {
        let (day, minutes) = if minutes >= 1440 { (day.next(), 0) } else { (day, minutes) };
        let time = civil::time((minutes / 60) as i8, (minutes % 60) as i8, 0, 0);
        let found = self.rules.to_timestamp(day.0.to_datetime(time));
        Timestamp(found.map_or(i64::MAX, |it| it.as_millisecond()))
    }

    /// As [`Self::instant_of`], but when the clock shows it for the last time: clocks set back show
    /// an hour twice.
    pub fn last_instant_of(&self, day: Day, minutes: u16) -> Timestamp {
        let (day, minutes) = if minutes >= 1440 { (day.next(), 0) } else { (day, minutes) };
        let time = civil::time((minutes / 60) as i8, (minutes % 60) as i8, 0, 0);
        let ambiguous = self.rules.to_ambiguous_timestamp(day.0.to_datetime(time));
        let gap = matches!(ambiguous.offset(), jiff::tz::AmbiguousOffset::Gap { .. });
        let found = if gap { ambiguous.compatible() } else { ambiguous.later() };
        Timestamp(found.map_or(i64::MAX, |it| it.as_millisecond()))
    }

    /// The day an instant falls on there, for English text: `31 January 2026`.
    pub fn day_in_words(&self, at: Timestamp) -> String {
        instant(at).to_zoned(self.rules.clone()).strftime("%-d %B %Y").to_string()
    }
}

/// What is beyond the years a calendar knows is its nearest end.
fn instant(at: Timestamp) -> jiff::Timestamp {
    let nearest = if at.0 < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
    jiff::Timestamp::from_millisecond(at.0).unwrap_or(nearest)
}

impl Day {
    /// ISO 8601 as people write it: `2026-12-25`.
    pub fn parse(text: &str) -> Result<Self, NotADay> {
        let shape = |(at, it): (usize, u8)| match at {
            4 | 7 => it == b'-',
            _ => it.is_ascii_digit(),
        };
        if text.len() != 10 || !text.bytes().enumerate().all(shape) {
            return Err(NotADay);
        }
        text.parse().map(Self).map_err(|_| NotADay)
    }

    /// The last day there is follows itself.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.tomorrow().unwrap_or(self.0))
    }

    /// So many days earlier; the first day there is when there are not as many.
    #[must_use]
    pub fn minus(self, days: u32) -> Self {
        let days = jiff::Span::new().days(i64::from(days.min(1_000_000)));
        Self(self.0.checked_sub(days).unwrap_or(civil::Date::MIN))
    }

    /// 0 is Monday, 6 is Sunday.
    pub fn weekday(self) -> usize {
        usize::from(self.0.weekday().to_monday_zero_offset().unsigned_abs())
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_that_of_the_zone() {
        let at = Timestamp::parse("2026-01-31T20:00:00Z").unwrap();
        assert_eq!(Zone::parse("UTC").unwrap().day_in_words(at), "31 January 2026");
        let jakarta = Zone::parse("Asia/Jakarta").unwrap();
        assert_eq!(jakarta.day_in_words(at), "1 February 2026");
        assert_eq!(jakarta.day_of(at).to_string(), "2026-02-01");
        assert_eq!(jakarta.minute_of(at), 180);
        assert_eq!(jakarta.instant_of(jakarta.day_of(at), 180), at);
    }

    #[test]
    fn days_follow_each_other_and_know_their_weekday() {
        let day = Day::parse("2026-12-31").unwrap();
        assert_eq!(day.next().to_string(), "2027-01-01");
        assert_eq!(day.weekday(), 3);
        assert_eq!(day.next().minus(366).to_string(), "2025-12-31");
        assert!(day.minus(u32::MAX) < day);
        for bad in ["", "2026-13-01", "2026-02-30", "20261231", "2026-12-31T00:00", "31.12.2026"] {
            assert!(Day::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn instants_beyond_the_calendar_are_its_ends() {
        let zone = Zone::parse("Europe/Berlin").unwrap();
        for at in [i64::MIN, i64::MAX] {
            let day = zone.day_of(Timestamp(at));
            zone.instant_of(day, 1440);
            zone.day_in_words(Timestamp(at));
        }
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
