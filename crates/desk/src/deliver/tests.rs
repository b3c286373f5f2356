//! Sending, whatever the mail server says and whenever the server ends.

mod faults;
mod mails;
mod recipients;
pub(crate) mod server;
mod stops;
mod system;

use domain::{
    Timestamp,
    conversations::Conversation,
    events::Actor,
    ids::{ChannelId, MessageId},
    jobs::{Job, JobKind},
    messages::{DeliveryStatus, MailFacts, Message},
};
use serde_json::json;
use storage::{
    channels, conversations,
    deliveries::{self, Outcome},
    jobs, messages,
};

use crate::{messages::append::append, testing::TestDesk};
use server::MailServer;

/// A channel that sends through this server.
async fn channel(desk: &TestDesk, server: &MailServer) -> ChannelId {
    desk.channel(config(server.port)).await
}

pub(crate) fn config(port: u16) -> serde_json::Value {
    let server = json!({ "host": "127.0.0.1", "port": port, "security": "none", "username": null });
    json!({
        "address": "help@desk.example", "from_name": "Help", "imap": server, "smtp": server,
        "folders": ["INBOX"], "oauth": null, "new_conversation_after_days": null,
        "quote_history": true, "plus_addressing": true, "subject_number": false,
        "max_mail_bytes": 1_000_000, "signature": "The desk",
    })
}

/// Puts Ann's answer in the queue, to leave when it says.
pub(crate) async fn queue(
    desk: &TestDesk,
    conversation: &Conversation,
    message: Message,
) -> MessageId {
    let (id, actor, channel) = (message.id, Actor::Agent(desk.agent), conversation.channel_id);
    let (mut conversation, now) = (conversation.clone(), desk.clock.now());
    desk.write(move |tx| {
        let run_at = message.send_at.unwrap_or(now);
        append(tx, &mut conversation, message, actor, now)?;
        let lane = crate::channels::send_lane(channel);
        let (kind, payload) = (JobKind::SendMessage, json!({}));
        let job = jobs::NewJob { kind, subject: id.0, payload, lane, run_at };
        Ok(jobs::put(tx, &job, now)?)
    })
    .await;
    id
}

/// Ann's answer to the customer with this address, with the facts of its mail.
fn reply(desk: &TestDesk, text: &str, to: &str) -> Message {
    let mut message = desk.answer(text);
    message.mail = Some(MailFacts {
        message_id: Some(format!("{}@desk.example", message.id)),
        in_reply_to: Some(format!("question-of-{to}")),
        references: vec![format!("question-of-{to}")],
        subject: Some("Re: Where is my order?".to_owned()),
        from_name: Some("Help".to_owned()),
        from_address: Some("help@desk.example".to_owned()),
        to: vec![to.to_owned()],
        ..MailFacts::default()
    });
    message
}

/// A conversation with a new customer and a queued answer in it.
async fn queued(desk: &TestDesk, channel: ChannelId) -> MessageId {
    let address = format!("{}@x.example", uuid::Uuid::new_v4().simple());
    let conversation = desk.conversation(channel, &address).await;
    queue(desk, &conversation, reply(desk, "It is on its way.", &address)).await
}

async fn message(desk: &TestDesk, id: MessageId) -> Message {
    desk.store.read(move |db| messages::find(db, id)).await.unwrap().unwrap()
}

async fn status(desk: &TestDesk, id: MessageId) -> DeliveryStatus {
    message(desk, id).await.status.unwrap()
}

async fn job(desk: &TestDesk, id: MessageId) -> Option<Job> {
    desk.store.read(move |db| jobs::find(db, JobKind::SendMessage, id.0)).await.unwrap()
}

async fn outcomes(desk: &TestDesk, id: MessageId) -> Vec<Option<Outcome>> {
    let seq = message(desk, id).await.seq;
    let all = desk.store.read(move |db| deliveries::of_message(db, seq)).await.unwrap();
    all.into_iter().map(|it| it.outcome).collect()
}

async fn health(desk: &TestDesk, id: ChannelId) -> domain::channels::Health {
    desk.store.read(move |db| channels::health(db, id)).await.unwrap()
}

/// What the thread tells of, oldest first.
async fn told(desk: &TestDesk, id: MessageId) -> Vec<String> {
    let message = message(desk, id).await;
    let number = message.conversation_number;
    let place = messages::Place::Newest;
    let page = desk.store.read(move |db| messages::page(db, number, place, 50)).await.unwrap();
    let events = page.into_iter().filter(|it| it.status.is_none() && it.sender.id.is_none());
    events.map(|it| it.text).collect()
}

/// Moves the clock to when the message's job is due again.
async fn wait_for_retry(desk: &TestDesk, id: MessageId) -> Timestamp {
    let at = job(desk, id).await.expect("it is to be tried again").run_at;
    desk.clock.set(at);
    at
}

async fn conversation(desk: &TestDesk, id: MessageId) -> Conversation {
    let id = message(desk, id).await.conversation_id;
    desk.store.read(move |db| conversations::find(db, id)).await.unwrap().unwrap()
}
