//! Analytics: what the team got done.

mod table;
mod views;

use actix_web::{HttpRequest, HttpResponse, web::Data};
use desk::{
    Desk,
    reports::{self, Asked},
};
use domain::{
    ids::{AgentId, ChannelId},
    policy::Action,
    zone::Day,
};
use serde::Deserialize;
use utoipa::IntoParams;

use self::views::ReportView;
use crate::{
    csv,
    error::{ApiError, Result},
    query::Query,
    routes::Routes,
    session::SignedIn,
};

pub(crate) fn routes(routes: &mut Routes) {
    routes
        .get("/api/analytics", Action::ReadReports, read)
        .about("Read what the team got done, as JSON or, for Accept: text/csv, as CSV")
        .answers::<ReportView>(200)
        .answers_with(csv::TYPE);
}

/// Days are those of the workspace's time zone.
#[derive(Deserialize, IntoParams)]
struct Wanted {
    /// How many days up to `to`, 1 to 366; 30 if it is left out.
    days: Option<u32>,
    /// The first day, e.g. `2026-01-31`, instead of `days`.
    from: Option<String>,
    /// The last day; today if it is left out.
    to: Option<String>,
    #[param(value_type = Option<Uuid>)]
    channel_id: Option<ChannelId>,
    #[param(value_type = Option<Uuid>)]
    agent_id: Option<AgentId>,
    tag: Option<String>,
}

async fn read(
    who: SignedIn,
    wanted: Query<Wanted>,
    request: HttpRequest,
    desk: Data<Desk>,
) -> Result<HttpResponse> {
    let it = wanted.0;
    let day = |name: &str, text: Option<String>| {
        let parsed = text.map(|it| Day::parse(&it)).transpose();
        parsed.map_err(|error| ApiError::invalid(name, error))
    };
    let asked = Asked {
        days: it.days,
        from: day("from", it.from)?,
        to: day("to", it.to)?,
        channel: it.channel_id,
        agent: it.agent_id,
        tag: it.tag,
    };
    let view = ReportView::from(reports::report(&desk, who.0.caller(), asked).await?);
    if !csv::is_wanted(&request) {
        return Ok(HttpResponse::Ok().json(view));
    }
    let name = format!("analytics-{}-{}.csv", view.from, view.to);
    csv::file(&name, &table::table(&view))
}
