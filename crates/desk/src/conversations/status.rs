//! Opening, setting aside, snoozing and resolving.

use domain::{
    Timestamp,
    conversations::{Overview, Status},
    ids::ConversationId,
    policy::{Action, Caller},
};
use storage::conversations;

use super::{access, record::record};
use crate::{Desk, Result};

/// `until` goes with [`Status::Snoozed`], and only with it.
#[tracing::instrument(skip_all, fields(conversation.id = %id, %status))]
pub async fn set_status(
    desk: &Desk,
    caller: Caller,
    id: ConversationId,
    status: Status,
    until: Option<Timestamp>,
) -> Result<Overview> {
    let now = desk.clock.now();
    desk.write_then(
        move |tx| {
            let action = Action::ChangeConversations;
            let mut conversation = access::load(tx, &caller, action, id)?.conversation;
            if let Some(event) = conversation.set_status(status, until, caller.agent(), now)? {
                conversations::update(tx, &conversation)?;
                record(tx, &conversation, event, caller.actor(), now)?;
            }
            Ok(())
        },
        move |tx, ()| access::as_it_is(tx, id),
    )
    .await
}
