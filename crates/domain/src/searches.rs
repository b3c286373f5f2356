//! What a person types to find conversations: words, `"phrases"`, `prefixes*`, and operators such as
//! `tag:billing -status:resolved after:2026-01-31`.

use std::fmt;

use crate::{conversations::Status, zone::Day};

mod parse;
pub mod snippets;

/// More operators than this mean nothing to anybody; the rest are taken for words.
const MOST_CONDITIONS: usize = 20;

/// A search, taken apart. What is no operator we know is a word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    pub words: Vec<Word>,
    pub conditions: Vec<Condition>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// Without white space and quotes; a `*` at its end asks for what begins so.
    Plain(String),
    /// Words that stand together, without quotes.
    Phrase(String),
}

/// One operator with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    pub test: Test,
    /// `-` before it: what must not be so.
    pub negated: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// The customer, by address or name.
    From(String),
    /// Who was written to: one of our addresses, or an address that somebody put in to or cc.
    To(String),
    Tag(String),
    Status(Status),
    /// By name, type, address or id.
    Channel(String),
    Assignee(Who),
    /// Until the day begins.
    Before(When),
    /// From the beginning of the day.
    After(When),
    HasAttachment,
    Unread,
    Spam,
    /// The short number people use.
    Number(i64),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    Me,
    Nobody,
    /// By name, address or id.
    Named(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    Day(Day),
    Today,
    Yesterday,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} cannot be turned around with a minus")]
pub struct NotNegatable(&'static str);

impl Search {
    /// # Errors
    /// A minus before an operator that cannot be turned around.
    pub fn parse(text: &str) -> Result<Self, NotNegatable> {
        parse::search(text)
    }

    /// Whether there is nothing to look for and nothing to ask of a conversation.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.conditions.is_empty()
    }
}

/// The search as it can be typed; it is parsed back to the same one.
impl fmt::Display for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let conditions = self.conditions.iter().map(ToString::to_string);
        let words = self.words.iter().map(ToString::to_string);
        let all: Vec<String> = conditions.chain(words).collect();
        f.write_str(&all.join(" "))
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(it) => f.write_str(it),
            Self::Phrase(it) => write!(f, "\"{it}\""),
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.negated { "-" } else { "" })?;
        let text = |it: &str| match it.contains(char::is_whitespace) {
            true => format!("\"{it}\""),
            false => it.to_owned(),
        };
        match &self.test {
            Test::From(it) => write!(f, "from:{}", text(it)),
            Test::To(it) => write!(f, "to:{}", text(it)),
            Test::Tag(it) => write!(f, "tag:{}", text(it)),
            Test::Status(it) => write!(f, "status:{it}"),
            Test::Channel(it) => write!(f, "channel:{}", text(it)),
            Test::Assignee(Who::Me) => f.write_str("assignee:me"),
            Test::Assignee(Who::Nobody) => f.write_str("assignee:none"),
            Test::Assignee(Who::Named(it)) => write!(f, "assignee:{}", text(it)),
            Test::Before(it) => write!(f, "before:{it}"),
            Test::After(it) => write!(f, "after:{it}"),
            Test::HasAttachment => f.write_str("has:attachment"),
            Test::Unread => f.write_str("is:unread"),
            Test::Spam => f.write_str("is:spam"),
            Test::Number(it) => write!(f, "number:{it}"),
        }
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(it) => it.fmt(f),
            Self::Today => f.write_str("today"),
            Self::Yesterday => f.write_str("yesterday"),
        }
    }
}
