//! One's own notices.

use actix_web::web::{Data, Json};
use desk::{Desk, notices};
use domain::{
    ids::NoticeId,
    notices::{Notice, NoticeKind},
    policy::Action,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    error::{ApiError, Result},
    openapi::word,
    page::{List, Pagination, Paging},
    path::Id,
    query::{Query, yes_or_no},
    routes::Routes,
    session::SignedIn,
};

pub(crate) fn routes(routes: &mut Routes) {
    routes
        .get("/api/notices", Action::ReadOwnAccount, list)
        .about("List your own notices, the newest first");
    routes
        .post("/api/notices/{id}/read", Action::ReadOwnAccount, mark_read)
        .about("Mark a notice as read");
    routes
        .post("/api/notices/read-all", Action::ReadOwnAccount, mark_all_read)
        .about("Mark all your notices as read");
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NoticeView {
    id: String,
    #[schema(schema_with = word::<NoticeKind>)]
    kind: &'static str,
    text: String,
    conversation_id: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    read_at: Option<String>,
}

impl From<Notice> for NoticeView {
    fn from(it: Notice) -> Self {
        Self {
            id: it.id.to_string(),
            kind: it.kind.as_str(),
            text: it.text,
            conversation_id: it.conversation_id.map(|it| it.to_string()),
            created_at: it.created_at.to_string(),
            read_at: it.read_at.map(|it| it.to_string()),
        }
    }
}

#[derive(Deserialize, IntoParams)]
struct Filters {
    /// `true` leaves out what was read.
    unread: Option<String>,
}

async fn list(
    who: SignedIn,
    filters: Query<Filters>,
    paging: Paging,
    desk: Data<Desk>,
) -> Result<Json<List<NoticeView>>> {
    let unread = yes_or_no("unread", filters.0.unread.as_deref())?.unwrap_or(false);
    let before = match &paging.cursor {
        Some(it) => Some(
            it.parse::<i64>().map_err(|_| ApiError::invalid("cursor", "not one of this list"))?,
        ),
        None => None,
    };
    let offset = if before.is_none() { paging.offset() } else { 0 };
    let limit = paging.per_page as usize;
    let caller = who.0.caller();
    let (found, total) = notices::list(&desk, caller, unread, before, offset, limit).await?;
    let pagination = Pagination {
        page: before.is_none().then_some(paging.page),
        per_page: paging.per_page,
        total,
        has_more: found.next.is_some(),
        next_cursor: found.next.map(|it| it.to_string()),
    };
    Ok(Json(List { data: found.rows.into_iter().map(NoticeView::from).collect(), pagination }))
}

async fn mark_read(who: SignedIn, id: Id<NoticeId>, desk: Data<Desk>) -> Result<Json<NoticeView>> {
    Ok(Json(notices::mark_read(&desk, who.0.caller(), id.0).await?.into()))
}

#[derive(Serialize, ToSchema)]
struct MarkedView {
    result: Marked,
}

#[derive(Serialize, ToSchema)]
struct Marked {
    read: usize,
}

async fn mark_all_read(who: SignedIn, desk: Data<Desk>) -> Result<Json<MarkedView>> {
    let read = notices::mark_all_read(&desk, who.0.caller()).await?;
    Ok(Json(MarkedView { result: Marked { read } }))
}
