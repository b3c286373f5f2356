//! People with an account.

use domain::agents::Agent;
use serde::Serialize;

use crate::routes::Routes;

pub(crate) fn routes(_: &mut Routes) {}

#[derive(Debug, Serialize)]
pub(super) struct AgentView {
    id: String,
    name: String,
    email: String,
    role: &'static str,
    is_active: bool,
    /// Invited, and no password chosen yet.
    invited: bool,
    last_seen_at: Option<String>,
    created_at: String,
    updated_at: String,
}

impl From<Agent> for AgentView {
    fn from(it: Agent) -> Self {
        Self {
            id: it.id.to_string(),
            name: it.name,
            email: it.email.to_string(),
            role: it.role.as_str(),
            is_active: it.is_active,
            invited: !it.has_password,
            last_seen_at: it.last_seen_at.map(|it| it.to_string()),
            created_at: it.created_at.to_string(),
            updated_at: it.updated_at.to_string(),
        }
    }
}
