//! Web chat over HTTP: the files other sites load, and the API of the panel they open.
//!
//! Visitors have a bearer token and nothing else: no cookie is read or set here, so no page of another
//! site can act in anybody's name.

mod attachments;
pub(crate) mod cors;
mod doors;
mod events;
mod limits;
mod messages;
mod pages;
mod sessions;
mod views;

use actix_web::{
    HttpMessage, HttpRequest,
    http::{StatusCode, header},
};
use desk::{DeskError, tokens::Token, visitors::live};
use domain::{ids::ChannelId, policy::Denied};
use std::time::Duration;

pub(crate) use self::{
    doors::Doors,
    limits::{Rates, Visits},
};
use crate::{
    error::{ApiError, Result},
    path,
    routes::Routes,
    security::Origin,
};

/// How web chat is served.
#[derive(Debug, Clone, Copy)]
pub struct WidgetOptions {
    pub streams: live::Limits,
    pub heartbeat: Duration,
    /// A chat to be shown on a page of its own at `/demo`.
    pub demo: Option<ChannelId>,
    pub rates: Rates,
}

impl Default for WidgetOptions {
    fn default() -> Self {
        Self {
            streams: live::Limits::default(),
            // What a closed page leaves is noticed by the second one that cannot be sent.
            heartbeat: Duration::from_secs(10),
            demo: None,
            rates: Rates::default(),
        }
    }
}

pub(crate) fn routes(routes: &mut Routes) {
    pages::routes(routes);
    sessions::routes(routes);
    messages::routes(routes);
    attachments::routes(routes);
    events::routes(routes);
}

/// Whose chat a request is about. A malformed id is nobody's.
fn channel(request: &HttpRequest) -> Result<ChannelId> {
    path::id(request, "channel_id").map_err(|_| DeskError::NotFound("chat").into())
}

const OVER: ApiError = ApiError::Refused(
    StatusCode::UNAUTHORIZED,
    "this chat session is over, or was never one; ask for a new one",
);

/// The visitor's token (RFC 6750 §2.1).
fn bearer(request: &HttpRequest) -> Result<Token> {
    let mut sent = request.headers().get_all(header::AUTHORIZATION);
    let (Some(sent), None) = (sent.next(), sent.next()) else { return Err(OVER) };
    let sent = sent.to_str().ok().and_then(|it| it.split_once(' '));
    let (scheme, token) = sent.ok_or(OVER)?;
    let token = Token::parse(token.trim()).filter(|_| scheme.eq_ignore_ascii_case("bearer"));
    token.ok_or(OVER)
}

/// A visitor has nowhere to sign in: they need another session.
fn told(error: DeskError) -> ApiError {
    match error {
        DeskError::Denied(Denied::NotSignedIn) => OVER,
        other => ApiError::Desk(other),
    }
}

/// The network a request comes from.
fn network(request: &HttpRequest) -> String {
    let ip = request.extensions().get::<Origin>().and_then(|it| it.ip);
    desk::throttles::network(ip)
}
