//! How figures are shown.

use desk::reports::Report;
use domain::{
    ids::{AgentId, ChannelId},
    reports::{Figures, Span},
};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Analytics)]
pub(super) struct ReportView {
    /// The first day.
    #[schema(format = Date)]
    pub from: String,
    /// The last day.
    #[schema(format = Date)]
    pub to: String,
    pub time_zone: String,
    /// False while conversations from before an upgrade are still being counted.
    pub complete: bool,
    pub totals: FiguresView,
    pub shares: SharesView,
    pub by_day: Vec<DayView>,
    pub by_channel: Vec<ChannelView>,
    pub by_agent: Vec<AgentView>,
    pub by_tag: Vec<TagView>,
    /// Hours with messages, the busiest first.
    pub busiest_hours: Vec<HourView>,
    pub backlog: BacklogView,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AnalyticsFigures)]
pub(super) struct FiguresView {
    pub opened: i64,
    pub resolved: i64,
    pub reopened: i64,
    pub messages_in: i64,
    pub messages_out: i64,
    /// Of `messages_out`.
    pub sent_by_agents: i64,
    /// Of `sent_by_agents`: written from a draft of the AI.
    pub sent_from_ai_drafts: i64,
    pub sent_by_automation: i64,
    pub sent_by_ai: i64,
    pub first_response: TookView,
    pub resolution: TookView,
    pub ratings: RatingsView,
}

/// What customers said of how it went, by the day they said it and the agent who had the conversation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AnalyticsRatings)]
pub(super) struct RatingsView {
    pub count: i64,
    /// From 1 to 5; null without any.
    pub average: Option<f64>,
    /// How often each score was given, from 1 to 5.
    pub by_score: [i64; 5],
}

/// How long something took. Null without anything that was measured.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AnalyticsTimes)]
pub(super) struct TookView {
    pub count: u64,
    pub median_seconds: Option<u64>,
    pub p90_seconds: Option<u64>,
    /// The same, while the desk was open.
    pub business_median_seconds: Option<u64>,
    pub business_p90_seconds: Option<u64>,
}

/// From 0 to 1; null of nothing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AnalyticsShares)]
pub(super) struct SharesView {
    pub sent_by_automation: Option<f64>,
    pub sent_by_ai: Option<f64>,
    pub sent_from_ai_drafts: Option<f64>,
    pub resolved_by_automation: Option<f64>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AnalyticsDay)]
pub(super) struct DayView {
    #[schema(format = Date)]
    pub date: String,
    #[serde(flatten)]
    pub figures: FiguresView,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AnalyticsChannel)]
pub(super) struct ChannelView {
    #[schema(value_type = Uuid)]
    pub channel_id: ChannelId,
    pub name: Option<String>,
    #[serde(flatten)]
    pub figures: FiguresView,
}

/// Null for what no agent had or did.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AnalyticsAgent)]
pub(super) struct AgentView {
    #[schema(value_type = Option<Uuid>)]
    pub agent_id: Option<AgentId>,
    pub name: Option<String>,
    #[serde(flatten)]
    pub figures: FiguresView,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AnalyticsTag)]
pub(super) struct TagView {
    pub tag: String,
    #[serde(flatten)]
    pub figures: FiguresView,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AnalyticsHour)]
pub(super) struct HourView {
    pub weekday: &'static str,
    /// 0 to 23, by the clock of the time zone.
    pub hour: usize,
    pub messages_in: i64,
    pub messages_out: i64,
}

/// What is not resolved at present.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AnalyticsBacklog)]
pub(super) struct BacklogView {
    pub total: u64,
    pub by_age: Vec<AgeView>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AnalyticsAge)]
pub(super) struct AgeView {
    pub age: &'static str,
    pub conversations: u64,
}

const WEEKDAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

impl From<Report> for ReportView {
    fn from(it: Report) -> Self {
        let share = |part: i64, of: i64| (of > 0).then(|| part as f64 / of as f64);
        let shares = SharesView {
            sent_by_automation: share(it.totals.sent_by_automation, it.totals.sent()),
            sent_by_ai: share(it.totals.sent_by_ai, it.totals.sent()),
            sent_from_ai_drafts: share(it.totals.sent_from_drafts, it.totals.sent()),
            resolved_by_automation: share(it.resolved_by_automation(), it.totals.resolved),
        };
        let day = |(date, figures): &(domain::zone::Day, Figures)| DayView {
            date: date.to_string(),
            figures: figures.into(),
        };
        let by_age: Vec<_> =
            it.backlog.iter().map(|(age, n)| AgeView { age, conversations: *n }).collect();
        Self {
            from: it.from.to_string(),
            to: it.to.to_string(),
            shares,
            complete: it.complete,
            totals: (&it.totals).into(),
            by_day: it.days.iter().map(day).collect(),
            busiest_hours: busiest(&it.hours),
            backlog: BacklogView { total: it.backlog.iter().map(|it| it.1).sum(), by_age },
            time_zone: it.time_zone,
            by_channel: it
                .channels
                .into_iter()
                .map(|(id, name, figures)| ChannelView {
                    channel_id: id,
                    name,
                    figures: (&figures).into(),
                })
                .collect(),
            by_agent: it
                .agents
                .into_iter()
                .map(|(id, name, figures)| AgentView {
                    agent_id: id,
                    name,
                    figures: (&figures).into(),
                })
                .collect(),
            by_tag: it
                .tags
                .into_iter()
                .map(|(tag, figures)| TagView { tag, figures: (&figures).into() })
                .collect(),
        }
    }
}

fn busiest(hours: &[[(i64, i64); 24]; 7]) -> Vec<HourView> {
    let mut shown = Vec::new();
    for (weekday, hours) in WEEKDAYS.into_iter().zip(hours) {
        for (hour, &(messages_in, messages_out)) in hours.iter().enumerate() {
            if messages_in > 0 || messages_out > 0 {
                shown.push(HourView { weekday, hour, messages_in, messages_out });
            }
        }
    }
    shown.sort_by_key(|it| std::cmp::Reverse((it.messages_in, it.messages_out)));
    shown
}

impl From<&Figures> for FiguresView {
    fn from(it: &Figures) -> Self {
        let took = |clock, open| {
            let (clock, open) = (it.took(clock), it.took(open));
            TookView {
                count: clock.count,
                median_seconds: clock.median_seconds,
                p90_seconds: clock.p90_seconds,
                business_median_seconds: open.median_seconds,
                business_p90_seconds: open.p90_seconds,
            }
        };
        let (count, average) = it.rated();
        Self {
            opened: it.opened,
            resolved: it.resolved,
            reopened: it.reopened,
            messages_in: it.received,
            messages_out: it.sent(),
            sent_by_agents: it.sent_by_agents,
            sent_from_ai_drafts: it.sent_from_drafts,
            sent_by_automation: it.sent_by_automation,
            sent_by_ai: it.sent_by_ai,
            first_response: took(Span::FirstResponse, Span::FirstResponseOpen),
            resolution: took(Span::Resolution, Span::ResolutionOpen),
            ratings: RatingsView { count, average, by_score: it.ratings },
        }
    }
}
