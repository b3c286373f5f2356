//! Carrying out what a rule decided: the event, what reports need later, the timer, and the line
//! in the thread that tells people.

use domain::{
    Timestamp,
    channels::ChannelType,
    conversations::{Conversation, Status},
    events::{Actor, Event},
    ids::{AgentId, ConversationId, MessageId},
    jobs::JobKind,
    messages::{
        Direction, Message, MessageType, Sender,
        lines::{Doer, Line, What},
    },
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
    if let Some(what) = told_of(tx, &event, actor)? {
        tell(tx, conversation, what, actor, now)?;
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

/// What the thread tells of an event; nothing of what shows by itself.
fn told_of(tx: &Tx<'_>, event: &Event, actor: Actor) -> Result<Option<What>, DeskError> {
    Ok(Some(match event {
        Event::Assigned { to: Some(to), .. } if actor == Actor::Agent(*to) => What::Taken,
        Event::Assigned { to: Some(to), .. } => What::Assigned { to: name_of(tx, *to)? },
        Event::Assigned { to: None, .. } => What::Unassigned,
        Event::StatusChanged { before: Status::Snoozed, after: Status::Open, .. }
            if actor == Actor::System =>
        {
            What::SnoozeOver
        }
        Event::StatusChanged { after, snoozed_until, .. } => {
            What::StatusSet { status: *after, until: *snoozed_until }
        }
        Event::PriorityChanged { after, .. } => What::PrioritySet { priority: *after },
        // Something else was said of it.
        Event::ConversationRated { score, before: Some(before) } if score == before => {
            return Ok(None);
        }
        Event::ConversationRated { score, before } => {
            What::Rated { score: *score, before: *before }
        }
        Event::TagAdded { tag } => What::TagAdded { tag: tag.clone() },
        Event::TagRemoved { tag } => What::TagRemoved { tag: tag.clone() },
        _ => return Ok(None),
    }))
}

/// Adds a line to the thread; answers its place.
pub(crate) fn tell(
    tx: &Tx<'_>,
    conversation: &Conversation,
    what: What,
    actor: Actor,
    now: Timestamp,
) -> Result<i64, DeskError> {
    let line = Line { by: doer(tx, actor)?, what };
    let mut message = told(conversation, line, actor, now);
    messages::insert(tx, &mut message)?;
    if let Some(address) = message.event.as_ref().and_then(|it| it.what.address()) {
        messages::people::name(tx, message.seq, address)?;
    }
    Ok(message.seq)
}

fn doer(tx: &Tx<'_>, actor: Actor) -> Result<Doer, DeskError> {
    Ok(match actor {
        Actor::Agent(id) => Doer::Agent { name: name_of(tx, id)? },
        Actor::Contact(_) => Doer::Customer,
        Actor::Rule(id) => Doer::Rule { name: automations::name(tx, id)? },
        Actor::System => Doer::System,
    })
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

fn name_of(tx: &Tx<'_>, id: AgentId) -> Result<Option<String>, DeskError> {
    Ok(agents::find(tx, id)?.map(|it| it.name))
}

fn told(conversation: &Conversation, line: Line, actor: Actor, now: Timestamp) -> Message {
    Message {
        seq: 0,
        id: MessageId::new(),
        conversation_id: conversation.id,
        conversation_number: conversation.number,
        direction: Direction::Event,
        kind: MessageType::Event,
        sender: Sender { kind: actor.kind(), id: actor.id(), name: None },
        text: line.to_string(),
        html: None,
        quoted: None,
        signature: None,
        attachments: Vec::new(),
        status: None,
        error: None,
        send_at: None,
        cancel_if_customer_writes: false,
        mail: None,
        event: Some(line),
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
