//! The machine's clock is set wrong and right again while snoozes, rules and replies wait.

use std::time::Duration;

use domain::{
    conversations::{Conversation, Status},
    ids::ConversationId,
    messages::{DeliveryStatus, Direction, MailFacts, SenderType},
};
use storage::{contacts, messages};

use super::*;
use crate::{
    automations::{self, Draft},
    deliver::tests::{config, server::MailServer},
    messages::append::append,
    testing::message,
};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// What waits for its time: all of it within the next two hours.
struct Waiting {
    snoozed: Conversation,
    /// A customer whom a rule on silence concerns.
    asked: Conversation,
    reply: domain::ids::MessageId,
}

async fn put(desk: &TestDesk, channel: domain::ids::ChannelId, round: usize) -> Waiting {
    let now = desk.clock.now();
    let mut snoozed = desk.conversation(channel, &format!("snoozed{round}@x.example")).await;
    let snoozed = desk
        .write(move |tx| {
            let until = Some(now.plus_seconds(30 * MINUTE));
            let event = snoozed.set_status(Status::Snoozed, until, None, now)?.unwrap();
            conversations::update(tx, &snoozed)?;
            record::record(tx, &snoozed, event, Actor::System, now)?;
            Ok(snoozed)
        })
        .await;
    let asked = asks(desk, channel, &format!("asked{round}@x.example")).await;
    let address = format!("answered{round}@x.example");
    let answered = desk.conversation(channel, &address).await;
    let mut reply = desk.answer(&format!("Reply {round}"));
    reply.send_at = Some(now.plus_seconds(10 * MINUTE));
    reply.mail = Some(MailFacts {
        message_id: Some(format!("{}@desk.example", reply.id)),
        subject: Some("Re: Where is my order?".to_owned()),
        from_address: Some("help@desk.example".to_owned()),
        to: vec![address],
        ..MailFacts::default()
    });
    let reply = crate::deliver::tests::queue(desk, &answered, reply).await;
    Waiting { snoozed, asked, reply }
}

/// A customer writes now, by the clock as it stands.
async fn asks(desk: &TestDesk, channel: domain::ids::ChannelId, email: &str) -> Conversation {
    let (it, now) = (desk.conversation(channel, email).await, desk.clock.now());
    let id = it.id;
    let write = desk.desk.write(move |tx| {
        let mut it = conversations::find(tx, id)?.unwrap();
        // The conversation of the test desk began long ago: this is its first open question.
        it.waiting_since = None;
        let contact = contacts::find(tx, it.contact_id)?.unwrap();
        let mut letter = message(Direction::Inbound, SenderType::Contact, contact.id.0, "Now?");
        letter.created_at = now;
        append(tx, &mut it, letter, Actor::Contact(contact.id), now)?;
        Ok(it)
    });
    write.await.unwrap()
}

async fn notes(desk: &TestDesk, id: ConversationId) -> usize {
    let read = move |db: &storage::Reader<'_>| {
        let number = conversations::find(db, id)?.map_or(0, |it| it.number);
        messages::page(db, number, messages::Place::Newest, 50)
    };
    let page = desk.store.read(read).await.unwrap();
    page.iter().filter(|it| it.direction == Direction::Note).count()
}

#[tokio::test]
async fn a_clock_that_jumps_to_and_fro_skips_nothing_and_repeats_nothing() {
    let server = MailServer::start().await;
    let desk = TestDesk::open().await;
    let channel = desk.channel(config(server.port)).await;
    let rule = Draft {
        name: "Nobody answered".to_owned(),
        trigger: "no_reply_for".to_owned(),
        minutes: Some(45),
        conditions: serde_json::Value::Null,
        actions: json!([{ "type": "add_note", "text": "Nobody answered." }]),
        is_active: true,
    };
    automations::create(&desk, Actor::System, rule, None).await.unwrap();
    step(&desk).await.unwrap();

    let mut all = Vec::new();
    for (round, jump) in [DAY, -HOUR, 2 * DAY, -DAY, HOUR, -HOUR, DAY].into_iter().enumerate() {
        all.push(put(&desk, channel, round).await);
        desk.clock.set(desk.clock.now().plus_seconds(jump));
        let attempts = step(&desk).await.unwrap();
        assert!(attempts < 20, "round {round}: {attempts} attempts are a storm");
        // It is put right by and by, and time goes on.
        desk.clock.set(desk.clock.now().plus_seconds(-jump.signum() * MINUTE));
        step(&desk).await.unwrap();
        desk.clock.advance(Duration::from_secs(u64::try_from(2 * HOUR).unwrap()));
        step(&desk).await.unwrap();
        assert_eq!(step(&desk).await.unwrap(), 0, "round {round}: nothing is done again");
    }
    desk.clock.advance(Duration::from_secs(u64::try_from(3 * DAY).unwrap()));
    step(&desk).await.unwrap();

    let sent: Vec<String> = server.mails().iter().map(|it| it.message_id()).collect();
    for (round, it) in all.iter().enumerate() {
        assert_eq!(status(&desk, &it.snoozed).await, Status::Open, "round {round}");
        assert_eq!(notes(&desk, it.asked.id).await, 1, "round {round}");
        let id = it.reply;
        let reply = desk.store.read(move |db| messages::find(db, id)).await.unwrap().unwrap();
        assert_eq!(reply.status, Some(DeliveryStatus::Sent), "round {round}");
        let name = format!("{id}@desk.example");
        assert_eq!(sent.iter().filter(|it| **it == name).count(), 1, "round {round}");
    }
    assert_eq!(sent.len(), all.len());
    assert_eq!(summary(&desk).await, [], "nothing is left waiting");
}
