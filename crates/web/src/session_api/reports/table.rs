//! The figures as one table, a row for each group.

use super::views::{FiguresView, ReportView};

const COLUMNS: [&str; 29] = [
    "group",
    "id",
    "name",
    "opened",
    "resolved",
    "reopened",
    "messages_in",
    "messages_out",
    "sent_by_agents",
    "sent_from_ai_drafts",
    "sent_by_automation",
    "sent_by_ai",
    "first_response_count",
    "first_response_median_seconds",
    "first_response_p90_seconds",
    "first_response_business_median_seconds",
    "first_response_business_p90_seconds",
    "resolution_count",
    "resolution_median_seconds",
    "resolution_p90_seconds",
    "resolution_business_median_seconds",
    "resolution_business_p90_seconds",
    "ratings_count",
    "ratings_average",
    "rated_1",
    "rated_2",
    "rated_3",
    "rated_4",
    "rated_5",
];

pub(super) fn table(it: &ReportView) -> Vec<Vec<String>> {
    let mut table = Table::default();
    table.row(COLUMNS.map(str::to_owned));
    table.figures("total", "", "", &it.totals);
    for day in &it.by_day {
        table.figures("day", &day.date, "", &day.figures);
    }
    for channel in &it.by_channel {
        let name = channel.name.as_deref().unwrap_or_default();
        table.figures("channel", &channel.channel_id.to_string(), name, &channel.figures);
    }
    for agent in &it.by_agent {
        let id = agent.agent_id.map(|it| it.to_string()).unwrap_or_default();
        table.figures("agent", &id, agent.name.as_deref().unwrap_or_default(), &agent.figures);
    }
    for tag in &it.by_tag {
        table.figures("tag", "", &tag.tag, &tag.figures);
    }
    for hour in &it.busiest_hours {
        let mut row = blank(["hour", &hour.hour.to_string(), hour.weekday]);
        row[6] = hour.messages_in.to_string();
        row[7] = hour.messages_out.to_string();
        table.row(row);
    }
    for age in &it.backlog.by_age {
        let mut row = blank(["backlog", age.age, ""]);
        row[3] = age.conversations.to_string();
        table.row(row);
    }
    table.0
}

fn blank(first: [&str; 3]) -> [String; COLUMNS.len()] {
    let mut row = [const { String::new() }; COLUMNS.len()];
    for (cell, text) in row.iter_mut().zip(first) {
        *cell = text.to_owned();
    }
    row
}

#[derive(Default)]
struct Table(Vec<Vec<String>>);

impl Table {
    fn figures(&mut self, group: &str, id: &str, name: &str, it: &FiguresView) {
        let number = |it: Option<u64>| it.map(|it| it.to_string()).unwrap_or_default();
        let counters = [
            it.opened,
            it.resolved,
            it.reopened,
            it.messages_in,
            it.messages_out,
            it.sent_by_agents,
            it.sent_from_ai_drafts,
            it.sent_by_automation,
            it.sent_by_ai,
        ];
        let times = [&it.first_response, &it.resolution].into_iter().flat_map(|it| {
            [
                it.count.to_string(),
                number(it.median_seconds),
                number(it.p90_seconds),
                number(it.business_median_seconds),
                number(it.business_p90_seconds),
            ]
        });
        let ratings = &it.ratings;
        let average = ratings.average.map(|it| format!("{it:.2}")).unwrap_or_default();
        let scores = ratings.by_score.iter().map(i64::to_string);
        let rated = [ratings.count.to_string(), average].into_iter().chain(scores);
        let named = [group, id, name].map(str::to_owned).into_iter();
        self.row(named.chain(counters.map(|it| it.to_string())).chain(times).chain(rated));
    }

    fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.0.push(cells.into_iter().collect());
    }
}
