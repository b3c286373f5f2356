//! Conversations: lists, one, and what is done to it.

mod bodies;
pub(crate) mod counts;
mod cursor;
mod filters;
pub(crate) mod views;

use actix_web::{
    HttpRequest,
    http::Method,
    web::{self, Json},
};
use desk::{Desk, conversations};
use domain::{ids::ConversationId, policy::Action};

use self::{
    bodies::{Assign, Change, Open, SetStatus, Tagged},
    counts::CountsView,
    views::{AssignmentView, ConversationView},
};
use crate::{
    body::{Body, MESSAGE_LIMIT},
    error::Result,
    idempotency::IdempotencyKey,
    openapi::Created,
    page::{List, Pagination, Paging},
    path::{self, Id},
    routes::Routes,
    session::SignedIn,
};

pub(crate) fn routes(routes: &mut Routes) {
    use Action::{ChangeConversations, ReadConversations, SendMessages};
    routes
        .get("/api/conversations", ReadConversations, list)
        .about("List conversations")
        .query::<filters::Parameters>();
    routes
        .post("/api/conversations", SendMessages, open)
        .about("Write to a contact: open a conversation with its first message");
    routes
        .get("/api/conversations/counts", ReadConversations, counts)
        .about("Count conversations for the sidebar");
    routes
        .get("/api/conversations/{id}", ReadConversations, read)
        .about("Read a conversation; resets its unread count");
    routes
        .patch("/api/conversations/{id}", ChangeConversations, change)
        .about("Change subject, priority, notes, attributes, unread or spam");
    routes
        .post("/api/conversations/{id}/status", ChangeConversations, set_status)
        .about("Set the status, or snooze");
    routes.post("/api/conversations/{id}/tags", ChangeConversations, add_tag).about("Add a tag");
    routes
        .delete("/api/conversations/{id}/tags/{tag}", ChangeConversations, remove_tag)
        .about("Remove a tag");
    routes
        .post("/api/conversations/{id}/assign", ChangeConversations, assign)
        .about("Assign to an agent, or to nobody");
    routes
        .get("/api/conversations/{id}/assignments", ReadConversations, assignments)
        .about("Who had it, from when until when");
}

async fn list(
    who: SignedIn,
    request: HttpRequest,
    paging: Paging,
    desk: web::Data<Desk>,
) -> Result<Json<List<ConversationView>>> {
    let caller = who.0.caller();
    let (asked, key) = filters::parse(request.query_string(), &paging, &desk, &caller).await?;
    let found = conversations::list(&desk, caller, asked).await?;
    let pagination = Pagination {
        page: paging.cursor.is_none().then_some(paging.page),
        per_page: paging.per_page,
        total: found.total,
        has_more: found.has_more,
        next_cursor: found.next.map(|it| cursor::encode(key, it)),
    };
    let data = found.rows.into_iter().map(ConversationView::from).collect();
    Ok(Json(List { data, pagination }))
}

async fn counts(who: SignedIn, desk: web::Data<Desk>) -> Result<Json<CountsView>> {
    let found = conversations::counts(&desk, who.0.caller()).await?;
    Ok(Json(found.into()))
}

async fn read(
    who: SignedIn,
    request: HttpRequest,
    id: Id<ConversationId>,
    desk: web::Data<Desk>,
) -> Result<Json<ConversationView>> {
    let found = match *request.method() {
        // A look at the headers is nobody reading.
        Method::HEAD => conversations::find(&desk, who.0.caller(), id.0).await?,
        _ => conversations::read(&desk, who.0.caller(), id.0).await?,
    };
    Ok(Json(found.into()))
}

async fn open(
    who: SignedIn,
    key: IdempotencyKey,
    body: Body<Open, MESSAGE_LIMIT>,
    desk: web::Data<Desk>,
) -> Result<Created<ConversationView>> {
    let claim = key.claim(&body);
    let opening = body.value.into_opening()?;
    let opened = conversations::open(&desk, who.0.caller(), opening, claim).await?;
    Ok(Created(opened.into()))
}

async fn change(
    who: SignedIn,
    id: Id<ConversationId>,
    body: Body<Change>,
    desk: web::Data<Desk>,
) -> Result<Json<ConversationView>> {
    let changes = body.value.into();
    Ok(Json(conversations::change(&desk, who.0.caller(), id.0, changes).await?.into()))
}

async fn set_status(
    who: SignedIn,
    id: Id<ConversationId>,
    body: Body<SetStatus>,
    desk: web::Data<Desk>,
) -> Result<Json<ConversationView>> {
    let SetStatus { status, snoozed_until } = body.value;
    let caller = who.0.caller();
    let changed = conversations::set_status(&desk, caller, id.0, status, snoozed_until).await?;
    Ok(Json(changed.into()))
}

async fn add_tag(
    who: SignedIn,
    id: Id<ConversationId>,
    body: Body<Tagged>,
    desk: web::Data<Desk>,
) -> Result<Json<ConversationView>> {
    let changed = conversations::tags::add(&desk, who.0.caller(), id.0, &body.value.tag).await?;
    Ok(Json(changed.into()))
}

async fn remove_tag(
    who: SignedIn,
    request: HttpRequest,
    id: Id<ConversationId>,
    desk: web::Data<Desk>,
) -> Result<Json<ConversationView>> {
    let tag = path::text(&request, "tag")?;
    let changed = conversations::tags::remove(&desk, who.0.caller(), id.0, &tag).await?;
    Ok(Json(changed.into()))
}

async fn assign(
    who: SignedIn,
    id: Id<ConversationId>,
    body: Body<Assign>,
    desk: web::Data<Desk>,
) -> Result<Json<ConversationView>> {
    let to = body.value.into_agent()?;
    Ok(Json(conversations::assign(&desk, who.0.caller(), id.0, to).await?.into()))
}

async fn assignments(
    who: SignedIn,
    id: Id<ConversationId>,
    paging: Paging,
    desk: web::Data<Desk>,
) -> Result<Json<List<AssignmentView>>> {
    let found = conversations::history(&desk, who.0.caller(), id.0).await?;
    Ok(Json(List::whole(found.into_iter().map(AssignmentView::from), &paging)?))
}
