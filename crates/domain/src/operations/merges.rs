//! What a merge or a split moved: enough to undo it, and nothing a person wrote.

use serde::{Deserialize, Serialize};

use super::traces::Trace;
use crate::{Timestamp, conversations::Conversation, ids::ConversationId, stored};

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
    /// Whether its notes were put behind those of the one that stays.
    #[serde(default)]
    pub notes_added: bool,
    /// Names of its attributes that the one that stays had not.
    #[serde(default)]
    pub attributes_added: Vec<String>,
}

/// The later messages of a conversation became one of their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Split {
    pub from: ConversationId,
    pub made: ConversationId,
}

impl Merged {
    /// Puts what was noted of the merged one where people look now, as far as there is room.
    pub fn add_words(
        &mut self,
        it: &mut Conversation,
        from: &Conversation,
        longest_notes: usize,
        most_attributes: usize,
    ) {
        if let Some(notes) = &from.notes {
            let joined = match &it.notes {
                Some(own) => format!("{own}{}", behind(from, notes)),
                None => notes.clone(),
            };
            if it.notes.as_ref() != Some(notes) && joined.chars().count() <= longest_notes {
                it.notes = Some(joined);
                self.notes_added = true;
            }
        }
        for (name, value) in &from.attributes {
            if it.attributes.len() < most_attributes && !it.attributes.contains_key(name) {
                it.attributes.insert(name.clone(), value.clone());
                self.attributes_added.push(name.clone());
            }
        }
    }

    /// Takes that away again, where nobody has changed it since.
    pub fn take_words(&self, it: &mut Conversation, from: &Conversation) {
        if let (true, Some(joined), Some(notes)) = (self.notes_added, &it.notes, &from.notes) {
            it.notes = match joined.strip_suffix(&behind(from, notes)) {
                Some(own) => Some(own.to_owned()),
                None => Some(joined.clone()).filter(|it| it != notes),
            };
        }
        for name in &self.attributes_added {
            if it.attributes.get(name) == from.attributes.get(name) {
                it.attributes.remove(name);
            }
        }
    }
}

/// Notes as they stand behind others: with the number of the conversation they are of.
fn behind(from: &Conversation, notes: &str) -> String {
    format!("\n\n#{}:\n{notes}", from.number)
}

/// The earlier of two instants, either of which may be missing.
fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}

impl Merged {
    pub fn of(it: &Conversation, tags: Vec<String>) -> Self {
        Self {
            spam: it.spam,
            unread_count: it.unread_count,
            waiting_since: it.waiting_since,
            tags,
            notes_added: false,
            attributes_added: Vec::new(),
        }
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
