//! Changing many conversations at once, and undoing it.

use std::time::Duration;

use desk::workers;
use domain::{agents::Role, ids::ConversationId};
use serde_json::{Value, json};

use crate::{
    app::{Client, TestApp},
    inbox::Letter,
};

const BULK: &str = "/api/conversations/bulk";

async fn letters(app: &TestApp, count: usize) -> Vec<ConversationId> {
    let channel = app.channel("Support").await;
    let mut ids = Vec::new();
    for n in 0..count {
        ids.push(app.letter(channel, Letter::new(&format!("c{n}@x.example"), "hello")).await);
    }
    ids
}

async fn started(client: &Client, body: Value) -> Value {
    let answer = client.post(BULK, body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.body
}

async fn finished(app: &TestApp, client: &Client, operation: &Value) -> Value {
    workers::step(&app.desk).await.unwrap();
    let path = format!("/api/operations/{}", operation["id"].as_str().unwrap());
    client.get(&path).await.body
}

async fn undo(client: &Client, operation: &Value) -> crate::app::Answer {
    let path = format!("/api/operations/{}/undo", operation["id"].as_str().unwrap());
    client.post_nothing(&path).await
}

fn numbers(it: &Value) -> (&str, [u64; 5]) {
    let names = ["total", "changed", "skipped", "restored", "kept"];
    let of = |name: &str| it[name].as_u64().unwrap_or(u64::MAX);
    (it["state"].as_str().unwrap(), names.map(of))
}

#[tokio::test]
async fn a_selection_is_changed_and_put_back_where_nobody_touched_it() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let me = app.admin_id().await;
    let ids = letters(&app, 4).await;
    let path = |n: usize| format!("/api/conversations/{}", ids[n]);
    admin.post(&format!("{}/tags", path(0)), json!({ "tag": "Old" })).await;
    let mut before = Vec::new();
    for n in 0..4 {
        before.push(admin.get(&path(n)).await.body);
    }
    app.clock.advance(Duration::from_secs(60));
    let body = json!({
        "conversation_ids": [ids[0], ids[1], ids[2], ids[2]], "status": "resolved",
        "agent_id": me, "add_tags": ["New"], "remove_tags": ["old"],
    });
    let done = started(&admin, body).await;
    assert_eq!(numbers(&done), ("done", [3, 3, 0, 0, 0]));
    let changed = admin.get(&path(0)).await.body;
    assert_eq!((&changed["status"], &changed["tags"]), (&json!("resolved"), &json!(["New"])));
    assert_eq!(changed["assigned_agent_id"], json!(me));
    assert_eq!(admin.get(&path(3)).await.body, before[3]);
    assert_eq!(app.count_differences().await, 0);

    // The customer of the second writes again; somebody takes the tag off.
    app.answer(ids[1], Letter::new("c1@x.example", "still here")).await;
    admin.delete(&format!("{}/tags/new", path(1))).await;
    admin.post(&format!("{}/assign", path(1)), json!({ "agent_id": null })).await;
    app.clock.advance(Duration::from_secs(60));
    let undone = undo(&admin, &done).await;
    assert_eq!((undone.status, numbers(&undone.body)), (200, ("undone", [3, 3, 0, 2, 1])));
    for n in [0, 2, 3] {
        let mut after = admin.get(&path(n)).await.body;
        after["updated_at"] = before[n]["updated_at"].clone();
        assert_eq!(after, before[n]);
    }
    let left = admin.get(&path(1)).await.body;
    assert_eq!((&left["status"], &left["tags"]), (&json!("open"), &json!([])));
    assert_eq!(undo(&admin, &done).await.status, 409);
    assert_eq!(app.count_differences().await, 0);
    let found = admin.get("/api/conversations?tag=new").await.body;
    assert_eq!(found["pagination"]["total"], 0);
}

#[tokio::test]
async fn all_that_match_are_changed_by_a_job_and_put_back_by_one() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let ids = letters(&app, 120).await;
    admin.post(&format!("/api/conversations/{}/tags", ids[7]), json!({ "tag": "x" })).await;
    let body = json!({ "matching": { "search": "-tag:x", "status": "open" }, "status": "pending" });
    let begun = started(&admin, body).await;
    assert_eq!((&begun["state"], &begun["total"]), (&json!("collecting"), &Value::Null));
    // Nobody has seen this one.
    app.clock.advance(Duration::from_secs(1));
    let channel = app.channel("Sales").await;
    app.letter(channel, Letter::new("late@x.example", "me too")).await;
    let done = finished(&app, &admin, &begun).await;
    assert_eq!(numbers(&done), ("done", [119, 119, 0, 0, 0]));
    let open = admin.get("/api/conversations?status=open").await.body;
    assert_eq!(open["pagination"]["total"], 2);
    let undone = undo(&admin, &done).await;
    assert_eq!(undone.body["state"], "undoing");
    assert_eq!(undo(&admin, &done).await.status, 409);
    let undone = finished(&app, &admin, &done).await;
    assert_eq!(numbers(&undone), ("undone", [119, 119, 0, 119, 0]));
    let open = admin.get("/api/conversations?status=open").await.body;
    assert_eq!(open["pagination"]["total"], 121);
    assert_eq!(app.count_differences().await, 0);

    let words = json!({ "matching": { "search": "hello" }, "add_tags": ["greeted"] });
    let done = finished(&app, &admin, &started(&admin, words).await).await;
    assert_eq!(numbers(&done), ("done", [120, 120, 0, 0, 0]));
    let view = json!({ "name": "Greeted", "query": { "tag": "greeted" } });
    let view = admin.post("/api/views", view).await.body["id"].clone();
    let by_view = json!({ "view": view, "remove_tags": ["greeted"] });
    let done = finished(&app, &admin, &started(&admin, by_view).await).await;
    assert_eq!(numbers(&done), ("done", [120, 120, 0, 0, 0]));
}

#[tokio::test]
async fn marks_are_set_on_many_and_taken_back() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let ids = letters(&app, 3).await;
    let path = |n: usize| format!("/api/conversations/{}", ids[n]);
    let unread = async |n: usize| {
        let found = admin.get("/api/conversations?unread=true").await.body;
        let rows = found["data"].as_array().unwrap().clone();
        rows.iter().any(|it| it["id"] == json!(ids[n]))
    };
    let of = |it: &Value| (it["priority"].clone(), it["spam"].clone());
    let body = json!({ "conversation_ids": ids, "priority": "urgent", "unread": false });
    let done = started(&admin, body).await;
    assert_eq!(numbers(&done), ("done", [3, 3, 0, 0, 0]));
    assert_eq!(of(&admin.get(&path(0)).await.body), (json!("urgent"), json!(false)));
    assert!(!unread(0).await && !unread(1).await);
    // The customer of the second writes again, and somebody chooses another priority.
    app.answer(ids[1], Letter::new("c1@x.example", "still here")).await;
    admin.patch(&path(1), json!({ "priority": "low" })).await;
    let undone = undo(&admin, &done).await;
    assert_eq!(numbers(&undone.body), ("undone", [3, 3, 0, 2, 1]));
    assert!(unread(0).await && unread(2).await);
    assert_eq!(of(&admin.get(&path(0)).await.body), (json!("normal"), json!(false)));
    assert_eq!(of(&admin.get(&path(1)).await.body), (json!("low"), json!(false)));

    let body = json!({ "matching": { "search": "hello" }, "spam": true });
    let done = finished(&app, &admin, &started(&admin, body).await).await;
    assert_eq!(numbers(&done), ("done", [3, 3, 0, 0, 0]));
    let open = admin.get("/api/conversations?status=open").await.body;
    assert_eq!(open["pagination"]["total"], 0);
    assert_eq!(app.count_differences().await, 0);
    let undone = undo(&admin, &done).await;
    assert_eq!(numbers(&undone.body), ("undone", [3, 3, 0, 3, 0]));
    let open = admin.get("/api/conversations?status=open").await.body;
    assert_eq!(open["pagination"]["total"], 3);
    assert_eq!(app.count_differences().await, 0);
}

#[tokio::test]
async fn what_cannot_be_done_is_told_and_changes_nothing() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let ids = letters(&app, 1).await;
    let stranger = "019a0000-0000-7000-8000-000000000000";
    let cases = [
        (json!({ "conversation_ids": [ids[0], stranger], "status": "open" }), "ids[1]"),
        (json!({ "conversation_ids": [], "status": "open" }), "1 to 1000"),
        (json!({ "conversation_ids": vec![ids[0]; 1001], "status": "open" }), "1 to 1000"),
        (json!({ "conversation_ids": [ids[0]], "matching": {}, "status": "open" }), "one of"),
        (json!({ "status": "open" }), "one of"),
        (json!({ "conversation_ids": [ids[0]] }), "say what to do"),
        (json!({ "matching": {}, "status": "snoozed" }), "snoozed_until"),
        (json!({ "matching": { "status": "x" }, "status": "open" }), "matching.status"),
        (json!({ "matching": {}, "priority": "asap" }), "priority"),
        (json!({ "matching": {}, "add_tags": [""] }), "add_tags[0]"),
        (json!({ "matching": {}, "add_tags": vec!["a"; 11] }), "add_tags"),
        (json!({ "matching": {}, "status": "open", "delete": true }), "delete"),
    ];
    for (body, needle) in cases {
        let answer = admin.post(BULK, body).await;
        assert_eq!(answer.status, 400, "{needle}: {}", answer.text);
        assert!(answer.text.contains(needle), "{needle}: {}", answer.text);
    }
    let foreign = json!({ "view": stranger, "status": "open" });
    assert_eq!(admin.post(BULK, foreign).await.status, 404);
    let nobody = json!({ "matching": {}, "agent_id": stranger });
    assert_eq!(admin.post(BULK, nobody).await.status, 404);
    assert_eq!(admin.get("/api/operations").await.body["data"], json!([]));
}

#[tokio::test]
async fn operations_are_their_authors_and_few_run_at_once() {
    let app = TestApp::spawn().await;
    let (admin, agent) = (app.admin().await, app.agent().await);
    let (kim_id, kim) = app.add(Role::Agent, "kim@example.com").await;
    letters(&app, 2).await;
    let pending = json!({ "matching": {}, "status": "pending" });
    let mut begun = Vec::new();
    for _ in 0..3 {
        begun.push(started(&agent, pending.clone()).await);
    }
    let refused = agent.post(BULK, pending.clone()).await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    let path = format!("/api/operations/{}", begun[0]["id"].as_str().unwrap());
    assert_eq!(kim.get(&path).await.status, 404);
    assert_eq!(undo(&kim, &begun[0]).await.status, 404);
    assert_eq!(kim.get("/api/operations").await.body["data"], json!([]));
    assert_eq!(admin.get(&path).await.status, 200);
    // Undone before it began: nothing has happened, and nothing will.
    assert_eq!(numbers(&undo(&admin, &begun[0]).await.body).0, "undone");

    // Somebody who was asked to leave changes nothing any more.
    let by_kim = started(&kim, pending.clone()).await;
    let off = json!({ "is_active": false });
    assert_eq!(admin.patch(&format!("/api/agents/{kim_id}"), off).await.status, 200);
    let failed = finished(&app, &admin, &by_kim).await;
    assert_eq!(failed["state"], "failed");
    assert!(failed["error"].as_str().unwrap().contains("no longer"), "{failed}");

    let mut seen = Vec::new();
    let mut query = "per_page=2".to_owned();
    loop {
        let list = admin.get(&format!("/api/operations?{query}")).await.body;
        seen.extend(list["data"].as_array().unwrap().iter().map(|it| it["id"].clone()));
        let Some(next) = list["pagination"]["next_cursor"].as_str() else { break };
        query = format!("per_page=2&cursor={next}");
    }
    let want = [&by_kim, &begun[2], &begun[1], &begun[0]].map(|it| it["id"].clone());
    assert_eq!(seen, want);
    let keyed = agent.with("Idempotency-Key", "once");
    workers::step(&app.desk).await.unwrap();
    let first = keyed.post(BULK, pending.clone()).await.body["id"].clone();
    assert_eq!(keyed.post(BULK, pending).await.body["id"], first);
}
