//! Facts summed up into the numbers a report shows.

use super::{By, Fact, Histogram, Span};

/// How long something took: how often it was measured, the median and the 90th percentile.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Took {
    pub count: u64,
    /// None when nothing was measured.
    pub median_seconds: Option<u64>,
    pub p90_seconds: Option<u64>,
}

/// The sums of some group of facts: a day, a channel, an agent, a tag, or all of them.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    pub opened: i64,
    pub resolved: i64,
    pub reopened: i64,
    pub received: i64,
    pub sent_by_agents: i64,
    /// Of those: written from a draft of a model.
    pub sent_from_drafts: i64,
    pub sent_by_automation: i64,
    pub sent_by_ai: i64,
    /// How often customers gave each score, from 1 to 5.
    pub ratings: [i64; 5],
    took: [Histogram; Span::ALL.len()],
}

impl Figures {
    /// Counts a fact `n` times.
    pub fn add(&mut self, fact: Fact, n: i64) {
        let counter = match fact {
            Fact::Opened => &mut self.opened,
            Fact::Resolved => &mut self.resolved,
            Fact::Reopened => &mut self.reopened,
            Fact::Received => &mut self.received,
            Fact::Sent(By::Agent) => &mut self.sent_by_agents,
            Fact::Sent(By::AgentFromDraft) => {
                self.sent_from_drafts += n;
                &mut self.sent_by_agents
            }
            Fact::Sent(By::Automation) => &mut self.sent_by_automation,
            Fact::Sent(By::Ai) => &mut self.sent_by_ai,
            Fact::Rated(score) => &mut self.ratings[usize::from(score.clamp(1, 5)) - 1],
            Fact::Took(span, bin) => return self.took[span as usize].add(bin, n),
        };
        *counter += n;
    }

    pub fn sent(&self) -> i64 {
        self.sent_by_agents + self.sent_by_automation + self.sent_by_ai
    }

    /// How many conversations were rated, and how on average.
    pub fn rated(&self) -> (i64, Option<f64>) {
        let count: i64 = self.ratings.iter().sum();
        let sum: i64 = (1..).zip(&self.ratings).map(|(score, n)| score * n).sum();
        (count, (count > 0).then(|| sum as f64 / count as f64))
    }

    pub fn took(&self, span: Span) -> Took {
        let histogram = &self.took[span as usize];
        Took {
            count: histogram.count(),
            median_seconds: histogram.percentile(50),
            p90_seconds: histogram.percentile(90),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{super::Bin, *};

    #[test]
    fn facts_are_summed() {
        let mut it = Figures::default();
        for (fact, n) in [
            (Fact::Opened, 3),
            (Fact::Opened, -1),
            (Fact::Sent(By::Agent), 4),
            (Fact::Sent(By::Ai), 1),
            (Fact::Sent(By::AgentFromDraft), 2),
            (Fact::Rated(5), 3),
            (Fact::Rated(1), 1),
            (Fact::Took(Span::Resolution, Bin::of(Duration::from_secs(30))), 5),
        ] {
            it.add(fact, n);
        }
        assert_eq!((it.opened, it.sent(), it.sent_by_ai), (2, 7, 1));
        assert_eq!((it.sent_by_agents, it.sent_from_drafts), (6, 2));
        assert_eq!((it.ratings, it.rated()), ([1, 0, 0, 0, 3], (4, Some(4.0))));
        assert_eq!(Figures::default().rated(), (0, None));
        let took = Took { count: 5, median_seconds: Some(30), p90_seconds: Some(30) };
        assert_eq!(it.took(Span::Resolution), took);
        assert_eq!(it.took(Span::FirstResponse), Took::default());
    }
}
