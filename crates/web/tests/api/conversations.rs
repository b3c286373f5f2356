//! What is done to one conversation.

use domain::{channels::ChannelType, jobs::JobKind};
use serde_json::{Value, json};

use crate::{app::TestApp, inbox::Letter};

fn at(seconds: i64) -> String {
    let start = domain::Timestamp::parse("2026-01-05T09:00:00Z").unwrap();
    start.plus_seconds(seconds).to_string()
}

fn seconds(n: u64) -> std::time::Duration {
    std::time::Duration::from_secs(n)
}

#[tokio::test]
async fn a_conversation_has_exactly_the_documented_fields() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let channel = app.channel("Support").await;
    let mut letter = Letter::new("lee@x.example", "Hello,\n\nwhere is my order?");
    letter.name = Some("Lee".to_owned());
    let id = app.letter(channel, letter).await;
    let listed = admin.get("/api/conversations").await;
    assert_eq!(listed.status, 200, "{}", listed.text);
    let row = &listed.body["data"][0];
    let contact = row["contact_id"].clone();
    let want = json!({
        "id": id, "number": 1, "subject": "A question", "status": "open", "snoozed_until": null,
        "spam": false, "channel_id": channel, "channel_type": "email",
        "channel": { "id": channel, "name": "Support", "type": "email" }, "contact_id": contact,
        "contact": { "id": contact, "name": "Lee", "email": "lee@x.example", "phone": null },
        "assigned_agent_id": null, "assigned_agent": null, "tags": [], "priority": "normal",
        "unread_count": 1, "notes": null, "attributes": {},
        "last_message": {
            "text": "Hello, where is my order?", "direction": "inbound", "created_at": at(0),
        },
        "waiting_since": at(0), "related_conversation_id": null, "created_at": at(0),
        "updated_at": at(0), "resolved_at": null, "snippet": null,
    });
    assert_eq!(row, &want);
    let pagination = json!({
        "page": 1, "per_page": 25, "total": 1, "has_more": false, "next_cursor": null,
    });
    assert_eq!(listed.body["pagination"], pagination);
    let mut read = want;
    read["unread_count"] = json!(0);
    assert_eq!(admin.get(&format!("/api/conversations/{id}")).await.body, read);
}

#[tokio::test]
async fn reading_resets_the_unread_count_once_and_a_head_does_not() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let channel = app.channel("Support").await;
    let id = app.letter(channel, Letter::new("lee@x.example", "hello")).await;
    let path = format!("/api/conversations/{id}");
    admin.send(reqwest::Method::HEAD, &path, None).await;
    let unread = |body: Value| body["data"][0]["unread_count"].clone();
    assert_eq!(unread(admin.get("/api/conversations").await.body), 1);
    assert_eq!(admin.get(&path).await.body["unread_count"], 0);
    assert_eq!(unread(admin.get("/api/conversations").await.body), 0);
    let writes = app.desk.store.metrics().writes;
    admin.get(&path).await;
    assert_eq!(app.desk.store.metrics().writes, writes, "nothing to reset, nothing written");
    assert_eq!(app.count_differences().await, 0);
}

#[tokio::test]
async fn a_status_changes_with_its_rules_and_a_snooze_wakes() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let channel = app.channel("Support").await;
    let id = app.letter(channel, Letter::new("lee@x.example", "hello")).await;
    let path = format!("/api/conversations/{id}/status");
    let cases = [
        (json!({ "status": "closed" }), 400),
        (json!({ "status": "snoozed" }), 400),
        (json!({ "status": "snoozed", "snoozed_until": at(0) }), 400),
        (json!({ "status": "snoozed", "snoozed_until": "tomorrow" }), 400),
        (json!({ "status": "open", "snoozed_until": at(60) }), 400),
        (json!({}), 400),
        (json!({ "status": null }), 400),
        (json!({ "status": ["open"] }), 400),
        (json!({ "status": "open", "role": "admin" }), 400),
        (json!({ "status": "pending" }), 200),
        (json!({ "status": "resolved" }), 200),
        (json!({ "status": "snoozed", "snoozed_until": at(60) }), 200),
    ];
    for (body, want) in cases {
        let answer = admin.post(&path, body.clone()).await;
        assert_eq!(answer.status, want, "{body}: {}", answer.text);
        if body["snoozed_until"].is_string() && want == 400 {
            assert_eq!(answer.body["details"][0]["field"], "snoozed_until", "{body}");
        }
        if want == 200 {
            assert_eq!(answer.body["status"], body["status"]);
            assert_eq!(answer.body["resolved_at"].is_null(), body["status"] != "resolved");
        }
    }
    let job =
        app.desk.store.read(move |db| storage::jobs::find(db, JobKind::WakeConversation, id.0));
    assert_eq!(job.await.unwrap().unwrap().run_at.to_string(), at(60));
    app.clock.advance(seconds(60));
    let now = app.clock.now();
    app.write(move |tx| desk::conversations::wake(tx, id, now)).await;
    let it = admin.get(&format!("/api/conversations/{id}")).await.body;
    assert_eq!((&it["status"], &it["snoozed_until"]), (&json!("open"), &Value::Null));
    let messages = admin.get(&format!("/api/conversations/{id}/messages")).await.body;
    let told: Vec<_> = messages["data"].as_array().unwrap().iter().map(|it| &it["text"]).collect();
    assert_eq!(told.last().unwrap(), &"The snooze is over");
    let events: Vec<_> =
        messages["data"].as_array().unwrap().iter().map(|it| it["event"].clone()).collect();
    assert_eq!(events[0], Value::Null, "somebody wrote this");
    let by = json!({ "kind": "agent", "name": "Ann Admin" });
    let snoozed = json!({ "by": by, "kind": "status_set", "status": "snoozed", "until": at(60) });
    let over = json!({ "by": { "kind": "system" }, "kind": "snooze_over" });
    assert!(events.ends_with(&[snoozed, over]), "{events:?}");
    assert_eq!(app.count_differences().await, 0);
}

#[tokio::test]
async fn tags_are_made_on_first_use_and_unique_ignoring_case() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let channel = app.channel("Support").await;
    let one = app.letter(channel, Letter::new("lee@x.example", "hello")).await;
    let other = app.letter(channel, Letter::new("kim@x.example", "hello")).await;
    let tags = |id| format!("/api/conversations/{id}/tags");
    let added = admin.post(&tags(one), json!({ "tag": " Bug/Report 100% " })).await;
    assert_eq!((added.status, &added.body["tags"]), (200, &json!(["Bug/Report 100%"])));
    for again in ["bug/report 100%", "BUG/REPORT 100%"] {
        for id in [one, other] {
            let answer = admin.post(&tags(id), json!({ "tag": again })).await;
            assert_eq!(answer.body["tags"], json!(["Bug/Report 100%"]), "{again}");
        }
    }
    let listed = admin.get("/api/conversations?tag=bug%2Freport%20100%25").await.body;
    assert_eq!(listed["pagination"]["total"], 2);
    let all = admin.get("/api/tags").await.body;
    assert_eq!(all["data"][0]["name"], "Bug/Report 100%");
    assert!(all["data"][0]["color"].as_str().unwrap().starts_with('#'));
    for bad in [json!(""), json!(" "), json!("a\nb"), json!("x".repeat(61)), json!(1), json!(null)]
    {
        let answer = admin.post(&tags(one), json!({ "tag": bad })).await;
        assert_eq!(answer.status, 400, "{bad}");
        assert_eq!(answer.body["details"][0]["field"], "tag");
    }
    let removed = admin.delete(&format!("{}/BUG%2FReport%20100%25", tags(one))).await;
    assert_eq!((removed.status, &removed.body["tags"]), (200, &json!([])), "{}", removed.text);
    assert_eq!(removed.body["id"], one.to_string());
    for missing in ["bug%2Freport%20100%25", "never", "%FF", "%0A"] {
        let answer = admin.delete(&format!("{}/{missing}", tags(one))).await;
        assert_eq!(answer.status, 404, "{missing}");
    }
    let found = admin.get("/api/conversations?search=report").await.body;
    assert_eq!(found["data"].as_array().unwrap().len(), 1, "tags are searched: {found}");
}

#[tokio::test]
async fn assigning_is_for_agents_who_work_and_kept_for_reports() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let (ben, _) = app.add(domain::agents::Role::Agent, "ben@example.com").await;
    let (gone, _) = app.add(domain::agents::Role::Agent, "gone@example.com").await;
    let changed = admin.patch(&format!("/api/agents/{gone}"), json!({ "is_active": false })).await;
    assert_eq!(changed.status, 200);
    let channel = app.channel("Support").await;
    let id = app.letter(channel, Letter::new("lee@x.example", "hello")).await;
    let path = format!("/api/conversations/{id}/assign");
    let cases = [
        (json!({}), 400),
        (json!({ "agent_id": "me" }), 400),
        (json!({ "agent_id": 5 }), 400),
        (json!({ "agent_id": "019a0000-0000-7000-8000-000000000000" }), 404),
        (json!({ "agent_id": gone }), 409),
        (json!({ "agent_id": ben }), 200),
        (json!({ "agent_id": ben }), 200),
        (json!({ "agent_id": app.admin_id().await }), 200),
        (json!({ "agent_id": null }), 200),
    ];
    for (body, want) in cases {
        let answer = admin.post(&path, body.clone()).await;
        assert_eq!(answer.status, want, "{body}: {}", answer.text);
        if want == 200 {
            assert_eq!(answer.body["assigned_agent_id"], body["agent_id"]);
        }
    }
    let history = admin.get(&format!("/api/conversations/{id}/assignments")).await.body;
    let names: Vec<_> = history["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["agent"]["name"].clone(), it["assigned_by"]["name"].clone()))
        .collect();
    assert_eq!(
        names,
        [(json!("ben"), json!("Ann Admin")), (json!("Ann Admin"), json!("Ann Admin")),]
    );
    assert!(history["data"].as_array().unwrap().iter().all(|it| it["unassigned_at"].is_string()));
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_null_clears() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let channel = app.channel("Support").await;
    let id = app.letter(channel, Letter::new("lee@x.example", "hello")).await;
    let path = format!("/api/conversations/{id}");
    let cases = [
        ("subject", json!("New title"), json!("New title")),
        ("subject", json!(null), json!(null)),
        ("priority", json!("urgent"), json!("urgent")),
        ("priority", json!(null), json!("normal")),
        ("notes", json!("one\r\ntwo"), json!("one\ntwo")),
        ("notes", json!(null), json!(null)),
        ("attributes", json!({ "plan": ["a", 1] }), json!({ "plan": ["a", 1] })),
        ("attributes", json!(null), json!({})),
        ("spam", json!(true), json!(true)),
        ("spam", json!(false), json!(false)),
    ];
    for (field, value, want) in cases {
        let answer = admin.patch(&path, json!({ field: value })).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.body[field], want, "{field}");
    }
    let read = admin.patch(&path, json!({ "unread": false })).await.body;
    assert_eq!(read["unread_count"], 0);
    let unread = admin.patch(&path, json!({ "unread": true })).await.body;
    assert_eq!(unread["unread_count"], 1);
    let bad = [
        ("subject", json!("a\nb")),
        ("subject", json!(5)),
        ("priority", json!("asap")),
        ("notes", json!({})),
        ("attributes", json!([])),
        ("attributes", json!({ "x": "y".repeat(20_000) })),
        ("unread", json!("yes")),
        ("spam", json!(1)),
        ("status", json!("open")),
        ("id", json!("x")),
        ("channel_id", json!(channel)),
        ("created_at", json!(at(0))),
    ];
    for (field, value) in bad {
        let answer = admin.patch(&path, json!({ field: value })).await;
        assert_eq!(answer.status, 400, "{field}: {}", answer.text);
        assert_eq!(answer.body["details"][0]["field"], field);
    }
    assert_eq!(app.count_differences().await, 0);
}

#[tokio::test]
async fn an_outbound_conversation_opens_once_with_its_first_message() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let channel = app.channel("Support").await;
    let me = app.admin_id().await;
    let body = json!({
        "channel_id": channel, "subject": "Your order", "text": "It is on its way.",
        "contact": { "name": "Lee", "email": "Lee@X.example" },
        "assigned_agent_id": me, "tags": ["orders"],
    });
    let keyed = admin.with("Idempotency-Key", "one");
    let opened = keyed.post("/api/conversations", body.clone()).await;
    assert_eq!(opened.status, 201, "{}", opened.text);
    assert_eq!(opened.body["contact"]["email"], "lee@x.example");
    assert_eq!(opened.body["assigned_agent"]["name"], "Ann Admin");
    assert_eq!(opened.body["tags"], json!(["orders"]));
    assert_eq!(opened.body["last_message"]["direction"], "outbound");
    let again = keyed.post("/api/conversations", body.clone()).await;
    assert_eq!((again.status, &again.body["id"]), (201, &opened.body["id"]));
    let mut other = body.clone();
    other["text"] = json!("Something else");
    assert_eq!(keyed.post("/api/conversations", other).await.status, 409);
    // The same address is the same person.
    let contact = opened.body["contact_id"].clone();
    let second = admin.post("/api/conversations", body.clone()).await;
    assert_eq!(second.body["contact_id"], contact);
    assert_ne!(second.body["id"], opened.body["id"]);

    let id = opened.body["id"].as_str().unwrap();
    let messages = admin.get(&format!("/api/conversations/{id}/messages")).await.body;
    let all = messages["data"].as_array().unwrap();
    let first = all.iter().find(|it| it["direction"] == "outbound").unwrap();
    assert_eq!(first["subject"], "Your order");
    assert_eq!(first["to"], json!(["lee@x.example"]));
    assert_eq!(first["message_id"], format!("{}@shop.example", first["id"].as_str().unwrap()));

    let nobody = "019a0000-0000-7000-8000-000000000000";
    let with = |field: &str, value: Value| {
        let mut body = body.clone();
        body[field] = value;
        body
    };
    let mut known = with("contact_id", contact);
    let both = known.clone();
    known.as_object_mut().unwrap().remove("contact");
    let cases = [
        (known, 201),
        (both, 400),
        (with("channel_id", json!(nobody)), 404),
        (with("channel_id", json!("x")), 400),
        (with("contact", json!(null)), 400),
        (with("contact", json!({ "name": "Lee" })), 400),
        (with("contact", json!({ "email": "lee" })), 400),
        (with("contact", json!({ "email": "a@b.example", "role": "x" })), 400),
        (with("contact", json!({ "phone": "+6281234567890" })), 409),
        (with("assigned_agent_id", json!(nobody)), 404),
        (with("tags", json!(["a\nb"])), 400),
        (with("text", json!("")), 400),
        (with("text", json!(null)), 400),
        (with("subject", json!("a\r\nBcc: x@y.z")), 400),
        (with("status", json!("resolved")), 400),
    ];
    for (body, want) in cases {
        let answer = admin.post("/api/conversations", body.clone()).await;
        assert_eq!(answer.status, want, "{body}: {}", answer.text);
    }
    assert_eq!(app.count_differences().await, 0);
}

#[tokio::test]
async fn nothing_is_sent_where_nothing_can_be() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let (off, gone) = (app.channel("Off").await, app.channel("Gone").await);
    let sms = app.channel_of(ChannelType::Sms, "Phone").await;
    let channels = [(off, 409), (gone, 409), (sms, 400)];
    let mut threads = Vec::new();
    for (channel, want) in channels {
        let id = app.letter(channel, Letter::new("lee@x.example", "hello")).await;
        threads.push((id, channel, want));
    }
    app.change_channel(off, |it| it.is_active = false).await;
    let now = app.clock.now();
    app.change_channel(gone, move |it| it.deleted_at = Some(now)).await;
    for (id, channel, want) in threads {
        let path = format!("/api/conversations/{id}/messages");
        let sent = admin.post(&path, json!({ "text": "hi" })).await;
        assert_eq!(sent.status, want, "{}", sent.text);
        let body = json!({
            "channel_id": channel, "contact": { "email": "new@x.example" }, "text": "hi",
        });
        let opened = admin.post("/api/conversations", body).await;
        assert_eq!(opened.status, want, "{}", opened.text);
        let note = admin.post(&path, json!({ "text": "hi", "private": true })).await;
        assert_eq!(note.status, 201, "a note needs no channel");
    }
    let contacts = admin.get("/api/contacts").await.body;
    assert_eq!(contacts["pagination"]["total"], 1, "a refused opening leaves no contact behind");

    let works = app.channel("Works").await;
    let id = app.letter(works, Letter::new("lee@x.example", "hello")).await;
    let contact = contacts["data"][0]["id"].as_str().unwrap();
    admin.patch(&format!("/api/contacts/{contact}"), json!({ "blocked": true })).await;
    let path = format!("/api/conversations/{id}/messages");
    assert_eq!(admin.post(&path, json!({ "text": "hi" })).await.status, 409);
    let changes = json!({ "blocked": false, "emails": [], "name": "Lee" });
    admin.patch(&format!("/api/contacts/{contact}"), changes).await;
    let answer = admin.post(&path, json!({ "text": "hi" })).await;
    assert_eq!(answer.status, 409);
    assert!(answer.body["error"].as_str().unwrap().contains("no e-mail address"));
}

#[tokio::test]
async fn what_is_not_there_is_the_same_404_everywhere() {
    let app = TestApp::spawn().await;
    let agent = app.agent().await;
    let routes = [
        ("GET", "", json!(null)),
        ("PATCH", "", json!({ "subject": "x" })),
        ("POST", "/status", json!({ "status": "open" })),
        ("POST", "/tags", json!({ "tag": "x" })),
        ("DELETE", "/tags/x", json!(null)),
        ("POST", "/assign", json!({ "agent_id": null })),
        ("GET", "/assignments", json!(null)),
        ("GET", "/messages", json!(null)),
        ("POST", "/messages", json!({ "text": "x" })),
    ];
    for id in ["019a0000-0000-7000-8000-000000000000", "1", "nonsense", "..%2F..%2Fetc"] {
        for (method, path, body) in &routes {
            let path = format!("/api/conversations/{id}{path}");
            let body = Some(body.clone()).filter(|it| !it.is_null());
            let answer = agent.send(method.parse().unwrap(), &path, body).await;
            assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text);
        }
    }
}
