//! Access tokens for XOAUTH2, from the refresh token that a mailbox's owner granted (RFC 6749 §6).

use std::time::Duration;

use domain::Timestamp;
use serde::Deserialize;
use url::Url;

use super::{accounts::Secret, problems::said};
use crate::guard::{self, FetchError, Guard};

const DEADLINE: Duration = Duration::from_secs(30);
const ANSWER_BYTES: usize = 64 * 1024;

/// What the provider gave when the app was registered and the mailbox connected.
#[derive(Debug, Clone)]
pub struct Grant {
    /// `https` only; e.g. `https://oauth2.googleapis.com/token`.
    pub token_url: Url,
    pub client_id: String,
    /// Public clients have none.
    pub client_secret: Option<Secret>,
    pub refresh_token: Secret,
    pub scope: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessToken {
    pub token: Secret,
    pub expires_at: Timestamp,
    /// Some providers replace the refresh token each time; the old one soon stops working.
    pub new_refresh_token: Option<Secret>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OAuthError {
    #[error("the token address must start with https://")]
    NotHttps,
    #[error("{0} says the refresh token was revoked or has expired: reconnect the mailbox")]
    Revoked(String),
    #[error("{0} does not know this app: check client id and client secret")]
    UnknownApp(String),
    #[error("{provider} refused a new access token: {said}")]
    Refused { provider: String, said: String },
    /// Trying again later may help.
    #[error("{provider} gave no access token: {why}")]
    Unavailable { provider: String, why: String },
}

impl OAuthError {
    pub fn needs_a_person(&self) -> bool {
        !matches!(self, Self::Unavailable { .. })
    }
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: Option<i64>,
    refresh_token: Option<String>,
}

#[derive(Deserialize)]
struct Denied {
    error: String,
    error_description: Option<String>,
}

/// Whether secrets may be sent to this URL: over https, or in the clear to an address of this very
/// machine. (The operator has to open it by CIDR besides; see [`Guard`].)
pub fn may_be_asked(url: &Url) -> bool {
    let local = match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        _ => false,
    };
    url.scheme() == "https" || url.scheme() == "http" && local
}

/// Trades the refresh token for an access token. `now` starts the token's lifetime.
pub async fn refresh(
    grant: &Grant,
    guard: &Guard,
    now: Timestamp,
) -> Result<AccessToken, OAuthError> {
    let url = &grant.token_url;
    let provider = provider(url);
    if !may_be_asked(url) {
        return Err(OAuthError::NotHttps);
    }
    let unavailable = |why: String| OAuthError::Unavailable { provider: provider.clone(), why };
    guard.check(url).map_err(|error| unavailable(error.to_string()))?;
    let client = guard.client(DEADLINE).map_err(|error| unavailable(error.to_string()))?;

    let answer = client
        .post(url.clone())
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "application/json")
        .body(form(grant))
        .send()
        .await
        .map_err(|error| unavailable(guard::in_words(&error)))?;
    let status = answer.status();
    let body = guard::read_body(answer, ANSWER_BYTES)
        .await
        .map_err(|error: FetchError| unavailable(error.to_string()))?;

    if status.is_success() {
        let granted: Granted = serde_json::from_slice(&body)
            .map_err(|_| unavailable("its answer cannot be read".to_owned()))?;
        // An hour is what providers give when they do not say.
        let seconds = granted.expires_in.unwrap_or(3600).clamp(60, 24 * 3600);
        return Ok(AccessToken {
            token: Secret::new(granted.access_token),
            expires_at: now.plus_seconds(seconds),
            new_refresh_token: granted.refresh_token.map(Secret::new),
        });
    }
    if status.is_server_error() || status.as_u16() == 429 {
        return Err(unavailable(format!("status {}", status.as_u16())));
    }
    match serde_json::from_slice::<Denied>(&body) {
        Ok(denied) => Err(match denied.error.as_str() {
            "invalid_grant" => OAuthError::Revoked(provider),
            "invalid_client" | "unauthorized_client" => OAuthError::UnknownApp(provider),
            "temporarily_unavailable" | "server_error" => unavailable(said(&denied.error)),
            code => {
                let text = denied.error_description.as_deref().unwrap_or(code);
                OAuthError::Refused { provider, said: said(text) }
            }
        }),
        Err(_) => Err(unavailable(format!("status {}", status.as_u16()))),
    }
}

fn form(grant: &Grant) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "refresh_token");
    form.append_pair("refresh_token", grant.refresh_token.expose());
    form.append_pair("client_id", &grant.client_id);
    if let Some(secret) = &grant.client_secret {
        form.append_pair("client_secret", secret.expose());
    }
    if let Some(scope) = &grant.scope {
        form.append_pair("scope", scope);
    }
    form.finish()
}

/// The name people know the provider by.
fn provider(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let is = |domain: &str| {
        host.strip_suffix(domain).is_some_and(|it| it.is_empty() || it.ends_with('.'))
    };
    if is("google.com") || is("googleapis.com") {
        "Google".to_owned()
    } else if is("microsoftonline.com") || is("live.com") {
        "Microsoft".to_owned()
    } else {
        host.to_owned()
    }
}
