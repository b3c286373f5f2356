//! Automations, for admins; and for everyone what they did to a conversation.

mod documents;
mod trials;
mod views;

use actix_web::web::{Data, Json};
use desk::{
    Desk,
    automations::{self, Changes, Draft},
};
use domain::{
    automations::Trigger,
    ids::{ConversationId, RuleId},
    policy::Action,
};
use serde::Deserialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use self::documents::{AutomationAction, AutomationConditions};
use self::views::{AutomationView, DeletedAutomation, TraceView};
use crate::{
    body::Body,
    error::{ApiError, Result},
    idempotency::IdempotencyKey,
    openapi::{Created, word},
    page::{List, Paging},
    parse,
    patch::Patch,
    path::Id,
    query::Query,
    routes::Routes,
    session::{Admin, SignedIn},
};

pub(crate) fn routes(routes: &mut Routes) {
    use Action::{ManageAutomations, ReadConversations};
    routes
        .get("/api/automations", ManageAutomations, list)
        .about("List automations in the order in which they look");
    routes.post("/api/automations", ManageAutomations, create).about("Create an automation");
    routes
        .post("/api/automations/reorder", ManageAutomations, reorder)
        .about("Put the automations in another order");
    routes
        .post("/api/automations/dry-run", ManageAutomations, trials::of_draft)
        .about("Try an automation on past conversations before it is created");
    routes.get("/api/automations/{id}", ManageAutomations, read).about("Read an automation");
    routes.patch("/api/automations/{id}", ManageAutomations, change).about("Change an automation");
    routes.delete("/api/automations/{id}", ManageAutomations, delete).about("Delete an automation");
    routes
        .post("/api/automations/{id}/toggle", ManageAutomations, toggle)
        .about("Switch an automation off, or on again");
    routes
        .post("/api/automations/{id}/dry-run", ManageAutomations, trials::of_stored)
        .about("Try an automation on past conversations");
    routes
        .get("/api/conversations/{id}/automations", ReadConversations, trace)
        .about("Tell which automations looked at a conversation, what matched and what they did");
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewAutomation {
    name: String,
    #[schema(schema_with = word::<Trigger>)]
    trigger: String,
    /// With the triggers that end in `_for`: how long nothing happened.
    minutes: Option<u32>,
    #[serde(default)]
    #[schema(value_type = Option<AutomationConditions>)]
    conditions: Value,
    #[schema(value_type = Vec<AutomationAction>)]
    actions: Value,
    is_active: Option<bool>,
}

impl From<NewAutomation> for Draft {
    fn from(it: NewAutomation) -> Self {
        Self {
            name: it.name,
            trigger: it.trigger,
            minutes: it.minutes,
            conditions: it.conditions,
            actions: it.actions,
            is_active: it.is_active.unwrap_or(true),
        }
    }
}

async fn list(_: Admin, paging: Paging, desk: Data<Desk>) -> Result<Json<List<AutomationView>>> {
    let all = automations::list(&desk).await?;
    let all = all.into_iter().map(|it| AutomationView::new(&desk, it));
    Ok(Json(List::whole(all, &paging)?))
}

async fn create(
    who: SignedIn,
    key: IdempotencyKey,
    body: Body<NewAutomation>,
    desk: Data<Desk>,
) -> Result<Created<AutomationView>> {
    let claim = key.claim(&body);
    let actor = who.0.caller().actor();
    let made = automations::create(&desk, actor, body.value.into(), claim).await?;
    Ok(Created(AutomationView::new(&desk, made)))
}

async fn read(_: Admin, id: Id<RuleId>, desk: Data<Desk>) -> Result<Json<AutomationView>> {
    let found = automations::find(&desk, id.0).await?;
    Ok(Json(AutomationView::new(&desk, found)))
}

/// What is left out stays as it is; `conditions` and `actions` are replaced as a whole.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AutomationPatch {
    #[serde(default, deserialize_with = "parse::present")]
    name: Option<String>,
    #[serde(default, deserialize_with = "parse::present")]
    #[schema(schema_with = word::<Trigger>)]
    trigger: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    minutes: Patch<u32>,
    #[serde(default)]
    #[schema(value_type = Option<AutomationConditions>)]
    conditions: Patch<Value>,
    #[serde(default, deserialize_with = "parse::present")]
    #[schema(value_type = Option<Vec<AutomationAction>>)]
    actions: Option<Value>,
    #[serde(default, deserialize_with = "parse::present")]
    is_active: Option<bool>,
}

async fn change(
    who: SignedIn,
    id: Id<RuleId>,
    body: Body<AutomationPatch>,
    desk: Data<Desk>,
) -> Result<Json<AutomationView>> {
    let it = body.value;
    let changes = Changes {
        name: it.name,
        trigger: it.trigger,
        minutes: it.minutes.into_option(),
        conditions: it.conditions.into_option().map(Option::unwrap_or_default),
        actions: it.actions,
        is_active: it.is_active,
    };
    let changed = automations::change(&desk, who.0.caller().actor(), id.0, changes).await?;
    Ok(Json(AutomationView::new(&desk, changed)))
}

async fn toggle(who: SignedIn, id: Id<RuleId>, desk: Data<Desk>) -> Result<Json<AutomationView>> {
    let toggled = automations::toggle(&desk, who.0.caller().actor(), id.0).await?;
    Ok(Json(AutomationView::new(&desk, toggled)))
}

async fn delete(
    who: SignedIn,
    id: Id<RuleId>,
    desk: Data<Desk>,
) -> Result<Json<DeletedAutomation>> {
    let was = automations::delete(&desk, who.0.caller().actor(), id.0).await?;
    Ok(Json(DeletedAutomation { was: AutomationView::new(&desk, was), result: "deleted" }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AutomationOrder {
    /// Every automation once, in the new order.
    #[schema(value_type = Vec<Uuid>)]
    ids: Vec<RuleId>,
}

async fn reorder(
    who: SignedIn,
    body: Body<AutomationOrder>,
    desk: Data<Desk>,
) -> Result<Json<List<AutomationView>>> {
    let actor = who.0.caller().actor();
    let all = automations::reorder(&desk, actor, body.value.ids).await?;
    let per_page = u32::try_from(all.len()).unwrap_or(u32::MAX).max(1);
    let all = all.into_iter().map(|it| AutomationView::new(&desk, it));
    Ok(Json(List::whole(all, &Paging { page: 1, per_page, cursor: None })?))
}

#[derive(Deserialize, IntoParams)]
struct TracePage {
    /// How many runs of automations, 1 to 100.
    per_page: Option<u32>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

async fn trace(
    who: SignedIn,
    id: Id<ConversationId>,
    page: Query<TracePage>,
    desk: Data<Desk>,
) -> Result<Json<TraceView>> {
    let per_page = page.0.per_page.unwrap_or(25);
    if !(1..=100).contains(&per_page) {
        return Err(ApiError::invalid("per_page", "must be 1 to 100"));
    }
    let before = match page.0.cursor.as_deref() {
        None | Some("") => None,
        Some(it) => Some(
            it.parse::<i64>().map_err(|_| ApiError::invalid("cursor", "not one of this list"))?,
        ),
    };
    let caller = who.0.caller();
    let trace = automations::trace(&desk, caller, id.0, before, per_page as usize).await?;
    Ok(Json(TraceView::new(trace, per_page)))
}
