//! Every trigger, and what is none.

use domain::{
    automations::Trigger,
    conversations::{Priority, Status},
    ids::ContactId,
};

use super::*;
use crate::{
    contacts::{self as people, Details},
    conversations::{
        assign, change,
        open::{self, Opening, With},
        status, tags,
    },
    messages::{Draft as Letter, send},
};

/// The triggers that fired since the last look.
async fn fired(desk: &TestDesk, contact: ContactId) -> Vec<String> {
    let write = desk.write(move |tx| {
        let mut it = contacts::find(tx, contact)?.unwrap();
        let mut fired = std::mem::take(&mut it.tags);
        contacts::update(tx, &it)?;
        fired.sort();
        Ok(fired)
    });
    write.await
}

fn letter(text: &str, private: bool) -> Letter {
    Letter { text: text.to_owned(), private, ..Letter::default() }
}

#[tokio::test]
async fn each_trigger_fires_at_what_it_names() {
    let desk = TestDesk::open().await;
    let (channel, ann, agent) = (mailbox(&desk).await, ann(&desk), desk.agent);
    for trigger in Trigger::ALL.iter().filter(|it| !it.is_timed()) {
        let name = trigger.as_str();
        on(&desk, name, json!({ "type": "add_contact_tag", "tag": name })).await;
    }
    let with = With::Described {
        name: Some("Cora".to_owned()),
        email: Some(CUSTOMER.to_owned()),
        phone: None,
    };
    let opening = Opening {
        channel,
        with,
        subject: None,
        assignee: None,
        tags: Vec::new(),
        first: letter("Good day", false),
    };
    let opened = open::open(&desk, ann, opening, None).await.unwrap().conversation;
    let (id, contact) = (opened.id, opened.contact_id);
    let at_first = ["contact_created", "conversation_created", "message_sent"];
    assert_eq!(fired(&desk, contact).await, at_first);

    writes(&desk, id, "Thank you").await;
    assert_eq!(fired(&desk, contact).await, ["message_received"]);
    send::send(&desk, ann, id, letter("A note", true), None).await.unwrap();
    assert_eq!(fired(&desk, contact).await, ["note_added"]);
    assign::assign(&desk, ann, id, Some(agent)).await.unwrap();
    assert_eq!(fired(&desk, contact).await, ["conversation_assigned"]);
    assign::assign(&desk, ann, id, None).await.unwrap();
    assert_eq!(fired(&desk, contact).await, ["conversation_unassigned"]);
    tags::add(&desk, ann, id, "vip").await.unwrap();
    assert_eq!(fired(&desk, contact).await, ["tag_added"]);
    tags::add(&desk, ann, id, "VIP").await.unwrap();
    assert_eq!(fired(&desk, contact).await, [""; 0], "it had the tag already");
    tags::remove(&desk, ann, id, "vip").await.unwrap();
    assert_eq!(fired(&desk, contact).await, ["tag_removed"]);
    let pending = status::set_status(&desk, ann, id, Status::Pending, None).await.unwrap();
    assert_eq!(pending.conversation.status, Status::Pending);
    assert_eq!(fired(&desk, contact).await, ["conversation_status_changed"]);
    let changes = change::Changes { priority: Some(Priority::High), ..Default::default() };
    change::change(&desk, ann, id, changes).await.unwrap();
    assert_eq!(fired(&desk, contact).await, ["conversation_priority_changed"]);
}

#[tokio::test]
async fn a_contact_made_alone_has_no_conversation_to_act_on() {
    let desk = TestDesk::open().await;
    let document = json!({
        "trigger": "contact_created",
        "conditions": { "rules": [
            { "field": "contact_email", "operator": "ends_with", "value": "@big.example" },
        ] },
        "actions": [{ "type": "add_tag", "tag": "x" }, { "type": "add_contact_tag", "tag": "big" }],
    });
    let id = rule(&desk, document).await;
    for (email, tags) in [("ann@big.example", vec!["big"]), ("ben@small.example", vec![])] {
        let details = Details { emails: vec![email.to_owned()], ..Details::default() };
        let made = people::create(&desk, details, Actor::System, None).await.unwrap();
        assert_eq!(made.tags, tags, "{email}: the answer shows what rules did");
    }
    let counters = stored(&desk, id).await.counters;
    assert_eq!((counters.runs, counters.matches, counters.failures), (2, 1, 0));
}

#[tokio::test]
async fn a_rule_that_is_off_or_deleted_does_nothing() {
    let (desk, it) = asked().await;
    let action = json!({ "type": "add_tag", "tag": "x" });
    let id = on(&desk, "message_received", action).await;
    super::super::toggle(&desk, Actor::System, id).await.unwrap();
    writes(&desk, it.id, "One").await;
    assert_eq!(ran(&desk, it.id).await, []);
    super::super::toggle(&desk, Actor::System, id).await.unwrap();
    writes(&desk, it.id, "Two").await;
    assert_eq!(outcomes(&desk, it.id).await, [RunOutcome::Matched]);
    super::super::delete(&desk, Actor::System, id).await.unwrap();
    writes(&desk, it.id, "Three").await;
    let left = ran(&desk, it.id).await;
    assert_eq!((left.len(), left[0].rule_name.as_str()), (1, "message_received"));
}
