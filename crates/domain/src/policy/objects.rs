//! What is acted on.

use uuid::Uuid;

use super::Action;
use crate::ids::{AgentId, ChannelId, ContactId};

/// What is acted on, as far as it matters to the decision. Every agent sees every conversation
/// today; the object is already here so that teams and "only my own" can come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Object {
    Any,
    Conversation {
        assignee: Option<AgentId>,
    },
    Message {
        author: Option<AgentId>,
    },
    Upload {
        uploader: Option<AgentId>,
    },
    Agent {
        id: AgentId,
    },
    Contact {
        id: ContactId,
    },
    Channel {
        id: ChannelId,
    },
    Settings,
    /// Nobody's own is shared.
    CannedReply {
        owner: Option<AgentId>,
        author: AgentId,
    },
    View {
        owner: AgentId,
        shared: bool,
    },
    Operation {
        author: AgentId,
    },
}

impl Object {
    /// What an address speaks of, where its id is all the policy needs. Of the others the decision
    /// looks at what they are; whoever loads them asks again.
    pub fn addressed(action: Action, id: Option<Uuid>) -> Self {
        match (action, id) {
            (Action::ReadContacts | Action::ChangeContacts | Action::EraseContacts, Some(id)) => {
                Self::Contact { id: ContactId(id) }
            }
            (Action::ManageChannels, Some(id)) => Self::Channel { id: ChannelId(id) },
            (Action::ManageAgents, Some(id)) => Self::Agent { id: AgentId(id) },
            (Action::ReadSettings | Action::ChangeSettings, _) => Self::Settings,
            _ => Self::Any,
        }
    }
}
