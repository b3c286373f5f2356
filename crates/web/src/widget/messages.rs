//! What a visitor writes and reads.

use std::collections::BTreeMap;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Json},
};
use desk::{
    Desk,
    visitors::{
        history, live, ratings, readings,
        writing::{self, NewMessage},
    },
};
use domain::{
    ids::{AttachmentId, MessageId},
    policy::Action,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{
    Doors, bearer, channel,
    limits::{self, Deed},
    told,
    views::{ConversationView, Links, MessageView},
};
use crate::{
    body::Body,
    error::{ApiError, Result},
    query,
    routes::Routes,
};

const USUAL_PAGE: u32 = 30;
const LARGEST_PAGE: u32 = 100;

pub(super) fn routes(routes: &mut Routes) {
    routes
        .get("/widget/{channel_id}/messages", Action::Enter, list)
        .about("Read what was written, newest page first");
    routes.post("/widget/{channel_id}/messages", Action::Enter, write).about("Write a message");
    routes
        .post("/widget/{channel_id}/read", Action::Enter, read)
        .about("Say that everything up to a message was read");
    routes
        .post("/widget/{channel_id}/typing", Action::Enter, typing)
        .about("Say that you type, or have stopped");
    routes
        .post("/widget/{channel_id}/rating", Action::Enter, rate)
        .about("Rate a resolved conversation");
}

#[derive(Deserialize)]
struct Asked {
    before: Option<MessageId>,
    limit: Option<u32>,
}

#[derive(Serialize)]
struct HistoryView {
    data: Vec<MessageView>,
    has_more: bool,
    conversation: Option<ConversationView>,
    agent_last_read_at: Option<String>,
}

async fn list(request: HttpRequest, desk: Data<Desk>, doors: Data<Doors>) -> Result<HttpResponse> {
    let (channel, token) = (channel(&request)?, bearer(&request));
    let asked: Asked = query::parse(request.query_string())?;
    let token = token?;
    limits::count(&request, channel, Some(&token), Deed::Look)?;
    let limit = asked.limit.unwrap_or(USUAL_PAGE);
    if !(1..=LARGEST_PAGE).contains(&limit) {
        return Err(ApiError::invalid("limit", format!("must be 1 to {LARGEST_PAGE}")));
    }
    let _turn = doors.coming.turn().await?;
    let page = history::page(&desk, channel, token, asked.before, limit).await.map_err(told)?;
    let links = Links { keys: &desk.keys, channel, now: desk.clock.now() };
    let data = page.messages.into_iter().map(|it| MessageView::new(it, links));
    Ok(HttpResponse::Ok().json(HistoryView {
        data: data.collect(),
        has_more: page.has_more,
        conversation: page.conversation.map(ConversationView::from),
        agent_last_read_at: page.agent_read_at.map(|it| it.to_string()),
    }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Write {
    text: String,
    client_id: String,
    #[serde(default)]
    #[schema(value_type = Vec<Uuid>)]
    attachment_ids: Vec<AttachmentId>,
    #[serde(default)]
    #[schema(value_type = Object)]
    pre_chat: BTreeMap<String, String>,
    #[serde(default)]
    new_conversation: bool,
}

async fn write(request: HttpRequest, body: Body<Write>, desk: Data<Desk>) -> Result<HttpResponse> {
    let channel = channel(&request)?;
    let token = bearer(&request)?;
    limits::count(&request, channel, Some(&token), Deed::Write)?;
    let Write { text, client_id, attachment_ids, pre_chat, new_conversation } = body.value;
    let new =
        NewMessage { text, attachments: attachment_ids, client_id, pre_chat, new_conversation };
    let written = writing::write(&desk, channel, token, new).await.map_err(told)?;
    let links = Links { keys: &desk.keys, channel, now: desk.clock.now() };
    let mut response = if written.is_new { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(response.json(MessageView::new(written.shown, links)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Read {
    #[schema(value_type = Uuid)]
    message_id: MessageId,
}

async fn read(request: HttpRequest, body: Body<Read>, desk: Data<Desk>) -> Result<Json<Value>> {
    let channel = channel(&request)?;
    let token = bearer(&request)?;
    limits::count(&request, channel, Some(&token), Deed::Signal)?;
    readings::read(&desk, channel, token, body.value.message_id).await.map_err(told)?;
    Ok(Json(json!({ "read": body.value.message_id })))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Typing {
    is_typing: bool,
}

async fn typing(request: HttpRequest, body: Body<Typing>, desk: Data<Desk>) -> Result<Json<Value>> {
    let channel = channel(&request)?;
    let token = bearer(&request)?;
    limits::count(&request, channel, Some(&token), Deed::Signal)?;
    let is_typing = body.value.is_typing;
    live::set_typing(&desk, channel, token, is_typing).await.map_err(told)?;
    Ok(Json(json!({ "is_typing": is_typing })))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Rating {
    score: u8,
    #[serde(default)]
    comment: Option<String>,
}

async fn rate(request: HttpRequest, body: Body<Rating>, desk: Data<Desk>) -> Result<HttpResponse> {
    let channel = channel(&request)?;
    let token = bearer(&request)?;
    limits::count(&request, channel, Some(&token), Deed::Write)?;
    let Rating { score, comment } = body.value;
    let rated = ratings::rate(&desk, channel, token, score, comment).await.map_err(told)?;
    Ok(HttpResponse::Ok().json(ConversationView::from(rated)))
}
