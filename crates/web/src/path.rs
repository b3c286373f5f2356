//! Parameters in a path.

use std::{
    future::{Ready, ready},
    str::FromStr,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use desk::DeskError;

use crate::error::{ApiError, Result};

/// The `{id}` of a path. A malformed one is a 404: there is nothing by that name.
#[derive(Debug, Clone, Copy)]
pub struct Id<T>(pub T);

impl<T: FromStr> FromRequest for Id<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(id(request, "id").map(Self))
    }
}

/// An id under another name, e.g. `{message_id}`.
pub fn id<T: FromStr>(request: &HttpRequest, name: &str) -> Result<T> {
    // Only the canonical form: an object has one address.
    let text = request.match_info().get(name).filter(|it| it.len() == 36);
    let id = text.and_then(|it| it.parse().ok());
    id.ok_or(ApiError::Desk(DeskError::NotFound("object")))
}

/// A parameter that is text, with percent-encoding undone.
pub fn text(request: &HttpRequest, name: &str) -> Result<String> {
    let raw = request.match_info().get(name).unwrap_or_default();
    let decoded = percent_encoding::percent_decode_str(raw).decode_utf8();
    decoded.map(|it| it.into_owned()).map_err(|_| ApiError::Desk(DeskError::NotFound("object")))
}
