//! The one door to a conversation: it is there, and the caller may do this to it.

use domain::{
    conversations::{Conversation, Overview},
    ids::ConversationId,
    policy::{self, Action, Caller, Object},
};
use storage::{Reader, conversations::overviews};

use crate::{DeskError, Result};

/// The conversation, if `caller` may do `action` to it. One whose contact is being erased is not
/// there any more.
pub(crate) fn load(
    db: &Reader<'_>,
    caller: &Caller,
    action: Action,
    id: ConversationId,
) -> Result<Overview> {
    let found = overviews::find(db, id)?.ok_or(DeskError::NotFound("conversation"))?;
    check(caller, action, &found.conversation)?;
    Ok(found)
}

/// Asks the policy about a conversation. What it hides is missing like any other.
pub(crate) fn check(caller: &Caller, action: Action, it: &Conversation) -> Result<()> {
    let object = Object::Conversation { assignee: it.assignee };
    policy::authorize(caller, action, object).map_err(|denied| match denied {
        policy::Denied::NotFound => DeskError::NotFound("conversation"),
        other => other.into(),
    })
}

/// The conversation as it now is, after a change in the same transaction.
pub(crate) fn as_it_is(db: &Reader<'_>, id: ConversationId) -> Result<Overview> {
    overviews::find(db, id)?.ok_or(DeskError::NotFound("conversation"))
}
