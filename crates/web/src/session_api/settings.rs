//! The workspace's settings, and one's own password.

use actix_web::{HttpRequest, HttpResponse, web};
use desk::{
    Desk,
    options::Secret,
    settings::{self, Changes},
};
use domain::{business_hours::WeekDocument, policy::Action, workspace::Workspace};
use serde::{Deserialize, Serialize};

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
    routes.get("/api/settings/workspace", Action::ReadSettings, show);
    routes.post("/api/settings/workspace", Action::ChangeSettings, change);
    routes.post("/api/settings/password", Action::UseOwnAccount, change_password);
}

#[derive(Serialize)]
struct SettingsView {
    name: String,
    time_zone: String,
    locale: String,
    default_country: Option<String>,
    send_delay_seconds: u32,
    signature: Option<String>,
    retention_days: Option<u32>,
    /// `null` means always open.
    business_hours: Option<WeekDocument>,
    holidays: Vec<String>,
    created_at: String,
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

/// What is left out stays as it is.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ChangeSettings {
    #[serde(deserialize_with = "parse::present")]
    name: Option<String>,
    #[serde(deserialize_with = "parse::present")]
    time_zone: Option<String>,
    #[serde(deserialize_with = "parse::present")]
    locale: Option<String>,
    default_country: Patch<String>,
    #[serde(deserialize_with = "parse::present")]
    send_delay_seconds: Option<u32>,
    signature: Patch<String>,
    retention_days: Patch<u32>,
    business_hours: Patch<WeekDocument>,
    #[serde(deserialize_with = "parse::present")]
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

#[derive(Deserialize)]
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
