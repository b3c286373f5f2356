//! What each action does, and what becomes of one that cannot be done.

use domain::{
    conversations::{Priority, Status},
    messages::DeliveryStatus,
};
use storage::agents;

use super::*;
use crate::canned_replies::{self, New};

#[tokio::test]
async fn each_action_does_what_it_says_in_order() {
    let (desk, it) = asked().await;
    let document = json!({
        "name": "Sort", "trigger": "message_received",
        "actions": [
            { "type": "add_tag", "tag": "New" },
            { "type": "add_tag", "tag": "old" },
            { "type": "remove_tag", "tag": "OLD" },
            { "type": "add_contact_tag", "tag": "asks" },
            { "type": "set_priority", "priority": "high" },
            { "type": "assign_agent", "agent_id": desk.agent },
            { "type": "add_note", "text": "From {{contact.email}}" },
            { "type": "send_message", "text": "Hello {{contact.first_name|there}}" },
            { "type": "set_status", "status": "pending" },
            { "type": "snooze", "minutes": 30 },
            { "type": "stop" },
            { "type": "add_tag", "tag": "never" },
        ],
    });
    let id = rule(&desk, document).await;
    let later = on(&desk, "message_received", json!({ "type": "add_tag", "tag": "later" })).await;
    writes(&desk, it.id, "Hello").await;

    let after = overview(&desk, it.id).await;
    assert_eq!(after.tags, ["New"]);
    let it = after.conversation;
    assert_eq!((it.priority, it.status), (Priority::High, Status::Snoozed));
    assert_eq!(it.assignee, Some(desk.agent));
    assert_eq!(it.snoozed_until, Some(desk.clock.now().plus_seconds(1800)));
    let contact = desk.store.read(move |db| contacts::find(db, it.contact_id)).await.unwrap();
    assert_eq!(contact.unwrap().tags, ["asks"]);

    let thread = thread(&desk, it.id).await;
    let written: Vec<_> = thread.iter().skip(2).collect();
    assert_eq!(written[0].direction, Direction::Note);
    assert_eq!(written[0].text, format!("From {CUSTOMER}"));
    assert_eq!(written[1].text, "Hello there");
    assert_eq!(written[1].status, Some(DeliveryStatus::Queued));
    assert!(written[1].mail.as_ref().unwrap().automatic);
    for it in &written {
        assert_eq!(it.sender.kind, SenderType::System);
        assert_eq!(it.sender.name.as_deref(), Some("Sort"));
    }
    assert!(it.waiting_since.is_some(), "a rule answers nobody");
    let run = &ran(&desk, it.id).await[0];
    assert_eq!((run.rule, run.changes), (id, 10));
    assert_eq!(stored(&desk, later).await.counters.runs, 0, "the rule before it stopped");
}

#[tokio::test]
async fn what_is_so_already_is_left_and_told() {
    let (desk, it) = asked().await;
    let document = json!({
        "trigger": "message_received",
        "actions": [
            { "type": "set_status", "status": "open" },
            { "type": "set_priority", "priority": "normal" },
            { "type": "assign_agent", "agent_id": null },
            { "type": "remove_tag", "tag": "x" },
        ],
    });
    rule(&desk, document).await;
    writes(&desk, it.id, "Hello").await;
    let effects: Vec<Effect> = effects(&desk, it.id).await.into_iter().map(|it| it.1).collect();
    assert_eq!(effects, [Effect::Unchanged; 4]);
    assert_eq!(ran(&desk, it.id).await[0].changes, 0);
}

#[tokio::test]
async fn a_canned_reply_is_sent_counted_and_brings_its_actions() {
    let (desk, it) = asked().await;
    let new = New {
        name: "Hours".to_owned(),
        shortcut: None,
        text: "We open at nine, {{contact.name|friend}}".to_owned(),
        html: Some("<p>We open at <b>nine</b>, {{contact.name|friend}}</p>".to_owned()),
        shared: true,
        actions: canned_replies::AskedActions {
            status: Some(Status::Pending),
            tags: vec!["hours".to_owned()],
            assign: None,
        },
    };
    let canned = canned_replies::create(&desk, ann(&desk), new, None).await.unwrap().id;
    let contact = it.contact_id;
    desk.write(move |tx| {
        let mut it = contacts::find(tx, contact)?.unwrap();
        it.name = Some("<i>Cora</i>".to_owned());
        Ok(contacts::update(tx, &it)?)
    })
    .await;
    let action = json!({ "type": "send_canned_reply", "canned_reply_id": canned });
    let id = on(&desk, "message_received", action).await;
    writes(&desk, it.id, "When do you open?").await;
    let reply = thread(&desk, it.id).await.pop().unwrap();
    assert_eq!(reply.text, "We open at nine, <i>Cora</i>");
    let html = "<p>We open at <b>nine</b>, &lt;i&gt;Cora&lt;/i&gt;</p>";
    assert_eq!(reply.html.as_deref(), Some(html));
    let after = overview(&desk, it.id).await;
    assert_eq!(
        (after.conversation.status, after.tags),
        (Status::Pending, vec!["hours".to_owned()])
    );
    let used = canned_replies::find(&desk, ann(&desk), canned).await.unwrap();
    assert_eq!(used.use_count, 1);

    // Once it is gone, the rule fails and says why.
    canned_replies::delete(&desk, ann(&desk), canned).await.unwrap();
    writes(&desk, it.id, "And on Sundays?").await;
    let run = ran(&desk, it.id).await.pop().unwrap();
    assert_eq!(run.outcome, RunOutcome::Failed);
    assert_eq!(run.document["error"], "the canned reply of its action is gone");
    assert_eq!(stored(&desk, id).await.counters.failed_in_a_row, 1);
}

#[tokio::test]
async fn a_failing_rule_leaves_nothing_but_its_record_and_is_switched_off_in_the_end() {
    let (desk, it) = asked().await;
    let agent = desk.agent;
    let document = json!({
        "name": "To Ann", "trigger": "message_received",
        "actions": [
            { "type": "add_tag", "tag": "half" },
            { "type": "assign_agent", "agent_id": agent },
        ],
    });
    let id = rule(&desk, document).await;
    let other = on(&desk, "message_received", json!({ "type": "add_tag", "tag": "whole" })).await;
    let work = async |active: bool| {
        desk.write(move |tx| {
            let mut it = agents::find(tx, agent)?.unwrap();
            it.is_active = active;
            Ok(agents::update(tx, &it)?)
        })
        .await;
    };
    work(false).await;
    for _ in 0..Rule::MOST_FAILURES {
        assert!(stored(&desk, id).await.is_active);
        writes(&desk, it.id, "Hello").await;
    }
    assert_eq!(overview(&desk, it.id).await.tags, ["whole"], "the rest of the write stays");
    let failed = stored(&desk, id).await;
    assert!(!failed.is_active);
    assert!(failed.disabled_reason.unwrap().contains("failed 10 times in a row"));
    writes(&desk, it.id, "Hello").await;
    let after = stored(&desk, id).await.counters;
    assert_eq!(after.failures, u64::from(Rule::MOST_FAILURES));
    assert!(stored(&desk, other).await.is_active);
    work(true).await;
    let again = super::super::toggle(&desk, Actor::System, id).await.unwrap();
    assert_eq!((again.disabled_reason, again.counters.failed_in_a_row), (None, 0));
    writes(&desk, it.id, "Hello").await;
    assert_eq!(overview(&desk, it.id).await.conversation.assignee, Some(agent));
}
