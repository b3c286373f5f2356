//! Rules as people meet them: an admin writes them, what happens triggers them.

mod actions;
mod circles;
mod conditions;
mod many;
mod replies;
mod timed;
mod trials;
mod triggers;
mod webhooks;

use std::sync::Arc;

use domain::{
    agents::Role,
    automations::{Effect, Rule, RunOutcome},
    conversations::{Conversation, Overview},
    events::Actor,
    ids::{ChannelId, ConversationId, MessageId, RuleId},
    messages::{Direction, MailFacts, Message, SenderType},
    policy::Caller,
};
use serde_json::{Value, json};
use storage::{
    automations::runs::{self, Run},
    contacts, conversations,
    conversations::overviews,
    messages, notices,
};

use super::{Draft, create, find};
use crate::{
    DeskError,
    messages::append::append,
    testing::{TestDesk, message},
};

const CUSTOMER: &str = "cora@x.example";

/// A desk with a working mailbox and a customer who has written.
async fn asked() -> (TestDesk, Conversation) {
    let desk = TestDesk::open().await;
    let channel = mailbox(&desk).await;
    let it = desk.conversation(channel, CUSTOMER).await;
    (desk, it)
}

async fn mailbox(desk: &TestDesk) -> ChannelId {
    let server = json!({ "host": "localhost", "port": 1, "security": "none", "username": null });
    let config = json!({
        "address": "help@desk.example", "from_name": "Help", "imap": server, "smtp": server,
        "folders": ["INBOX"], "oauth": null, "new_conversation_after_days": null,
        "quote_history": false, "plus_addressing": false, "subject_number": false,
        "max_mail_bytes": 1_000_000, "signature": null,
    });
    desk.channel(config).await
}

fn draft(document: Value) -> Draft {
    let text = |name: &str| document[name].as_str().unwrap_or("A rule").to_owned();
    Draft {
        name: text("name"),
        trigger: text("trigger"),
        minutes: document["minutes"].as_u64().map(|it| it.try_into().unwrap()),
        conditions: document["conditions"].clone(),
        actions: document["actions"].clone(),
        is_active: document["is_active"].as_bool().unwrap_or(true),
    }
}

async fn try_rule(desk: &TestDesk, document: Value) -> Result<Rule, DeskError> {
    create(desk, Actor::System, draft(document), None).await
}

async fn rule(desk: &TestDesk, document: Value) -> RuleId {
    try_rule(desk, document).await.unwrap().id
}

/// A rule that does one thing.
async fn on(desk: &TestDesk, trigger: &str, action: Value) -> RuleId {
    rule(desk, json!({ "name": trigger, "trigger": trigger, "actions": [action] })).await
}

async fn stored(desk: &TestDesk, id: RuleId) -> Rule {
    find(desk, id).await.unwrap()
}

fn ann(desk: &TestDesk) -> Caller {
    Caller::Agent { id: desk.agent, role: Role::Admin, session: None }
}

/// The customer writes, and what follows from it follows.
async fn writes(desk: &TestDesk, id: ConversationId, text: &str) -> MessageId {
    writes_by(desk, id, text, false).await
}

async fn writes_by(desk: &TestDesk, id: ConversationId, text: &str, automatic: bool) -> MessageId {
    let (text, now) = (text.to_owned(), desk.clock.now());
    let write = desk.desk.write(move |tx| {
        let mut it = conversations::find(tx, id)?.unwrap();
        let contact = contacts::find(tx, it.contact_id)?.unwrap();
        let from = contact.emails.first().map(|it| it.as_str().to_owned());
        let mut letter = message(Direction::Inbound, SenderType::Contact, contact.id.0, &text);
        letter.created_at = now;
        letter.mail = Some(MailFacts {
            message_id: Some(format!("{}@x.example", letter.id)),
            from_address: from,
            automatic,
            ..MailFacts::default()
        });
        Ok(append(tx, &mut it, letter, Actor::Contact(contact.id), now)?.id)
    });
    write.await.unwrap()
}

async fn overview(desk: &TestDesk, id: ConversationId) -> Overview {
    desk.store.read(move |db| overviews::find(db, id)).await.unwrap().unwrap()
}

/// What rules did there, oldest first.
async fn ran(desk: &TestDesk, id: ConversationId) -> Vec<Run> {
    let number = overview(desk, id).await.conversation.number;
    let mut all = desk.store.read(move |db| runs::page(db, number, None, 100)).await.unwrap();
    all.reverse();
    all
}

async fn outcomes(desk: &TestDesk, id: ConversationId) -> Vec<RunOutcome> {
    ran(desk, id).await.into_iter().map(|it| it.outcome).collect()
}

/// What each action came to, with what is told of it.
async fn effects(desk: &TestDesk, id: ConversationId) -> Vec<(String, Effect, String)> {
    let mut all = Vec::new();
    for run in ran(desk, id).await {
        for it in run.document["actions"].as_array().unwrap() {
            let word = |name: &str| it[name].as_str().unwrap().to_owned();
            all.push((word("type"), word("effect").parse().unwrap(), word("detail")));
        }
    }
    all
}

/// The thread, oldest first, without what merely tells of changes.
async fn thread(desk: &TestDesk, id: ConversationId) -> Vec<Message> {
    let number = overview(desk, id).await.conversation.number;
    let place = messages::Place::Newest;
    let all = desk.store.read(move |db| messages::page(db, number, place, 100)).await.unwrap();
    all.into_iter().filter(|it| it.direction != Direction::Event).collect()
}

/// What was sent to the customer.
async fn sent(desk: &TestDesk, id: ConversationId) -> Vec<String> {
    let all = thread(desk, id).await.into_iter();
    all.filter(|it| it.direction == Direction::Outbound).map(|it| it.text).collect()
}

/// What Ann, the one admin, was told.
async fn told(desk: &TestDesk) -> Vec<String> {
    let agent = desk.agent;
    let page = move |db: &storage::Reader<'_>| notices::page(db, agent, true, i64::MAX, 0, 50);
    let found = desk.store.read(page).await.unwrap();
    found.rows.into_iter().map(|it| it.text).collect()
}

/// A desk that may call this computer, as an operator can allow.
fn open_to_loopback(mut desk: TestDesk) -> TestDesk {
    let networks = vec!["127.0.0.0/8".parse().unwrap()];
    Arc::make_mut(&mut desk.desk.options).guard = connectors::guard::Guard::new(networks);
    desk
}

fn refused(result: Result<Rule, DeskError>) -> Vec<String> {
    let Err(DeskError::Invalid(wrong)) = result else { panic!("{result:?}") };
    wrong.into_iter().map(|it| it.field).collect()
}
