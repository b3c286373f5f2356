//! What the team got done, by day, channel, agent and tag: read from sums that are kept.

mod folding;

use domain::{
    Timestamp,
    ids::{AgentId, ChannelId},
    policy::{self, Action, Caller, Object},
    reports::Figures,
    tags::TagName,
    workspace::Workspace,
    zone::{Day, Zone},
};
use storage::{Reader, agents, channels, reports, tags, workspace};

use self::folding::{Folded, Groups};
use crate::{Desk, DeskError, Problems, Result};

/// Without any other wish.
const USUAL_DAYS: u32 = 30;
/// A year; more takes longer to sum up than anybody waits.
pub const MOST_DAYS: u32 = 366;
const DAY_MILLIS: i64 = 86_400_000;
/// What no tag's key is.
const NO_TAG: i64 = -1;

/// What is asked for. Days are those of the workspace's zone, the last one included.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    pub days: Option<u32>,
    pub from: Option<Day>,
    pub to: Option<Day>,
    pub channel: Option<ChannelId>,
    pub agent: Option<AgentId>,
    pub tag: Option<String>,
}

/// Names are none for what is not there any more.
#[derive(Debug)]
pub struct Report {
    pub from: Day,
    pub to: Day,
    pub time_zone: String,
    /// Whether older conversations have all been counted.
    pub complete: bool,
    pub totals: Figures,
    pub days: Vec<(Day, Figures)>,
    pub channels: Vec<(ChannelId, Option<String>, Figures)>,
    /// Without an agent: what nobody had or did, e.g. what rules sent.
    pub agents: Vec<(Option<AgentId>, Option<String>, Figures)>,
    pub tags: Vec<(String, Figures)>,
    /// For each weekday, Monday first, and hour of the day: messages received and sent.
    pub hours: [[(i64, i64); 24]; 7],
    pub backlog: Vec<(&'static str, u64)>,
}

impl Report {
    /// How many were resolved by nobody: a rule, or a program.
    pub fn resolved_by_automation(&self) -> i64 {
        let nobody = self.agents.iter().find(|it| it.0.is_none());
        nobody.map_or(0, |it| it.2.resolved)
    }
}

/// # Errors
/// `Invalid` for days that make no sense.
#[tracing::instrument(skip_all)]
pub async fn report(desk: &Desk, caller: Caller, asked: Asked) -> Result<Report> {
    policy::authorize(&caller, Action::ReadReports, Object::Any)?;
    let now = desk.clock.now();
    desk.store.read(move |db| read(db, &asked, now)).await
}

fn read(db: &Reader<'_>, asked: &Asked, now: Timestamp) -> Result<Report> {
    let zone = workspace::find(db)?.as_ref().map_or_else(Zone::utc, Workspace::zone);
    let (from, to) = range(asked, zone.day_of(now))?;
    let tag = match &asked.tag {
        Some(name) => {
            let name = TagName::parse(name).map_err(|it| DeskError::invalid("tag", it))?;
            Some(tags::key(db, &name)?.unwrap_or(NO_TAG))
        }
        None => None,
    };
    let wanted = Groups { channel: asked.channel, agent: asked.agent, tag };
    let mut folded = Folded::new(&zone, from, to, wanted);
    let (first, last) = folded.utc_days();
    reports::each(db, first, last, |key, quarter, fact, n| folded.add(key, quarter, fact, n))?;
    named(db, folded, asked, tag, now, (from, to, &zone))
}

fn named(
    db: &Reader<'_>,
    folded: Folded,
    asked: &Asked,
    tag: Option<i64>,
    now: Timestamp,
    (from, to, zone): (Day, Day, &Zone),
) -> Result<Report> {
    let mut of_channels = Vec::new();
    for (id, figures) in folded.channels {
        of_channels.push((id, channels::find(db, id)?.map(|it| it.name), figures));
    }
    of_channels.sort_by(|a, b| (&a.1, a.0).cmp(&(&b.1, b.0)));
    let mut of_agents = Vec::new();
    for (id, figures) in folded.agents {
        let name = id.map(|id| agents::find(db, id)).transpose()?.flatten().map(|it| it.name);
        of_agents.push((id, name, figures));
    }
    // Nobody comes last.
    of_agents.sort_by(|a, b| (a.0.is_none(), &a.1, a.0).cmp(&(b.0.is_none(), &b.1, b.0)));
    let mut names = tags::names(db)?;
    let tagged = folded.tags.into_iter();
    let mut of_tags: Vec<(String, Figures)> =
        tagged.filter_map(|(key, figures)| Some((names.remove(&key)?, figures))).collect();
    of_tags.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(Report {
        from,
        to,
        time_zone: zone.name().to_owned(),
        complete: reports::uncounted(db)? == 0,
        totals: folded.totals,
        days: folded.days,
        channels: of_channels,
        agents: of_agents,
        tags: of_tags,
        hours: folded.hours,
        backlog: backlog(db, asked, tag, now)?,
    })
}

fn range(asked: &Asked, today: Day) -> Result<(Day, Day)> {
    let mut problems = Problems::default();
    let days = asked.days.unwrap_or(USUAL_DAYS);
    if !(1..=MOST_DAYS).contains(&days) {
        problems.add("days", format!("must be from 1 to {MOST_DAYS}"));
    }
    if asked.from.is_some() && asked.days.is_some() {
        problems.add("days", "goes with to alone: leave out days or from");
    }
    let to = asked.to.unwrap_or(today);
    let from = asked.from.unwrap_or_else(|| to.minus(days.saturating_sub(1)));
    if from > to {
        problems.add("from", "must not be later than to");
    }
    if from < to.minus(MOST_DAYS - 1) {
        problems.add("from", format!("at most {MOST_DAYS} days at once"));
    }
    problems.finish()?;
    Ok((from, to))
}

/// How old what is not resolved is at present, in days: from, until before, and what that is called.
const AGES: [(i64, i64, &str); 5] = [
    (0, 1, "under_1_day"),
    (1, 3, "1_to_3_days"),
    (3, 7, "3_to_7_days"),
    (7, 30, "7_to_30_days"),
    (30, i64::MAX / DAY_MILLIS, "over_30_days"),
];

fn backlog(
    db: &Reader<'_>,
    asked: &Asked,
    tag: Option<i64>,
    now: Timestamp,
) -> Result<Vec<(&'static str, u64)>> {
    let of = reports::Backlog { channel: asked.channel, assignee: asked.agent, tag };
    let ages = AGES.iter().map(|(from, until, name)| {
        let newest = if *from == 0 { i64::MIN } else { from * DAY_MILLIS };
        let until_at = Timestamp(now.0.saturating_sub(newest));
        let from_at = now.plus_millis(-until.saturating_mul(DAY_MILLIS));
        // Opened exactly so long ago is the older one.
        let (from_at, until_at) = (from_at.plus_millis(1), until_at.plus_millis(1));
        Ok((*name, reports::backlog(db, &of, from_at, until_at)?))
    });
    ages.collect()
}

#[cfg(test)]
mod tests;
