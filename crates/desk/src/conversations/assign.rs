//! Giving a conversation to somebody, or to nobody.

use domain::{
    Timestamp,
    conversations::{Conversation, Overview},
    ids::{AgentId, ConversationId},
    policy::{Action, Caller},
};
use storage::{Tx, agents, conversations};

use super::{access, record::record};
use crate::{Desk, DeskError, Result};

/// `None` unassigns. Assigning to who has it already changes nothing.
///
/// # Errors
/// A conflict when the agent cannot work.
#[tracing::instrument(skip_all, fields(conversation.id = %id))]
pub async fn assign(
    desk: &Desk,
    caller: Caller,
    id: ConversationId,
    to: Option<AgentId>,
) -> Result<Overview> {
    let now = desk.clock.now();
    desk.write_then(
        move |tx| {
            let action = Action::ChangeConversations;
            let mut conversation = access::load(tx, &caller, action, id)?.conversation;
            hand_over(tx, &caller, &mut conversation, to, now)?;
            Ok(())
        },
        move |tx, ()| access::as_it_is(tx, id),
    )
    .await
}

/// Assigns a stored conversation inside a transaction.
pub(crate) fn hand_over(
    tx: &Tx<'_>,
    caller: &Caller,
    conversation: &mut Conversation,
    to: Option<AgentId>,
    now: Timestamp,
) -> Result<()> {
    let event = match to {
        Some(to) => {
            let agent = agents::find(tx, to)?.ok_or(DeskError::NotFound("agent"))?;
            conversation.assign(&agent, now)?
        }
        None => conversation.unassign(now),
    };
    let Some(event) = event else { return Ok(()) };
    conversations::update(tx, conversation)?;
    record(tx, conversation, event, caller.actor(), now)
}
