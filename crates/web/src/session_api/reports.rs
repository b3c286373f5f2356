//! Analytics: what the team got done.

mod csv;
mod views;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderMap},
    web::Data,
};
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
        .answers_with("text/csv");
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
    let mut response = HttpResponse::Ok();
    response.insert_header((header::VARY, "Accept"));
    if !wants_csv(request.headers()) {
        return Ok(response.json(view));
    }
    let name = format!("attachment; filename=\"analytics-{}-{}.csv\"", view.from, view.to);
    response.insert_header((header::CONTENT_DISPOSITION, name));
    Ok(response.content_type("text/csv; charset=utf-8").body(csv::table(&view)))
}

/// Whether CSV is asked for by name, and JSON not rather (RFC 9110, 12.5.1).
fn wants_csv(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).filter_map(|it| it.to_str().ok());
    let (mut csv, mut json) = (0.0, 0.0);
    for range in accepted.flat_map(|it| it.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default();
        let quality = parts.find_map(|it| it.strip_prefix("q=")).map_or(Ok(1.0), str::parse);
        let quality: f32 = quality.unwrap_or(0.0);
        if kind.eq_ignore_ascii_case("text/csv") {
            csv = quality;
        } else if kind.eq_ignore_ascii_case("application/json") {
            json = quality;
        }
    }
    csv > 0.0 && csv >= json
}
