//! Which sites may talk to a chat (the WHATWG Fetch standard, §3.2): those its channel names and our own
//! pages. It keeps browsers of others out; it is no permission, which the token alone is.

use actix_web::{
    HttpResponse,
    dev::ServiceRequest,
    http::{
        Method, StatusCode,
        header::{self, HeaderMap, HeaderValue},
    },
    web::Data,
};
use desk::{Desk, DeskError, visitors};
use domain::{ids::ChannelId, visitors::WebOrigin};

use super::limits;
use crate::{
    error::{ApiError, Result},
    security,
};

const BEFORE: &str = "/widget/";

/// Whether a path belongs to visitors: no cookie counts there, so a request of another site does no
/// harm.
pub(crate) fn is_for_visitors(path: &str) -> bool {
    path.starts_with(BEFORE)
}

/// Another site that may read an answer.
pub(crate) struct Site(HeaderValue);

/// # Errors
/// 403 for a site that may not, and for pages that do not say where they come from (`null`); 429 when
/// they, or browsers that only ask first, come too often. Whatever goes on is counted by its handler.
pub(crate) async fn judge(request: &ServiceRequest, host: &str) -> Result<Option<Site>> {
    let mut sent = request.headers().get_all(header::ORIGIN);
    let (first, second) = (sent.next(), sent.next());
    if !is_for_visitors(request.path()) {
        return Ok(None);
    }
    let Some(said) = first else { return Ok(None) };
    let desk = request.app_data::<Data<Desk>>().ok_or(ApiError::Panicked)?;
    let origin = said.to_str().ok().filter(|_| second.is_none());
    if origin.is_some_and(|it| security::is_ours(it, host, desk.options.public_url.as_ref())) {
        return Ok(None);
    }
    let Some(channel) = channel(request.path()) else { return Ok(None) };
    // From memory: whoever may not ask costs no read.
    let site = match visitors::site(desk, channel).await {
        Ok(site) => site,
        // The handler says that it is missing.
        Err(DeskError::NotFound(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let origin = origin.and_then(|it| WebOrigin::parse(it).ok());
    let may = origin.is_some_and(|it| site.config.allowed_origins.contains(&it));
    if !may || *request.method() == Method::OPTIONS {
        limits::count_asked(request.request())?;
    }
    may.then(|| Some(Site(said.clone()))).ok_or(REFUSED)
}

const REFUSED: ApiError = ApiError::Refused(
    StatusCode::FORBIDDEN,
    "this site may not show the chat; an admin can add it to the channel's allowed_origins",
);

fn channel(path: &str) -> Option<ChannelId> {
    let id = path.strip_prefix(BEFORE)?.split('/').next()?;
    id.parse().ok().filter(|_| id.len() == 36)
}

/// The answer to a browser that asks before it sends.
pub(crate) fn preflight(request: &ServiceRequest) -> Option<HttpResponse> {
    let asks = *request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if !asks {
        return None;
    }
    let mut response = HttpResponse::NoContent();
    response
        .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"))
        .insert_header((
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization, content-type, last-event-id",
        ))
        .insert_header((header::ACCESS_CONTROL_MAX_AGE, "600"));
    Some(response.finish())
}

/// Tells the browser that its page may read the answer. Never with credentials: there are none.
pub(crate) fn allow(site: Option<&Site>, headers: &mut HeaderMap) {
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    let Some(Site(origin)) = site else { return };
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("Retry-After"));
}
