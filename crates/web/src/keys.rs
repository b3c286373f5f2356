//! API keys in a request: which headers carry one.

use actix_web::{
    HttpRequest,
    http::{StatusCode, header::HeaderMap},
};
use desk::tokens::KeyToken;

use crate::{error::ApiError, limits};

/// The headers that carry nothing but a key.
const OWN_HEADERS: [&str; 2] = ["api_key", "access_token"];
/// The schemes of `Authorization` that carry one. Others, such as a proxy's `Basic`, are not ours.
const SCHEMES: [&str; 2] = ["bearer", "api_key"];

/// The key of a request, `Some(None)` for one that cannot be a key: who brings a key wants to be
/// known by it, not by a cookie. An address never carries one: addresses end up in logs.
pub(crate) fn presented(headers: &HeaderMap) -> Option<Option<KeyToken>> {
    let text = |name: &str| Some(headers.get(name)?.to_str().unwrap_or_default().trim());
    let authorization = text("authorization").and_then(|it| {
        let (scheme, key) = it.split_once(' ').unwrap_or((it, ""));
        SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known)).then_some(key.trim())
    });
    let found = authorization.or_else(|| OWN_HEADERS.iter().find_map(|it| text(it)))?;
    Some(KeyToken::parse(found))
}

/// The answer to a key that is not good, and soon to too many of them.
pub(crate) fn refuse(request: &HttpRequest) -> ApiError {
    match limits::bad_key(request) {
        Err(too_many) => too_many,
        Ok(()) => ApiError::Refused(
            StatusCode::UNAUTHORIZED,
            "this key is not valid: it was revoked, has expired, or never was one",
        ),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn a_key_is_found_in_its_headers_and_nowhere_else() {
        let key = KeyToken::random();
        let bearer = format!("bearer  {}", key.reveal());
        let own_scheme = format!("API_Key {}", key.reveal());
        let found = Some(Some(key.clone()));
        let cases: [(&[(&'static str, &str)], _); 11] = [
            (&[], None),
            (&[("authorization", &bearer)], found.clone()),
            (&[("authorization", &own_scheme)], found.clone()),
            (&[("api_key", key.reveal())], found.clone()),
            (&[("access_token", key.reveal())], found.clone()),
            (&[("authorization", "Basic eDp5"), ("api_key", key.reveal())], found.clone()),
            (&[("authorization", "Bearer x"), ("api_key", key.reveal())], Some(None)),
            (&[("authorization", "Basic eDp5")], None),
            (&[("authorization", "Bearer")], Some(None)),
            (&[("api_key", "")], Some(None)),
            (&[("x-other", key.reveal())], None),
        ];
        for (sent, want) in cases {
            let mut headers = HeaderMap::new();
            for (name, value) in sent {
                let value = HeaderValue::from_str(value).unwrap();
                headers.append(HeaderName::from_static(name), value);
            }
            assert_eq!(presented(&headers), want, "{sent:?}");
        }
    }
}
