//! Carrying out what a rule decided: the event, what reports need later, the timer, and the line
//! in the thread that tells people.

use domain::{
    Timestamp,
    channels::ChannelType,
    conversations::{Conversation, Status},
    events::{Actor, Event},
    ids::{AgentId, ConversationId, MessageId},
    jobs::JobKind,
    messages::{Direction, Message, MessageType, Sender},
};
use serde_json::json;
use storage::{Tx, agents, automations, conversations, events, jobs, messages, visitors::chats};

use crate::DeskError;

/// Records `event` with all that follows from it. The caller stores the conversation itself.
pub(crate) fn record(
    tx: &Tx<'_>,
    conversation: &Conversation,
    event: Event,
    actor: Actor,
    now: Timestamp,
) -> Result<(), DeskError> {
    let number = conversation.number;
    match &event {
        Event::Assigned { to, .. } => {
            conversations::record_assignment(tx, number, *to, actor.agent(), now)?;
        }
        Event::StatusChanged { before, after, snoozed_until } => {
            let by = actor.agent();
            conversations::record_status_change(tx, number, *before, *after, by, now)?;
            set_timer(tx, conversation, *snoozed_until, now)?;
        }
        Event::ConversationRead if conversation.channel_kind == ChannelType::Webchat => {
            chats::agent_read(tx, number, now)?;
        }
        _ => {}
    }
    if let Some(text) = sentence(tx, &event, actor)? {
        messages::insert(tx, &mut told(conversation, text, actor, now))?;
    }
    events::append(tx, Some(conversation), event, actor, now)?;
    Ok(())
}

fn set_timer(
    tx: &Tx<'_>,
    conversation: &Conversation,
    until: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), DeskError> {
    let id = conversation.id;
    let Some(run_at) = until else {
        jobs::remove(tx, JobKind::WakeConversation, id.0)?;
        return Ok(());
    };
    let job = jobs::NewJob {
        kind: JobKind::WakeConversation,
        subject: id.0,
        payload: json!({}),
        // A few lanes: the workers look at the first job of each, and many conversations sleep.
        lane: format!("wake {}", conversation.number % 8),
        run_at,
    };
    Ok(jobs::put(tx, &job, now)?)
}

/// How the thread tells of an event; none for what shows by itself.
fn sentence(tx: &Tx<'_>, event: &Event, actor: Actor) -> Result<Option<String>, DeskError> {
    let who = name_of_actor(tx, actor)?;
    let text = match event {
        Event::Assigned { to: Some(to), .. } if actor == Actor::Agent(*to) => {
            format!("{who} took this conversation")
        }
        Event::Assigned { to: Some(to), .. } => {
            format!("{who} assigned this conversation to {}", name_of(tx, *to)?)
        }
        Event::Assigned { to: None, .. } => format!("{who} unassigned this conversation"),
        Event::StatusChanged { after: Status::Snoozed, snoozed_until: Some(until), .. } => {
            format!("{who} snoozed this conversation until {until}")
        }
        Event::StatusChanged { before: Status::Snoozed, after: Status::Open, .. }
            if actor == Actor::System =>
        {
            "The snooze is over".to_owned()
        }
        Event::StatusChanged { after: Status::Open, .. } => {
            format!("{who} reopened this conversation")
        }
        Event::StatusChanged { after: Status::Resolved, .. } => {
            format!("{who} resolved this conversation")
        }
        Event::StatusChanged { after, .. } => format!("{who} set this conversation to {after}"),
        Event::PriorityChanged { after, .. } => format!("{who} set the priority to {after}"),
        // Something else was said of it.
        Event::ConversationRated { score, before: Some(before) } if score == before => {
            return Ok(None);
        }
        Event::ConversationRated { score, before: Some(before) } => {
            format!("{who} changed the rating from {before} to {score} of 5")
        }
        Event::ConversationRated { score, before: None } => {
            format!("{who} rated this conversation {score} of 5")
        }
        Event::TagAdded { tag } => format!("{who} added the tag {tag}"),
        Event::TagRemoved { tag } => format!("{who} removed the tag {tag}"),
        _ => return Ok(None),
    };
    Ok(Some(text))
}

pub(crate) fn name_of_actor(tx: &Tx<'_>, actor: Actor) -> Result<String, DeskError> {
    Ok(match actor {
        Actor::Agent(id) => name_of(tx, id)?,
        Actor::Contact(_) => "The customer".to_owned(),
        Actor::Rule(id) => match automations::name(tx, id)? {
            Some(name) => format!("The rule “{name}”"),
            None => "A rule".to_owned(),
        },
        Actor::System => "Deskbell".to_owned(),
    })
}

/// Adds a line to the thread.
pub(crate) fn tell(
    tx: &Tx<'_>,
    conversation: &Conversation,
    text: String,
    actor: Actor,
    now: Timestamp,
) -> Result<(), DeskError> {
    Ok(messages::insert(tx, &mut told(conversation, text, actor, now))?)
}

/// Sets the timer of a conversation that is back and snoozed; one whose time is over wakes.
pub(crate) fn resume_snooze(
    tx: &Tx<'_>,
    conversation: &Conversation,
    now: Timestamp,
) -> Result<(), DeskError> {
    match conversation.snoozed_until {
        Some(until) if until > now => set_timer(tx, conversation, Some(until), now),
        Some(_) => wake(tx, conversation.id, now),
        None => Ok(()),
    }
}

fn name_of(tx: &Tx<'_>, id: AgentId) -> Result<String, DeskError> {
    let agent = agents::find(tx, id)?;
    Ok(agent.map_or_else(|| "A former agent".to_owned(), |it| it.name))
}

/// A line in the thread, in nobody's words.
pub(crate) fn told(
    conversation: &Conversation,
    text: String,
    actor: Actor,
    now: Timestamp,
) -> Message {
    Message {
        seq: 0,
        id: MessageId::new(),
        conversation_id: conversation.id,
        conversation_number: conversation.number,
        direction: Direction::Event,
        kind: MessageType::Event,
        sender: Sender { kind: actor.kind(), id: actor.id(), name: None },
        text,
        html: None,
        quoted: None,
        signature: None,
        attachments: Vec::new(),
        status: None,
        error: None,
        send_at: None,
        cancel_if_customer_writes: false,
        mail: None,
        created_at: now,
        sent_at: None,
    }
}

/// Takes an agent's unresolved conversations away in the transaction that disables or deletes the
/// agent, and tells which they were.
pub fn unassign_all(
    tx: &Tx<'_>,
    agent: AgentId,
    actor: Actor,
    now: Timestamp,
) -> Result<Vec<(ConversationId, i64)>, DeskError> {
    let mut unassigned = Vec::new();
    for mut conversation in conversations::unresolved_of_agent(tx, agent)? {
        if let Some(event) = conversation.unassign(now) {
            conversations::update(tx, &conversation)?;
            record(tx, &conversation, event, actor, now)?;
            unassigned.push((conversation.id, conversation.number));
        }
    }
    Ok(unassigned)
}

/// Ends a snooze whose time has come. Does nothing when it was woken or snoozed anew meanwhile.
pub fn wake(tx: &Tx<'_>, id: ConversationId, now: Timestamp) -> Result<(), DeskError> {
    let Some(mut conversation) = conversations::find(tx, id)? else { return Ok(()) };
    if let Some(event) = conversation.wake(now) {
        conversations::update(tx, &conversation)?;
        record(tx, &conversation, event, Actor::System, now)?;
    }
    Ok(())
}
