//! Rules that cause each other.

use super::*;
use crate::conversations::tags;

fn tagging(trigger: &str, kind: &str, tag: &str) -> Value {
    json!({
        "name": format!("{trigger} {tag}"), "trigger": trigger,
        "conditions": { "rules": [
            { "field": "changed_tag", "operator": "eq", "value": "ping" },
        ] },
        "actions": [{ "type": kind, "tag": tag }],
    })
}

#[tokio::test]
async fn two_opposing_rules_come_to_an_end_and_one_is_switched_off_with_a_notice() {
    let (desk, it) = asked().await;
    let takes = rule(&desk, tagging("tag_added", "remove_tag", "ping")).await;
    let puts = rule(&desk, tagging("tag_removed", "add_tag", "ping")).await;
    tags::add(&desk, ann(&desk), it.id, "ping").await.unwrap();
    let runs = ran(&desk, it.id).await;
    let outcomes: Vec<_> = runs.iter().map(|it| (it.rule, it.outcome)).collect();
    let want =
        [(takes, RunOutcome::Matched), (puts, RunOutcome::Matched), (takes, RunOutcome::Stopped)];
    assert_eq!(outcomes, want);
    let off = stored(&desk, takes).await;
    assert!(!off.is_active);
    assert!(off.disabled_reason.as_deref().unwrap().contains("circle"), "{off:?}");
    assert!(stored(&desk, puts).await.is_active);
    let told = told(&desk).await;
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("tag_added ping"), "{told:?}");
    // What an agent does still works.
    let after = tags::add(&desk, ann(&desk), it.id, "other").await.unwrap();
    assert_eq!(after.tags, ["ping", "other"]);
}

#[tokio::test]
async fn a_chain_goes_on_so_many_rules_deep_and_no_further() {
    let (desk, it) = asked().await;
    let long = Rule::DEEPEST_CHAIN + 2;
    let mut rules = Vec::new();
    for n in 0..long {
        let document = json!({
            "trigger": "tag_added",
            "conditions": { "rules": [
                { "field": "changed_tag", "operator": "eq", "value": format!("t{n}") },
            ] },
            "actions": [{ "type": "add_tag", "tag": format!("t{}", n + 1) }],
        });
        rules.push(rule(&desk, document).await);
    }
    let after = tags::add(&desk, ann(&desk), it.id, "t0").await.unwrap();
    assert_eq!(after.tags.len(), Rule::DEEPEST_CHAIN + 1);
    assert!(!stored(&desk, rules[Rule::DEEPEST_CHAIN]).await.is_active);
    assert!(stored(&desk, rules[0]).await.is_active);
}

#[tokio::test]
async fn a_rule_does_not_see_its_own_doing() {
    let (desk, it) = asked().await;
    let id = on(&desk, "note_added", json!({ "type": "add_note", "text": "noted" })).await;
    on(&desk, "message_received", json!({ "type": "add_note", "text": "first" })).await;
    writes(&desk, it.id, "Hello").await;
    let notes: Vec<String> =
        thread(&desk, it.id).await.into_iter().skip(2).map(|it| it.text).collect();
    assert_eq!(notes, ["first", "noted"]);
    assert!(stored(&desk, id).await.is_active, "it is no mistake");
}

#[tokio::test]
async fn a_program_that_answers_over_the_api_is_stopped_by_the_pace() {
    // As a webhook's receiver that calls back would: each call is a write of its own.
    let (desk, it) = asked().await;
    let takes = rule(&desk, tagging("tag_added", "remove_tag", "ping")).await;
    for _ in 0..25 {
        tags::add(&desk, ann(&desk), it.id, "ping").await.unwrap();
        tags::remove(&desk, ann(&desk), it.id, "ping").await.ok();
    }
    let off = stored(&desk, takes).await;
    assert!(!off.is_active);
    assert!(off.disabled_reason.unwrap().contains("within a minute"));
}

#[tokio::test]
async fn a_customer_cannot_switch_a_rule_off() {
    let (desk, it) = asked().await;
    let id = on(&desk, "message_received", json!({ "type": "add_note", "text": "x" })).await;
    for n in 0..30 {
        writes(&desk, it.id, &format!("spam {n}")).await;
    }
    let it = ran(&desk, it.id).await;
    assert_eq!(it.iter().filter(|it| it.outcome == RunOutcome::Matched).count(), 20);
    assert_eq!(it.iter().filter(|it| it.outcome == RunOutcome::Stopped).count(), 10);
    assert!(stored(&desk, id).await.is_active);
}
