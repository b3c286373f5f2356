//! Whom the live stream tells of an event: what the policy is asked for each who listens.

use crate::{
    ids::AgentId,
    policy::{self, Action, Caller, Object},
};

/// Who may hear of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Whoever may do this to that.
    Whoever(Action, Object),
    /// This agent and nobody else.
    One(AgentId),
}

impl Audience {
    /// Of an event by its stored kind, when it is of no conversation and not for one agent alone.
    /// What is not listed is for the audit trail, not for the stream.
    pub fn of_kind(kind: &str) -> Option<Self> {
        let action = match kind {
            "contact_created"
            | "contact_changed"
            | "contact_erased"
            | "contacts_merged"
            | "contact_merge_undone" => Action::ReadContacts,
            "channel_created" | "channel_changed" | "channel_deleted" => Action::ManageChannels,
            "agent_created" | "agent_changed" | "agent_deleted" | "role_changed" => {
                Action::ListAssignees
            }
            "import_started" | "import_progressed" | "import_finished" | "import_failed"
            | "import_cancelled" => Action::MoveContacts,
            "rule_created" | "rule_changed" | "rule_deleted" | "rule_disabled" => {
                Action::ManageAutomations
            }
            "ai_settings_changed" => Action::ChangeSettings,
            "tag_created" | "tag_changed" | "tag_deleted" | "tags_merged" => {
                Action::ReadConversations
            }
            "settings_changed" => Action::ReadSettings,
            _ => return None,
        };
        Some(Self::Whoever(action, Object::Any))
    }

    /// Of what happened in a conversation.
    pub fn of_conversation(assignee: Option<AgentId>) -> Self {
        Self::Whoever(Action::ReadConversations, Object::Conversation { assignee })
    }

    /// Asked each time something is sent: what somebody may see can change while they listen.
    pub fn includes(&self, caller: &Caller) -> bool {
        match *self {
            Self::Whoever(action, object) => policy::authorize(caller, action, object).is_ok(),
            Self::One(agent) => caller.agent() == Some(agent),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::Role;

    #[test]
    fn each_event_is_told_to_whom_it_concerns() {
        let ann = AgentId::new();
        let caller = |role| Caller::Agent { id: ann, role, session: None };
        let cases = [
            (Audience::of_kind("contact_changed"), true, true),
            (Audience::of_kind("contacts_merged"), true, true),
            (Audience::of_kind("channel_changed"), false, true),
            (Audience::of_kind("agent_changed"), true, true),
            (Audience::of_kind("rule_disabled"), false, true),
            (Audience::of_kind("settings_changed"), true, true),
            (Audience::of_kind("tag_changed"), true, true),
            (Audience::of_kind("sign_in_failed"), false, false),
            (Audience::of_kind("signed_in"), false, false),
            (Audience::of_kind("no_such_kind"), false, false),
            (Some(Audience::of_conversation(None)), true, true),
            (Some(Audience::One(ann)), true, true),
            (Some(Audience::One(AgentId::new())), false, false),
        ];
        for (audience, agent, admin) in cases {
            let hears = |role| audience.is_some_and(|it| it.includes(&caller(role)));
            assert_eq!((hears(Role::Agent), hears(Role::Admin)), (agent, admin), "{audience:?}");
            assert!(!audience.is_some_and(|it| it.includes(&Caller::Nobody)), "{audience:?}");
        }
    }
}
