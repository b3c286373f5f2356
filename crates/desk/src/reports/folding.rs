//! Counters of quarters of an hour, summed up by the days and hours of a zone.

use domain::{
    ids::{AgentId, ChannelId},
    reports::{Fact, Figures, Quarter},
    zone::{Day, Zone},
};
use storage::reports::{ANY_TAG, Key};

/// Which counters are wanted; each may be left open.
pub(super) struct Groups {
    pub channel: Option<ChannelId>,
    pub agent: Option<AgentId>,
    pub tag: Option<i64>,
}

/// Where on the calendar of the zone a quarter lies.
#[derive(Clone, Copy)]
struct Slot {
    /// How many days after the first.
    day: usize,
    weekday: usize,
    hour: usize,
}

/// Where the figures of a row of counters go.
#[derive(Clone, Copy)]
enum Place {
    Nowhere,
    /// The sums of everything that is wanted.
    Main {
        channel: usize,
        agent: usize,
    },
    Tag(usize),
    /// Both, since one tag alone is wanted.
    MainAndTag {
        channel: usize,
        agent: usize,
        tag: usize,
    },
}

pub(super) struct Folded {
    wanted: Groups,
    first: Quarter,
    slots: Vec<Slot>,
    /// Counters come row by row: the row before, and where it went.
    row: Option<(Key, Place)>,
    pub totals: Figures,
    pub days: Vec<(Day, Figures)>,
    pub channels: Vec<(ChannelId, Figures)>,
    pub agents: Vec<(Option<AgentId>, Figures)>,
    pub tags: Vec<(i64, Figures)>,
    pub hours: [[(i64, i64); 24]; 7],
}

impl Folded {
    /// From one day to another, both included.
    pub(super) fn new(zone: &Zone, from: Day, to: Day, wanted: Groups) -> Self {
        let mut days = vec![(from, Figures::default())];
        while let Some((last, _)) = days.last()
            && *last < to
        {
            let next = last.next();
            days.push((next, Figures::default()));
        }
        let first = Quarter::of(zone.instant_of(from, 0));
        // The end of all calendars is no instant. No day has more than 26 hours.
        let most = u32::try_from(days.len()).unwrap_or(u32::MAX).saturating_mul(26 * 4);
        let end = Quarter::of(zone.instant_of(to, 1440)).min(Quarter(first.0.saturating_add(most)));
        let mut slots = Vec::new();
        let mut day = 0;
        for quarter in first.0..end.0 {
            let at = Quarter(quarter).begins();
            let found = zone.day_of(at);
            while day + 1 < days.len() && days[day].0 < found {
                day += 1;
            }
            let hour = usize::from(zone.minute_of(at) / 60);
            slots.push(Slot { day, weekday: found.weekday(), hour });
        }
        Self {
            wanted,
            first,
            slots,
            row: None,
            totals: Figures::default(),
            days,
            channels: Vec::new(),
            agents: Vec::new(),
            tags: Vec::new(),
            hours: [[(0, 0); 24]; 7],
        }
    }

    /// The first and the last day of UTC that some of it falls on.
    pub(super) fn utc_days(&self) -> (u32, u32) {
        let quarters = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
        let last = self.first.0.saturating_add(quarters.saturating_sub(1));
        (self.first.utc_day(), Quarter(last).utc_day())
    }

    pub(super) fn add(&mut self, key: &Key, quarter: Quarter, fact: Fact, n: i64) {
        let slot = quarter.0.checked_sub(self.first.0).and_then(|it| self.slots.get(it as usize));
        let Some(slot) = slot.copied() else { return };
        let place = match self.row {
            Some((row, place)) if row == *key => place,
            _ => self.enter(key),
        };
        match place {
            Place::Nowhere => {}
            Place::Main { channel, agent } => self.count(slot, channel, agent, fact, n),
            Place::Tag(tag) => self.tags[tag].1.add(fact, n),
            Place::MainAndTag { channel, agent, tag } => {
                self.count(slot, channel, agent, fact, n);
                self.tags[tag].1.add(fact, n);
            }
        }
    }

    fn enter(&mut self, key: &Key) -> Place {
        let wanted = &self.wanted;
        let fits = wanted.channel.is_none_or(|it| it == key.channel)
            && wanted.agent.is_none_or(|it| Some(it) == key.agent);
        let is_main = key.tag == wanted.tag.unwrap_or(ANY_TAG);
        let is_tag = key.tag != ANY_TAG && wanted.tag.is_none_or(|it| it == key.tag);
        let place = if !fits || !(is_main || is_tag) {
            Place::Nowhere
        } else if !is_main {
            Place::Tag(place_of(&mut self.tags, key.tag))
        } else {
            let channel = place_of(&mut self.channels, key.channel);
            let agent = place_of(&mut self.agents, key.agent);
            if is_tag {
                let tag = place_of(&mut self.tags, key.tag);
                Place::MainAndTag { channel, agent, tag }
            } else {
                Place::Main { channel, agent }
            }
        };
        self.row = Some((*key, place));
        place
    }

    fn count(&mut self, slot: Slot, channel: usize, agent: usize, fact: Fact, n: i64) {
        self.totals.add(fact, n);
        self.days[slot.day].1.add(fact, n);
        self.channels[channel].1.add(fact, n);
        self.agents[agent].1.add(fact, n);
        let hour = &mut self.hours[slot.weekday][slot.hour];
        match fact {
            Fact::Received => hour.0 += n,
            Fact::Sent(_) => hour.1 += n,
            _ => {}
        }
    }
}

/// Where a group stands in the list, which it joins if it is new.
fn place_of<T: PartialEq>(groups: &mut Vec<(T, Figures)>, it: T) -> usize {
    groups.iter().position(|known| known.0 == it).unwrap_or_else(|| {
        groups.push((it, Figures::default()));
        groups.len() - 1
    })
}

#[cfg(test)]
mod tests {
    use domain::{Timestamp, ids::ChannelId};

    use super::*;

    #[test]
    fn days_are_those_of_the_zone_also_when_its_clocks_change() {
        let cases = [
            // The clocks go forward at 02:00 on the 29th: 23 hours.
            ("Europe/Berlin", "2026-03-28", "2026-03-29", "2026-03-27T23:00:00Z", 47),
            // And back at 03:00 on 25 October: 25 hours.
            ("Europe/Berlin", "2026-10-25", "2026-10-25", "2026-10-24T22:00:00Z", 25),
            ("Asia/Kathmandu", "2026-10-25", "2026-10-25", "2026-10-24T18:15:00Z", 24),
        ];
        for (zone, from, to, begins, hours) in cases {
            let zone = Zone::parse(zone).unwrap();
            let (from, to) = (Day::parse(from).unwrap(), Day::parse(to).unwrap());
            let groups = Groups { channel: None, agent: None, tag: None };
            let mut folded = Folded::new(&zone, from, to, groups);
            let key = Key { day: 0, tag: ANY_TAG, channel: ChannelId::new(), agent: None };
            let start = Timestamp::parse(begins).unwrap();
            for quarter in -1..=hours * 4 {
                let at = start.plus_seconds(quarter * 900);
                folded.add(&key, Quarter::of(at), Fact::Received, 1);
            }
            assert_eq!(folded.totals.received, hours * 4, "{} {from}", zone.name());
            let (last, figures) = folded.days.last().unwrap();
            assert_eq!(*last, to);
            let long = if folded.days.len() == 2 { 23 } else { hours };
            assert_eq!(figures.received, long * 4, "{} {from}", zone.name());
            if hours == 25 {
                assert_eq!(folded.hours[6][2], (8, 0), "the hour that comes twice");
            }
        }
    }
}
