//! Serde attributes for values that parse from text: `#[serde(deserialize_with = "parse::word")]`.

use std::{fmt::Display, str::FromStr};

use domain::Timestamp;
use serde::{Deserialize, Deserializer, de::Error};

/// A value with `FromStr`, such as a status or a role.
pub fn word<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}

/// Like [`word`]; with `#[serde(default)]` it may be left out, and `null` is none.
pub fn optional_word<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|it| it.parse()).transpose().map_err(D::Error::custom)
}

/// A field that may be left out (with `#[serde(default)]`) but not be `null`.
pub fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// RFC 3339.
pub fn time<'de, D>(deserializer: D) -> Result<Timestamp, D::Error>
where
    D: Deserializer<'de>,
{
    Timestamp::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

/// RFC 3339; with `#[serde(default)]` it may be left out, and `null` is none.
pub fn optional_time<'de, D>(deserializer: D) -> Result<Option<Timestamp>, D::Error>
where
    D: Deserializer<'de>,
{
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|it| Timestamp::parse(&it)).transpose().map_err(D::Error::custom)
}
