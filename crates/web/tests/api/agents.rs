//! Managing people.

use domain::{agents::Role, conversations::Status};
use serde_json::{Value, json};

use crate::app::{ADMIN, AGENT, PASSWORD, TestApp};

fn new(email: &str) -> Value {
    json!({ "name": "Dora", "email": email, "role": "agent", "password": PASSWORD })
}

#[tokio::test]
async fn an_agent_is_added_changed_and_removed() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let made = admin.post("/api/agents", new("Dora@Example.com")).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.body["email"], "dora@example.com");
    assert_eq!(made.body["invitation"], Value::Null);
    let id = made.body["id"].as_str().unwrap();
    let path = format!("/api/agents/{id}");
    let dora = app.sign_in("dora@example.com").await;

    // An address is where a new password is sent: the role alone is not enough.
    for (client, password, status) in [
        (&admin, Value::Null, 400),
        (&admin, json!("not my password"), 400),
        (&app.key(Role::Admin).await, json!(PASSWORD), 403),
    ] {
        let mut change = json!({ "name": "Dora Doe", "email": "doe@example.com" });
        if password.is_string() {
            change["current_password"] = password;
        }
        let refused = client.patch(&path, change).await;
        assert_eq!(refused.status, status, "{}", refused.text);
    }
    let same = admin.patch(&path, json!({ "name": "Dora", "email": "dora@example.com" })).await;
    assert_eq!(same.status, 200, "{}", same.text);
    let change =
        json!({ "name": "Dora Doe", "email": "doe@example.com", "current_password": PASSWORD });
    let changed = admin.patch(&path, change).await;
    assert_eq!((changed.status, &changed.body["name"]), (200, &json!("Dora Doe")));
    assert_eq!(dora.get("/api/auth/me").await.body["email"], "doe@example.com");

    let listed = admin.get("/api/agents").await;
    let emails: Vec<_> =
        listed.body["data"].as_array().unwrap().iter().map(|it| it["email"].clone()).collect();
    assert_eq!(emails, [ADMIN, "doe@example.com"]);

    let gone = admin.delete(&path).await;
    assert_eq!(gone.status, 200);
    assert_eq!(gone.body["id"], id);
    assert_eq!(gone.body["result"], json!({ "deleted": 1, "unassigned": 0 }));
    assert_eq!(gone.body["unassigned"], json!([]));
    assert_eq!(dora.get("/api/auth/me").await.status, 401);
    assert_eq!(admin.delete(&path).await.status, 404);
    let again = admin.post("/api/agents", new("doe@example.com")).await;
    assert_eq!(again.status, 201, "the address is free again");
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let cases = [
        (json!({}), "name"),
        (json!({ "name": "", "email": "x@y.example", "role": "agent" }), "name"),
        (json!({ "name": "A\r\nB", "email": "x@y.example", "role": "agent" }), "name"),
        (json!({ "name": "A", "email": "x", "role": "agent" }), "email"),
        (json!({ "name": "A", "email": "x@y.example", "role": "owner" }), "role"),
        (
            json!({ "name": "A", "email": "x@y.example", "role": "agent", "password": "short" }),
            "password",
        ),
    ];
    for (body, field) in cases {
        let answer = admin.post("/api/agents", body.clone()).await;
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(answer.body["details"][0]["field"], field, "{body}");
    }
    let taken = admin.post("/api/agents", new(ADMIN)).await;
    assert_eq!(taken.status, 409);
    let me = admin.get("/api/auth/me").await;
    assert_eq!(taken.body["existing_id"], me.body["id"]);
}

#[tokio::test]
async fn privileged_fields_cannot_be_slipped_in() {
    let app = TestApp::spawn().await;
    let (admin, agent) = (app.admin().await, app.agent().await);
    let before = admin.get("/api/agents").await.text;
    let me = agent.get("/api/auth/me").await;
    let path = format!("/api/agents/{}", me.body["id"].as_str().unwrap());
    let fields = [
        "role",
        "id",
        "password_hash",
        "token",
        "created_at",
        "account_id",
        "verified",
        "last_seen_at",
        "deleted_at",
    ];
    for field in fields {
        let body = json!({ field: "admin" });
        assert_eq!(agent.patch("/api/auth/me", body.clone()).await.status, 400, "{field}");
        assert_eq!(admin.patch(&path, body.clone()).await.status, 400, "{field}");
        assert_eq!(admin.post("/api/settings/workspace", body).await.status, 400, "{field}");
        let mut body = new("eve@example.com");
        body[field] = json!("admin");
        if field != "role" {
            assert_eq!(admin.post("/api/agents", body).await.status, 400, "{field}");
        }
    }
    assert_eq!(agent.patch("/api/auth/me", json!({ "email": "e@x.example" })).await.status, 400);
    assert_eq!(admin.get("/api/agents").await.text, before);
    let renamed = agent.patch("/api/auth/me", json!({ "name": "Ben B." })).await;
    assert_eq!((renamed.status, &renamed.body["name"]), (200, &json!("Ben B.")));
    assert_eq!(renamed.body["role"], "agent");
}

#[tokio::test]
async fn the_last_admin_stays() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let me = admin.get("/api/auth/me").await;
    let path = format!("/api/agents/{}", me.body["id"].as_str().unwrap());
    // An admin who was invited and never came cannot take over.
    let invited = json!({ "name": "I", "email": "i@example.com", "role": "admin" });
    assert_eq!(admin.post("/api/agents", invited).await.status, 201);
    let refused = [
        admin.delete(&path).await,
        admin.patch(&path, json!({ "is_active": false })).await,
        admin.post(&format!("{path}/role"), json!({ "role": "agent" })).await,
    ];
    for answer in refused {
        assert_eq!(answer.status, 409, "{answer:?}");
        let want = "this is the last admin; make somebody else an admin first";
        assert_eq!(answer.body, json!({ "error": want }));
    }
    let (_, other) = app.add(Role::Admin, "carl@example.com").await;
    let demoted = admin.post(&format!("{path}/role"), json!({ "role": "agent" })).await;
    assert_eq!((demoted.status, &demoted.body["role"]), (200, &json!("agent")));
    assert_eq!(admin.get("/api/auth/me").await.status, 401, "their sessions ended");
    assert_eq!(other.delete(&path).await.status, 200);
}

#[tokio::test]
async fn two_admins_cannot_remove_each_other_at_once() {
    let app = TestApp::spawn().await;
    let one = app.admin().await;
    let (other_id, other) = app.add(Role::Admin, "carl@example.com").await;
    let one_id = app.admin_id().await;
    let paths = [format!("/api/agents/{other_id}"), format!("/api/agents/{one_id}")];
    let (a, b) = tokio::join!(one.delete(&paths[0]), other.delete(&paths[1]));
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses[0], 200);
    assert!([401, 409].contains(&statuses[1]), "{statuses:?}");
}

#[tokio::test]
async fn a_disabled_agent_is_out_at_once_and_may_come_back() {
    let app = TestApp::spawn().await;
    let (admin, agent) = (app.admin().await, app.agent().await);
    let me = agent.get("/api/auth/me").await;
    let path = format!("/api/agents/{}", me.body["id"].as_str().unwrap());
    let disabled = admin.patch(&path, json!({ "is_active": false })).await;
    assert_eq!(disabled.body["is_active"], false);
    assert_eq!(disabled.body["unassigned"], json!([]));
    assert_eq!(agent.get("/api/auth/me").await.status, 401);
    let assignees = admin.get("/api/assignees").await;
    assert_eq!(assignees.body["data"].as_array().unwrap().len(), 1);
    assert_eq!(admin.patch(&path, json!({ "is_active": true })).await.status, 200);
    assert_eq!(agent.get("/api/auth/me").await.status, 401, "the old session stays dead");
    app.sign_in(AGENT).await;
}

#[tokio::test]
async fn an_admin_ends_somebodys_sessions() {
    let app = TestApp::spawn().await;
    let (admin, agent) = (app.admin().await, app.agent().await);
    let me = agent.get("/api/auth/me").await;
    let path = format!("/api/agents/{}/sessions", me.body["id"].as_str().unwrap());
    let ended = admin.delete(&path).await;
    assert_eq!(ended.body["result"], json!({ "ended": 1 }));
    assert_eq!(agent.get("/api/auth/me").await.status, 401);
}

#[tokio::test]
async fn every_agent_sees_whom_to_assign_and_who_is_online() {
    let app = TestApp::spawn().await;
    let agent = app.agent().await;
    let listed = agent.get("/api/assignees").await;
    assert_eq!(listed.status, 200);
    let people = listed.body["data"].as_array().unwrap();
    assert_eq!(people.len(), 2);
    assert!(people.iter().all(|it| it["online"] == true));
    assert_eq!(people[0].as_object().unwrap().len(), 3, "id, name, online and nothing else");
    app.clock.advance(std::time::Duration::from_secs(600));
    let again = app.sign_in(AGENT).await.get("/api/assignees").await;
    let online: Vec<_> =
        again.body["data"].as_array().unwrap().iter().map(|it| it["online"].clone()).collect();
    assert_eq!(online, [json!(false), json!(true)]);
}

#[tokio::test]
async fn the_same_create_twice_makes_one_agent() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await.with("idempotency-key", "one");
    let first = admin.post("/api/agents", new("dora@example.com")).await;
    let second = admin.post("/api/agents", new("dora@example.com")).await;
    assert_eq!((first.status, second.status), (201, 201));
    assert_eq!(first.body["id"], second.body["id"]);
    let other = admin.post("/api/agents", new("other@example.com")).await;
    assert_eq!(other.status, 409, "another request with the same key");
    app.clock.advance(std::time::Duration::from_secs(24 * 3600));
    let admin = app.sign_in(ADMIN).await.with("idempotency-key", "one");
    let later = admin.post("/api/agents", new("other@example.com")).await;
    assert_eq!(later.status, 201, "a day later the key is free");
    let admin = app.sign_in(ADMIN).await.with("idempotency-key", &"k".repeat(256));
    assert_eq!(admin.post("/api/agents", new("x@example.com")).await.status, 400);
}

#[tokio::test]
async fn who_leaves_gives_their_open_conversations_back() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    for how in ["disabled", "deleted"] {
        let email = format!("{how}@example.com");
        let (id, _) = app.add(Role::Agent, &email).await;
        let open = app.conversation_of(id, Status::Open).await;
        let snoozed = app.conversation_of(id, Status::Snoozed).await;
        let resolved = app.conversation_of(id, Status::Resolved).await;
        let path = format!("/api/agents/{id}");
        let answer = match how {
            "disabled" => admin.patch(&path, json!({ "is_active": false })).await,
            _ => admin.delete(&path).await,
        };
        assert_eq!(answer.status, 200, "{answer:?}");
        let want: Vec<_> = [&open, &snoozed]
            .map(|it| json!({ "id": it.id.to_string(), "number": it.number }))
            .into();
        assert_eq!(answer.body["unassigned"], json!(want));
        for (conversation, assignee) in [(open, None), (snoozed, None), (resolved, Some(id))] {
            assert_eq!(app.conversation(conversation.id).await.assignee, assignee, "{how}");
        }
    }
}
