//! What figures are made of: facts counted by the quarter of an hour they fell in.
//!
//! Every time zone in use is a multiple of 15 minutes away from UTC, so days, weekdays and hours of
//! any of them are sums of quarters.

mod durations;
mod figures;
mod ledgers;

pub use durations::{Bin, Histogram};
pub use figures::{Figures, Took};
pub use ledgers::{Calendar, Entry, Happening, Ledger, What};

use crate::Timestamp;

/// A quarter of an hour, counted from 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quarter(pub u32);

impl Quarter {
    pub const IN_A_DAY: u32 = 96;
    const MILLIS: i64 = 900_000;

    /// The one an instant falls in; the first one for what was before 1970.
    pub fn of(at: Timestamp) -> Self {
        Self(u32::try_from(at.0.div_euclid(Self::MILLIS).max(0)).unwrap_or(u32::MAX))
    }

    pub fn on(utc_day: u32, of_day: u32) -> Self {
        Self(utc_day.saturating_mul(Self::IN_A_DAY).saturating_add(of_day))
    }

    /// 0 to 95.
    pub fn of_day(self) -> u32 {
        self.0 % Self::IN_A_DAY
    }

    pub fn begins(self) -> Timestamp {
        Timestamp(i64::from(self.0) * Self::MILLIS)
    }

    /// Days of UTC since 1970-01-01.
    pub fn utc_day(self) -> u32 {
        self.0 / Self::IN_A_DAY
    }
}

/// Something that happened to a conversation and is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fact {
    Opened,
    Resolved,
    /// It was resolved and is not any more.
    Reopened,
    Received,
    Sent(By),
    /// A customer said how a conversation went, 1 to 5.
    Rated(u8),
    /// How long something took, once by the clock and once in business hours.
    Took(Span, Bin),
}

/// Who wrote what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum By {
    Agent,
    /// An agent, from a draft of a model.
    AgentFromDraft,
    Automation,
    Ai,
}

/// A duration that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Span {
    /// From the customer's first message until an agent's first answer left.
    FirstResponse,
    /// The same, while the desk was open.
    FirstResponseOpen,
    /// From the opening, or the last reopening, until it was resolved.
    Resolution,
    /// The same, while the desk was open.
    ResolutionOpen,
}

impl Span {
    pub const ALL: [Self; 4] =
        [Self::FirstResponse, Self::FirstResponseOpen, Self::Resolution, Self::ResolutionOpen];
}

/// The code of the first duration; codes below are counters.
const DURATIONS: u16 = 16;

impl Fact {
    /// More than any code.
    pub const CODES: u16 = 4096;

    /// The stored form. Renumbering needs a migration.
    pub fn code(self) -> u16 {
        match self {
            Self::Opened => 0,
            Self::Resolved => 1,
            Self::Reopened => 2,
            Self::Received => 3,
            Self::Sent(By::Agent) => 4,
            Self::Sent(By::Automation) => 5,
            Self::Sent(By::Ai) => 6,
            Self::Sent(By::AgentFromDraft) => 7,
            Self::Rated(score) => 7 + u16::from(score.clamp(1, 5)),
            Self::Took(span, bin) => DURATIONS + span as u16 * Bin::COUNT + bin.index(),
        }
    }

    pub fn from_code(code: u16) -> Option<Self> {
        let Some(duration) = code.checked_sub(DURATIONS) else {
            return Some(match code {
                0 => Self::Opened,
                1 => Self::Resolved,
                2 => Self::Reopened,
                3 => Self::Received,
                4 => Self::Sent(By::Agent),
                5 => Self::Sent(By::Automation),
                6 => Self::Sent(By::Ai),
                7 => Self::Sent(By::AgentFromDraft),
                8 => Self::Rated(1),
                9 => Self::Rated(2),
                10 => Self::Rated(3),
                11 => Self::Rated(4),
                12 => Self::Rated(5),
                _ => return None,
            });
        };
        let span = *Span::ALL.get(usize::from(duration / Bin::COUNT))?;
        Some(Self::Took(span, Bin::at(duration % Bin::COUNT)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fact_has_a_code_of_its_own() {
        let mut known = 0;
        for code in 0..Fact::CODES {
            if let Some(fact) = Fact::from_code(code) {
                assert_eq!(fact.code(), code);
                known += 1;
            }
        }
        assert_eq!(known, 13 + 4 * Bin::COUNT);
        let last = Fact::Took(Span::ResolutionOpen, Bin::of(std::time::Duration::MAX));
        assert!(last.code() < Fact::CODES);
    }

    #[test]
    fn quarters_begin_where_they_say() {
        let at = Timestamp::parse("2026-03-29T01:14:59.999Z").unwrap();
        let quarter = Quarter::of(at);
        assert_eq!(quarter.begins().to_string(), "2026-03-29T01:00:00.000Z");
        assert_eq!(Quarter::of(quarter.begins()), quarter);
        assert_eq!(quarter.utc_day(), 20_541);
        assert_eq!(Quarter::of(Timestamp(-1)), Quarter(0));
    }
}
