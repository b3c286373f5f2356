//! The ledger: every mail a channel's server has shown us, with its fate.

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use desk::{Desk, inbound};
use domain::{
    ids::{ChannelId, ConversationId, InboundId, MessageId},
    mails::{Fate, Inbound},
    policy::Action,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    error::{ApiError, Result},
    openapi::{optional_word, word},
    page::{List, Pagination, Paging},
    parse,
    path::{self, Id},
    query::Query,
    routes::Routes,
    session::Admin,
};

pub(super) fn routes(routes: &mut Routes) {
    routes
        .get("/api/channels/{id}/mail", Action::ManageChannels, list)
        .about("List every mail the server has shown, with its fate");
    routes
        .get("/api/channels/{id}/mail/{mail_id}", Action::ManageChannels, find)
        .about("Read a ledger entry");
    routes
        .get("/api/channels/{id}/mail/{mail_id}/raw", Action::ManageChannels, raw)
        .about("The mail as it came")
        .answers_with("message/rfc822");
    routes
        .post("/api/channels/{id}/mail/{mail_id}/replay", Action::ManageChannels, replay)
        .about("Process a mail again");
}

#[derive(Serialize, ToSchema)]
struct MailView {
    #[schema(value_type = Uuid)]
    id: InboundId,
    #[schema(value_type = Uuid)]
    channel_id: ChannelId,
    #[schema(schema_with = word::<Fate>)]
    fate: &'static str,
    /// Why it was ignored or quarantined, or what kind of mail it is.
    reason: Option<String>,
    from: Option<String>,
    subject: Option<String>,
    /// Bytes.
    size: u64,
    /// Folder, UIDVALIDITY and UID.
    source: String,
    /// Whether its bytes are here to download and process again.
    has_raw: bool,
    backfill: bool,
    attempts: u32,
    #[schema(value_type = Option<Uuid>)]
    message_id: Option<MessageId>,
    #[schema(value_type = Option<Uuid>)]
    conversation_id: Option<ConversationId>,
    #[schema(format = DateTime)]
    received_at: String,
    #[schema(format = DateTime)]
    settled_at: Option<String>,
}

impl From<Inbound> for MailView {
    fn from(it: Inbound) -> Self {
        Self {
            id: it.id,
            channel_id: it.channel_id,
            fate: it.fate.as_str(),
            reason: it.reason,
            from: it.from_address,
            subject: it.subject,
            size: it.size,
            source: it.source_key,
            has_raw: it.file_hash.is_some(),
            backfill: it.backfill,
            attempts: it.attempts,
            message_id: it.message_id,
            conversation_id: it.conversation_id,
            received_at: it.received_at.to_string(),
            settled_at: it.settled_at.map(|it| it.to_string()),
        }
    }
}

#[derive(Deserialize, IntoParams)]
struct Filter {
    #[serde(default, deserialize_with = "parse::optional_word")]
    #[param(schema_with = optional_word::<Fate>)]
    fate: Option<Fate>,
}

async fn list(
    _: Admin,
    id: Id<ChannelId>,
    filter: Query<Filter>,
    paging: Paging,
    desk: web::Data<Desk>,
) -> Result<web::Json<List<MailView>>> {
    let cursor = paging.cursor.as_deref().map(str::parse::<i64>).transpose();
    let before = cursor.map_err(|_| ApiError::invalid("cursor", "is not one of ours"))?;
    // Small for a page asked for by number: a page number has its limit.
    let skip = if before.is_some() { 0 } else { usize::try_from(paging.offset()).unwrap_or(0) };
    let page = inbound::Page { before, skip, limit: paging.per_page as usize };
    let found = inbound::list(&desk, id.0, filter.0.fate, page).await?;
    Ok(web::Json(List {
        data: found.rows.into_iter().map(MailView::from).collect(),
        pagination: Pagination {
            page: before.is_none().then_some(paging.page),
            per_page: paging.per_page,
            total: found.total,
            has_more: found.next.is_some(),
            next_cursor: found.next.map(|it| it.to_string()),
        },
    }))
}

async fn find(
    request: HttpRequest,
    _: Admin,
    id: Id<ChannelId>,
    desk: web::Data<Desk>,
) -> Result<web::Json<MailView>> {
    Ok(web::Json(inbound::find(&desk, id.0, mail_id(&request)?).await?.into()))
}

/// The mail as it came, to be saved: nobody's browser should open what a stranger sent.
async fn raw(
    request: HttpRequest,
    me: Admin,
    id: Id<ChannelId>,
    desk: web::Data<Desk>,
) -> Result<HttpResponse> {
    let mail = mail_id(&request)?;
    let bytes = inbound::raw(&desk, id.0, mail, me.actor()).await?;
    let disposition = format!("attachment; filename=\"{mail}.eml\"");
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CONTENT_TYPE, "message/rfc822"));
    response.insert_header((header::CONTENT_DISPOSITION, disposition));
    Ok(response.body(bytes))
}

async fn replay(
    request: HttpRequest,
    admin: Admin,
    id: Id<ChannelId>,
    desk: web::Data<Desk>,
) -> Result<web::Json<MailView>> {
    Ok(web::Json(inbound::replay(&desk, id.0, mail_id(&request)?, admin.actor()).await?.into()))
}

fn mail_id(request: &HttpRequest) -> Result<InboundId> {
    path::id(request, "mail_id")
}
