//! What rules react to: an event seen as a trigger, with what led to it.

use std::sync::Arc;

use domain::{
    automations::Trigger,
    conversations::Status,
    events::{Actor, Event, Recorded},
    ids::{ContactId, ConversationId, MessageId, RuleId},
};

#[derive(Debug, Clone)]
pub(super) struct Happening {
    pub trigger: Trigger,
    pub conversation: Option<ConversationId>,
    /// The contact that was created.
    pub contact: Option<ContactId>,
    pub message: Option<MessageId>,
    pub previous_status: Option<Status>,
    pub changed_tag: Option<String>,
    /// Whether it all began with what a customer did.
    pub by_customer: bool,
    /// The rules that led to it, the first cause first.
    pub chain: Arc<[RuleId]>,
}

/// What led to the events of a write.
pub(super) struct Cause {
    by_customer: Option<bool>,
    chain: Arc<[RuleId]>,
}

impl Cause {
    /// Somebody did it, not a rule.
    pub fn first() -> Self {
        Self { by_customer: None, chain: Arc::from([]) }
    }

    pub fn rule(id: RuleId, it: &Happening) -> Self {
        let chain = it.chain.iter().copied().chain([id]).collect();
        Self { by_customer: Some(it.by_customer), chain }
    }
}

impl Happening {
    /// None for what triggers no rule.
    pub fn of(recorded: &Recorded, cause: &Cause) -> Option<Self> {
        let by_customer = matches!(recorded.actor, Actor::Contact(_));
        let mut it = Self {
            trigger: Trigger::MessageReceived,
            conversation: recorded.conversation,
            contact: None,
            message: None,
            previous_status: None,
            changed_tag: None,
            by_customer: cause.by_customer.unwrap_or(by_customer),
            chain: cause.chain.clone(),
        };
        it.trigger = match &recorded.event {
            Event::ConversationOpened => Trigger::ConversationCreated,
            Event::MessageReceived { message_id } => {
                it.message = Some(*message_id);
                Trigger::MessageReceived
            }
            Event::MessageQueued { message_id } => {
                it.message = Some(*message_id);
                Trigger::MessageSent
            }
            Event::NoteAdded { message_id } => {
                it.message = Some(*message_id);
                Trigger::NoteAdded
            }
            Event::StatusChanged { before, .. } => {
                it.previous_status = Some(*before);
                Trigger::StatusChanged
            }
            Event::Assigned { to: Some(_), .. } => Trigger::Assigned,
            Event::Assigned { to: None, .. } => Trigger::Unassigned,
            Event::PriorityChanged { .. } => Trigger::PriorityChanged,
            Event::TagAdded { tag } => {
                it.changed_tag = Some(tag.clone());
                Trigger::TagAdded
            }
            Event::TagRemoved { tag } => {
                it.changed_tag = Some(tag.clone());
                Trigger::TagRemoved
            }
            Event::ContactCreated { contact_id } => {
                it.contact = Some(*contact_id);
                Trigger::ContactCreated
            }
            _ => return None,
        };
        Some(it)
    }

    /// A wait that is over.
    pub fn time(trigger: Trigger, conversation: ConversationId) -> Self {
        Self {
            trigger,
            conversation: Some(conversation),
            contact: None,
            message: None,
            previous_status: None,
            changed_tag: None,
            by_customer: false,
            chain: Arc::from([]),
        }
    }
}
