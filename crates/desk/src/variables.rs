//! What the variables of a text stand for in a conversation.

use domain::{
    conversations::Conversation,
    ids::AgentId,
    variables::{Values, Variable},
};
use storage::{Reader, agents, channels, contacts, workspace};

use crate::Result;

/// Everything a text about this conversation may name. `agent` is who writes; without one, e.g. in
/// a rule, it is who has the conversation.
pub fn of(db: &Reader<'_>, it: &Conversation, agent: Option<AgentId>) -> Result<Values> {
    let mut values = Values::default();
    if let Some(contact) = contacts::find(db, it.contact_id)? {
        let name = contact.name.as_deref();
        values.set_name(Variable::ContactName, Variable::ContactFirstName, name);
        values.set(Variable::ContactEmail, contact.emails.first().map(|it| it.as_str()));
        values.set(Variable::ContactPhone, contact.phones.first().map(|it| it.as_str()));
    }
    if let Some(agent) = agent.or(it.assignee)
        && let Some(agent) = agents::find(db, agent)?
    {
        values.set_name(Variable::AgentName, Variable::AgentFirstName, Some(&agent.name));
    }
    values.set(Variable::ConversationNumber, Some(&it.number.to_string()));
    values.set(Variable::ConversationSubject, it.subject.as_deref());
    let channel = channels::find(db, it.channel_id)?;
    values.set(Variable::ChannelName, channel.as_ref().map(|it| it.name.as_str()));
    let workspace = workspace::find(db)?;
    values.set(Variable::WorkspaceName, workspace.as_ref().map(|it| it.name.as_str()));
    Ok(values)
}
