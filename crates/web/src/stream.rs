//! The live stream over HTTP: server-sent events (the WHATWG HTML standard, §9.2).

mod connection;
mod frames;
mod hub;
mod presence;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, StatusCode, header},
    web::Data,
};
use desk::{
    Desk,
    live::{Limits, Listeners, Refusal},
};
use domain::policy::Action;
use std::time::Duration;

use self::connection::Connection;
pub(crate) use self::hub::Hub;
use crate::{
    error::{ApiError, Result},
    routes::Routes,
    server::WebOptions,
    session::SignedIn,
};

/// How streams are kept.
#[derive(Debug, Clone, Copy)]
pub struct StreamOptions {
    pub limits: Limits,
    /// Something is sent at least so often, so that whoever is gone is noticed and no proxy hangs up.
    pub heartbeat: Duration,
    /// Pieces of news a reader may fall behind before it is dropped.
    pub behind: usize,
}

impl Default for StreamOptions {
    fn default() -> Self {
        Self { limits: Limits::default(), heartbeat: Duration::from_secs(15), behind: 512 }
    }
}

pub(crate) fn routes(routes: &mut Routes) {
    routes
        .get("/sse", Action::ReadConversations, listen)
        .about("Listen to what happens (server-sent events); goes on after Last-Event-ID")
        .answers_with("text/event-stream");
    presence::routes(routes);
}

async fn listen(
    who: SignedIn,
    request: HttpRequest,
    desk: Data<Desk>,
    hub: Data<Hub>,
    options: Data<WebOptions>,
) -> Result<HttpResponse> {
    let mut response = HttpResponse::Ok();
    response
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store, no-transform"))
        // nginx would keep it back otherwise.
        .insert_header(("X-Accel-Buffering", "no"));
    if *request.method() == Method::HEAD {
        return Ok(response.finish());
    }
    let listener =
        Listeners::enter(&desk, who.0, options.stream.limits).map_err(|refusal| match refusal {
            Refusal::TooManyOfOne => ApiError::Refused(
                StatusCode::TOO_MANY_REQUESTS,
                "you have too many live streams open; close some",
            ),
            Refusal::TooMany => {
                ApiError::Refused(StatusCode::SERVICE_UNAVAILABLE, "too many live streams are open")
            }
            Refusal::Stopping => {
                ApiError::Refused(StatusCode::SERVICE_UNAVAILABLE, "the server stops")
            }
        })?;
    let last = request.headers().get("Last-Event-ID").map(|it| it.to_str().unwrap_or_default());
    let connection =
        Connection::new(listener, desk.get_ref().clone(), hub, last, options.stream.heartbeat);
    // Nothing may follow an endless answer.
    Ok(response.force_close().streaming(connection.into_stream()))
}
