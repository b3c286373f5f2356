//! A word on a conversation or a contact.

use crate::{
    Timestamp,
    ids::TagId,
    text::{self, TextError},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    pub id: TagId,
    /// As first spelled.
    pub name: String,
    /// `#rrggbb`.
    pub color: String,
    pub created_at: Timestamp,
}

/// A tag's name, checked: one line of at most 60 characters. Compare by [`TagName::key`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagName(String);

impl TagName {
    pub fn parse(text: &str) -> Result<Self, TextError> {
        text::line(text, 60).map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Tags are unique ignoring case.
    pub fn key(&self) -> String {
        text::fold(&self.0)
    }
}

/// A colour somebody chose, as `#rrggbb`; `None` when it is none.
pub fn parse_color(text: &str) -> Option<String> {
    let digits = text.strip_prefix('#')?;
    let is_one = digits.len() == 6 && digits.bytes().all(|it| it.is_ascii_hexdigit());
    is_one.then(|| text.to_ascii_lowercase())
}

/// The colours tags take in turn until someone chooses one; readable on light and dark.
pub const COLORS: [&str; 8] =
    ["#4c6ef5", "#0ca678", "#e8590c", "#ae3ec9", "#1098ad", "#d6336c", "#74b816", "#f08c00"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_six_digits_behind_a_hash() {
        let cases = [
            ("#4c6ef5", Some("#4c6ef5")),
            ("#4C6EF5", Some("#4c6ef5")),
            ("4c6ef5", None),
            ("#fff", None),
            ("#4c6ef5ff", None),
            ("#4c6eg5", None),
            ("#4c6ef\u{e4}", None),
            ("red", None),
        ];
        for (text, want) in cases {
            assert_eq!(parse_color(text).as_deref(), want, "{text}");
        }
        assert!(COLORS.iter().all(|it| parse_color(it).is_some()));
    }
}
