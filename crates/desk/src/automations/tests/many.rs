//! One write that concerns more rules than it has room for; and conversations that are no more.

use domain::{jobs::JobKind, tags::TagName};
use storage::jobs;

use super::*;
use crate::{
    conversations::{merges, tags},
    workers,
};

/// With three rules that match, more than one write runs.
const CONVERSATIONS: usize = 180;

async fn tag_all(desk: &TestDesk, ids: Vec<ConversationId>) {
    let (caller, now) = (ann(desk), desk.clock.now());
    let tag = TagName::parse("sale").unwrap();
    let tagged = desk.desk.write(move |tx| {
        for id in ids {
            let mut it = conversations::find(tx, id)?.unwrap();
            tags::put(tx, &caller, &mut it, &tag, now)?;
        }
        Ok(())
    });
    tagged.await.unwrap();
}

async fn on_sale(desk: &TestDesk, action: Value) {
    let conditions = json!({ "rules": [
        { "field": "changed_tag", "operator": "eq", "value": "sale" },
    ] });
    let document = json!({ "trigger": "tag_added", "conditions": conditions, "actions": [action] });
    rule(desk, document).await;
}

#[tokio::test]
async fn what_has_no_room_in_one_write_follows_in_order_and_once() {
    let desk = TestDesk::open().await;
    let channel = mailbox(&desk).await;
    let mut ids = Vec::new();
    for number in 0..CONVERSATIONS {
        ids.push(desk.conversation(channel, &format!("p{number}@x.example")).await.id);
    }
    on_sale(&desk, json!({ "type": "add_tag", "tag": "first" })).await;
    on_sale(&desk, json!({ "type": "set_priority", "priority": "high" })).await;
    on_sale(&desk, json!({ "type": "add_tag", "tag": "last" })).await;
    tag_all(&desk, ids.clone()).await;
    let (first, last) = (ids[0], ids[CONVERSATIONS - 1]);
    assert_eq!(overview(&desk, first).await.tags, ["sale", "first", "last"]);
    assert_eq!(overview(&desk, last).await.tags, ["sale"], "not in this write");
    let left = desk.store.read(jobs::summary).await.unwrap();
    assert!(left.iter().any(|it| it.0 == JobKind::FollowRules && it.2 == 1), "{left:?}");

    workers::step(&desk).await.unwrap();
    for id in ids {
        assert_eq!(overview(&desk, id).await.tags, ["sale", "first", "last"]);
        assert_eq!(outcomes(&desk, id).await, [RunOutcome::Matched; 3]);
    }
}

#[tokio::test]
async fn rules_leave_alone_what_was_merged_into_another() {
    let desk = TestDesk::open().await;
    let channel = mailbox(&desk).await;
    let from = desk.conversation(channel, "other@x.example").await;
    let into = desk.conversation(channel, CUSTOMER).await;
    let (one, other) = (into.contact_id, from.contact_id);
    desk.write(move |tx| Ok(contacts::merging::move_all(tx, other, one)?)).await;
    let note = json!({ "type": "add_note", "text": "Hello?" });
    let timed = json!({ "trigger": "no_reply_for", "minutes": 30, "actions": [note] });
    rule(&desk, timed).await;
    for it in [&from, &into] {
        writes(&desk, it.id, "Anybody?").await;
    }
    merges::merge(&desk, ann(&desk), from.id, into.id, None).await.unwrap();
    let timer = desk.store.read(move |db| jobs::find(db, JobKind::RunTimers, from.id.0));
    assert_eq!(timer.await.unwrap(), None, "nothing is waited for there");
    desk.clock.set(desk.clock.now().plus_seconds(1800));
    workers::step(&desk).await.unwrap();
    assert_eq!(outcomes(&desk, into.id).await, [RunOutcome::Matched]);
    assert_eq!(outcomes(&desk, from.id).await, []);
}
