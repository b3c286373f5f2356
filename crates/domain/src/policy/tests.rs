//! Who may do what.

use uuid::Uuid;

use super::*;
use crate::ids::{AgentId, ApiKeyId, ChannelId, ContactId, RuleId};

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
        Action::ManageTags,
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
