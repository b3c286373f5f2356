//! Views: searches people keep. `GET /api/conversations?view=` lists what one finds.

use actix_web::web::{Data, Json};
use desk::{
    Desk,
    views::{self, Change, Counted, New},
};
use domain::{
    ids::{AgentId, ViewId},
    policy::Action,
    views::Query,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    body::Body,
    error::Result,
    idempotency::IdempotencyKey,
    openapi::Created,
    page::{List, Paging},
    parse,
    path::Id,
    routes::Routes,
    session::SignedIn,
};

pub(crate) fn routes(routes: &mut Routes) {
    use Action::{ChangeViews, UseViews};
    routes
        .get("/api/views", UseViews, list)
        .about("List the shared views and my own, with how many conversations each finds");
    routes.post("/api/views", ChangeViews, create).about("Keep a search as a view");
    routes
        .post("/api/views/order", UseViews, set_order)
        .about("Set the order in which I see views; the others see their own");
    routes.get("/api/views/{id}", UseViews, read).about("Read a view");
    routes.patch("/api/views/{id}", ChangeViews, update).about("Change a view");
    routes.delete("/api/views/{id}", ChangeViews, delete).about("Delete a view");
}

async fn list(who: SignedIn, paging: Paging, desk: Data<Desk>) -> Result<Json<List<ViewView>>> {
    let found = views::list(&desk, who.0.caller()).await?;
    Ok(Json(List::whole(found.into_iter().map(ViewView::from), &paging)?))
}

async fn read(who: SignedIn, id: Id<ViewId>, desk: Data<Desk>) -> Result<Json<ViewView>> {
    let found = views::find(&desk, who.0.caller(), id.0).await?;
    Ok(Json(views::counted(&desk, who.0.caller(), found).await?.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewView {
    name: String,
    query: QueryBody,
    /// Everybody sees it; left out, only you do.
    shared: Option<bool>,
}

/// What `GET /api/conversations` takes, under the same names. `me` is whoever looks.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ViewQueryBody)]
pub(super) struct QueryBody {
    search: Option<String>,
    status: Option<String>,
    channel_type: Option<String>,
    channel_id: Option<String>,
    tag: Option<String>,
    assigned_to: Option<String>,
    unread: Option<bool>,
    contact_id: Option<String>,
    spam: Option<bool>,
    sort: Option<String>,
}

impl From<QueryBody> for Query {
    fn from(it: QueryBody) -> Self {
        Self {
            search: it.search,
            status: it.status,
            channel_type: it.channel_type,
            channel_id: it.channel_id,
            tag: it.tag,
            assigned_to: it.assigned_to,
            unread: it.unread,
            contact_id: it.contact_id,
            spam: it.spam,
            sort: it.sort,
        }
    }
}

async fn create(
    who: SignedIn,
    key: IdempotencyKey,
    body: Body<NewView>,
    desk: Data<Desk>,
) -> Result<Created<ViewView>> {
    let claim = key.claim(&body);
    let it = body.value;
    let new = New { name: it.name, query: it.query.into(), shared: it.shared.unwrap_or(false) };
    let caller = who.0.caller();
    let made = views::create(&desk, caller, new, claim).await?;
    Ok(Created(views::counted(&desk, caller, made).await?.into()))
}

/// What is left out stays as it is; `query` is replaced as a whole.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ViewPatch {
    #[serde(default, deserialize_with = "parse::present")]
    name: Option<String>,
    #[serde(default, deserialize_with = "parse::present")]
    query: Option<QueryBody>,
    #[serde(default, deserialize_with = "parse::present")]
    shared: Option<bool>,
}

async fn update(
    who: SignedIn,
    id: Id<ViewId>,
    body: Body<ViewPatch>,
    desk: Data<Desk>,
) -> Result<Json<ViewView>> {
    let it = body.value;
    let change = Change { name: it.name, query: it.query.map(Query::from), shared: it.shared };
    let caller = who.0.caller();
    let changed = views::update(&desk, caller, id.0, change).await?;
    Ok(Json(views::counted(&desk, caller, changed).await?.into()))
}

#[derive(Serialize, ToSchema)]
struct DeletedView {
    #[serde(flatten)]
    was: ViewView,
    result: &'static str,
}

async fn delete(who: SignedIn, id: Id<ViewId>, desk: Data<Desk>) -> Result<Json<DeletedView>> {
    let caller = who.0.caller();
    let was = views::delete(&desk, caller, id.0).await?;
    let was = views::counted(&desk, caller, was).await?.into();
    Ok(Json(DeletedView { was, result: "deleted" }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Order {
    /// What is left out comes last, the older first.
    #[schema(value_type = Vec<Uuid>)]
    ids: Vec<ViewId>,
}

async fn set_order(
    who: SignedIn,
    body: Body<Order>,
    desk: Data<Desk>,
) -> Result<Json<List<ViewView>>> {
    let caller = who.0.caller();
    views::set_order(&desk, caller, body.value.ids).await?;
    let found = views::list(&desk, caller).await?;
    let all = Paging { page: 1, per_page: 1000, cursor: None };
    Ok(Json(List::whole(found.into_iter().map(ViewView::from), &all)?))
}

#[derive(Serialize, ToSchema)]
#[schema(as = View)]
struct ViewView {
    #[schema(value_type = Uuid)]
    id: ViewId,
    name: String,
    query: QueryView,
    shared: bool,
    #[schema(value_type = Uuid)]
    owner_id: AgentId,
    /// How many conversations it finds, counted up to 999.
    count: usize,
    /// Else there are more: show it with a plus.
    count_is_exact: bool,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ViewQuery)]
struct QueryView {
    search: Option<String>,
    status: Option<String>,
    channel_type: Option<String>,
    channel_id: Option<String>,
    tag: Option<String>,
    assigned_to: Option<String>,
    unread: Option<bool>,
    contact_id: Option<String>,
    spam: Option<bool>,
    sort: Option<String>,
}

impl From<Counted> for ViewView {
    fn from(Counted { view: it, count }: Counted) -> Self {
        let query = it.query;
        Self {
            id: it.id,
            name: it.name,
            query: QueryView {
                search: query.search,
                status: query.status,
                channel_type: query.channel_type,
                channel_id: query.channel_id,
                tag: query.tag,
                assigned_to: query.assigned_to,
                unread: query.unread,
                contact_id: query.contact_id,
                spam: query.spam,
                sort: query.sort,
            },
            shared: it.shared,
            owner_id: it.owner,
            count: count.n,
            count_is_exact: count.is_exact,
            created_at: it.created_at.to_string(),
            updated_at: it.updated_at.to_string(),
        }
    }
}
