//! One conversation, and who had it.

use domain::{
    conversations::Overview,
    ids::ConversationId,
    policy::{Action, Caller},
};
pub use storage::conversations::Assignment;
use storage::conversations::assignments;

use super::{access, change};
use crate::{Desk, Result};

/// The conversation as it is.
pub async fn find(desk: &Desk, caller: Caller, id: ConversationId) -> Result<Overview> {
    desk.store.read(move |db| access::load(db, &caller, Action::ReadConversations, id)).await
}

/// The conversation, opened by a person: its unread count goes back to zero. A caller without a
/// session, such as a program with a key, leaves the count as it is.
pub async fn read(desk: &Desk, caller: Caller, id: ConversationId) -> Result<Overview> {
    let found = find(desk, caller, id).await?;
    if found.conversation.unread_count == 0 || !caller.has_session() {
        return Ok(found);
    }
    let now = desk.clock.now();
    desk.write(move |tx| change::mark_read(tx, &caller, id, now)).await
}

/// Who had the conversation, from when until when, the oldest first.
pub async fn history(desk: &Desk, caller: Caller, id: ConversationId) -> Result<Vec<Assignment>> {
    desk.store
        .read(move |db| {
            let found = access::load(db, &caller, Action::ReadConversations, id)?;
            Ok(assignments(db, found.conversation.number)?)
        })
        .await
}
