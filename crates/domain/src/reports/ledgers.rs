//! What one conversation adds to the figures, as its facts happen.

use std::collections::BTreeMap;

use super::{Bin, By, Fact, Quarter, Span};
use crate::{Timestamp, business_hours::BusinessHours, ids::AgentId, zone::Zone};

/// Something that happened to a conversation, in the order it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Happening {
    pub at: Timestamp,
    /// Whose figures it belongs to: the agent who did it or, of what customers do, the assignee.
    pub agent: Option<AgentId>,
    pub what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Opened,
    /// A program's message (`asks` is false) waits for no answer.
    Received {
        asks: bool,
    },
    Sent(By),
    Resolved,
    Reopened,
    /// By the customer, 1 to 5.
    Rated(u8),
}

/// What is counted once, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    pub quarter: Quarter,
    pub fact: Fact,
    pub agent: Option<AgentId>,
}

/// By which business hours are measured.
#[derive(Debug, Clone)]
pub struct Calendar {
    pub hours: BusinessHours,
    pub zone: Zone,
}

impl Default for Calendar {
    fn default() -> Self {
        Self { hours: BusinessHours::default(), zone: Zone::utc() }
    }
}

/// All that a conversation has added, and what the next fact is measured from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ledger {
    pub entries: BTreeMap<Entry, u32>,
    /// The first message of a customer that nothing sent has answered yet.
    pub waiting_since: Option<Timestamp>,
    /// There was a first answer.
    pub answered: bool,
    /// When it was opened, or reopened, if it is not resolved.
    pub unresolved_since: Option<Timestamp>,
    /// When the newest fact happened.
    pub latest_at: Option<Timestamp>,
}

impl Ledger {
    pub fn add(&mut self, it: Happening, calendar: &Calendar) {
        self.latest_at = Some(self.latest_at.map_or(it.at, |latest| latest.max(it.at)));
        match it.what {
            What::Opened => {
                self.unresolved_since = Some(it.at);
                self.count(it, Fact::Opened);
            }
            What::Received { asks } => {
                if asks {
                    self.waiting_since.get_or_insert(it.at);
                }
                self.count(it, Fact::Received);
            }
            What::Sent(by) => {
                self.count(it, Fact::Sent(by));
                // An automatic receipt answers nothing.
                if by != By::Automation
                    && let Some(since) = self.waiting_since.take()
                    && !self.answered
                {
                    self.answered = true;
                    let spans = [Span::FirstResponse, Span::FirstResponseOpen];
                    self.measure(it, spans, since, calendar);
                }
            }
            What::Resolved => {
                self.waiting_since = None;
                self.count(it, Fact::Resolved);
                if let Some(since) = self.unresolved_since.take() {
                    self.measure(it, [Span::Resolution, Span::ResolutionOpen], since, calendar);
                }
            }
            What::Reopened => {
                self.unresolved_since = Some(it.at);
                self.count(it, Fact::Reopened);
            }
            What::Rated(score) => self.count(it, Fact::Rated(score)),
        }
    }

    /// A rating that was given at `at` is another one now.
    pub fn take_back_rating(&mut self, at: Timestamp, agent: Option<AgentId>, score: u8) {
        let entry = Entry { quarter: Quarter::of(at), fact: Fact::Rated(score), agent };
        if let Some(n) = self.entries.get_mut(&entry) {
            *n = n.saturating_sub(1);
            if *n == 0 {
                self.entries.remove(&entry);
            }
        }
    }

    fn measure(&mut self, it: Happening, spans: [Span; 2], since: Timestamp, calendar: &Calendar) {
        let clock = u64::try_from(it.at.since(since)).unwrap_or(0);
        let clock = std::time::Duration::from_millis(clock);
        let open = calendar.hours.open_time_between(since, it.at, &calendar.zone);
        for (span, took) in spans.into_iter().zip([clock, open]) {
            self.count(it, Fact::Took(span, Bin::of(took)));
        }
    }

    fn count(&mut self, it: Happening, fact: Fact) {
        let entry = Entry { quarter: Quarter::of(it.at), fact, agent: it.agent };
        *self.entries.entry(entry).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::business_hours::{Week, WeekDocument};

    fn office() -> Calendar {
        let day = serde_json::json!([{"from": "09:00", "to": "17:00"}]);
        let document: WeekDocument =
            serde_json::from_value(serde_json::json!({"monday": day, "tuesday": day})).unwrap();
        let hours = BusinessHours {
            week: Some(Week::parse(&document).unwrap()),
            ..BusinessHours::default()
        };
        Calendar { hours, zone: Zone::utc() }
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(&format!("2026-03-{text}:00Z")).unwrap()
    }

    fn took(ledger: &Ledger) -> Vec<(Span, u64)> {
        let spans = ledger.entries.keys().filter_map(|it| match it.fact {
            Fact::Took(span, bin) => Some((span, bin.seconds())),
            _ => None,
        });
        spans.collect()
    }

    #[test]
    fn times_are_measured_by_the_clock_and_in_business_hours() {
        let ann = AgentId::new();
        let mut ledger = Ledger::default();
        let mut add = |time, agent, what| {
            ledger.add(Happening { at: at(time), agent, what }, &office());
        };
        // Monday, half an hour before the desk closes.
        add("02T16:30", None, What::Opened);
        add("02T16:30", None, What::Received { asks: true });
        add("02T16:31", None, What::Sent(By::Automation));
        add("03T09:30", Some(ann), What::Sent(By::Agent));
        add("03T10:00", None, What::Received { asks: true });
        add("03T10:10", Some(ann), What::Sent(By::Agent));
        let near = |got: u64, want: u64| got.abs_diff(want) * 100 <= want * 3;
        let got = took(&ledger);
        assert_eq!(got.len(), 2, "only the first answer is measured: {got:?}");
        assert!(near(got[0].1, 17 * 3600) && got[0].0 == Span::FirstResponse, "{got:?}");
        assert!(near(got[1].1, 3600) && got[1].0 == Span::FirstResponseOpen, "{got:?}");
        assert_eq!(ledger.entries.len(), 8);
    }

    #[test]
    fn a_rating_that_is_changed_counts_once() {
        let mut ledger = Ledger::default();
        let now = at("02T10:00");
        let rated = |score| Happening { at: now, agent: None, what: What::Rated(score) };
        ledger.add(rated(2), &Calendar::default());
        ledger.take_back_rating(now, None, 2);
        ledger.add(rated(5), &Calendar::default());
        ledger.take_back_rating(now, None, 3);
        let facts: Vec<_> = ledger.entries.iter().map(|(it, n)| (it.fact, *n)).collect();
        assert_eq!(facts, [(Fact::Rated(5), 1)]);
    }

    #[test]
    fn a_reopened_conversation_is_measured_anew() {
        let mut ledger = Ledger::default();
        let mut add = |time, what| {
            ledger.add(Happening { at: at(time), agent: None, what }, &Calendar::default());
        };
        add("02T10:00", What::Opened);
        add("02T11:00", What::Resolved);
        add("05T11:00", What::Reopened);
        add("05T13:00", What::Resolved);
        add("05T13:01", What::Resolved);
        let hours: Vec<_> = took(&ledger).iter().map(|it| (it.1 + 60) / 3600).collect();
        assert_eq!(hours, [1, 1, 2, 2], "by the clock and open");
    }
}
