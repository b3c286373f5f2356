//! The one door to a conversation: it is there, and the caller may do this to it.

use domain::{
    conversations::{Conversation, Overview},
    ids::ConversationId,
    policy::{self, Action, Caller, Object},
};
use storage::{
    Reader,
    conversations::{merged, overviews},
};

use crate::{DeskError, Result};

/// The conversation, if `caller` may do `action` to it. One that was merged into another is read as
/// that one, and refused to be changed: who asks may not know. One whose contact is being erased is not
/// there any more.
pub(crate) fn load(
    db: &Reader<'_>,
    caller: &Caller,
    action: Action,
    id: ConversationId,
) -> Result<Overview> {
    let found = overviews::find(db, id)?.ok_or(DeskError::NotFound("conversation"))?;
    check(caller, action, &found.conversation)?;
    if found.conversation.merged_into.is_none() {
        return Ok(found);
    }
    let into = as_it_is(db, id)?;
    check(caller, action, &into.conversation)?;
    if action == Action::ReadConversations {
        return Ok(into);
    }
    Err(DeskError::Conflict {
        message: format!("this was merged into #{}; use that one", into.conversation.number),
        existing_id: Some(into.conversation.id.0),
    })
}

/// Asks the policy about a conversation. What it hides is missing like any other.
pub(crate) fn check(caller: &Caller, action: Action, it: &Conversation) -> Result<()> {
    let object = Object::Conversation { assignee: it.assignee };
    policy::authorize(caller, action, object).map_err(|denied| match denied {
        policy::Denied::NotFound => DeskError::NotFound("conversation"),
        other => other.into(),
    })
}

/// The conversation as it now is, or what it was merged into, after a change in the same transaction.
pub(crate) fn as_it_is(db: &Reader<'_>, id: ConversationId) -> Result<Overview> {
    const MISSING: DeskError = DeskError::NotFound("conversation");
    let found = overviews::find(db, id)?.ok_or(MISSING)?;
    if found.conversation.merged_into.is_none() {
        return Ok(found);
    }
    let into = merged::follow(db, found.conversation)?.ok_or(MISSING)?;
    overviews::find(db, into.id)?.ok_or(MISSING)
}
