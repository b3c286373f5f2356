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

/// The colours tags take in turn until someone chooses one; readable on light and dark.
pub const COLORS: [&str; 8] =
    ["#4c6ef5", "#0ca678", "#e8590c", "#ae3ec9", "#1098ad", "#d6336c", "#74b816", "#f08c00"];
