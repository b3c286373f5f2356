//! Dry runs and the trace.

use super::*;
use crate::automations::{Question, Tried, dry_run, trace};

#[tokio::test]
async fn a_dry_run_tells_what_would_happen_and_does_nothing() {
    let (desk, it) = asked().await;
    let quiet = desk.conversation(it.channel_id, "no-reply@x.example").await;
    writes(&desk, it.id, "I want a refund").await;
    let document = json!({
        "trigger": "message_received",
        "conditions": { "rules": [
            { "field": "message_text", "operator": "contains", "value": "refund" },
        ] },
        "actions": [
            { "type": "add_tag", "tag": "refund" },
            { "type": "set_status", "status": "open" },
            { "type": "send_message", "text": "We will look at it" },
            { "type": "call_webhook", "url": "https://hooks.example.com/x" },
        ],
    });
    let question = Question { rule: Tried::Draft(Box::new(draft(document))), limit: 100 };
    let told = dry_run(&desk, question).await.unwrap();
    assert_eq!((told.looked, told.untriggered, told.has_more), (2, 0, false));
    assert_eq!(told.matched.len(), 1);
    assert_eq!(told.matched[0].overview.conversation.id, it.id);
    let effects: Vec<_> = told.matched[0].planned.iter().map(|it| it.effect).collect();
    assert_eq!(effects, [Effect::Done, Effect::Unchanged, Effect::Done, Effect::Done]);
    assert_eq!(told.missed[0].overview.conversation.id, quiet.id);
    assert_eq!(overview(&desk, it.id).await.tags, [""; 0]);
    assert_eq!(sent(&desk, it.id).await, [""; 0]);
    assert_eq!(super::super::list(&desk).await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_dry_run_is_bounded() {
    let (desk, it) = asked().await;
    for n in 0..5 {
        desk.conversation(it.channel_id, &format!("p{n}@x.example")).await;
    }
    let stop = json!({ "trigger": "conversation_created", "actions": [{ "type": "stop" }] });
    let id = rule(&desk, stop).await;
    let question = Question { rule: Tried::Stored(id), limit: 3 };
    let told = dry_run(&desk, question).await.unwrap();
    assert_eq!((told.looked, told.matched.len(), told.has_more), (3, 3, true));
    assert_eq!(stored(&desk, id).await.counters.runs, 0);
}

#[tokio::test]
async fn the_trace_tells_who_looked_what_matched_and_what_was_done() {
    let (desk, it) = asked().await;
    let words = |word: &str| json!({ "rules": [{ "field": "message_text", "operator": "contains", "value": word }] });
    let hit = json!({
        "name": "Hit", "trigger": "message_received", "conditions": words("hello"),
        "actions": [{ "type": "add_tag", "tag": "greets" }],
    });
    let miss = json!({
        "name": "Miss", "trigger": "message_received", "conditions": words("refund"),
        "actions": [{ "type": "add_tag", "tag": "refund" }],
    });
    rule(&desk, hit).await;
    rule(&desk, miss).await;
    let mut events = desk.store.events();
    writes(&desk, it.id, "Hello").await;
    let told = trace(&desk, ann(&desk), it.id, None, 10).await.unwrap();
    assert_eq!(told.runs.len(), 1);
    let run = &told.runs[0];
    assert_eq!((run.rule_name.as_str(), run.outcome), ("Hit", RunOutcome::Matched));
    let condition = &run.document["conditions"]["rules"][0];
    assert_eq!((&condition["actual"], &condition["matched"]), (&json!(["Hello"]), &json!(true)));
    assert_eq!(run.document["actions"][0]["detail"], "adds the tag greets");
    let looks = told.looks.unwrap();
    assert_eq!(looks.document[0]["rule"]["name"], "Miss");
    assert_eq!(looks.document[0]["conditions"]["matched"], false);
    let mut live = Vec::new();
    while let Ok(it) = events.try_recv() {
        if let domain::events::Event::RuleRan { name, actions, .. } = &it.event {
            live.push((name.clone(), actions.clone()));
        }
    }
    assert_eq!(live, [("Hit".to_owned(), vec!["add_tag"])]);

    writes(&desk, it.id, "Hello again").await;
    let first = trace(&desk, ann(&desk), it.id, None, 1).await.unwrap();
    let second = trace(&desk, ann(&desk), it.id, first.next, 1).await.unwrap();
    assert_eq!((second.runs.len(), second.next), (1, None));
    assert!(second.runs[0].seq < first.runs[0].seq);
}
