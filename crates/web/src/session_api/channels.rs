//! Connected accounts, for admins.

mod configs;
mod mail_configs;
mod mails;
mod webchat_configs;

use actix_web::web;
use desk::{
    Desk,
    channels::{self, ChannelPatch, ChannelState, NewChannel},
    mailboxes::{backfill, progress::BackfillState},
};
use domain::{Timestamp, channels::ChannelType, ids::ChannelId, jobs::JobState, policy::Action};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::{
    body::Body,
    error::Result,
    idempotency::IdempotencyKey,
    openapi::{Created, optional_word, word},
    page::{List, Paging},
    parse,
    path::Id,
    query::{Query, yes_or_no},
    routes::Routes,
    session::Admin,
};

pub(crate) fn routes(routes: &mut Routes) {
    routes.get("/api/channels", Action::ManageChannels, list).about("List channels");
    routes.post("/api/channels", Action::ManageChannels, create).about("Connect a channel");
    routes
        .get("/api/channels/{id}", Action::ManageChannels, find)
        .about("Read a channel and its health");
    routes.patch("/api/channels/{id}", Action::ManageChannels, change).about("Change a channel");
    routes.delete("/api/channels/{id}", Action::ManageChannels, delete).about("Delete a channel");
    routes
        .post("/api/channels/{id}/backfill", Action::ManageChannels, backfill)
        .about("Fetch mail of the past");
    // Servers may take long to answer, and each step has its own patience.
    routes.slow(|it| {
        it.post("/api/channels/{id}/test", Action::ManageChannels, test)
            .about("Connect for real and tell what failed");
    });
    mails::routes(routes);
}

/// A channel as admins see it: everything but its secrets.
#[derive(Serialize, ToSchema)]
struct ChannelView {
    #[schema(value_type = Uuid)]
    id: ChannelId,
    #[schema(schema_with = word::<ChannelType>)]
    #[serde(rename = "type")]
    kind: &'static str,
    name: String,
    #[schema(value_type = Object)]
    config: Value,
    is_active: bool,
    health: HealthView,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

#[derive(Serialize, ToSchema)]
struct HealthView {
    /// `ok`, `error`, or `unknown` before the first contact.
    status: &'static str,
    #[schema(format = DateTime)]
    last_success_at: Option<String>,
    /// What is wrong now, in words.
    last_error: Option<String>,
    #[schema(format = DateTime)]
    last_error_at: Option<String>,
    receive: HalfView,
    send: HalfView,
    /// Mails that wait to become messages, messages that wait to leave.
    backlog: u64,
    /// Mails set aside that somebody should look at.
    quarantined: u64,
    /// Older mail that was asked for; none once all of it was read.
    backfill: Option<BackfillView>,
}

#[derive(Serialize, ToSchema)]
struct BackfillView {
    /// `waiting` to begin or to be tried again, `running`, `held` until an admin releases what a
    /// restore held, or `failed`: given up until it is asked for again.
    state: &'static str,
    #[schema(format = DateTime)]
    since: String,
    #[schema(format = DateTime)]
    before: String,
    /// Mails of that time in the folders that were looked at so far.
    found: Option<u64>,
    /// How many of those were read.
    read: u64,
    /// Why it waits or failed, in words.
    error: Option<String>,
}

impl From<&BackfillState> for BackfillView {
    fn from(it: &BackfillState) -> Self {
        Self {
            state: match it.state {
                JobState::Ready => "waiting",
                JobState::Running => "running",
                JobState::Held => "held",
                JobState::Dead => "failed",
            },
            since: it.since.to_string(),
            before: it.before.to_string(),
            found: it.found,
            read: it.read,
            error: it.error.clone(),
        }
    }
}

#[derive(Serialize, ToSchema)]
struct HalfView {
    #[schema(format = DateTime)]
    last_success_at: Option<String>,
    last_error: Option<String>,
    #[schema(format = DateTime)]
    last_error_at: Option<String>,
}

impl From<ChannelState> for ChannelView {
    fn from(it: ChannelState) -> Self {
        let health = HealthView::new(&it);
        let channel = it.channel;
        let config = configs::view(&channel, &it.secrets, it.new_secret.as_ref());
        Self {
            id: channel.id,
            kind: channel.kind.as_str(),
            name: channel.name,
            config,
            is_active: channel.is_active,
            health,
            created_at: channel.created_at.to_string(),
            updated_at: channel.updated_at.to_string(),
        }
    }
}

impl HealthView {
    fn new(state: &ChannelState) -> Self {
        let it = &state.health;
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
            backlog: state.backlog,
            quarantined: state.quarantined,
            backfill: state.backfill.as_ref().map(BackfillView::from),
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

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CreateChannel {
    #[serde(rename = "type", deserialize_with = "parse::word")]
    #[schema(schema_with = word::<ChannelType>)]
    kind: ChannelType,
    name: String,
    #[schema(value_type = Object)]
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
) -> Result<Created<ChannelView>> {
    let claim = key.claim(&body);
    let CreateChannel { kind, name, config, is_active } = body.value;
    // Whatever another type's configuration looks like, it is not available.
    channels::require_available(kind)?;
    let new = NewChannel { kind, name, config: configs::parse(kind, config)?, is_active };
    let state = channels::create(&desk, admin.agent(), new, claim).await?;
    Ok(Created(state.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeChannel {
    #[serde(rename = "type", default, deserialize_with = "parse::optional_word")]
    #[schema(schema_with = optional_word::<ChannelType>)]
    kind: Option<ChannelType>,
    #[serde(default, deserialize_with = "parse::present")]
    name: Option<String>,
    #[serde(default, deserialize_with = "parse::present")]
    #[schema(value_type = Option<Object>)]
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
    let config = match config {
        // A channel's type never changes.
        Some(config) => {
            let kind = channels::find(&desk, id.0).await?.channel.kind;
            Some(configs::parse(kind, config)?)
        }
        None => None,
    };
    let patch = ChannelPatch { kind, name, config, is_active };
    Ok(web::Json(channels::update(&desk, admin.agent(), id.0, patch).await?.into()))
}

#[derive(Deserialize, IntoParams)]
struct Forcing {
    force: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = DeletedChannel)]
struct DeletedView {
    #[serde(flatten)]
    channel: ChannelView,
    result: DeletedCounts,
}

#[derive(Serialize, ToSchema)]
#[schema(as = DeletedChannelCounts)]
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

#[derive(Serialize, ToSchema)]
struct TestView {
    ok: bool,
    steps: Vec<StepView>,
}

#[derive(Serialize, ToSchema)]
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

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Range {
    #[serde(deserialize_with = "parse::time")]
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// Until now when left out.
    #[serde(default, deserialize_with = "parse::optional_time")]
    #[schema(value_type = Option<String>, format = DateTime)]
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
