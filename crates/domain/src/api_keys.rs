//! API keys: how a program acts for the agent who made the key.

use crate::{
    Timestamp,
    agents::{Agent, Role},
    ids::{AgentId, ApiKeyId},
};

crate::words!(
    /// Which API a key speaks where two define the same path.
    Dialect, "dialect", {
        /// As a browser would, with a role.
        Session => "session",
    }
);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub name: String,
    /// The start of the key, which tells it from others and opens nothing.
    pub prefix: String,
    pub role: Role,
    pub dialect: Dialect,
    /// Under whose name it acts.
    pub created_by: AgentId,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

impl ApiKey {
    /// What the key may do now, if anything: never more than who made it.
    pub fn role_now(&self, creator: &Agent, now: Timestamp) -> Option<Role> {
        let over = self.revoked_at.is_some() || self.expires_at.is_some_and(|it| it <= now);
        if over || creator.id != self.created_by || !creator.can_work() {
            return None;
        }
        match (self.role, creator.role) {
            (Role::Admin, Role::Admin) => Some(Role::Admin),
            _ => Some(Role::Agent),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addresses::EmailAddress;

    #[test]
    fn a_key_may_what_both_it_and_its_maker_may() {
        let now = Timestamp(1_000);
        let maker = Agent {
            id: AgentId::new(),
            name: "Ann".to_owned(),
            email: EmailAddress::parse("ann@example.com").unwrap(),
            role: Role::Admin,
            is_active: true,
            has_password: true,
            last_seen_at: None,
            created_at: now,
            updated_at: now,
            deleted_at: None,
        };
        let key = ApiKey {
            id: ApiKeyId::new(),
            name: "x".to_owned(),
            prefix: "dbk_x".to_owned(),
            role: Role::Admin,
            dialect: Dialect::Session,
            created_by: maker.id,
            created_at: now,
            expires_at: Some(Timestamp(1_001)),
            last_used_at: None,
            revoked_at: None,
        };
        let agents_key = ApiKey { role: Role::Agent, ..key.clone() };
        let revoked = ApiKey { revoked_at: Some(now), ..key.clone() };
        let expired = ApiKey { expires_at: Some(now), ..key.clone() };
        let demoted = Agent { role: Role::Agent, ..maker.clone() };
        let disabled = Agent { is_active: false, ..maker.clone() };
        let deleted = Agent { deleted_at: Some(now), ..maker.clone() };
        let stranger = Agent { id: AgentId::new(), ..maker.clone() };
        let cases = [
            ("an admin's", &key, &maker, Some(Role::Admin)),
            ("for an agent's work", &agents_key, &maker, Some(Role::Agent)),
            ("revoked", &revoked, &maker, None),
            ("expired", &expired, &maker, None),
            ("of somebody demoted", &key, &demoted, Some(Role::Agent)),
            ("of somebody disabled", &key, &disabled, None),
            ("of somebody deleted", &key, &deleted, None),
            ("of somebody else", &key, &stranger, None),
        ];
        for (name, key, maker, want) in cases {
            assert_eq!(key.role_now(maker, now), want, "{name}");
        }
    }
}
