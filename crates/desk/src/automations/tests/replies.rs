//! Automatic replies: to whom, and how often.

use super::*;
use crate::messages::{Draft as Letter, send};

async fn replying() -> (TestDesk, Conversation) {
    let (desk, it) = asked().await;
    let action = json!({ "type": "send_message", "text": "We are closed" });
    on(&desk, "message_received", action).await;
    (desk, it)
}

#[tokio::test]
async fn a_person_gets_one_an_hour_over_all_conversations() {
    let (desk, it) = replying().await;
    writes(&desk, it.id, "One").await;
    writes(&desk, it.id, "Two").await;
    assert_eq!(sent(&desk, it.id).await.len(), 1);
    let last = effects(&desk, it.id).await.pop().unwrap();
    assert_eq!(last.1, Effect::Skipped);
    assert!(last.2.contains("one an hour"), "{}", last.2);

    let (channel, contact, now) = (it.channel_id, it.contact_id, desk.clock.now());
    let other = desk.write(move |tx| {
        let kind = domain::channels::ChannelType::Email;
        let id = ConversationId::new();
        let mut other = Conversation::open(id, (channel, kind), contact, None, now);
        conversations::insert(tx, &mut other)?;
        Ok(other)
    });
    let other = other.await;
    writes(&desk, other.id, "And here?").await;
    assert_eq!(sent(&desk, other.id).await, [""; 0]);

    desk.clock.set(now.plus_seconds(3599));
    writes(&desk, it.id, "Three").await;
    assert_eq!(sent(&desk, it.id).await.len(), 1);
    desk.clock.set(now.plus_seconds(3600));
    writes(&desk, it.id, "Four").await;
    assert_eq!(sent(&desk, it.id).await.len(), 2);
}

#[tokio::test]
async fn programs_and_the_deaf_get_none() {
    let (desk, it) = replying().await;
    writes_by(&desk, it.id, "I am out of office", true).await;
    assert_eq!(sent(&desk, it.id).await, [""; 0]);
    let channel = it.channel_id;
    for address in ["no-reply@shop.example", "MAILER-DAEMON@x.example", "help@desk.example"] {
        let it = desk.conversation(channel, address).await;
        writes(&desk, it.id, "Hello").await;
        assert_eq!(sent(&desk, it.id).await, [""; 0], "{address}");
        let effects = effects(&desk, it.id).await;
        assert_eq!(effects[0].1, Effect::Skipped, "{address}: {effects:?}");
    }
}

#[tokio::test]
async fn two_desks_that_answer_each_other_fall_silent() {
    // The other desk does not even mark its answers as automatic.
    let (desk, it) = replying().await;
    let mut letters = 0;
    writes(&desk, it.id, "Ticket received").await;
    while sent(&desk, it.id).await.len() > letters && letters < 50 {
        letters += 1;
        writes(&desk, it.id, "Ticket received").await;
    }
    assert_eq!(letters, 1);
}

#[tokio::test]
async fn neither_spam_nor_blocked_people_nor_broken_channels_are_answered() {
    let (desk, it) = replying().await;
    let (id, contact) = (it.id, it.contact_id);
    let set = async |spam: bool, blocked: bool| {
        desk.write(move |tx| {
            let mut it = conversations::find(tx, id)?.unwrap();
            it.spam = spam;
            conversations::update(tx, &it)?;
            let mut it = contacts::find(tx, contact)?.unwrap();
            it.blocked = blocked;
            Ok(contacts::update(tx, &it)?)
        })
        .await;
    };
    for (spam, blocked) in [(true, false), (false, true)] {
        set(spam, blocked).await;
        writes(&desk, id, "Hello").await;
        assert_eq!(sent(&desk, id).await, [""; 0], "{spam} {blocked}");
    }
    set(false, false).await;
    let channel = it.channel_id;
    desk.write(move |tx| {
        let mut it = storage::channels::find(tx, channel)?.unwrap();
        it.is_active = false;
        Ok(storage::channels::update(tx, &it)?)
    })
    .await;
    writes(&desk, id, "Hello").await;
    let last = effects(&desk, id).await.pop().unwrap();
    assert_eq!(last.1, Effect::Skipped, "{last:?}");
}

#[tokio::test]
async fn an_automatic_reply_leaves_the_customer_waiting_for_a_person() {
    let (desk, it) = replying().await;
    writes(&desk, it.id, "Hello").await;
    assert_eq!(overview(&desk, it.id).await.conversation.waiting_since, it.waiting_since);
    let letter = Letter { text: "Here I am".to_owned(), ..Letter::default() };
    send::send(&desk, ann(&desk), it.id, letter, None).await.unwrap();
    assert_eq!(overview(&desk, it.id).await.conversation.waiting_since, None);
}
