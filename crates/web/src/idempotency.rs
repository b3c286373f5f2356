//! `Idempotency-Key`: offered by every create.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use desk::idempotency::Claim;
use domain::policy::Denied;
use uuid::Uuid;

use crate::{
    body::Body,
    error::{ApiError, Result},
    session::SignedIn,
};

const LONGEST: usize = 255;

/// The key of this request, if it has one.
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    actor: Uuid,
    key: Option<String>,
}

impl IdempotencyKey {
    /// What the use case needs to know this request again.
    pub fn claim<T, const MOST: usize>(&self, body: &Body<T, MOST>) -> Option<Claim> {
        self.claim_of(body.fingerprint)
    }

    /// As [`Self::claim`], of a request whose body is no JSON.
    pub fn claim_of(&self, fingerprint: [u8; 32]) -> Option<Claim> {
        let key = self.key.clone()?;
        Some(Claim { actor: self.actor, key, fingerprint })
    }
}

impl FromRequest for IdempotencyKey {
    type Error = ApiError;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request))
    }
}

fn read(request: &HttpRequest) -> Result<IdempotencyKey> {
    let signed_in = request.extensions().get::<SignedIn>().cloned();
    let actor = signed_in.ok_or(Denied::NotSignedIn)?.0.scope();
    let Some(value) = request.headers().get("Idempotency-Key") else {
        return Ok(IdempotencyKey { actor, key: None });
    };
    let key = value.to_str().unwrap_or_default();
    if key.is_empty() || key.len() > LONGEST {
        let message = format!("must be 1 to {LONGEST} printable ASCII characters");
        return Err(ApiError::invalid("Idempotency-Key", message));
    }
    Ok(IdempotencyKey { actor, key: Some(key.to_owned()) })
}
