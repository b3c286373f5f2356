//! Who asks for something to be done.

use crate::{
    agents::Role,
    events::Actor,
    ids::{AgentId, ApiKeyId, RuleId, SessionId},
};

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    Nobody,
    Agent {
        id: AgentId,
        role: Role,
        session: Option<SessionId>,
    },
    /// A program with an API key, under the name of the agent who made it.
    Key {
        id: ApiKeyId,
        agent: AgentId,
        role: Role,
    },
    /// An automation, which an admin wrote.
    Rule(RuleId),
}

impl Caller {
    pub fn agent(&self) -> Option<AgentId> {
        match *self {
            Self::Agent { id, .. } | Self::Key { agent: id, .. } => Some(id),
            Self::Nobody | Self::Rule(_) => None,
        }
    }

    pub fn role(&self) -> Option<Role> {
        match *self {
            Self::Agent { role, .. } | Self::Key { role, .. } => Some(role),
            Self::Nobody | Self::Rule(_) => None,
        }
    }

    /// Under which name what this caller does is recorded.
    pub fn actor(&self) -> Actor {
        match *self {
            Self::Agent { id, .. } | Self::Key { agent: id, .. } => Actor::Agent(id),
            Self::Rule(id) => Actor::Rule(id),
            Self::Nobody => Actor::System,
        }
    }

    /// Whether a person looks at the answer in a browser or script of their own.
    pub fn has_session(&self) -> bool {
        matches!(self, Self::Agent { session: Some(_), .. })
    }
}
