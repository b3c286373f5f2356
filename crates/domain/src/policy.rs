//! Who may do what to what: the one place that decides.

mod actions;
mod callers;
mod objects;
#[cfg(test)]
mod tests;

use crate::agents::Role;

pub use actions::Action;
pub use callers::Caller;
pub use objects::Object;

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
        | Action::ManageTags
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
