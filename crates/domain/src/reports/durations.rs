//! Durations in bins that grow with them, so that any number of them takes little room.

use std::time::Duration;

/// Bins of one doubling: each is at most 1/32 of what it holds wide.
const STEPS: u32 = 32;
/// Longer durations (34 years) count as this long. A power of two, in seconds.
const LONGEST_BITS: u32 = 30;

/// Where a duration is counted. Up to a minute bins are a second wide; the middle of a bin is within
/// 1.6 % (or half a second) of everything in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bin(u16);

impl Bin {
    pub const COUNT: u16 = (STEPS * (LONGEST_BITS - STEPS.ilog2() + 1)) as u16;

    pub fn of(it: Duration) -> Self {
        let seconds = it.as_secs().min((1 << LONGEST_BITS) - 1) as u32;
        if seconds < STEPS {
            return Self(seconds as u16);
        }
        let doubling = seconds.ilog2() - STEPS.ilog2();
        let step = (seconds >> doubling) - STEPS;
        Self((STEPS * (doubling + 1) + step) as u16)
    }

    pub fn at(index: u16) -> Option<Self> {
        (index < Self::COUNT).then_some(Self(index))
    }

    pub fn index(self) -> u16 {
        self.0
    }

    /// The middle of the bin in whole seconds.
    pub fn seconds(self) -> u64 {
        let index = u64::from(self.0);
        let steps = u64::from(STEPS);
        if index < steps {
            return index;
        }
        let doubling = index / steps - 1;
        let from = (index % steps + steps) << doubling;
        from + ((1 << doubling) - 1) / 2
    }
}

/// How many durations fell into each bin.
#[derive(Debug, Clone, Default)]
pub struct Histogram {
    /// As many as the longest duration needs: a report holds one of these for every tag.
    bins: Vec<i32>,
}

impl Histogram {
    /// Counts `n` durations; a negative number takes them back.
    pub fn add(&mut self, bin: Bin, n: i64) {
        let at = usize::from(bin.0);
        if self.bins.len() <= at {
            self.bins.resize(at + 1, 0);
        }
        let n = i32::try_from(n).unwrap_or(if n < 0 { i32::MIN } else { i32::MAX });
        self.bins[at] = self.bins[at].saturating_add(n);
    }

    pub fn count(&self) -> u64 {
        self.bins.iter().map(|it| u64::try_from(*it).unwrap_or(0)).sum()
    }

    /// The shortest duration, in seconds, that at least `percent` of all do not exceed. None
    /// without any.
    pub fn percentile(&self, percent: u64) -> Option<u64> {
        let rank = (self.count() * percent).div_ceil(100).max(1);
        let mut seen = 0;
        for (index, n) in (0..).zip(&self.bins) {
            seen += u64::try_from(*n).unwrap_or(0);
            if seen >= rank {
                return Some(Bin(index).seconds());
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bin(seconds: u64) -> Bin {
        Bin::of(Duration::from_secs(seconds))
    }

    #[test]
    fn a_bin_is_within_three_percent_of_what_it_holds_and_they_are_in_order() {
        let mut before = bin(0);
        let mut seconds: u64 = 0;
        while seconds < 1 << LONGEST_BITS {
            let it = bin(seconds);
            assert!(it >= before, "{seconds}");
            let error = it.seconds().abs_diff(seconds) as f64 / seconds.max(1) as f64;
            assert!(error <= 0.016 || seconds < 64, "{seconds}: {error}");
            assert_eq!(Bin::at(it.index()), Some(it));
            before = it;
            seconds += 1 + seconds / 257;
        }
        assert_eq!(bin(59).seconds(), 59);
        assert_eq!(bin(u64::MAX), bin((1 << LONGEST_BITS) - 1));
        assert_eq!(bin(u64::MAX).index(), Bin::COUNT - 1);
        assert_eq!(Bin::at(Bin::COUNT), None);
    }

    #[test]
    fn percentiles_are_those_of_the_durations() {
        let mut it = Histogram::default();
        assert_eq!((it.count(), it.percentile(50)), (0, None));
        for seconds in 1..=10 {
            it.add(bin(seconds), 1);
        }
        assert_eq!((it.count(), it.percentile(50), it.percentile(90)), (10, Some(5), Some(9)));
        it.add(bin(1), -1);
        assert_eq!((it.count(), it.percentile(0), it.percentile(100)), (9, Some(2), Some(10)));
    }
}
