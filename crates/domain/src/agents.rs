//! People with an account.

use crate::{Timestamp, addresses::EmailAddress, ids::AgentId};

crate::words!(
    /// What an agent may do; see [`crate::policy`].
    Role, "role", { Admin => "admin", Agent => "agent" }
);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    pub id: AgentId,
    pub name: String,
    pub email: EmailAddress,
    pub role: Role,
    pub is_active: bool,
    /// Whether the agent has chosen a password yet; before that the invitation is open.
    pub has_password: bool,
    pub last_seen_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Set once deleted: the row stays for the names on messages.
    pub deleted_at: Option<Timestamp>,
}

impl Agent {
    /// Whether this person may sign in and be given conversations.
    pub fn can_work(&self) -> bool {
        self.is_active && self.deleted_at.is_none()
    }
}
