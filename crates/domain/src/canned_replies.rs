//! Canned replies: text written once, used often.

use crate::{
    Timestamp,
    conversations::Status,
    ids::{AgentId, CannedReplyId},
    tags::TagName,
    text,
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CannedReply {
    pub id: CannedReplyId,
    pub name: String,
    /// What an agent types to get it; unique among the shared ones and among each agent's own.
    pub shortcut: Option<Shortcut>,
    /// Whose it is; nobody's is shared by all.
    pub owner: Option<AgentId>,
    pub created_by: AgentId,
    /// With variables (see [`crate::variables`]).
    pub text: String,
    pub html: Option<String>,
    pub actions: Actions,
    pub use_count: u64,
    pub last_used_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// What happens to a conversation when the reply is used in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Actions {
    pub status: Option<Status>,
    pub tags: Vec<TagName>,
    pub assign: Option<AssignTo>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssignTo {
    /// Whoever uses the reply.
    User,
    Agent(AgentId),
}

impl CannedReply {
    /// Whether a search for `words` (folded) finds it.
    pub fn matches(&self, words: &str) -> bool {
        let shortcut = self.shortcut.as_ref().map_or("", Shortcut::as_str);
        let all = text::fold(&format!("{shortcut}\n{}\n{}", self.name, self.text));
        words.split_whitespace().all(|it| all.contains(it))
    }
}

/// One word of at most 40 characters. Compare by [`Shortcut::key`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortcut(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShortcutError {
    #[error(transparent)]
    Text(#[from] text::TextError),
    #[error("must be one word, without a slash or spaces")]
    NotOneWord,
}

impl Shortcut {
    pub fn parse(text: &str) -> Result<Self, ShortcutError> {
        let word = text::line(text, 40)?;
        if word.contains(|it: char| it.is_whitespace() || matches!(it, '/' | '{' | '}')) {
            return Err(ShortcutError::NotOneWord);
        }
        Ok(Self(word))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Shortcuts are the same in any case.
    pub fn key(&self) -> String {
        text::fold(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortcut_is_one_word_in_any_case() {
        assert_eq!(Shortcut::parse(" Refund ").unwrap().key(), "refund");
        for bad in ["", "two words", "/refund", "a\u{a0}b", &"x".repeat(41)] {
            assert!(Shortcut::parse(bad).is_err(), "{bad:?}");
        }
    }
}
