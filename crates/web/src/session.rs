//! The session cookie, and the extractors that say who is asking.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest, HttpResponseBuilder,
    dev::Payload,
    http::header::{self, HeaderValue},
    web::Data,
};
use cookie::{Cookie, SameSite};
use desk::{Desk, sessions::Client, tokens::Token};
use domain::{
    agents::Role,
    events::Actor,
    ids::{AgentId, SessionId},
    policy::{self, Action, Denied, Object},
};

use crate::{
    error::{ApiError, Result},
    keys,
    security::Origin,
};

/// With https the prefix ties the cookie to this very host (RFC 6265bis).
pub(crate) const SECURE_NAME: &str = "__Host-deskbell";
pub(crate) const PLAIN_NAME: &str = "deskbell";
const SECURE_DEVICE_NAME: &str = "__Host-deskbell-device";
const PLAIN_DEVICE_NAME: &str = "deskbell-device";
/// A browser is remembered as known for a year.
const DEVICE_SECONDS: i64 = 365 * 24 * 3600;

/// A signed-in agent whom the policy allowed to use this route.
#[derive(Debug, Clone)]
pub struct SignedIn(pub desk::sessions::SignedIn);

/// Like [`SignedIn`], for routes that are an admin's alone.
#[derive(Debug, Clone)]
pub struct Admin(pub desk::sessions::SignedIn);

impl SignedIn {
    pub fn agent(&self) -> AgentId {
        self.0.agent
    }

    pub fn session(&self) -> Result<SessionId> {
        Ok(self.0.session()?)
    }

    pub fn actor(&self) -> Actor {
        self.0.actor()
    }

    /// Asks the policy about an object the route alone does not decide.
    pub fn may(&self, action: Action, object: Object) -> Result<()> {
        Ok(policy::authorize(&self.0.caller(), action, object)?)
    }
}

impl Admin {
    pub fn agent(&self) -> AgentId {
        self.0.agent
    }

    pub fn actor(&self) -> Actor {
        self.0.actor()
    }
}

impl FromRequest for SignedIn {
    type Error = ApiError;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let found = request.extensions().get::<Self>().cloned();
        ready(found.ok_or_else(|| Denied::NotSignedIn.into()))
    }
}

impl FromRequest for Admin {
    type Error = ApiError;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let found = request.extensions().get::<SignedIn>().cloned();
        ready(match found {
            None => Err(Denied::NotSignedIn.into()),
            Some(it) if it.0.role == Role::Admin => Ok(Self(it.0)),
            Some(_) => Err(Denied::Forbidden.into()),
        })
    }
}

/// Who the request's key or cookie belongs to, if to anyone.
///
/// # Errors
/// 401 for a key that is not good, even beside a cookie that is.
pub(crate) async fn authenticate(
    desk: &Desk,
    request: &HttpRequest,
) -> Result<Option<desk::sessions::SignedIn>> {
    if let Some(presented) = keys::presented(request.headers()) {
        let found = match presented {
            Some(key) => desk::api_keys::authenticate(desk, &key).await?,
            None => None,
        };
        return match found {
            Some(it) => Ok(Some(it)),
            None => Err(keys::refuse(request)),
        };
    }
    let Some(token) = token(request) else { return Ok(None) };
    Ok(desk::sessions::authenticate(desk, &token, &client(request)).await?)
}

/// The session token of the request, if there is one that could be one.
pub(crate) fn token(request: &HttpRequest) -> Option<Token> {
    let name = if is_secure(request) { SECURE_NAME } else { PLAIN_NAME };
    Token::parse(&read(request, name)?)
}

/// What this browser got when somebody signed in with it before.
pub(crate) fn device(request: &HttpRequest) -> Option<String> {
    let name = if is_secure(request) { SECURE_DEVICE_NAME } else { PLAIN_DEVICE_NAME };
    read(request, name)
}

fn read(request: &HttpRequest, name: &str) -> Option<String> {
    let headers = request.headers().get_all(header::COOKIE);
    headers
        .filter_map(|it| it.to_str().ok())
        .flat_map(|it| Cookie::split_parse(it.to_owned()))
        .flatten()
        .find(|it| it.name() == name)
        .map(|it| it.value().to_owned())
}

/// Adds the cookie of a new session. Without an expiry the browser forgets it when it closes; the
/// server decides how long it is good for.
pub(crate) fn set(response: &mut HttpResponseBuilder, request: &HttpRequest, token: &Token) {
    let name = if is_secure(request) { SECURE_NAME } else { PLAIN_NAME };
    append(response, &cookie(request, name, token.reveal().to_owned()));
}

pub(crate) fn set_device(response: &mut HttpResponseBuilder, request: &HttpRequest, mark: String) {
    let name = if is_secure(request) { SECURE_DEVICE_NAME } else { PLAIN_DEVICE_NAME };
    let mut cookie = cookie(request, name, mark);
    cookie.set_max_age(cookie::time::Duration::seconds(DEVICE_SECONDS));
    append(response, &cookie);
}

/// Makes the browser drop its session cookie.
pub(crate) fn clear(response: &mut HttpResponseBuilder, request: &HttpRequest) {
    let name = if is_secure(request) { SECURE_NAME } else { PLAIN_NAME };
    let mut cookie = cookie(request, name, String::new());
    cookie.make_removal();
    append(response, &cookie);
}

fn cookie(request: &HttpRequest, name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build((name, value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(is_secure(request))
        .build()
}

fn append(response: &mut HttpResponseBuilder, cookie: &Cookie<'_>) {
    let value = HeaderValue::from_str(&cookie.to_string())
        .expect("names are fixed, values are ASCII letters, digits and punctuation");
    response.append_header((header::SET_COOKIE, value));
}

fn is_secure(request: &HttpRequest) -> bool {
    let desk = request.app_data::<Data<Desk>>();
    desk.and_then(|it| it.options.public_url.as_ref()).is_some_and(|it| it.scheme() == "https")
}

/// Where the request comes from: the peer, or what a trusted proxy says.
pub(crate) fn client(request: &HttpRequest) -> Client {
    let user_agent = request.headers().get(header::USER_AGENT).and_then(|it| it.to_str().ok());
    Client {
        ip: request.extensions().get::<Origin>().and_then(|it| it.ip),
        user_agent: user_agent.map(|it| domain::text::line_lossy(it, 200)),
    }
}
