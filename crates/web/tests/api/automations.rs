//! Automations: written, tried, switched, and asked why.

use serde_json::{Value, json};

use crate::{app::TestApp, inbox::Letter};

const PATH: &str = "/api/automations";

fn tagging(name: &str) -> Value {
    json!({
        "name": name, "trigger": "tag_added",
        "conditions": { "match": "any", "rules": [
            { "field": "changed_tag", "operator": "eq", "value": "urgent" },
            { "match": "all", "rules": [
                { "field": "subject", "operator": "is_not_empty" },
                { "field": "channel_type", "operator": "in", "value": ["sms", "viber"] },
            ] },
        ] },
        "actions": [{ "type": "set_priority", "priority": "urgent" }],
    })
}

fn names(body: &Value) -> Vec<String> {
    let data = body["data"].as_array().unwrap().iter();
    data.map(|it| it["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_automation_is_created_read_changed_toggled_ordered_and_deleted() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let made = admin.post(PATH, tagging("Urgent")).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let id = made.body["id"].as_str().unwrap().to_owned();
    let path = format!("{PATH}/{id}");
    let asked = tagging("Urgent");
    assert_eq!(
        made.body,
        json!({
            "id": id, "name": "Urgent", "position": 0, "trigger": "tag_added", "minutes": null,
            "conditions": asked["conditions"], "actions": asked["actions"], "is_active": true,
            "disabled_reason": null, "runs": 0, "matches": 0, "failures": 0,
            "last_matched_at": null, "last_error": null, "signing_secret": null,
            "created_by": app.admin_id().await,
            "created_at": "2026-01-05T09:00:00.000Z", "updated_at": "2026-01-05T09:00:00.000Z",
        })
    );
    assert_eq!(admin.get(&path).await.body, made.body);

    let toggled = admin.post_nothing(&format!("{path}/toggle")).await;
    assert_eq!((toggled.status, &toggled.body["is_active"]), (200, &json!(false)));
    let toggled = admin.post_nothing(&format!("{path}/toggle")).await;
    assert_eq!(toggled.body["is_active"], true);

    let change = json!({
        "name": "Late", "trigger": "no_reply_for", "minutes": 30, "conditions": null,
        "actions": [{ "type": "call_webhook", "url": "https://hooks.example.com/x" }],
    });
    let changed = admin.patch(&path, change).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(changed.body["minutes"], 30);
    assert_eq!(changed.body["conditions"], json!({ "match": "all", "rules": [] }));
    assert_eq!(changed.body["signing_secret"].as_str().unwrap().len(), 64);
    let wrong = admin.patch(&path, json!({ "minutes": null })).await;
    assert_eq!((wrong.status, &wrong.body["details"][0]["field"]), (400, &json!("minutes")));

    let second = admin.post(PATH, tagging("Second")).await.body;
    assert_eq!(names(&admin.get(PATH).await.body), ["Late", "Second"]);
    let order = json!({ "ids": [second["id"], id] });
    let ordered = admin.post(&format!("{PATH}/reorder"), order).await;
    assert_eq!(ordered.status, 200, "{}", ordered.text);
    assert_eq!(names(&ordered.body), ["Second", "Late"]);
    assert_eq!(names(&admin.get(PATH).await.body), ["Second", "Late"]);
    for ids in [json!([id]), json!([id, id]), json!([id, second["id"], id])] {
        let answer = admin.post(&format!("{PATH}/reorder"), json!({ "ids": ids })).await;
        assert_eq!(answer.status, 400, "{ids}");
    }

    let deleted = admin.delete(&path).await;
    assert_eq!((deleted.status, &deleted.body["result"]), (200, &json!("deleted")));
    assert_eq!(deleted.body["name"], "Late");
    assert_eq!(admin.get(&path).await.status, 404);
    assert_eq!(admin.delete(&path).await.status, 404);
    assert_eq!(names(&admin.get(PATH).await.body), ["Second"]);
}

#[tokio::test]
async fn conditions_and_activity_may_be_left_out_and_a_key_makes_one() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await.with("idempotency-key", "one");
    let body = json!({
        "name": "All", "trigger": "message_received", "actions": [{ "type": "add_tag", "tag": "x" }],
    });
    let first = admin.post(PATH, body.clone()).await;
    assert_eq!((first.status, &first.body["is_active"]), (201, &json!(true)));
    let again = admin.post(PATH, body).await;
    assert_eq!(again.body["id"], first.body["id"]);
    assert_eq!(admin.get(PATH).await.body["pagination"]["total"], 1);
}

#[tokio::test]
async fn hostile_automations_are_refused_with_the_place_of_the_mistake() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let with = |conditions: Value, actions: Value| {
        json!({
            "name": "x", "trigger": "message_received",
            "conditions": conditions, "actions": actions,
        })
    };
    let stop = || json!([{ "type": "stop" }]);
    let matching = |pattern: String| {
        let rule = json!({ "field": "message_text", "operator": "matches", "value": pattern });
        with(json!({ "rules": [rule] }), stop())
    };
    let hook = |url: &str| with(Value::Null, json!([{ "type": "call_webhook", "url": url }]));
    let mut deep = json!({ "rules": [] });
    for _ in 0..8 {
        deep = json!({ "rules": [deep] });
    }
    let many = vec![json!({ "field": "tag", "operator": "is_empty" }); 51];
    let pattern = "conditions.rules[0].value";
    let cases = [
        (matching("(x+x+)+".repeat(100)), pattern),
        (matching("(?:(?:a{100}){100}){100}".to_owned()), pattern),
        (matching("(a".to_owned()), pattern),
        (matching("(".repeat(400)), pattern),
        (with(deep, stop()), "conditions.rules[0].rules[0].rules[0].rules[0].rules[0]"),
        (with(json!({ "rules": many }), stop()), "conditions.rules"),
        (with(json!({ "rules": "all" }), stop()), "conditions.rules"),
        (with(json!([]), stop()), "conditions"),
        (with(Value::Null, json!({})), "actions"),
        (with(Value::Null, json!([{ "type": "explode" }])), "actions[0].type"),
        (with(Value::Null, json!([{ "type": "add_tag", "tag": "x", "to": 1 }])), "actions[0].to"),
        (hook("http://127.0.0.1:8080/"), "actions[0].url"),
        (hook("http://169.254.169.254/latest/"), "actions[0].url"),
        (hook("http://[::ffff:10.0.0.1]/"), "actions[0].url"),
        (hook("gopher://x.example/"), "actions[0].url"),
        (json!({ "name": "", "trigger": "note_added", "actions": [{ "type": "stop" }] }), "name"),
        (json!({ "name": "x", "trigger": "moon", "actions": [{ "type": "stop" }] }), "trigger"),
        (json!({ "name": "x", "actions": [{ "type": "stop" }] }), "trigger"),
    ];
    for (body, field) in cases {
        let answer = admin.post(PATH, body.clone()).await;
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(answer.body["details"][0]["field"], field, "{body}: {}", answer.text);
    }
    let bottomless = format!(
        r#"{{"name":"x","trigger":"note_added","actions":[{{"type":"stop"}}],"conditions":{}{}}}"#,
        r#"{"rules":["#.repeat(5000),
        "]}".repeat(5000)
    );
    let request = admin.request(reqwest::Method::POST, PATH).body(bottomless);
    let answer = crate::app::answer(request.header("content-type", "application/json")).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert_eq!(admin.get(PATH).await.body["data"], json!([]));
}

#[tokio::test]
async fn a_rule_is_dry_run_then_fires_and_the_conversation_tells_why() {
    let app = TestApp::spawn().await;
    let (admin, agent) = (app.admin().await, app.agent().await);
    let channel = app.channel("Support").await;
    let id = app.letter(channel, Letter::new("cora@example.com", "Hello")).await;
    let tags = format!("/api/conversations/{id}/tags");
    agent.post(&tags, json!({ "tag": "billing" })).await;

    let tried = json!({ "automation": tagging("Urgent"), "limit": 10 });
    let dry = admin.post(&format!("{PATH}/dry-run"), tried).await;
    assert_eq!(dry.status, 200, "{}", dry.text);
    assert_eq!((&dry.body["looked"], &dry.body["matched"]), (&json!(1), &json!([])));
    let seen = &dry.body["unmatched"][0]["conditions"]["rules"][0];
    assert_eq!((&seen["actual"], &seen["matched"]), (&json!(["billing"]), &json!(false)));

    let made = admin.post(PATH, tagging("Urgent")).await.body;
    let answer = agent.post(&tags, json!({ "tag": "urgent" })).await;
    assert_eq!((answer.status, &answer.body["priority"]), (200, &json!("urgent")));
    let stored = format!("{PATH}/{}/dry-run", made["id"].as_str().unwrap());
    let dry = admin.post_nothing(&format!("{stored}?limit=5")).await.body;
    assert_eq!(dry["matched"][0]["conversation"]["id"], json!(id));
    let unchanged = json!({ "type": "set_priority", "effect": "unchanged",
        "detail": "the priority is urgent already", "about": "urgent", "reason": null });
    assert_eq!(dry["matched"][0]["actions"], json!([unchanged]));
    assert_eq!(dry["matched"][0]["conversation"]["channel_type"], "email");
    assert_eq!(dry["matched"][0]["conversation"]["contact"]["email"], "cora@example.com");
    assert_eq!(admin.post_nothing(&format!("{stored}?limit=0")).await.status, 400);

    let trace = agent.get(&format!("/api/conversations/{id}/automations")).await;
    assert_eq!(trace.status, 200, "{}", trace.text);
    let run = &trace.body["data"][0];
    assert_eq!(run["automation"], json!({ "id": made["id"], "name": "Urgent" }));
    assert_eq!((&run["outcome"], &run["error"]), (&json!("matched"), &Value::Null));
    assert_eq!(run["conditions"]["rules"][0]["actual"], json!(["urgent"]));
    assert_eq!(
        run["actions"],
        json!([{ "type": "set_priority", "effect": "done", "detail": "sets the priority to urgent",
            "about": "urgent", "reason": null }])
    );
    assert_eq!(trace.body["last_look"], Value::Null);
    agent.post(&tags, json!({ "tag": "other" })).await;
    let trace = agent.get(&format!("/api/conversations/{id}/automations?per_page=1")).await.body;
    assert_eq!(trace["last_look"]["unmatched"][0]["rule"]["name"], "Urgent");
    assert_eq!(trace["pagination"]["has_more"], false);
    let nowhere = "/api/conversations/019a0000-0000-7000-8000-000000000000/automations";
    assert_eq!(agent.get(nowhere).await.status, 404);
    let counted = admin.get(PATH).await.body;
    assert_eq!(
        (&counted["data"][0]["runs"], &counted["data"][0]["matches"]),
        (&json!(2), &json!(1))
    );
}
