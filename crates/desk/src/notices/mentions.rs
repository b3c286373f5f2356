//! An `@` and a name in a private note tells that agent.

use domain::{
    Timestamp,
    conversations::Conversation,
    events::Actor,
    mentions::{self, Name},
    messages::Message,
    notices::NoticeKind,
    text,
};
use storage::{Tx, agents};

use crate::Result;

/// Raises a notice for everybody a note mentions, but for who wrote it.
pub(crate) fn raise(
    tx: &Tx<'_>,
    conversation: &Conversation,
    note: &Message,
    actor: Actor,
    now: Timestamp,
) -> Result<()> {
    if !note.text.contains('@') {
        return Ok(());
    }
    let mut names = Vec::new();
    for it in agents::list(tx)? {
        if it.can_work() {
            names.push(Name::new(it.id, &it.name, &it.email));
        }
    }
    let who = note.sender.name.as_deref().unwrap_or("Deskbell");
    let number = conversation.number;
    let what = format!("{who} mentioned you in #{number}: {}", text::preview(&note.text));
    for agent in mentions::find(&note.text, &names) {
        if actor.agent() != Some(agent) {
            super::put(tx, agent, NoticeKind::Mention, &what, Some(conversation), now)?;
        }
    }
    Ok(())
}
