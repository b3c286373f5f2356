//! A field of a `PATCH` body: left out, cleared, or set.

use serde::{Deserialize, Deserializer};

/// Use with `#[serde(default)]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// Left out: unchanged.
    #[default]
    Absent,
    /// `null`: cleared.
    Null,
    Value(T),
}

impl<T> Patch<T> {
    /// `None` when left out, `Some(None)` when cleared.
    pub fn into_option(self) -> Option<Option<T>> {
        match self {
            Self::Absent => None,
            Self::Null => Some(None),
            Self::Value(it) => Some(Some(it)),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Option::<T>::deserialize(deserializer)?;
        Ok(value.map_or(Self::Null, Self::Value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Body {
        #[serde(default)]
        notes: Patch<String>,
    }

    #[test]
    fn tells_absent_from_null() {
        let cases = [
            ("{}", Patch::Absent),
            (r#"{"notes": null}"#, Patch::Null),
            (r#"{"notes": "x"}"#, Patch::Value("x".to_owned())),
        ];
        for (text, want) in cases {
            assert_eq!(serde_json::from_str::<Body>(text).unwrap().notes, want, "{text}");
        }
        assert!(serde_json::from_str::<Body>(r#"{"notes": 5}"#).is_err());
    }
}
