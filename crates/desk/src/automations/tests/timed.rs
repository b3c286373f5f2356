//! Rules that time triggers: to the minute, once for each wait, over restarts.

use domain::conversations::Status;

use super::*;
use crate::{
    conversations::{assign, status},
    messages::{Draft as Letter, send},
    workers,
};

const HALF_HOUR: i64 = 1800;

async fn timed(desk: &TestDesk, trigger: &str, minutes: u32) -> RuleId {
    let document = json!({
        "trigger": trigger, "minutes": minutes,
        "actions": [{ "type": "add_note", "text": trigger }],
    });
    let id = rule(desk, document).await;
    workers::step(desk).await.unwrap();
    id
}

async fn notes(desk: &TestDesk, id: ConversationId) -> usize {
    thread(desk, id).await.iter().filter(|it| it.direction == Direction::Note).count()
}

/// Moves the clock and lets the workers do what is due.
async fn wait(desk: &TestDesk, seconds: i64) {
    desk.clock.set(desk.clock.now().plus_seconds(seconds));
    workers::step(desk).await.unwrap();
}

async fn answers(desk: &TestDesk, id: ConversationId) {
    let letter = Letter { text: "Here I am".to_owned(), ..Letter::default() };
    let sent = send::send(desk, ann(desk), id, letter, None).await.unwrap();
    // It need not leave: there is no mail server here.
    desk.write(move |tx| {
        storage::jobs::remove(tx, domain::jobs::JobKind::SendMessage, sent.id.0)?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn no_reply_fires_when_the_time_is_over_and_once_for_each_wait() {
    let (desk, it) = asked().await;
    timed(&desk, "no_reply_for", 30).await;
    wait(&desk, HALF_HOUR - 1).await;
    assert_eq!(notes(&desk, it.id).await, 0);
    wait(&desk, 1).await;
    assert_eq!(notes(&desk, it.id).await, 1);
    // Asking again does not begin a new wait.
    writes(&desk, it.id, "Anybody?").await;
    wait(&desk, 2 * HALF_HOUR).await;
    assert_eq!(notes(&desk, it.id).await, 1);
    answers(&desk, it.id).await;
    wait(&desk, HALF_HOUR).await;
    assert_eq!(notes(&desk, it.id).await, 1);
    writes(&desk, it.id, "One more thing").await;
    wait(&desk, HALF_HOUR).await;
    assert_eq!(notes(&desk, it.id).await, 2);
}

#[tokio::test]
async fn an_answer_in_time_calls_it_off() {
    let (desk, it) = asked().await;
    timed(&desk, "no_reply_for", 30).await;
    writes(&desk, it.id, "Hello?").await;
    wait(&desk, HALF_HOUR - 60).await;
    answers(&desk, it.id).await;
    wait(&desk, HALF_HOUR).await;
    assert_eq!(notes(&desk, it.id).await, 0);
}

#[tokio::test]
async fn each_kind_of_waiting_has_its_beginning_and_end() {
    let (desk, it) = asked().await;
    for trigger in ["customer_silent_for", "unassigned_for", "in_status_for"] {
        timed(&desk, trigger, 30).await;
    }
    let fired = async || {
        let all = ran(&desk, it.id).await.into_iter().map(|it| it.trigger.to_string());
        all.collect::<Vec<_>>()
    };
    wait(&desk, HALF_HOUR).await;
    assert_eq!(fired().await, ["unassigned_for", "in_status_for"]);
    assign::assign(&desk, ann(&desk), it.id, Some(desk.agent)).await.unwrap();
    status::set_status(&desk, ann(&desk), it.id, Status::Pending, None).await.unwrap();
    answers(&desk, it.id).await;
    wait(&desk, HALF_HOUR).await;
    assert_eq!(fired().await[2..], ["customer_silent_for", "in_status_for"]);
    wait(&desk, 10 * HALF_HOUR).await;
    assert_eq!(fired().await.len(), 4, "each wait is answered once");
}

#[tokio::test]
async fn a_new_rule_finds_who_waits_already_but_leaves_the_past_alone() {
    let (desk, old) = asked().await;
    desk.clock.set(desk.clock.now().plus_seconds(10 * HALF_HOUR));
    let channel = old.channel_id;
    let recent = desk.conversation(channel, "ben@x.example").await;
    let id = recent.id;
    // The conversation was opened by the fixture's clock; this wait begins now.
    answers(&desk, id).await;
    writes(&desk, id, "Hello?").await;
    desk.clock.set(desk.clock.now().plus_seconds(HALF_HOUR / 2));
    timed(&desk, "no_reply_for", 30).await;
    wait(&desk, HALF_HOUR / 2).await;
    assert_eq!((notes(&desk, old.id).await, notes(&desk, id).await), (0, 1));
}

#[tokio::test]
async fn running_workers_fire_within_the_second_and_a_rule_switched_off_does_not() {
    let (desk, it) = asked().await;
    let id = timed(&desk, "no_reply_for", 30).await;
    let off = timed(&desk, "unassigned_for", 30).await;
    super::super::toggle(&desk, Actor::System, off).await.unwrap();
    let mut events = desk.store.events();
    let workers = workers::spawn(&desk);
    desk.clock.set(desk.clock.now().plus_seconds(HALF_HOUR));
    let ran_rule = loop {
        let event = events.recv().await.unwrap();
        if let domain::events::Event::RuleRan { rule_id, .. } = event.event {
            break rule_id;
        }
    };
    workers.stop().await;
    assert_eq!(ran_rule, id);
    assert_eq!(notes(&desk, it.id).await, 1);
}

#[tokio::test]
async fn a_clock_that_jumps_makes_no_storm() {
    let (desk, it) = asked().await;
    timed(&desk, "in_status_for", 30).await;
    for days in [2, -2, 2, 30] {
        wait(&desk, days * 86_400).await;
    }
    assert_eq!(notes(&desk, it.id).await, 1);
}
