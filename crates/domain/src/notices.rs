//! What one agent should hear of: somebody mentioned them, something needs their attention.

use crate::{
    Timestamp,
    ids::{AgentId, ConversationId, NoticeId},
};

crate::words!(NoticeKind, "kind of notice", {
    /// Somebody wrote `@` and the agent's name in a private note.
    Mention => "mention",
    /// A rule was switched off by itself.
    RuleDisabled => "rule_disabled",
});

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub id: NoticeId,
    /// Whom it is for; nobody else sees it.
    pub agent_id: AgentId,
    pub kind: NoticeKind,
    pub text: String,
    pub conversation_id: Option<ConversationId>,
    pub created_at: Timestamp,
    pub read_at: Option<Timestamp>,
}
