//! Rules as an admin would write them, against what a conversation holds.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn facts() -> Facts {
    let mut facts = Facts::default();
    facts.set(Field::ChannelType, ["email"]);
    facts.set(Field::Status, ["open"]);
    facts.set(Field::Subject, ["Where is my ORDER 4711?"]);
    facts.set(Field::MessageText, ["Hello,\nI want a Refund.\nStraße 5"]);
    facts.set(Field::ContactEmail, ["ann@acme.example", "ann@home.example"]);
    facts.set(Field::Tag, ["Refund", "late delivery"]);
    facts.set(Field::Assignee, [""]);
    facts.set(Field::Hours, ["outside"]);
    facts
}

fn matches(document: Value) -> bool {
    Conditions::parse(&document, "conditions").unwrap().explain(&facts()).matched()
}

fn one(field: &str, operator: &str, value: Value) -> Value {
    json!({ "rules": [{ "field": field, "operator": operator, "value": value }] })
}

#[test]
fn every_operator_compares_without_regard_to_case() {
    let cases = [
        ("channel_type", "eq", json!("EMAIL"), true),
        ("channel_type", "neq", json!("email"), false),
        ("channel_type", "neq", json!("whatsapp"), true),
        ("subject", "contains", json!("order"), true),
        ("subject", "not_contains", json!("order"), false),
        ("subject", "starts_with", json!("where is"), true),
        ("subject", "ends_with", json!("4711?"), true),
        ("message_text", "contains", json!("STRASSE"), false),
        ("message_text", "contains", json!("refund.\nstraße"), true),
        ("status", "in", json!(["pending", "open"]), true),
        ("status", "not_in", json!(["pending", "open"]), false),
        ("subject", "matches", json!(r"order \d{4}\b"), true),
        ("subject", "not_matches", json!(r"^order"), true),
        ("message_text", "matches", json!(r"(?m)^i want a (refund|return)"), true),
        ("assignee", "is_empty", Value::Null, true),
        ("assignee", "is_not_empty", Value::Null, false),
        ("hours", "eq", json!("outside"), true),
        // Of several values any counts; what none of them may be, each counts against.
        ("contact_email", "ends_with", json!("@home.example"), true),
        ("tag", "eq", json!("refund"), true),
        ("tag", "neq", json!("refund"), false),
        ("tag", "not_in", json!(["vip", "late delivery"]), false),
        // What is not there is not anything.
        ("priority", "eq", json!("low"), false),
        ("priority", "neq", json!("low"), true),
    ];
    for (field, operator, value, want) in cases {
        assert_eq!(
            matches(one(field, operator, value.clone())),
            want,
            "{field} {operator} {value}"
        );
    }
}

#[test]
fn groups_nest() {
    let yes = json!({ "field": "status", "operator": "eq", "value": "open" });
    let no = json!({ "field": "status", "operator": "eq", "value": "resolved" });
    let cases = [
        (json!(null), true),
        (json!({ "rules": [] }), true),
        (json!({ "match": "any", "rules": [] }), true),
        (json!({ "match": "all", "rules": [yes, no] }), false),
        (json!({ "match": "any", "rules": [no, yes] }), true),
        (json!({ "match": "none", "rules": [no] }), true),
        (json!({ "match": "none", "rules": [no, yes] }), false),
        (json!({ "match": "all", "rules": [yes, { "match": "any", "rules": [no, yes] }] }), true),
        (json!({ "match": "all", "rules": [yes, { "match": "none", "rules": [yes] }] }), false),
    ];
    for (document, want) in cases {
        assert_eq!(matches(document.clone()), want, "{document}");
    }
}

#[test]
fn what_is_wrong_is_named_by_its_path() {
    let good = json!({ "field": "status", "operator": "eq", "value": "open" });
    let mut deep = json!({ "rules": [good] });
    for _ in 0..5 {
        deep = json!({ "rules": [deep] });
    }
    let cases = [
        (json!([]), "conditions"),
        (json!({}), "conditions.rules"),
        (json!({ "rules": {} }), "conditions.rules"),
        (json!({ "rules": [], "any": 1 }), "conditions.any"),
        (json!({ "match": "some", "rules": [] }), "conditions.match"),
        (json!({ "rules": [good, 5] }), "conditions.rules[1]"),
        (
            json!({ "rules": [good, { "field": "x", "operator": "eq", "value": "y" }] }),
            "conditions.rules[1].field",
        ),
        (
            json!({ "rules": [good, { "field": "tag", "operator": "like", "value": "y" }] }),
            "conditions.rules[1].operator",
        ),
        (
            json!({ "rules": [{ "match": "any", "rules": [good, { "field": "tag" }] }] }),
            "conditions.rules[0].rules[1].operator",
        ),
        (one("status", "eq", json!("closed")), "conditions.rules[0].value"),
        (one("status", "in", json!(["open", "closed"])), "conditions.rules[0].value[1]"),
        (one("status", "in", json!("open")), "conditions.rules[0].value"),
        (one("tag", "eq", json!(" ")), "conditions.rules[0].value"),
        (one("tag", "eq", json!(null)), "conditions.rules[0].value"),
        (one("tag", "contains", json!("x".repeat(501))), "conditions.rules[0].value"),
        (one("tag", "is_empty", json!("x")), "conditions.rules[0].value"),
        (one("tag", "matches", json!("a(")), "conditions.rules[0].value"),
        (one("tag", "matches", json!("((a{99}){99}){99}")), "conditions.rules[0].value"),
        (one("tag", "matches", json!("(a)\\1")), "conditions.rules[0].value"),
        (deep, "conditions.rules[0].rules[0].rules[0].rules[0].rules[0]"),
        (json!({ "rules": vec![good.clone(); 51] }), "conditions.rules"),
        (
            json!({ "rules": [{ "rules": vec![good.clone(); 30] }, { "rules": vec![good; 30] }] }),
            "conditions",
        ),
    ];
    for (document, field) in cases {
        let wrongs = Conditions::parse(&document, "conditions").unwrap_err();
        assert_eq!(
            wrongs.iter().map(|it| it.field.as_str()).collect::<Vec<_>>(),
            [field],
            "{document}"
        );
    }
}

#[test]
fn conditions_are_written_as_they_are_read() {
    let document = json!({ "match": "any", "rules": [
        { "field": "subject", "operator": "matches", "value": "(?-i)A+" },
        { "match": "none", "rules": [{ "field": "tag", "operator": "is_empty" }] },
    ] });
    let conditions = Conditions::parse(&document, "conditions").unwrap();
    assert_eq!(conditions.document(), document);
    assert!(conditions.uses(Field::Tag) && !conditions.uses(Field::Hours));
}

#[test]
fn an_explanation_shows_what_was_seen() {
    let conditions = Conditions::parse(&one("tag", "eq", json!("vip")), "conditions").unwrap();
    let explained = serde_json::to_value(conditions.explain(&facts())).unwrap();
    let want = json!({
        "match": "all", "matched": false, "rules": [{
            "field": "tag", "operator": "eq", "value": "vip",
            "actual": ["Refund", "late delivery"], "matched": false,
        }],
    });
    assert_eq!(explained, want);
}

#[test]
fn a_hostile_text_costs_little() {
    let document = one("message_text", "matches", json!(r"(a|a|aa)*(b|bb)+c{1,20}$"));
    let conditions = Conditions::parse(&document, "conditions").unwrap();
    let mut facts = Facts::default();
    facts.set(Field::MessageText, ["a".repeat(5_000_000)]);
    let started = std::time::Instant::now();
    assert!(!conditions.explain(&facts).matched());
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
}

fn actions(document: Value) -> Result<Vec<Action>, String> {
    parse_actions(&document, "actions")
        .map_err(|wrongs| wrongs.iter().map(|it| it.field.clone()).collect::<Vec<_>>().join(" "))
}

#[test]
fn every_action_is_written_as_it_is_read() {
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    let all = json!([
        { "type": "add_tag", "tag": "vip" },
        { "type": "remove_tag", "tag": "vip" },
        { "type": "add_contact_tag", "tag": "vip" },
        { "type": "set_status", "status": "resolved" },
        { "type": "set_priority", "priority": "urgent" },
        { "type": "snooze", "minutes": 60 },
        { "type": "assign_agent", "agent_id": id },
        { "type": "assign_agent", "agent_id": null },
        { "type": "add_note", "text": "From {{contact.name}}" },
        { "type": "send_message", "text": "We are closed, {{contact.first_name|friend}}." },
        { "type": "send_canned_reply", "canned_reply_id": id },
        { "type": "call_webhook", "url": "https://hooks.example/a?b=c" },
        { "type": "stop" },
    ]);
    let parsed = actions(all.clone()).unwrap();
    let back: Vec<Value> = parsed.iter().map(Action::document).collect();
    assert_eq!(Value::from(back), all);
}

#[test]
fn wrong_actions_are_named_by_their_path() {
    let cases = [
        (json!({}), "actions"),
        (json!([]), "actions"),
        (json!(vec![json!({ "type": "stop" }); 21]), "actions"),
        (json!(["stop"]), "actions[0]"),
        (json!([{ "tag": "x" }]), "actions[0].type"),
        (json!([{ "type": "stop" }, { "type": "explode" }]), "actions[1].type"),
        (json!([{ "type": "add_tag" }]), "actions[0].tag"),
        (json!([{ "type": "add_tag", "tag": "a\nb" }]), "actions[0].tag"),
        (json!([{ "type": "add_tag", "tag": "x", "color": "red" }]), "actions[0].color"),
        (json!([{ "type": "set_status", "status": "closed" }]), "actions[0].status"),
        (json!([{ "type": "set_status", "status": "snoozed" }]), "actions[0].status"),
        (json!([{ "type": "snooze", "minutes": 0 }]), "actions[0].minutes"),
        (json!([{ "type": "snooze", "minutes": 1.5 }]), "actions[0].minutes"),
        (json!([{ "type": "assign_agent", "agent_id": "ann" }]), "actions[0].agent_id"),
        (json!([{ "type": "assign_agent" }]), "actions[0].agent_id"),
        (json!([{ "type": "send_message", "text": "  " }]), "actions[0].text"),
        (json!([{ "type": "send_message", "text": "{{contact.password}}" }]), "actions[0].text"),
        (json!([{ "type": "call_webhook", "url": "file:///etc/passwd" }]), "actions[0].url"),
        (json!([{ "type": "call_webhook", "url": "hooks.example" }]), "actions[0].url"),
    ];
    for (document, fields) in cases {
        assert_eq!(actions(document.clone()), Err(fields.to_owned()), "{document}");
    }
}

#[test]
fn a_timed_rule_looks_at_waits_that_end_after_it_was_switched_on() {
    let rule = |minutes, active_since| Rule {
        id: RuleId::new(),
        position: 0,
        name: "Remind".to_owned(),
        trigger: Trigger::NoReplyFor,
        minutes,
        conditions: Conditions::none(),
        actions: vec![Action::Stop],
        is_active: true,
        active_since,
        counters: Counters::default(),
        disabled_reason: None,
        created_by: None,
        created_at: Timestamp(0),
        updated_at: Timestamp(0),
    };
    let minute = |it: i64| Timestamp(it * 60_000);
    let on = rule(Some(30), Some(minute(100)));
    assert_eq!(on.due(minute(70)), Some(minute(100)));
    assert_eq!(on.due(minute(69)), None);
    assert_eq!(rule(None, Some(minute(0))).due(minute(5)), None);
    assert_eq!(rule(Some(5), None).due(minute(5)), None);
}

/// Documents of any shape, with the right words often enough to get somewhere.
fn documents() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        "[a-z_]{0,12}".prop_map(Value::from),
        proptest::sample::select(
            Field::ALL
                .iter()
                .map(|it| it.as_str())
                .chain(Operator::ALL.iter().map(|it| it.as_str()))
                .chain(["all", "any", "none", "open", "email", "a*(b|c)+", "true"])
                .collect::<Vec<_>>()
        )
        .prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(Value::Null),
    ];
    word.prop_recursive(6, 60, 6, |inner| {
        let key = proptest::sample::select(vec!["field", "operator", "value", "match", "rules"]);
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec((key, inner), 0..4).prop_map(|pairs| {
                pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Value>()
            }),
        ]
    })
}

fn conditions() -> impl Strategy<Value = Value> {
    let leaf = (
        proptest::sample::select(Field::ALL),
        proptest::sample::select(Operator::ALL),
        prop_oneof![".{0,20}".prop_map(Value::from), Just(json!(["open", "x"])), Just(Value::Null)],
    );
    let leaf = leaf.prop_map(|(field, operator, value)| {
        json!({ "field": field.as_str(), "operator": operator.as_str(), "value": value })
    });
    leaf.prop_recursive(5, 30, 4, |inner| {
        let word = proptest::sample::select(Quantifier::ALL);
        (word, proptest::collection::vec(inner, 0..4))
            .prop_map(|(word, rules)| json!({ "match": word.as_str(), "rules": rules }))
    })
}

proptest! {
    #[test]
    fn any_document_is_read_or_refused(document in documents(), text in ".{0,50}") {
        let _ = parse_actions(&document, "actions");
        match Conditions::parse(&document, "conditions") {
            Ok(parsed) => {
                let mut facts = Facts::default();
                facts.set(Field::Subject, [text]);
                parsed.explain(&facts);
            }
            Err(wrongs) => prop_assert!(!wrongs.is_empty()),
        }
    }

    #[test]
    fn evaluation_never_panics_and_none_is_the_opposite_of_any(
        rule in conditions(), text in "\\PC{0,80}",
    ) {
        let mut facts = Facts::default();
        for field in Field::ALL {
            facts.set(*field, [&text]);
        }
        let group = |word: &str| json!({ "match": word, "rules": [rule] });
        if let Ok(any) = Conditions::parse(&group("any"), "conditions") {
            let none = Conditions::parse(&group("none"), "conditions").unwrap();
            let again = Conditions::parse(&any.document(), "conditions").unwrap();
            let matched = any.explain(&facts).matched();
            prop_assert_ne!(matched, none.explain(&facts).matched());
            prop_assert_eq!(matched, again.explain(&facts).matched());
        }
    }
}
