//! Closed sets of words, listed where they are taken or answered:
//! `#[schema(schema_with = word::<Status>)]`.

use std::str::FromStr;

use domain::words::UnknownWord;
use utoipa::openapi::{
    ObjectBuilder,
    schema::{Schema, SchemaType, Type},
};

pub(crate) fn word<T: FromStr<Err = UnknownWord>>() -> Schema {
    let words = known::<T>().into_iter().map(Into::into).collect::<Vec<serde_json::Value>>();
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).into()
}

/// A word, or null.
pub(crate) fn optional_word<T: FromStr<Err = UnknownWord>>() -> Schema {
    let words = known::<T>().into_iter().map(Into::into);
    let words = words.chain([serde_json::Value::Null]).collect::<Vec<_>>();
    let kind = SchemaType::from_iter([Type::String, Type::Null]);
    ObjectBuilder::new().schema_type(kind).enum_values(Some(words)).into()
}

/// No set has the empty word, and the error lists those it has.
fn known<T: FromStr<Err = UnknownWord>>() -> Vec<&'static str> {
    T::from_str("").err().map(|it| it.known).unwrap_or_default()
}
