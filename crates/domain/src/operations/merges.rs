//! What a merge or a split moved: enough to undo it, and nothing a person wrote.

use serde::{Deserialize, Serialize};

use super::{stored, traces::Trace};
use crate::{Timestamp, conversations::Conversation, ids::ConversationId};

/// One conversation went into another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Merge {
    pub from: ConversationId,
    pub into: ConversationId,
    /// Places of the messages that went over.
    pub moved: Vec<i64>,
    /// What the merged one was like.
    pub was: Merged,
    /// How the other one changed.
    pub trace: Trace,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Merged {
    pub spam: bool,
    pub unread_count: u32,
    #[serde(with = "stored::optional_instant")]
    pub waiting_since: Option<Timestamp>,
    pub tags: Vec<String>,
}

/// The later messages of a conversation became one of their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Split {
    pub from: ConversationId,
    pub made: ConversationId,
}

/// The earlier of two instants, either of which may be missing.
fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}

impl Merged {
    pub fn of(it: &Conversation, tags: Vec<String>) -> Self {
        Self { spam: it.spam, unread_count: it.unread_count, waiting_since: it.waiting_since, tags }
    }

    /// What the one that stays takes over. It has to be open for somebody to wait in it.
    pub fn add_to(&self, it: &mut Conversation, from: &Conversation) {
        it.unread_count = it.unread_count.saturating_add(self.unread_count);
        if it.status != crate::conversations::Status::Resolved {
            it.waiting_since = earlier(it.waiting_since, self.waiting_since);
        }
        if from.first_message_at < it.first_message_at && from.first_response_at.is_some() {
            it.first_response_at = from.first_response_at;
            it.first_response_by = from.first_response_by;
        }
    }
}
