//! Who may do what to what: the one place that decides.

use crate::{
    agents::Role,
    events::Actor,
    ids::{AgentId, ApiKeyId, ChannelId, ContactId, RuleId, SessionId},
};
use uuid::Uuid;

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

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Open to anyone: signing in, set-up and invitation links, health.
    Enter,
    /// Who am I, and what was I told: a program may know, too.
    ReadOwnAccount,
    UseOwnAccount,
    ReadConversations,
    ChangeConversations,
    SendMessages,
    /// Take back a message that has not left yet.
    CancelMessage,
    UploadAttachments,
    ReadAttachments,
    UseCannedReplies,
    ChangeCannedReplies,
    UseViews,
    ChangeViews,
    /// See what became of an operation on many conversations, and undo it.
    UseOperations,
    ReadArticles,
    ChangeArticles,
    ReadContacts,
    ChangeContacts,
    EraseContacts,
    /// All of them at once, out of the house or into it.
    MoveContacts,
    ListAssignees,
    ReadReports,
    ReadSettings,
    ChangeSettings,
    ManageChannels,
    ManageAgents,
    ManageKeys,
    ReadAudit,
    ManageAutomations,
    ReadMetrics,
}

impl Action {
    pub const ALL: &[Self] = &[
        Self::Enter,
        Self::ReadOwnAccount,
        Self::UseOwnAccount,
        Self::ReadConversations,
        Self::ChangeConversations,
        Self::SendMessages,
        Self::CancelMessage,
        Self::UploadAttachments,
        Self::ReadAttachments,
        Self::UseCannedReplies,
        Self::ChangeCannedReplies,
        Self::UseViews,
        Self::ChangeViews,
        Self::UseOperations,
        Self::ReadArticles,
        Self::ChangeArticles,
        Self::ReadContacts,
        Self::ChangeContacts,
        Self::EraseContacts,
        Self::MoveContacts,
        Self::ListAssignees,
        Self::ReadReports,
        Self::ReadSettings,
        Self::ChangeSettings,
        Self::ManageChannels,
        Self::ManageAgents,
        Self::ManageKeys,
        Self::ReadAudit,
        Self::ManageAutomations,
        Self::ReadMetrics,
    ];

    /// Whether no key may do it: one that leaked must not live on as another key or a password
    /// after it was revoked.
    pub fn needs_person(self) -> bool {
        matches!(self, Self::UseOwnAccount | Self::ManageKeys)
    }
}

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

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    #[error("sign in first")]
    NotSignedIn,
    #[error("your role does not allow this")]
    Forbidden,
    #[error("a key cannot do this; sign in as a person")]
    NotWithKey,
    /// The object is not there for this caller.
    #[error("not found")]
    NotFound,
}

/// Decides whether `caller` may do `action` to `object`.
pub fn authorize(caller: &Caller, action: Action, object: Object) -> Result<(), Denied> {
    if action == Action::Enter {
        return Ok(());
    }
    let (id, role) = match *caller {
        Caller::Nobody => return Err(Denied::NotSignedIn),
        Caller::Rule(_) => return authorize_rule(action, object),
        Caller::Agent { id, role, .. } | Caller::Key { agent: id, role, .. } => (id, role),
    };
    let with_key = matches!(caller, Caller::Key { .. });
    match action {
        _ if with_key && action.needs_person() => Err(Denied::NotWithKey),
        Action::EraseContacts
        | Action::MoveContacts
        | Action::ChangeArticles
        | Action::ChangeSettings
        | Action::ManageChannels
        | Action::ManageAgents
        | Action::ManageKeys
        | Action::ReadAudit
        | Action::ManageAutomations
        | Action::ReadMetrics => match role {
            Role::Admin => Ok(()),
            Role::Agent => Err(Denied::Forbidden),
        },
        Action::CancelMessage => match object {
            Object::Message { author } if author == Some(id) || role == Role::Admin => Ok(()),
            Object::Any => Ok(()),
            _ => Err(Denied::Forbidden),
        },
        Action::UploadAttachments | Action::ReadAttachments => match object {
            Object::Upload { uploader } if uploader != Some(id) => Err(Denied::NotFound),
            _ => Ok(()),
        },
        Action::UseCannedReplies | Action::ChangeCannedReplies => match object {
            Object::CannedReply { owner: Some(owner), .. } if owner != id => Err(Denied::NotFound),
            Object::CannedReply { owner: None, author }
                if action == Action::ChangeCannedReplies && author != id && role != Role::Admin =>
            {
                Err(Denied::Forbidden)
            }
            _ => Ok(()),
        },
        Action::UseOperations => match object {
            Object::Operation { author } if author != id && role != Role::Admin => {
                Err(Denied::NotFound)
            }
            _ => Ok(()),
        },
        Action::UseViews | Action::ChangeViews => match object {
            Object::View { owner, shared: false } if owner != id => Err(Denied::NotFound),
            Object::View { owner, shared: true }
                if action == Action::ChangeViews && owner != id && role != Role::Admin =>
            {
                Err(Denied::Forbidden)
            }
            _ => Ok(()),
        },
        Action::Enter
        | Action::ReadOwnAccount
        | Action::UseOwnAccount
        | Action::ReadConversations
        | Action::ChangeConversations
        | Action::SendMessages
        | Action::ReadArticles
        | Action::ReadContacts
        | Action::ChangeContacts
        | Action::ListAssignees
        | Action::ReadReports
        | Action::ReadSettings => Ok(()),
    }
}

/// Rules work on conversations and their contacts, and on nothing else.
fn authorize_rule(action: Action, object: Object) -> Result<(), Denied> {
    match action {
        Action::UseCannedReplies => match object {
            Object::CannedReply { owner: Some(_), .. } => Err(Denied::NotFound),
            _ => Ok(()),
        },
        Action::ReadConversations
        | Action::ChangeConversations
        | Action::SendMessages
        | Action::ReadContacts
        | Action::ChangeContacts => Ok(()),
        _ => Err(Denied::Forbidden),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(role: Role) -> Caller {
        Caller::Agent { id: AgentId::new(), role, session: None }
    }

    #[test]
    fn nobody_may_only_enter() {
        for action in Action::ALL.iter().copied() {
            let got = authorize(&Caller::Nobody, action, Object::Any);
            let want = if action == Action::Enter { Ok(()) } else { Err(Denied::NotSignedIn) };
            assert_eq!(got, want, "{action:?}");
        }
    }

    #[test]
    fn an_admin_may_everything_and_an_agent_what_the_reference_says() {
        let admin_only = [
            Action::EraseContacts,
            Action::MoveContacts,
            Action::ChangeArticles,
            Action::ChangeSettings,
            Action::ManageChannels,
            Action::ManageAgents,
            Action::ManageKeys,
            Action::ReadAudit,
            Action::ManageAutomations,
            Action::ReadMetrics,
        ];
        for action in Action::ALL.iter().copied() {
            assert_eq!(authorize(&caller(Role::Admin), action, Object::Any), Ok(()), "{action:?}");
            let want = if admin_only.contains(&action) { Err(Denied::Forbidden) } else { Ok(()) };
            assert_eq!(authorize(&caller(Role::Agent), action, Object::Any), want, "{action:?}");
        }
    }

    #[test]
    fn a_key_may_what_its_role_may_but_for_accounts_and_keys() {
        for role in [Role::Admin, Role::Agent] {
            let key = Caller::Key { id: ApiKeyId::new(), agent: AgentId::new(), role };
            for action in Action::ALL.iter().copied() {
                let want = match action {
                    Action::UseOwnAccount | Action::ManageKeys => Err(Denied::NotWithKey),
                    _ => authorize(&caller(role), action, Object::Any),
                };
                assert_eq!(authorize(&key, action, Object::Any), want, "{role} {action:?}");
            }
            assert!(!key.has_session(), "a key never marks anything read");
        }
    }

    #[test]
    fn an_address_names_its_object() {
        let id = Uuid::now_v7();
        let cases = [
            (Action::ReadContacts, Some(id), Object::Contact { id: ContactId(id) }),
            (Action::EraseContacts, Some(id), Object::Contact { id: ContactId(id) }),
            (Action::ReadContacts, None, Object::Any),
            (Action::ManageChannels, Some(id), Object::Channel { id: ChannelId(id) }),
            (Action::ManageAgents, Some(id), Object::Agent { id: AgentId(id) }),
            (Action::ChangeSettings, None, Object::Settings),
            (Action::ReadConversations, Some(id), Object::Any),
        ];
        for (action, id, want) in cases {
            let object = Object::addressed(action, id);
            assert_eq!(object, want, "{action:?}");
            for role in [Role::Admin, Role::Agent] {
                let any = authorize(&caller(role), action, Object::Any);
                assert_eq!(authorize(&caller(role), action, object), any, "{role} {action:?}");
            }
        }
    }

    #[test]
    fn a_rule_works_on_conversations_alone() {
        let rule = Caller::Rule(RuleId::new());
        assert_eq!(authorize(&rule, Action::SendMessages, Object::Any), Ok(()));
        for action in [Action::ChangeSettings, Action::EraseContacts, Action::ManageAgents] {
            assert_eq!(authorize(&rule, action, Object::Any), Err(Denied::Forbidden), "{action:?}");
        }
    }

    #[test]
    fn only_the_author_or_an_admin_takes_a_message_back() {
        let ann = AgentId::new();
        let by_ann = Object::Message { author: Some(ann) };
        let as_ann = Caller::Agent { id: ann, role: Role::Agent, session: None };
        assert_eq!(authorize(&as_ann, Action::CancelMessage, by_ann), Ok(()));
        assert_eq!(authorize(&caller(Role::Admin), Action::CancelMessage, by_ann), Ok(()));
        let other = authorize(&caller(Role::Agent), Action::CancelMessage, by_ann);
        assert_eq!(other, Err(Denied::Forbidden));
    }

    #[test]
    fn own_canned_replies_are_private_and_shared_ones_their_authors() {
        use Action::{ChangeCannedReplies as Change, UseCannedReplies as Use};
        let (ann, ben) = (AgentId::new(), AgentId::new());
        let own = Object::CannedReply { owner: Some(ann), author: ann };
        let shared = Object::CannedReply { owner: None, author: ann };
        let cases = [
            (ann, Role::Agent, Change, own, Ok(())),
            (ben, Role::Agent, Use, own, Err(Denied::NotFound)),
            (ben, Role::Admin, Change, own, Err(Denied::NotFound)),
            (ben, Role::Agent, Use, shared, Ok(())),
            (ben, Role::Agent, Change, shared, Err(Denied::Forbidden)),
            (ann, Role::Agent, Change, shared, Ok(())),
            (ben, Role::Admin, Change, shared, Ok(())),
        ];
        for (id, role, action, object, want) in cases {
            let caller = Caller::Agent { id, role, session: None };
            assert_eq!(authorize(&caller, action, object), want, "{role} {action:?} {object:?}");
        }
    }

    #[test]
    fn own_views_are_private_and_shared_ones_their_owners() {
        let (ann, ben) = (AgentId::new(), AgentId::new());
        let view = |shared| Object::View { owner: ann, shared };
        let cases = [
            (ann, Role::Agent, Action::ChangeViews, view(false), Ok(())),
            (ben, Role::Admin, Action::UseViews, view(false), Err(Denied::NotFound)),
            (ben, Role::Admin, Action::ChangeViews, view(false), Err(Denied::NotFound)),
            (ben, Role::Agent, Action::UseViews, view(true), Ok(())),
            (ben, Role::Agent, Action::ChangeViews, view(true), Err(Denied::Forbidden)),
            (ben, Role::Admin, Action::ChangeViews, view(true), Ok(())),
        ];
        for (id, role, action, object, want) in cases {
            let caller = Caller::Agent { id, role, session: None };
            assert_eq!(authorize(&caller, action, object), want, "{role} {action:?} {object:?}");
        }
    }

    #[test]
    fn an_operation_is_its_authors_and_the_admins() {
        let ann = AgentId::new();
        let by_ann = Object::Operation { author: ann };
        let as_ann = Caller::Agent { id: ann, role: Role::Agent, session: None };
        assert_eq!(authorize(&as_ann, Action::UseOperations, by_ann), Ok(()));
        assert_eq!(authorize(&caller(Role::Admin), Action::UseOperations, by_ann), Ok(()));
        let other = authorize(&caller(Role::Agent), Action::UseOperations, by_ann);
        assert_eq!(other, Err(Denied::NotFound));
    }

    #[test]
    fn another_agents_upload_is_not_there() {
        let upload = Object::Upload { uploader: Some(AgentId::new()) };
        for role in [Role::Admin, Role::Agent] {
            let got = authorize(&caller(role), Action::UploadAttachments, upload);
            assert_eq!(got, Err(Denied::NotFound));
        }
    }
}
