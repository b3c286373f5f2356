//! What is done to many things at once, kept so that it can be undone.

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    agents::Role,
    conversations::{Priority, Status},
    ids::{AgentId, OperationId},
    stored,
    views::Query,
};

pub mod merges;
pub mod people;
pub mod traces;

crate::words!(OperationKind, "kind of operation", {
    /// One change to many conversations.
    Bulk => "bulk",
    MergeConversations => "merge_conversations",
    SplitConversation => "split_conversation",
    MergeContacts => "merge_contacts",
});

crate::words!(OperationState, "state of an operation", {
    /// What matches is being looked for; nothing has changed yet.
    Collecting => "collecting",
    Running => "running",
    Done => "done",
    /// It stopped before its end; what it changed until then can be undone.
    Failed => "failed",
    Undoing => "undoing",
    Undone => "undone",
});

impl OperationState {
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Undone)
    }
}

crate::words!(ItemState, "state of a conversation in an operation", {
    Waiting => "waiting",
    Changed => "changed",
    /// It was so already.
    Same => "same",
    /// It could not be changed, or is no longer there.
    Skipped => "skipped",
    Restored => "restored",
    /// Changed by somebody since; undoing left it alone.
    Kept => "kept",
});

#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// 0 until stored.
    pub seq: i64,
    pub id: OperationId,
    pub state: OperationState,
    pub author: AgentId,
    /// Under which role it runs, at most.
    pub author_role: Role,
    pub details: Details,
    /// None while what matches is being collected.
    pub total: Option<u64>,
    pub tally: Tally,
    pub error: Option<String>,
    pub undone_by: Option<(AgentId, Role)>,
    pub created_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    pub undone_at: Option<Timestamp>,
}

/// How many conversations have come to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub changed: u64,
    pub same: u64,
    pub skipped: u64,
    pub restored: u64,
    pub kept: u64,
}

impl Tally {
    /// How many have been looked at.
    pub fn done(&self) -> u64 {
        self.changed + self.same + self.skipped
    }
}

/// What was asked: a stored document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Details {
    Bulk(Bulk),
    MergeConversations(merges::Merge),
    SplitConversation(merges::Split),
    MergeContacts(people::ContactMerge),
}

impl Details {
    pub fn kind(&self) -> OperationKind {
        match self {
            Self::Bulk(_) => OperationKind::Bulk,
            Self::MergeConversations(_) => OperationKind::MergeConversations,
            Self::SplitConversation(_) => OperationKind::SplitConversation,
            Self::MergeContacts(_) => OperationKind::MergeContacts,
        }
    }

    /// What there is after it: where a merge went, what a split made.
    pub fn target(&self) -> Option<uuid::Uuid> {
        match self {
            Self::Bulk(_) => None,
            Self::MergeConversations(it) => Some(it.into.0),
            Self::SplitConversation(it) => Some(it.made.0),
            Self::MergeContacts(it) => Some(it.into.0),
        }
    }

    /// What it was made of.
    pub fn other(&self) -> Option<uuid::Uuid> {
        match self {
            Self::Bulk(_) => None,
            Self::MergeConversations(it) => Some(it.from.0),
            Self::SplitConversation(it) => Some(it.from.0),
            Self::MergeContacts(it) => Some(it.from.0),
        }
    }

    pub fn bulk(&self) -> Option<&Bulk> {
        match self {
            Self::Bulk(it) => Some(it),
            _ => None,
        }
    }

    pub fn bulk_mut(&mut self) -> Option<&mut Bulk> {
        match self {
            Self::Bulk(it) => Some(it),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bulk {
    /// All that match; none where conversations were listed.
    pub matching: Option<Query>,
    pub steps: Steps,
    /// How far collecting has come.
    #[serde(default)]
    pub place: Option<Place>,
}

/// Where collecting goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// After the row with this key and number.
    Row(i64, i64),
    /// After this many matches.
    Offset(u32),
    /// After these places in the three streams of a search.
    Match(i64, i64, i64),
}

/// What to do with each conversation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Steps {
    #[serde(with = "stored::optional_word")]
    pub status: Option<Status>,
    #[serde(with = "stored::optional_instant")]
    pub snoozed_until: Option<Timestamp>,
    pub assign: Option<Assign>,
    #[serde(with = "stored::optional_word")]
    pub priority: Option<Priority>,
    pub unread: Option<bool>,
    pub spam: Option<bool>,
    pub add_tags: Vec<String>,
    pub remove_tags: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assign {
    Nobody,
    To(AgentId),
}

impl Assign {
    pub fn agent(self) -> Option<AgentId> {
        match self {
            Self::Nobody => None,
            Self::To(id) => Some(id),
        }
    }
}

impl Steps {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
