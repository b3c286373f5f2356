//! The workspace's settings, and one's own password.

use actix_web::{HttpRequest, HttpResponse, web};
use desk::{
    Desk,
    options::Secret,
    settings::{self, Changes},
};
use domain::{business_hours::WeekDocument, policy::Action, workspace::Workspace};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::agents::AgentView;
use crate::{
    body::Body,
    error::Result,
    parse,
    patch::Patch,
    routes::Routes,
    session::{self, Admin, SignedIn},
};

pub(crate) fn routes(routes: &mut Routes) {
    routes
        .get("/api/settings/workspace", Action::ReadSettings, show)
        .about("Read the workspace's settings");
    routes
        .post("/api/settings/workspace", Action::ChangeSettings, change)
        .about("Change the workspace's settings");
    routes
        .post("/api/settings/password", Action::UseOwnAccount, change_password)
        .about("Change my password")
        .answers::<AgentView>(200);
}

#[derive(Serialize, ToSchema)]
struct SettingsView {
    name: String,
    time_zone: String,
    locale: String,
    default_country: Option<String>,
    send_delay_seconds: u32,
    signature: Option<String>,
    retention_days: Option<u32>,
    /// For each weekday the times it is open, `null` means always open.
    #[schema(value_type = Option<WeekSchema>)]
    business_hours: Option<WeekDocument>,
    holidays: Vec<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

impl From<Workspace> for SettingsView {
    fn from(it: Workspace) -> Self {
        Self {
            name: it.name,
            time_zone: it.time_zone,
            locale: it.locale,
            default_country: it.default_country,
            send_delay_seconds: it.send_delay_seconds,
            signature: it.signature,
            retention_days: it.retention_days,
            business_hours: it.hours.week.map(|it| it.document()),
            holidays: it.hours.holidays.iter().map(ToString::to_string).collect(),
            created_at: it.created_at.to_string(),
            updated_at: it.updated_at.to_string(),
        }
    }
}

async fn show(_: SignedIn, desk: web::Data<Desk>) -> Result<web::Json<SettingsView>> {
    Ok(web::Json(settings::workspace(&desk).await?.into()))
}

/// How a [`WeekDocument`] is described.
#[derive(ToSchema)]
#[schema(as = Week)]
#[expect(dead_code, reason = "stands for a type that knows no schema")]
struct WeekSchema {
    monday: Option<Vec<SpanSchema>>,
    tuesday: Option<Vec<SpanSchema>>,
    wednesday: Option<Vec<SpanSchema>>,
    thursday: Option<Vec<SpanSchema>>,
    friday: Option<Vec<SpanSchema>>,
    saturday: Option<Vec<SpanSchema>>,
    sunday: Option<Vec<SpanSchema>>,
}

/// `09:00` to `17:30`; a day ends at `24:00`.
#[derive(ToSchema)]
#[schema(as = Span)]
#[expect(dead_code, reason = "stands for a type that knows no schema")]
struct SpanSchema {
    from: String,
    to: String,
}

/// What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeSettings {
    #[serde(default, deserialize_with = "parse::present")]
    name: Option<String>,
    #[serde(default, deserialize_with = "parse::present")]
    time_zone: Option<String>,
    #[serde(default, deserialize_with = "parse::present")]
    locale: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    default_country: Patch<String>,
    #[serde(default, deserialize_with = "parse::present")]
    send_delay_seconds: Option<u32>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    signature: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    retention_days: Patch<u32>,
    #[serde(default)]
    #[schema(value_type = Option<WeekSchema>)]
    business_hours: Patch<WeekDocument>,
    #[serde(default, deserialize_with = "parse::present")]
    holidays: Option<Vec<String>>,
}

async fn change(
    admin: Admin,
    body: Body<ChangeSettings>,
    desk: web::Data<Desk>,
) -> Result<web::Json<SettingsView>> {
    let it = body.value;
    let changes = Changes {
        name: it.name,
        time_zone: it.time_zone,
        locale: it.locale,
        default_country: it.default_country.into_option(),
        send_delay_seconds: it.send_delay_seconds,
        signature: it.signature.into_option(),
        retention_days: it.retention_days.into_option(),
        business_hours: it.business_hours.into_option(),
        holidays: it.holidays,
    };
    Ok(web::Json(settings::change_workspace(&desk, changes, admin.actor()).await?.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangePassword {
    current_password: String,
    new_password: String,
}

async fn change_password(
    request: HttpRequest,
    me: SignedIn,
    body: Body<ChangePassword>,
    desk: web::Data<Desk>,
) -> Result<HttpResponse> {
    let current = Secret::new(body.value.current_password);
    let new = Secret::new(body.value.new_password);
    let (agent, token) = settings::change_password(&desk, &me.0, current, new).await?;
    let mut response = HttpResponse::Ok();
    session::set(&mut response, &request, &token);
    Ok(response.json(AgentView::from(agent)))
}
