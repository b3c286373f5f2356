//! JSON bodies: typed, bounded in size, depth and time, each problem named by its field.

use std::{collections::HashSet, fmt, future::Future, pin::Pin, time::Duration};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::{StatusCode, header},
    web::{Bytes, BytesMut, Data},
};
use futures_util::StreamExt;
use serde::{
    Deserializer,
    de::{
        DeserializeOwned, DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
    },
};

use crate::{
    error::{ApiError, Result},
    server::WebOptions,
    words,
};

/// Bytes of a JSON body.
pub const LIMIT: usize = 256 * 1024;
/// Bytes of one that brings a message: the longest text and the largest HTML a draft may have, in
/// any script, and room for the addresses.
pub const MESSAGE_LIMIT: usize = 1024 * 1024;
/// Objects and arrays inside each other; no request of ours needs more than a few.
const DEEPEST: usize = 32;

/// How long a client may take to send a body: a connection is a thing others wait for.
#[derive(Debug, Clone, Copy)]
pub struct BodyDeadlines {
    /// Between two pieces.
    pub idle: Duration,
    /// For a whole JSON body.
    pub total: Duration,
}

impl Default for BodyDeadlines {
    fn default() -> Self {
        Self { idle: Duration::from_secs(10), total: Duration::from_secs(30) }
    }
}

/// A JSON body of type `T`, of at most `MOST` bytes.
#[derive(Debug, Clone)]
pub struct Body<T, const MOST: usize = LIMIT> {
    pub value: T,
    /// SHA-256 of method, path and bytes, to know the same request again.
    pub fingerprint: [u8; 32],
}

impl<T: DeserializeOwned, const MOST: usize> Body<T, MOST> {
    /// Reads the body in a handler that has to look at something else first.
    pub async fn read(request: &HttpRequest, payload: &mut Payload) -> Result<Self> {
        let bytes = read_json_bytes(request, payload, MOST).await?;
        let fingerprint = desk::tokens::digest(&[
            request.method().as_str().as_bytes(),
            request.path().as_bytes(),
            &bytes,
        ]);
        Ok(Self { value: parse(&bytes)?, fingerprint })
    }
}

impl<T: DeserializeOwned + 'static, const MOST: usize> FromRequest for Body<T, MOST> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move { Self::read(&request, &mut payload).await })
    }
}

async fn read_json_bytes(
    request: &HttpRequest,
    payload: &mut Payload,
    most: usize,
) -> Result<Bytes> {
    refuse_encoded(request)?;
    let deadlines =
        request.app_data::<Data<WebOptions>>().map_or_else(Default::default, |it| it.body);
    let bytes = read_bytes(request, payload, most, deadlines).await?;
    // An empty body needs no type; anything else must say that it is JSON, which no form of
    // another site can.
    if !bytes.is_empty() && !is_json(request) {
        return Err(ApiError::Refused(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "send the body as JSON, with Content-Type: application/json",
        ));
    }
    Ok(bytes)
}

/// Refuses a compressed body: inflated, it could be a thousand times its size.
pub fn refuse_encoded(request: &HttpRequest) -> Result<()> {
    if request.headers().contains_key(header::CONTENT_ENCODING) {
        return Err(ApiError::Refused(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "send the body without Content-Encoding",
        ));
    }
    Ok(())
}

/// Reads a body of at most `limit` bytes within the deadlines.
pub async fn read_bytes(
    request: &HttpRequest,
    payload: &mut Payload,
    limit: usize,
    deadlines: BodyDeadlines,
) -> Result<Bytes> {
    const TOO_SLOW: ApiError =
        ApiError::Refused(StatusCode::REQUEST_TIMEOUT, "the body came too slowly");
    let declared = request.headers().get(header::CONTENT_LENGTH);
    let declared = declared.and_then(|it| it.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|it| it > limit as u64) {
        return Err(ApiError::TooLarge { most: limit });
    }
    let reading = async {
        let mut bytes = BytesMut::new();
        loop {
            let piece = tokio::time::timeout(deadlines.idle, payload.next());
            let Some(piece) = piece.await.map_err(|_| TOO_SLOW)? else { return Ok(bytes) };
            let piece = piece.map_err(|_| {
                ApiError::Refused(StatusCode::BAD_REQUEST, "the body could not be read")
            })?;
            if bytes.len() + piece.len() > limit {
                return Err(ApiError::TooLarge { most: limit });
            }
            bytes.extend_from_slice(&piece);
        }
    };
    let bytes = tokio::time::timeout(deadlines.total, reading).await.map_err(|_| TOO_SLOW)??;
    Ok(bytes.freeze())
}

fn is_json(request: &HttpRequest) -> bool {
    let mut types = request.headers().get_all(header::CONTENT_TYPE);
    let (Some(first), None) = (types.next(), types.next()) else { return false };
    let essence = first.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

/// Parses JSON strictly: no duplicate keys, bounded depth, nothing after the value.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    if bytes.is_empty() {
        return Err(broken("a JSON body is needed".to_owned()));
    }
    let mut strict = serde_json::Deserializer::from_slice(bytes);
    Strict { depth: 0 }
        .deserialize(&mut strict)
        .and_then(|()| strict.end())
        .map_err(|it| broken(format!("the body is not valid JSON: {it}")))?;
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let message = without_position(&error.into_inner().to_string());
        let field = match named_field(&message) {
            Some(name) if path == "." => name.to_owned(),
            Some(name) if !path.ends_with(name) => format!("{path}.{name}"),
            _ => path,
        };
        let message = words::plain(&message).into_owned();
        if field == "." { broken(message) } else { ApiError::invalid(field, message) }
    })
}

fn broken(message: String) -> ApiError {
    ApiError::Invalid { message, details: Vec::new() }
}

/// Serde names a missing, unknown or duplicate field only in its text.
pub(crate) fn named_field(message: &str) -> Option<&str> {
    let rest = ["missing field `", "unknown field `", "duplicate field `"]
        .iter()
        .find_map(|it| message.strip_prefix(it))?;
    rest.split('`').next()
}

/// "… at line 1 column 5" helps nobody who sent one line.
fn without_position(message: &str) -> String {
    message.rfind(" at line ").map_or(message, |it| &message[..it]).to_owned()
}

/// Walks a value and keeps nothing but the keys of the objects it is in.
#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
}

impl Strict {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth == DEEPEST {
            return Err(E::custom(format!("nested deeper than {DEEPEST} levels")));
        }
        Ok(Self { depth: self.depth + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let inside = self.deeper()?;
        let mut keys = HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            map.next_value_seed(inside)?;
            if let Some(twice) = keys.replace(key) {
                return Err(A::Error::custom(format!("the key {twice:?} stands twice")));
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let inside = self.deeper()?;
        while seq.next_element_seed(inside)?.is_some() {}
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(IgnoredAny).map(drop)
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Asked {
        #[expect(dead_code, reason = "only its parsing is tested")]
        name: String,
        #[serde(default)]
        #[expect(dead_code, reason = "only its parsing is tested")]
        attributes: serde_json::Map<String, serde_json::Value>,
    }

    #[test]
    fn problems_name_their_field() {
        let deep = format!(
            r#"{{"name": "x", "attributes": {{"a": {}1{}}}}}"#,
            "[".repeat(60),
            "]".repeat(60)
        );
        let cases: [(&str, Option<&str>, &str); 10] = [
            (r#"{}"#, Some("name"), "missing field"),
            (r#"{"name": 5}"#, Some("name"), "expected a string"),
            (r#"{"name": null}"#, Some("name"), "expected a string"),
            (r#"{"name": ["a"]}"#, Some("name"), "expected a string"),
            (r#"{"name": "x", "role": "admin"}"#, Some("role"), "unknown field"),
            (r#"{"name": "x", "name": "y"}"#, None, "stands twice"),
            (r#"{"name": "x", "attributes": {"a": 1, "a": 2}}"#, None, "stands twice"),
            (r#"{"name": "x"} {}"#, None, "trailing"),
            (r#""#, None, "needed"),
            (&deep, None, "nested deeper"),
        ];
        for (text, field, part) in cases {
            let ApiError::Invalid { message, details } =
                parse::<Asked>(text.as_bytes()).unwrap_err()
            else {
                panic!("{text}")
            };
            assert!(message.contains(part), "{text}: {message}");
            assert_eq!(details.first().map(|it| it.field.as_str()), field, "{text}");
        }
        assert!(parse::<Asked>(br#"{"name": "x", "attributes": {"a": [{"b": null}]}}"#).is_ok());
        assert!(parse::<Asked>(b"\"\xff\"").is_err());
    }
}
