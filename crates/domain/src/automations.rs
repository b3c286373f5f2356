//! Automations: rules that act by themselves when something happens, or when nothing does.

mod actions;
mod conditions;
mod explained;
mod facts;
#[cfg(test)]
mod tests;
mod verdicts;

use crate::{
    Timestamp,
    ids::{AgentId, RuleId},
};

pub use actions::{Action, parse_actions};
pub use conditions::{Conditions, Field, Operator, Quantifier};
pub use explained::{Explained, ExplainedCondition};
pub use facts::Facts;
pub use verdicts::{Done, Effect, Hindrance, RunOutcome};

crate::words!(
    /// What makes a rule look.
    Trigger, "trigger", {
        MessageReceived => "message_received",
        ConversationCreated => "conversation_created",
        StatusChanged => "conversation_status_changed",
        ContactCreated => "contact_created",
        Assigned => "conversation_assigned",
        Unassigned => "conversation_unassigned",
        PriorityChanged => "conversation_priority_changed",
        TagAdded => "tag_added",
        TagRemoved => "tag_removed",
        NoteAdded => "note_added",
        MessageSent => "message_sent",
        /// A customer has waited so many minutes for an answer.
        NoReplyFor => "no_reply_for",
        /// A customer has not answered us for so many minutes.
        CustomerSilentFor => "customer_silent_for",
        UnassignedFor => "unassigned_for",
        InStatusFor => "in_status_for",
    }
);

impl Trigger {
    /// Whether it is time that triggers it; such a rule has `minutes`.
    pub fn is_timed(self) -> bool {
        matches!(
            self,
            Self::NoReplyFor | Self::CustomerSilentFor | Self::UnassignedFor | Self::InStatusFor
        )
    }
}

/// A rule as it is stored.
#[derive(Debug, Clone)]
pub struct Rule {
    pub id: RuleId,
    /// Rules look in this order, lowest first.
    pub position: u32,
    pub name: String,
    pub trigger: Trigger,
    /// How long nothing happened; with timed triggers only.
    pub minutes: Option<u32>,
    pub conditions: Conditions,
    pub actions: Vec<Action>,
    pub is_active: bool,
    /// A timed rule looks at waits that were over after this.
    pub active_since: Option<Timestamp>,
    pub counters: Counters,
    /// Why it was switched off by itself.
    pub disabled_reason: Option<String>,
    /// Who made it; none when it was not an agent, or before this was kept.
    pub created_by: Option<AgentId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// How a rule fared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counters {
    /// How often it looked.
    pub runs: u64,
    pub matches: u64,
    pub failures: u64,
    pub failed_in_a_row: u32,
    pub last_matched_at: Option<Timestamp>,
    pub last_error: Option<String>,
}

impl Rule {
    pub const MOST: usize = 200;
    pub const LONGEST_NAME: usize = 120;
    pub const MOST_ACTIONS: usize = 20;
    /// 30 days.
    pub const MOST_MINUTES: u32 = 43_200;
    /// A rule that failed this often in a row is switched off.
    pub const MOST_FAILURES: u32 = 10;
    /// How many rules deep one change may go on causing others.
    pub const DEEPEST_CHAIN: usize = 8;

    /// When a wait that began at `since` is over for this rule. None if that was before the rule was
    /// switched on: a new rule does not come down on everything that has been waiting for years.
    pub fn due(&self, since: Timestamp) -> Option<Timestamp> {
        let due = since.plus_seconds(i64::from(self.minutes?) * 60);
        self.active_since.filter(|it| *it <= due).map(|_| due)
    }
}
