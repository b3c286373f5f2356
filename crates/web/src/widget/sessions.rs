//! How the chat looks to a stranger, and becoming a visitor.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Json},
};
use desk::{
    Desk,
    tokens::Token,
    visitors::{
        self, Identity,
        sessions::{self, Arrival, Seen, Session},
    },
};
use domain::{
    policy::Action,
    visitors::{PreChatField, ReplyTime},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Doors, channel,
    limits::{self, Deed},
    told,
};
use crate::{body::Body, error::Result, routes::Routes};

pub(super) fn routes(routes: &mut Routes) {
    routes
        .get("/widget/{channel_id}/config", Action::Enter, config)
        .about("How a chat is to be shown");
    routes.post("/widget/{channel_id}/session", Action::Enter, open).about("Become a visitor");
}

#[derive(Serialize, ToSchema)]
struct ConfigView {
    name: String,
    greeting: Option<String>,
    color: Option<String>,
    #[schema(value_type = String)]
    reply_time: ReplyTime,
    #[schema(value_type = Vec<Object>)]
    pre_chat: Vec<PreChatField>,
    ask_rating: bool,
    enforce_identity: bool,
    is_open: bool,
    #[schema(format = DateTime)]
    opens_at: Option<String>,
    locale: String,
}

async fn config(
    request: HttpRequest,
    desk: Data<Desk>,
    doors: Data<Doors>,
) -> Result<Json<ConfigView>> {
    let channel = channel(&request)?;
    limits::count(&request, channel, None, Deed::Look)?;
    let _turn = doors.coming.turn().await?;
    let it = visitors::welcome(&desk, channel).await?;
    let config = it.site.config.clone();
    Ok(Json(ConfigView {
        name: it.site.channel.name.clone(),
        greeting: config.greeting,
        color: config.color,
        reply_time: config.reply_time,
        pre_chat: config.pre_chat,
        ask_rating: config.ask_rating,
        enforce_identity: config.enforce_identity,
        is_open: it.is_open,
        opens_at: it.opens_at.map(|it| it.to_string()),
        locale: it.locale,
    }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Enter {
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    identity: Option<IdentityBody>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct IdentityBody {
    user_id: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    email: Option<String>,
    expires_at: i64,
    signature: String,
}

#[derive(Serialize)]
struct SessionView {
    token: String,
    expires_at: String,
    visitor: VisitorView,
    unread_count: usize,
    conversation_id: Option<String>,
}

#[derive(Serialize)]
struct VisitorView {
    id: String,
    name: Option<String>,
    email: Option<String>,
    is_verified: bool,
}

async fn open(
    request: HttpRequest,
    body: Body<Enter>,
    desk: Data<Desk>,
    doors: Data<Doors>,
) -> Result<HttpResponse> {
    let channel = channel(&request)?;
    let Enter { token, identity } = body.value;
    let token = token.as_deref().and_then(Token::parse);
    limits::count(&request, channel, token.as_ref(), Deed::Look)?;
    let identity = identity.map(|it| Identity {
        user_id: it.user_id,
        name: it.name,
        email: it.email,
        expires_at: it.expires_at,
        signature: it.signature,
    });
    let _turn = doors.entering.turn().await?;
    let arrival = Arrival { channel, token, identity };
    let arrival = match sessions::look(&desk, arrival).await.map_err(told)? {
        Seen::Known(it) => return Ok(view(it)),
        Seen::Changed(arrival) => arrival,
        Seen::New(arrival) => {
            // Only who is made anew is rare: an office, all of whom are known, shares one address.
            limits::count(&request, channel, None, Deed::Enter)?;
            arrival
        }
    };
    Ok(view(sessions::enter(&desk, arrival).await.map_err(told)?))
}

fn view(it: Session) -> HttpResponse {
    let mut response = if it.is_new { HttpResponse::Created() } else { HttpResponse::Ok() };
    response.json(SessionView {
        token: it.token.reveal().to_owned(),
        expires_at: it.expires_at.to_string(),
        visitor: VisitorView {
            id: it.visitor.id.to_string(),
            name: it.visitor.name,
            email: it.visitor.email,
            is_verified: it.is_verified,
        },
        unread_count: it.unread_count,
        conversation_id: it.conversation.map(|it| it.to_string()),
    })
}
