//! Suggested replies: what they rest on, how well they fit, and what of other people they hide.

pub mod masks;
pub mod ranking;
pub mod summaries;

use crate::{
    ids::{ArticleId, CannedReplyId, ConversationId},
    text,
};

/// Characters of an excerpt.
const EXCERPT: usize = 400;

/// Who made a suggestion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Engine {
    /// Found, not written: an earlier answer, a canned reply or a passage of an article.
    Retrieval,
    /// Drafted by the model of this name.
    Model(String),
}

/// What a suggestion rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    pub origin: Origin,
    pub title: String,
    /// What it says, with other people's data masked.
    pub text: String,
    /// 0 to 1: how much of what was asked it speaks of.
    pub fit: f64,
}

impl Source {
    /// What it says in a line or two.
    pub fn excerpt(&self) -> String {
        text::line_lossy(&self.text, EXCERPT)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Conversation(ConversationId),
    CannedReply(CannedReplyId),
    Article(ArticleId),
}

impl Origin {
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Conversation(_) => "conversation",
            Self::CannedReply(_) => "canned_reply",
            Self::Article(_) => "article",
        }
    }

    pub fn id(&self) -> uuid::Uuid {
        match self {
            Self::Conversation(id) => id.0,
            Self::CannedReply(id) => id.0,
            Self::Article(id) => id.0,
        }
    }
}

/// A thousand tokens, or a part of them, cost one credit.
pub fn credits(tokens: u64) -> u64 {
    tokens.div_ceil(1_000)
}
