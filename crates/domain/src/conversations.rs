//! A conversation and the rules for moving it between states.

#[cfg(test)]
mod tests;

use crate::{
    Timestamp,
    agents::Agent,
    channels::ChannelType,
    contacts::ContactSummary,
    events::Event,
    ids::{AgentId, ChannelId, ContactId, ConversationId},
    messages::Direction,
};

crate::words!(Status, "status", {
    Open => "open",
    Pending => "pending",
    Snoozed => "snoozed",
    Resolved => "resolved",
});

crate::words!(Priority, "priority", {
    Low => "low",
    Normal => "normal",
    High => "high",
    Urgent => "urgent",
});

/// A thread between one contact and the desk on one channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversation {
    /// The short number people use; 0 until stored.
    pub number: i64,
    pub id: ConversationId,
    pub channel_id: ChannelId,
    pub channel_kind: ChannelType,
    pub contact_id: ContactId,
    pub subject: Option<String>,
    pub status: Status,
    pub snoozed_until: Option<Timestamp>,
    pub spam: bool,
    pub priority: Priority,
    pub assignee: Option<AgentId>,
    /// Customer messages since an agent last opened the conversation; one number for the team.
    pub unread_count: u32,
    pub notes: Option<String>,
    pub attributes: serde_json::Map<String, serde_json::Value>,
    pub message_count: u32,
    pub last_message: Option<LastMessage>,
    /// When it last moved up a list: its newest message, or its creation.
    pub active_at: Timestamp,
    /// The first customer message nobody has answered yet.
    pub waiting_since: Option<Timestamp>,
    pub first_message_at: Option<Timestamp>,
    pub first_response_at: Option<Timestamp>,
    pub first_response_by: Option<AgentId>,
    pub resolved_at: Option<Timestamp>,
    pub resolved_by: Option<AgentId>,
    /// The conversation this one was opened beside.
    pub related_id: Option<ConversationId>,
    /// The one this went into: it is in no list, and its number and id lead there.
    pub merged_into: Option<ConversationId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// What a list row shows of the newest message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastMessage {
    pub seq: i64,
    /// A preview of at most 160 characters.
    pub text: String,
    pub direction: Direction,
    pub at: Timestamp,
}

/// A conversation with the names a list row needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Overview {
    pub conversation: Conversation,
    pub contact: ContactSummary,
    pub channel_name: String,
    pub assignee_name: Option<String>,
    pub tags: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    #[error("this agent is disabled; choose another")]
    AgentInactive,
    #[error("a snooze needs a time in the future")]
    SnoozeNotInFuture,
    #[error("only goes with the status snoozed")]
    SnoozeWithoutSnoozed,
}

impl Conversation {
    /// A new conversation, open and unassigned.
    pub fn open(
        id: ConversationId,
        channel: (ChannelId, ChannelType),
        contact_id: ContactId,
        subject: Option<String>,
        now: Timestamp,
    ) -> Self {
        Self {
            number: 0,
            id,
            channel_id: channel.0,
            channel_kind: channel.1,
            contact_id,
            subject,
            status: Status::Open,
            snoozed_until: None,
            spam: false,
            priority: Priority::Normal,
            assignee: None,
            unread_count: 0,
            notes: None,
            attributes: serde_json::Map::new(),
            message_count: 0,
            last_message: None,
            active_at: now,
            waiting_since: None,
            first_message_at: None,
            first_response_at: None,
            first_response_by: None,
            resolved_at: None,
            resolved_by: None,
            related_id: None,
            merged_into: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// Returns no event when the agent already has the conversation, so that a
    /// double click does not notify twice.
    pub fn assign(&mut self, to: &Agent, now: Timestamp) -> Result<Option<Event>, RuleError> {
        if !to.can_work() {
            return Err(RuleError::AgentInactive);
        }
        Ok(self.change_assignee(Some(to.id), now))
    }

    pub fn unassign(&mut self, now: Timestamp) -> Option<Event> {
        self.change_assignee(None, now)
    }

    fn change_assignee(&mut self, to: Option<AgentId>, now: Timestamp) -> Option<Event> {
        let from = self.assignee;
        if from == to {
            return None;
        }
        self.assignee = to;
        self.updated_at = now;
        Some(Event::Assigned { from, to })
    }

    /// `until` is required with, and only allowed with, [`Status::Snoozed`]. `by` is the agent who
    /// resolved it, if it was one.
    pub fn set_status(
        &mut self,
        status: Status,
        until: Option<Timestamp>,
        by: Option<AgentId>,
        now: Timestamp,
    ) -> Result<Option<Event>, RuleError> {
        match (status, until) {
            (Status::Snoozed, Some(until)) if until > now => {}
            (Status::Snoozed, _) => return Err(RuleError::SnoozeNotInFuture),
            (_, Some(_)) => return Err(RuleError::SnoozeWithoutSnoozed),
            (_, None) => {}
        }
        if self.status == status && self.snoozed_until == until {
            return Ok(None);
        }
        let before = self.status;
        self.status = status;
        self.snoozed_until = until;
        self.updated_at = now;
        if status == Status::Resolved {
            self.resolved_at = Some(now);
            self.resolved_by = by;
            self.waiting_since = None;
        } else {
            self.resolved_at = None;
            self.resolved_by = None;
        }
        Ok(Some(Event::StatusChanged { before, after: status, snoozed_until: until }))
    }

    /// Ends a snooze whose time has come; nothing if it was woken or snoozed anew meanwhile. It comes
    /// back on top and unread: among all others nobody would see that it did.
    pub fn wake(&mut self, now: Timestamp) -> Option<Event> {
        match (self.status, self.snoozed_until) {
            (Status::Snoozed, Some(until)) if until <= now => {
                self.unread_count = self.unread_count.max(1);
                self.active_at = self.active_at.max(now);
                self.reopen(now)
            }
            _ => None,
        }
    }

    /// A customer wrote: the conversation is unread, somebody waits, and it is open again.
    pub fn received(&mut self, last: LastMessage, now: Timestamp) -> Option<Event> {
        self.unread_count = self.unread_count.saturating_add(1);
        self.waiting_since.get_or_insert(last.at);
        self.appended(last, now);
        if self.status == Status::Open { None } else { self.reopen(now) }
    }

    /// The desk wrote to the customer. A resolved conversation stays resolved: a closing word does
    /// not ask for more work.
    pub fn replied(&mut self, last: LastMessage, by: Option<AgentId>, now: Timestamp) {
        if self.first_response_at.is_none() && self.waiting_since.is_some() {
            self.first_response_at = Some(last.at);
            self.first_response_by = by;
        }
        self.waiting_since = None;
        self.appended(last, now);
    }

    /// A private note: it moves the conversation up and answers nobody.
    pub fn noted(&mut self, last: LastMessage, now: Timestamp) {
        self.appended(last, now);
    }

    /// Older mail was brought in: it makes history, not work.
    pub fn imported(&mut self, last: LastMessage, now: Timestamp) {
        self.message_count = self.message_count.saturating_add(1);
        let first = self.first_message_at.map_or(last.at, |it| it.min(last.at));
        self.first_message_at = Some(first);
        self.updated_at = now;
        if self.resolved_at.is_some_and(|it| it < last.at) {
            self.resolved_at = Some(last.at);
        }
        if self.last_message.as_ref().is_none_or(|it| it.at <= last.at) {
            self.active_at = self.active_at.max(last.at);
            self.last_message = Some(last);
        }
    }

    /// What the desk wrote did not arrive, and somebody has to look. `lost` is since when the customer
    /// waits at the latest, if it was for them.
    pub fn bounced(&mut self, lost: Option<Timestamp>, now: Timestamp) -> Option<Event> {
        self.unread_count = self.unread_count.saturating_add(1);
        self.waiting_since = self.waiting_since.or(lost);
        self.updated_at = now;
        if self.status == Status::Open { None } else { self.reopen(now) }
    }

    fn appended(&mut self, last: LastMessage, now: Timestamp) {
        self.message_count = self.message_count.saturating_add(1);
        self.first_message_at.get_or_insert(last.at);
        self.active_at = self.active_at.max(last.at);
        self.updated_at = now;
        self.last_message = Some(last);
    }

    fn reopen(&mut self, now: Timestamp) -> Option<Event> {
        let before = self.status;
        self.status = Status::Open;
        self.snoozed_until = None;
        self.resolved_at = None;
        self.resolved_by = None;
        self.updated_at = now;
        Some(Event::StatusChanged { before, after: Status::Open, snoozed_until: None })
    }

    /// Whether an inbound message on this thread should start a new conversation, because this one
    /// was resolved more than `days` ago. `None` always reopens.
    pub fn is_over(&self, days: Option<u32>, now: Timestamp) -> bool {
        match (self.resolved_at, days) {
            (Some(at), Some(days)) => now.since(at) > i64::from(days) * 86_400_000,
            _ => false,
        }
    }
}
