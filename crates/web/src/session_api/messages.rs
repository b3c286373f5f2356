//! Messages: reading them, writing one, and what may still be done to it.

mod bodies;
mod html;
mod lines;
mod raw;
pub(crate) mod views;

use actix_web::{
    HttpRequest,
    web::{self, Json},
};
use desk::{
    Desk,
    messages::{self, display, find::Beside},
};
use domain::{
    ids::{ConversationId, MessageId},
    policy::Action,
};
use serde::Deserialize;
use utoipa::IntoParams;

use self::{
    bodies::{Forward, Send},
    views::{Cancelled, DetailedView, MessageView},
};
use crate::{
    body::{Body, MESSAGE_LIMIT},
    error::{ApiError, Result},
    idempotency::IdempotencyKey,
    openapi::Created,
    page::{List, Pagination, Paging},
    path::Id,
    query,
    routes::Routes,
    session::SignedIn,
};

pub(crate) fn routes(routes: &mut Routes) {
    use Action::{CancelMessage, ReadConversations, SendMessages};
    routes
        .get("/api/conversations/{id}/messages", ReadConversations, list)
        .about("List messages, the newest page first")
        .query::<Wanted>();
    routes
        .post("/api/conversations/{id}/messages", SendMessages, send)
        .about("Write a message or a private note");
    routes
        .get("/api/messages/{id}", ReadConversations, find)
        .about("Read a message with its delivery attempts");
    routes
        .delete("/api/messages/{id}", CancelMessage, cancel)
        .about("Take back a message that has not left");
    routes
        .post("/api/messages/{id}/retry", SendMessages, retry)
        .about("Send a failed message again");
    routes
        .post("/api/messages/{id}/forward", SendMessages, forward)
        .about("Forward a message to another address");
    routes
        .get("/api/messages/{id}/html", ReadConversations, html::show)
        .about("The HTML of a mail, cleaned, for a sandboxed frame")
        .query::<html::Wanted>()
        .answers_with("text/html");
    routes
        .get("/api/messages/{id}/raw", ReadConversations, raw::download)
        .about("The mail as it came")
        .answers_with("message/rfc822");
}

#[derive(Deserialize, IntoParams)]
struct Wanted {
    before: Option<String>,
    after: Option<String>,
}

async fn list(
    who: SignedIn,
    request: HttpRequest,
    id: Id<ConversationId>,
    paging: Paging,
    desk: web::Data<Desk>,
) -> Result<Json<List<MessageView>>> {
    let wanted: Wanted = query::parse(request.query_string())?;
    let (beside, page) = beside(&wanted, &paging)?;
    let caller = who.0.caller();
    let found = messages::page(&desk, caller, id.0, beside, paging.per_page).await?;
    let end = match beside {
        Beside::After(_) => found.messages.last(),
        _ => found.messages.first(),
    };
    let pagination = Pagination {
        page,
        per_page: paging.per_page,
        total: found.total,
        has_more: found.has_more,
        next_cursor: end.filter(|_| found.has_more).map(|it| it.message.id.to_string()),
    };
    let safe = display::all_safe(&desk, caller, found.messages).await?;
    Ok(Json(List { data: safe.into_iter().map(MessageView::from).collect(), pagination }))
}

/// A cursor goes on in the direction that is asked for, towards older messages unless `after` is.
fn beside(wanted: &Wanted, paging: &Paging) -> Result<(Beside, Option<u32>)> {
    let message = |name: &str, text: &str| {
        text.parse::<MessageId>().map_err(|_| ApiError::invalid(name, "must be a message's id"))
    };
    match (&wanted.before, &wanted.after, &paging.cursor) {
        (Some(_), Some(_), _) => Err(ApiError::invalid("before", "give this or after, not both")),
        (_, Some(_), Some(cursor)) => Ok((Beside::After(message("cursor", cursor)?), None)),
        (_, None, Some(cursor)) => Ok((Beside::Before(message("cursor", cursor)?), None)),
        (None, Some(id), None) => Ok((Beside::After(message("after", id)?), None)),
        (Some(id), None, None) => Ok((Beside::Before(message("before", id)?), None)),
        (None, None, None) => {
            // Page numbers stop at 10,000 rows, so this always fits.
            let skipped = u32::try_from(paging.offset()).unwrap_or(u32::MAX);
            Ok((Beside::Skipping(skipped), Some(paging.page)))
        }
    }
}

async fn send(
    who: SignedIn,
    id: Id<ConversationId>,
    key: IdempotencyKey,
    body: Body<Send, MESSAGE_LIMIT>,
    desk: web::Data<Desk>,
) -> Result<Created<MessageView>> {
    let claim = key.claim(&body);
    let caller = who.0.caller();
    let message = messages::send(&desk, caller, id.0, body.value.into(), claim).await?;
    let safe = display::safe(&desk, caller, message).await?;
    Ok(Created(safe.into()))
}

async fn find(
    who: SignedIn,
    id: Id<MessageId>,
    desk: web::Data<Desk>,
) -> Result<Json<DetailedView>> {
    let caller = who.0.caller();
    let (message, deliveries) = messages::find(&desk, caller, id.0).await?;
    let message = display::safe(&desk, caller, message).await?;
    Ok(Json(DetailedView::new(message, deliveries)))
}

async fn cancel(
    who: SignedIn,
    id: Id<MessageId>,
    desk: web::Data<Desk>,
) -> Result<Json<Cancelled>> {
    let caller = who.0.caller();
    let message = messages::cancel(&desk, caller, id.0).await?;
    Ok(Json(Cancelled::from(display::safe(&desk, caller, message).await?)))
}

async fn retry(
    who: SignedIn,
    id: Id<MessageId>,
    desk: web::Data<Desk>,
) -> Result<Json<MessageView>> {
    let caller = who.0.caller();
    let message = messages::retry(&desk, caller, id.0).await?;
    Ok(Json(display::safe(&desk, caller, message).await?.into()))
}

async fn forward(
    who: SignedIn,
    id: Id<MessageId>,
    key: IdempotencyKey,
    body: Body<Forward, MESSAGE_LIMIT>,
    desk: web::Data<Desk>,
) -> Result<Created<MessageView>> {
    let claim = key.claim(&body);
    let caller = who.0.caller();
    let message = messages::forward(&desk, caller, id.0, body.value.into(), claim).await?;
    let safe = display::safe(&desk, caller, message).await?;
    Ok(Created(safe.into()))
}
