//! How a conversation was before an operation and how it was left: undoing restores what is still as
//! it was left, and nothing else.

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    conversations::{Conversation, Priority, Status},
    events::Event,
    ids::AgentId,
    stored,
};

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Trace {
    pub status: Option<StatusTrace>,
    pub assignee: Option<AssigneeTrace>,
    pub priority: Option<PriorityTrace>,
    pub unread: Option<UnreadTrace>,
    pub spam: Option<SpamTrace>,
    pub tags_added: Vec<String>,
    pub tags_removed: Vec<String>,
}

impl Trace {
    /// Nothing was changed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatusTrace {
    pub before: State,
    pub after: State,
    /// The newest message then: a later one means that the waiting has changed.
    pub last_seq: Option<i64>,
}

/// A status with what goes with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    #[serde(with = "stored::word")]
    pub status: Status,
    #[serde(with = "stored::optional_instant")]
    pub snoozed_until: Option<Timestamp>,
    #[serde(with = "stored::optional_instant")]
    pub waiting_since: Option<Timestamp>,
    #[serde(with = "stored::optional_instant")]
    pub resolved_at: Option<Timestamp>,
    pub resolved_by: Option<AgentId>,
}

impl State {
    pub fn of(it: &Conversation) -> Self {
        Self {
            status: it.status,
            snoozed_until: it.snoozed_until,
            waiting_since: it.waiting_since,
            resolved_at: it.resolved_at,
            resolved_by: it.resolved_by,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssigneeTrace {
    pub before: Option<AgentId>,
    pub after: Option<AgentId>,
}

impl StatusTrace {
    pub fn between(before: &Conversation, after: &Conversation) -> Option<Self> {
        let trace = Self {
            before: State::of(before),
            after: State::of(after),
            last_seq: after.last_message.as_ref().map(|it| it.seq),
        };
        (trace.before != trace.after).then_some(trace)
    }

    /// Gives the conversation its earlier status back, if it still has the later one. A snooze whose
    /// time is over is open by now; somebody waits again, unless there was a message since.
    pub fn restore(&self, it: &mut Conversation, now: Timestamp) -> Option<Event> {
        let left = (it.status, it.snoozed_until, it.resolved_at);
        if left != (self.after.status, self.after.snoozed_until, self.after.resolved_at) {
            return None;
        }
        let (status, until) = match (self.before.status, self.before.snoozed_until) {
            (Status::Snoozed, Some(until)) if until <= now => (Status::Open, None),
            earlier => earlier,
        };
        let before = it.status;
        it.status = status;
        it.snoozed_until = until;
        it.resolved_at = self.before.resolved_at;
        it.resolved_by = self.before.resolved_by;
        if it.last_message.as_ref().map(|it| it.seq) == self.last_seq {
            it.waiting_since = self.before.waiting_since;
        }
        it.updated_at = now;
        Some(Event::StatusChanged { before, after: status, snoozed_until: until })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriorityTrace {
    #[serde(with = "stored::word")]
    pub before: Priority,
    #[serde(with = "stored::word")]
    pub after: Priority,
}

impl PriorityTrace {
    pub fn between(before: &Conversation, after: &Conversation) -> Option<Self> {
        let trace = Self { before: before.priority, after: after.priority };
        (trace.before != trace.after).then_some(trace)
    }

    pub fn restore(self, it: &mut Conversation) -> Option<Event> {
        if it.priority != self.after {
            return None;
        }
        it.priority = self.before;
        Some(Event::PriorityChanged { before: self.after, after: self.before })
    }
}

/// How many messages were unread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadTrace {
    pub before: u32,
    pub after: u32,
}

impl UnreadTrace {
    pub fn between(before: &Conversation, after: &Conversation) -> Option<Self> {
        let trace = Self { before: before.unread_count, after: after.unread_count };
        (trace.before != trace.after).then_some(trace)
    }

    /// A message that came, or somebody who read it since, changes the count: it is left then.
    pub fn restore(self, it: &mut Conversation) -> Option<Event> {
        if it.unread_count != self.after {
            return None;
        }
        it.unread_count = self.before;
        // Nobody has read anything, and a customer must not hear that.
        Some(Event::ConversationChanged { fields: vec!["unread"] })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpamTrace {
    pub before: bool,
}

impl SpamTrace {
    pub fn between(before: &Conversation, after: &Conversation) -> Option<Self> {
        (before.spam != after.spam).then_some(Self { before: before.spam })
    }

    pub fn restore(self, it: &mut Conversation) -> Option<Event> {
        if it.spam == self.before {
            return None;
        }
        it.spam = self.before;
        Some(Event::ConversationChanged { fields: vec!["spam"] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        channels::ChannelType,
        conversations::LastMessage,
        ids::{ChannelId, ContactId, ConversationId},
        messages::Direction,
    };

    const NOW: Timestamp = Timestamp(1_000_000);

    fn waiting() -> Conversation {
        let channel = (ChannelId::new(), ChannelType::Email);
        let mut it =
            Conversation::open(ConversationId::new(), channel, ContactId::new(), None, NOW);
        it.received(last(1), NOW);
        it
    }

    fn last(seq: i64) -> LastMessage {
        LastMessage { seq, text: "hi".into(), direction: Direction::Inbound, at: NOW }
    }

    #[test]
    fn marks_come_back_where_they_are_as_they_were_left() {
        let before = waiting();
        let mut it = before.clone();
        (it.priority, it.unread_count, it.spam) = (Priority::Urgent, 0, true);
        let priority = PriorityTrace::between(&before, &it).unwrap();
        let unread = UnreadTrace::between(&before, &it).unwrap();
        let spam = SpamTrace::between(&before, &it).unwrap();
        let mut restored = it.clone();
        assert!(priority.restore(&mut restored).is_some());
        let event = unread.restore(&mut restored);
        assert_eq!(event, Some(Event::ConversationChanged { fields: vec!["unread"] }));
        assert!(spam.restore(&mut restored).is_some());
        assert_eq!(restored, before);
        // Somebody was quicker.
        assert_eq!(priority.restore(&mut restored), None);
        assert_eq!(unread.restore(&mut restored), None);
        assert_eq!(spam.restore(&mut restored), None);
        assert_eq!(restored, before);
        // Undone, what was marked unread was still read by nobody.
        let unread = UnreadTrace::between(&it, &before).unwrap();
        let event = unread.restore(&mut before.clone());
        assert_eq!(event, Some(Event::ConversationChanged { fields: vec!["unread"] }));
        assert_eq!(UnreadTrace::between(&it, &it), None);
        let json = serde_json::to_string(&priority).unwrap();
        assert_eq!(serde_json::from_str::<PriorityTrace>(&json).unwrap(), priority);
    }

    #[test]
    fn a_status_comes_back_with_who_waits() {
        let before = waiting();
        let mut it = before.clone();
        it.set_status(Status::Resolved, None, Some(AgentId::new()), NOW).unwrap();
        let trace = StatusTrace::between(&before, &it).unwrap();
        let json = serde_json::to_string(&trace).unwrap();
        assert_eq!(serde_json::from_str::<StatusTrace>(&json).unwrap(), trace);
        assert!(trace.restore(&mut it, NOW).is_some());
        assert_eq!(State::of(&it), State::of(&before));
        assert_eq!(trace.restore(&mut it, NOW), None);
        assert_eq!(StatusTrace::between(&it, &it), None);
    }

    #[test]
    fn what_somebody_changed_since_is_left_alone() {
        let before = waiting();
        let mut it = before.clone();
        it.set_status(Status::Resolved, None, None, NOW).unwrap();
        let trace = StatusTrace::between(&before, &it).unwrap();
        // Resolved by somebody anew is not the same.
        it.received(last(2), NOW);
        assert_eq!(trace.restore(&mut it.clone(), NOW), None);
        it.set_status(Status::Resolved, None, None, NOW.plus_seconds(1)).unwrap();
        assert_eq!(trace.restore(&mut it, NOW), None);
    }

    #[test]
    fn a_snooze_that_is_over_comes_back_open() {
        let mut before = waiting();
        before.set_status(Status::Snoozed, Some(NOW.plus_seconds(5)), None, NOW).unwrap();
        let mut it = before.clone();
        it.set_status(Status::Pending, None, None, NOW).unwrap();
        let trace = StatusTrace::between(&before, &it).unwrap();
        trace.restore(&mut it.clone(), NOW).unwrap();
        trace.restore(&mut it, NOW.plus_seconds(5)).unwrap();
        assert_eq!((it.status, it.snoozed_until), (Status::Open, None));
    }
}
