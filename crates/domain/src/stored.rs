//! Words and instants in stored documents: `#[serde(with = "stored::word")]`.

use std::{fmt::Display, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::Timestamp;

pub mod word {
    use super::*;

    pub fn serialize<T: Display, S: Serializer>(it: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(it)
    }

    pub fn deserialize<'de, D, T>(deserializer: D) -> Result<T, D::Error>
    where
        D: Deserializer<'de>,
        T: FromStr<Err: Display>,
    {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

pub mod optional_word {
    use super::*;

    pub fn serialize<T: Display, S: Serializer>(
        it: &Option<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        it.as_ref().map(ToString::to_string).serialize(serializer)
    }

    pub fn deserialize<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
    where
        D: Deserializer<'de>,
        T: FromStr<Err: Display>,
    {
        let word = Option::<String>::deserialize(deserializer)?;
        word.map(|it| it.parse()).transpose().map_err(D::Error::custom)
    }
}

/// Milliseconds UTC.
pub mod optional_instant {
    use super::*;

    pub fn serialize<S: Serializer>(
        it: &Option<Timestamp>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        it.map(|it| it.0).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        Ok(Option::<i64>::deserialize(deserializer)?.map(Timestamp))
    }
}
