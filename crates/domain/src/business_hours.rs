//! When the desk is open: the hours of each weekday in the workspace's zone, and holidays.

use std::{collections::BTreeSet, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    documents::Wrong,
    zone::{Day, Zone},
};

/// Intervals of one day; nobody needs as many.
const MOST_SPANS: usize = 8;
const MINUTES_OF_A_DAY: u16 = 1440;

/// Without a week the desk is always open, but for holidays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BusinessHours {
    pub week: Option<Week>,
    pub holidays: BTreeSet<Day>,
}

/// The open hours of Monday to Sunday. A day without any is closed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Week([Vec<Span>; 7]);

/// Minutes since midnight: open from the first until before the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Span {
    from: u16,
    to: u16,
}

/// How a week is written, in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WeekDocument {
    pub monday: Vec<SpanDocument>,
    pub tuesday: Vec<SpanDocument>,
    pub wednesday: Vec<SpanDocument>,
    pub thursday: Vec<SpanDocument>,
    pub friday: Vec<SpanDocument>,
    pub saturday: Vec<SpanDocument>,
    pub sunday: Vec<SpanDocument>,
}

/// `{"from": "09:00", "to": "17:30"}`; a day ends at `24:00`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpanDocument {
    pub from: String,
    pub to: String,
}

const WEEKDAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

impl Week {
    /// # Errors
    /// Everything that is wrong.
    pub fn parse(document: &WeekDocument) -> Result<Self, Vec<Wrong>> {
        let it = document;
        let days = [
            &it.monday,
            &it.tuesday,
            &it.wednesday,
            &it.thursday,
            &it.friday,
            &it.saturday,
            &it.sunday,
        ];
        let mut wrongs = Vec::new();
        let mut week = Self::default();
        for (at, (name, spans)) in WEEKDAYS.into_iter().zip(days).enumerate() {
            week.0[at] = parse_day(name, spans, &mut wrongs);
        }
        if wrongs.is_empty() { Ok(week) } else { Err(wrongs) }
    }

    pub fn document(&self) -> WeekDocument {
        let [monday, tuesday, wednesday, thursday, friday, saturday, sunday] =
            self.0.each_ref().map(|day| day.iter().map(Span::document).collect());
        WeekDocument { monday, tuesday, wednesday, thursday, friday, saturday, sunday }
    }
}

fn parse_day(name: &str, spans: &[SpanDocument], wrongs: &mut Vec<Wrong>) -> Vec<Span> {
    let mut wrong = |field: String, message: &str| {
        wrongs.push(Wrong { field, message: message.to_owned() });
    };
    if spans.len() > MOST_SPANS {
        wrong(name.to_owned(), &format!("at most {MOST_SPANS} intervals a day"));
        return Vec::new();
    }
    let mut parsed = Vec::new();
    for (at, it) in spans.iter().enumerate() {
        let from = minutes(&it.from).filter(|it| *it < MINUTES_OF_A_DAY);
        let to = minutes(&it.to);
        if from.is_none() {
            wrong(format!("{name}[{at}].from"), "must be a time such as 09:00");
        }
        if to.is_none() {
            wrong(format!("{name}[{at}].to"), "must be a time such as 17:30, or 24:00");
        }
        let (Some(from), Some(to)) = (from, to) else { continue };
        if from >= to {
            let message = "must be later than from; for a night, end at 24:00 and begin the next \
                           day at 00:00";
            wrong(format!("{name}[{at}].to"), message);
            continue;
        }
        parsed.push(Span { from, to });
    }
    parsed.sort_unstable();
    if parsed.windows(2).any(|it| it[0].to > it[1].from) {
        wrong(name.to_owned(), "has intervals that overlap");
    }
    parsed
}

/// `HH:MM`, up to `24:00`.
fn minutes(text: &str) -> Option<u16> {
    let (hours, rest) = text.split_once(':')?;
    let digits = |it: &str| it.len() == 2 && it.bytes().all(|it| it.is_ascii_digit());
    if !digits(hours) || !digits(rest) {
        return None;
    }
    let (hours, rest): (u16, u16) = (hours.parse().ok()?, rest.parse().ok()?);
    let all = hours * 60 + rest;
    (rest < 60 && all <= MINUTES_OF_A_DAY).then_some(all)
}

impl Span {
    const WHOLE_DAY: [Self; 1] = [Self { from: 0, to: MINUTES_OF_A_DAY }];

    fn document(&self) -> SpanDocument {
        let shown = |it: u16| format!("{:02}:{:02}", it / 60, it % 60);
        SpanDocument { from: shown(self.from), to: shown(self.to) }
    }

    /// From when until when that is on a day. Clocks that are set back lengthen it, clocks that are
    /// set forward shorten it, down to nothing.
    fn on(self, day: Day, zone: &Zone) -> (Timestamp, Timestamp) {
        (zone.instant_of(day, self.from), zone.last_instant_of(day, self.to))
    }
}

impl BusinessHours {
    fn spans(&self, day: Day) -> &[Span] {
        match &self.week {
            _ if self.holidays.contains(&day) => &[],
            Some(week) => &week.0[day.weekday()],
            None => &Span::WHOLE_DAY,
        }
    }

    pub fn is_open(&self, at: Timestamp, zone: &Zone) -> bool {
        let day = zone.day_of(at);
        let mut spans = self.spans(day).iter().map(|it| it.on(day, zone));
        spans.any(|(from, to)| from <= at && at < to)
    }

    /// When the desk opens next; none when it is open, or stays closed for a year.
    pub fn opens_at(&self, at: Timestamp, zone: &Zone) -> Option<Timestamp> {
        const DAYS: usize = 366;
        if self.is_open(at, zone) {
            return None;
        }
        let days = std::iter::successors(Some(zone.day_of(at)), |it| Some(it.next()));
        days.take(DAYS).find_map(|day| {
            let spans = self.spans(day).iter().map(|it| it.on(day, zone));
            spans.filter(|(from, to)| *from > at && from < to).map(|(from, _)| from).min()
        })
    }

    /// How long the desk was open from `a` until `b`; zero when `b` is not later. Walks the days
    /// between them.
    pub fn open_time_between(&self, a: Timestamp, b: Timestamp, zone: &Zone) -> Duration {
        if a >= b {
            return Duration::ZERO;
        }
        if self.week.is_none() && self.holidays.is_empty() {
            return millis(b.since(a));
        }
        let (mut day, last) = (zone.day_of(a), zone.day_of(b));
        let mut open = 0;
        loop {
            for (from, to) in self.spans(day).iter().map(|it| it.on(day, zone)) {
                open += to.min(b).since(from.max(a)).max(0);
            }
            if day >= last {
                return millis(open);
            }
            day = day.next();
        }
    }
}

fn millis(it: i64) -> Duration {
    Duration::from_millis(u64::try_from(it).unwrap_or(0))
}

#[cfg(test)]
mod tests;
