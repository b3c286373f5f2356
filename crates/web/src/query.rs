//! Query parameters: unknown ones are ignored, a bad value is a 400 that names its parameter.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde::de::DeserializeOwned;

use crate::{
    error::{ApiError, Result},
    words,
};

/// The query as a struct. `#[serde(flatten)]` loses numbers here; read pages with
/// [`crate::page::Paging`].
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse(request.query_string()).map(Self))
    }
}

/// Parses `a=1&b=2`.
pub fn parse<T: DeserializeOwned>(query: &str) -> Result<T> {
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    let deserializer = serde_urlencoded::Deserializer::new(pairs);
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let path = error.path().to_string();
        let message = error.into_inner().to_string();
        let field = crate::body::named_field(&message).map_or(path, str::to_owned);
        ApiError::invalid(field, words::plain(&message))
    })
}

/// A switch in a query: `true` or `1`, `false` or `0`.
pub fn yes_or_no(name: &str, text: Option<&str>) -> Result<Option<bool>> {
    match text {
        None => Ok(None),
        Some("true" | "1") => Ok(Some(true)),
        Some("false" | "0") => Ok(Some(false)),
        Some(_) => Err(ApiError::invalid(name, "must be true or false")),
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::ContactId;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only its parsing is tested")]
    struct Asked {
        page: Option<u32>,
        contact_id: Option<ContactId>,
    }

    #[test]
    fn a_bad_value_is_named_in_plain_words() {
        let cases = [
            ("page=x", "page: must be a whole number"),
            ("page=-1", "page: must be a whole number"),
            ("page=", "page: must be a whole number"),
            ("page=99999999999", "page: must be a whole number"),
            ("contact_id=x", "contact_id: must be an id such as"),
        ];
        for (query, want) in cases {
            let error = parse::<Asked>(query).unwrap_err().to_string();
            assert!(error.starts_with(want), "{query}: {error}");
        }
    }
}
