//! An instant, as it is stored and compared.

use time::{
    OffsetDateTime,
    format_description::{BorrowedFormatItem, well_known::Rfc3339},
    macros::format_description,
};

const MILLIS: &[BorrowedFormatItem<'static>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// Milliseconds since 1970-01-01 UTC. Made at the edge by the one clock and passed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

#[derive(Debug, thiserror::Error)]
#[error("not a time such as 2026-01-31T09:30:00Z")]
pub struct NotATime;

impl Timestamp {
    /// Years 0 to 9999, all that RFC 3339 can write.
    const RANGE: std::ops::RangeInclusive<i64> = -62_167_219_200_000..=253_402_300_799_999;

    pub fn plus_seconds(self, seconds: i64) -> Self {
        self.plus_millis(seconds.saturating_mul(1000))
    }

    pub fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` until this instant; negative when it is the earlier one.
    pub fn since(self, earlier: Timestamp) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// RFC 3339 with any offset, e.g. `2026-01-31T09:30:00+07:00`.
    pub fn parse(text: &str) -> Result<Self, NotATime> {
        let time = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| NotATime)?;
        i64::try_from(time.unix_timestamp_nanos() / 1_000_000).map(Self).map_err(|_| NotATime)
    }

    pub fn to_offset_date_time(self) -> OffsetDateTime {
        let millis = self.0.clamp(*Self::RANGE.start(), *Self::RANGE.end());
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000)
            .expect("a clamped instant is within the years 0 to 9999")
    }
}

/// RFC 3339 UTC with milliseconds: `2026-01-31T09:30:00.000Z`.
impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = self.to_offset_date_time().format(MILLIS).map_err(|_| std::fmt::Error)?;
        f.write_str(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_utc_with_milliseconds_and_reads_any_offset() {
        let it = Timestamp::parse("2026-01-31T16:30:00.25+07:00").unwrap();
        assert_eq!(it.to_string(), "2026-01-31T09:30:00.250Z");
        assert_eq!(Timestamp::parse(&it.to_string()).unwrap(), it);
        assert_eq!(Timestamp(0).to_string(), "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn out_of_range_instants_print_the_nearest_possible() {
        assert_eq!(Timestamp(i64::MAX).to_string(), "9999-12-31T23:59:59.999Z");
        assert!(Timestamp::parse("yesterday").is_err());
    }
}
