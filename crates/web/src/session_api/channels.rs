//! Connected accounts, for admins.

mod configs;
mod mails;

use actix_web::{HttpResponse, web};
use desk::{
    Desk,
    channels::{self, ChannelPatch, ChannelState, NewChannel},
    mailboxes::backfill,
};
use domain::{
    Timestamp,
    channels::{ChannelType, Health},
    ids::ChannelId,
    policy::Action,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    body::Body,
    error::Result,
    idempotency::IdempotencyKey,
    page::{List, Paging},
    parse,
    path::Id,
    query::{Query, yes_or_no},
    routes::Routes,
    session::Admin,
};

pub(crate) fn routes(routes: &mut Routes) {
    routes.get("/api/channels", Action::ManageChannels, list);
    routes.post("/api/channels", Action::ManageChannels, create);
    routes.get("/api/channels/{id}", Action::ManageChannels, find);
    routes.patch("/api/channels/{id}", Action::ManageChannels, change);
    routes.delete("/api/channels/{id}", Action::ManageChannels, delete);
    routes.post("/api/channels/{id}/backfill", Action::ManageChannels, backfill);
    // Servers may take long to answer, and each step has its own patience.
    routes.slow(|it| it.post("/api/channels/{id}/test", Action::ManageChannels, test));
    mails::routes(routes);
}

/// A channel as admins see it: everything but its secrets.
#[derive(Serialize)]
struct ChannelView {
    id: ChannelId,
    #[serde(rename = "type")]
    kind: &'static str,
    name: String,
    config: Value,
    is_active: bool,
    health: HealthView,
    created_at: String,
    updated_at: String,
}

#[derive(Serialize)]
struct HealthView {
    /// `ok`, `error`, or `unknown` before the first contact.
    status: &'static str,
    last_success_at: Option<String>,
    /// What is wrong now, in words.
    last_error: Option<String>,
    last_error_at: Option<String>,
    receive: HalfView,
    send: HalfView,
    /// Mails that wait to become messages, messages that wait to leave.
    backlog: u64,
    /// Mails set aside that somebody should look at.
    quarantined: u64,
}

#[derive(Serialize)]
struct HalfView {
    last_success_at: Option<String>,
    last_error: Option<String>,
    last_error_at: Option<String>,
}

impl From<ChannelState> for ChannelView {
    fn from(it: ChannelState) -> Self {
        let health = HealthView::new(&it.health, it.backlog, it.quarantined);
        let channel = it.channel;
        Self {
            id: channel.id,
            kind: channel.kind.as_str(),
            name: channel.name,
            config: configs::view(&channel.config, &it.secrets),
            is_active: channel.is_active,
            health,
            created_at: channel.created_at.to_string(),
            updated_at: channel.updated_at.to_string(),
        }
    }
}

impl HealthView {
    fn new(it: &Health, backlog: u64, quarantined: u64) -> Self {
        let receive = (it.receive_error_at, &it.receive_error);
        let send = (it.send_error_at, &it.send_error);
        let error = [receive, send].into_iter().filter(|it| it.1.is_some()).max();
        let success = it.receive_ok_at.max(it.send_ok_at);
        Self {
            status: match (error, success) {
                (Some(_), _) => "error",
                (None, Some(_)) => "ok",
                (None, None) => "unknown",
            },
            last_success_at: success.map(|it| it.to_string()),
            last_error: error.and_then(|it| it.1.clone()),
            last_error_at: error.and_then(|it| it.0).map(|it| it.to_string()),
            receive: HalfView {
                last_success_at: it.receive_ok_at.map(|it| it.to_string()),
                last_error: it.receive_error.clone(),
                last_error_at: it.receive_error_at.map(|it| it.to_string()),
            },
            send: HalfView {
                last_success_at: it.send_ok_at.map(|it| it.to_string()),
                last_error: it.send_error.clone(),
                last_error_at: it.send_error_at.map(|it| it.to_string()),
            },
            backlog,
            quarantined,
        }
    }
}

async fn list(
    _: Admin,
    paging: Paging,
    desk: web::Data<Desk>,
) -> Result<web::Json<List<ChannelView>>> {
    let all = channels::list(&desk).await?;
    Ok(web::Json(List::whole(all.into_iter().map(ChannelView::from), &paging)?))
}

async fn find(
    _: Admin,
    id: Id<ChannelId>,
    desk: web::Data<Desk>,
) -> Result<web::Json<ChannelView>> {
    Ok(web::Json(channels::find(&desk, id.0).await?.into()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateChannel {
    #[serde(rename = "type", deserialize_with = "parse::word")]
    kind: ChannelType,
    name: String,
    config: Value,
    #[serde(default = "active")]
    is_active: bool,
}

fn active() -> bool {
    true
}

async fn create(
    admin: Admin,
    key: IdempotencyKey,
    body: Body<CreateChannel>,
    desk: web::Data<Desk>,
) -> Result<HttpResponse> {
    let claim = key.claim(&body);
    let CreateChannel { kind, name, config, is_active } = body.value;
    // Whatever another type's configuration looks like, it is not available.
    channels::require_available(kind)?;
    let new = NewChannel { kind, name, config: configs::parse(config)?, is_active };
    let state = channels::create(&desk, admin.agent(), new, claim).await?;
    Ok(HttpResponse::Created().json(ChannelView::from(state)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeChannel {
    #[serde(rename = "type", default, deserialize_with = "parse::optional_word")]
    kind: Option<ChannelType>,
    #[serde(default, deserialize_with = "parse::present")]
    name: Option<String>,
    #[serde(default, deserialize_with = "parse::present")]
    config: Option<Value>,
    #[serde(default, deserialize_with = "parse::present")]
    is_active: Option<bool>,
}

async fn change(
    admin: Admin,
    id: Id<ChannelId>,
    body: Body<ChangeChannel>,
    desk: web::Data<Desk>,
) -> Result<web::Json<ChannelView>> {
    let ChangeChannel { kind, name, config, is_active } = body.value;
    let config = config.map(configs::parse).transpose()?;
    let patch = ChannelPatch { kind, name, config, is_active };
    Ok(web::Json(channels::update(&desk, admin.agent(), id.0, patch).await?.into()))
}

#[derive(Deserialize)]
struct Forcing {
    force: Option<String>,
}

#[derive(Serialize)]
struct DeletedView {
    #[serde(flatten)]
    channel: ChannelView,
    result: DeletedCounts,
}

#[derive(Serialize)]
struct DeletedCounts {
    deleted: u32,
}

async fn delete(
    admin: Admin,
    id: Id<ChannelId>,
    forcing: Query<Forcing>,
    desk: web::Data<Desk>,
) -> Result<web::Json<DeletedView>> {
    let force = yes_or_no("force", forcing.0.force.as_deref())?.unwrap_or(false);
    let state = channels::delete(&desk, admin.agent(), id.0, force).await?;
    Ok(web::Json(DeletedView { channel: state.into(), result: DeletedCounts { deleted: 1 } }))
}

#[derive(Serialize)]
struct TestView {
    ok: bool,
    steps: Vec<StepView>,
}

#[derive(Serialize)]
struct StepView {
    name: String,
    ok: bool,
    detail: String,
}

async fn test(_: Admin, id: Id<ChannelId>, desk: web::Data<Desk>) -> Result<web::Json<TestView>> {
    let steps = channels::test(&desk, id.0).await?;
    let ok = steps.iter().all(|it| it.ok);
    let steps = steps.into_iter();
    let steps = steps.map(|it| StepView { name: it.name, ok: it.ok, detail: it.detail }).collect();
    Ok(web::Json(TestView { ok, steps }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Range {
    #[serde(deserialize_with = "parse::time")]
    since: Timestamp,
    /// Until now when left out.
    #[serde(default, deserialize_with = "parse::optional_time")]
    before: Option<Timestamp>,
}

async fn backfill(
    admin: Admin,
    id: Id<ChannelId>,
    body: Body<Range>,
    desk: web::Data<Desk>,
) -> Result<web::Json<ChannelView>> {
    let before = body.value.before.unwrap_or_else(|| desk.clock.now());
    let since = body.value.since;
    let state = backfill::request(&desk, admin.agent(), id.0, since, before).await?;
    Ok(web::Json(state.into()))
}
