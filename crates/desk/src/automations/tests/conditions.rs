//! Each field, filled in from a real conversation; and what a rule may not be.

use domain::{
    business_hours::{BusinessHours, SpanDocument, Week, WeekDocument},
    conversations::Status,
};
use storage::workspace;

use super::*;
use crate::conversations::{assign, status, tags};

/// Whether a rule with this one condition matches when the customer writes this.
async fn holds(desk: &TestDesk, it: &Conversation, text: &str, condition: Value) -> bool {
    let document = json!({
        "trigger": "message_received", "conditions": { "rules": [condition] },
        "actions": [{ "type": "add_note", "text": "x" }],
    });
    let id = rule(desk, document).await;
    writes(desk, it.id, text).await;
    let matches = stored(desk, id).await.counters.matches;
    super::super::delete(desk, Actor::System, id).await.unwrap();
    matches == 1
}

#[tokio::test]
async fn each_field_says_what_is_there() {
    let (desk, it) = asked().await;
    tags::add(&desk, ann(&desk), it.id, "Billing").await.unwrap();
    assign::assign(&desk, ann(&desk), it.id, Some(desk.agent)).await.unwrap();
    let contact = it.contact_id;
    desk.write(move |tx| {
        let mut it = contacts::find(tx, contact)?.unwrap();
        it.name = Some("Cora Klein".to_owned());
        it.tags = vec!["vip".to_owned()];
        Ok(contacts::update(tx, &it)?)
    })
    .await;
    let agent = desk.agent.to_string();
    let cases = [
        ("channel_type", "eq", json!("email"), true),
        ("channel_type", "neq", json!("email"), false),
        ("channel", "eq", json!("support"), true),
        ("status", "in", json!(["open", "pending"]), true),
        ("priority", "eq", json!("urgent"), false),
        ("subject", "starts_with", json!("where is"), true),
        ("message_text", "contains", json!("REFUND"), true),
        ("message_text", "not_contains", json!("refund"), false),
        ("message_text", "matches", json!(r"^please\s+refund\b"), true),
        ("message_text", "not_matches", json!(r"^\d+$"), true),
        ("has_attachments", "eq", json!(true), false),
        ("automatic", "eq", json!(false), true),
        ("spam", "eq", json!("false"), true),
        ("contact", "contains", json!("klein"), true),
        ("contact_name", "starts_with", json!("cora"), true),
        ("contact_email", "ends_with", json!("@x.example"), true),
        ("contact_phone", "is_empty", Value::Null, true),
        ("contact_tag", "eq", json!("VIP"), true),
        ("contact_tag", "not_in", json!(["a", "b"]), true),
        ("tag", "eq", json!("billing"), true),
        ("changed_tag", "is_empty", Value::Null, true),
        ("assignee", "eq", json!(agent), true),
        ("assignee", "eq", json!("Ann"), true),
        ("assignee", "is_empty", Value::Null, false),
        ("previous_status", "is_not_empty", Value::Null, false),
        ("hours", "eq", json!("inside"), true),
    ];
    for (field, operator, value, want) in cases {
        let mut condition = json!({ "field": field, "operator": operator });
        if !value.is_null() {
            condition["value"] = value;
        }
        let got = holds(&desk, &it, "Please  refund me", condition.clone()).await;
        assert_eq!(got, want, "{condition}");
    }
}

#[tokio::test]
async fn hours_are_those_of_the_workspace() {
    let (desk, it) = asked().await;
    // Never open but for a minute on Mondays.
    let span = SpanDocument { from: "00:00".to_owned(), to: "00:01".to_owned() };
    let week = WeekDocument { monday: vec![span], ..WeekDocument::default() };
    let hours = BusinessHours { week: Some(Week::parse(&week).unwrap()), ..Default::default() };
    desk.write(move |tx| {
        let mut it = workspace::find(tx)?.unwrap();
        it.hours = hours;
        Ok(workspace::put(tx, &it)?)
    })
    .await;
    let outside = json!({ "field": "hours", "operator": "eq", "value": "outside" });
    assert!(holds(&desk, &it, "Hello?", outside).await);
}

#[tokio::test]
async fn a_change_of_status_knows_what_it_was() {
    let (desk, it) = asked().await;
    let document = json!({
        "trigger": "conversation_status_changed",
        "conditions": { "match": "all", "rules": [
            { "field": "previous_status", "operator": "eq", "value": "open" },
            { "match": "any", "rules": [
                { "field": "status", "operator": "eq", "value": "resolved" },
                { "field": "status", "operator": "eq", "value": "snoozed" },
            ] },
        ] },
        "actions": [{ "type": "add_tag", "tag": "done" }],
    });
    rule(&desk, document).await;
    let set = async |status| {
        status::set_status(&desk, ann(&desk), it.id, status, None).await.unwrap().tags
    };
    assert_eq!(set(Status::Pending).await, [""; 0]);
    assert_eq!(set(Status::Resolved).await, [""; 0], "it was pending");
    assert_eq!(set(Status::Open).await, [""; 0]);
    assert_eq!(set(Status::Resolved).await, ["done"]);
}

#[tokio::test]
async fn what_is_wrong_in_a_rule_is_named() {
    let (desk, _) = asked().await;
    let nobody = "019a0000-0000-7000-8000-000000000000";
    let mut deep = json!({ "rules": [] });
    for _ in 0..20 {
        deep = json!({ "rules": [deep] });
    }
    let text =
        |value: &str| json!({ "field": "message_text", "operator": "matches", "value": value });
    let huge = "(?:a{1000}){1000}";
    let stop = json!([{ "type": "stop" }]);
    let deepest = format!("conditions{}", ".rules[0]".repeat(5));
    let cases = [
        (json!({ "trigger": "sunrise", "actions": stop }), "trigger"),
        (json!({ "trigger": "no_reply_for", "actions": stop }), "minutes"),
        (json!({ "trigger": "note_added", "minutes": 3, "actions": stop }), "minutes"),
        (json!({ "trigger": "note_added", "actions": [] }), "actions"),
        (json!({ "trigger": "note_added", "actions": stop, "conditions": deep }), &deepest),
        (
            json!({ "trigger": "note_added", "actions": stop, "conditions": { "rules": [text(huge)] } }),
            "conditions.rules[0].value",
        ),
        (
            json!({ "trigger": "note_added", "actions": stop, "conditions": { "rules": [text("(")] } }),
            "conditions.rules[0].value",
        ),
        (
            json!({ "trigger": "note_added", "actions": [{ "type": "assign_agent", "agent_id": nobody }] }),
            "actions[0].agent_id",
        ),
        (
            json!({ "trigger": "note_added", "actions": [{ "type": "send_canned_reply", "canned_reply_id": nobody }] }),
            "actions[0].canned_reply_id",
        ),
        (
            json!({ "trigger": "note_added", "actions": [{ "type": "send_message", "text": "{{contact.nme}}" }] }),
            "actions[0].text",
        ),
    ];
    for (document, field) in cases {
        assert_eq!(refused(try_rule(&desk, document.clone()).await), [field], "{document}");
    }
}
