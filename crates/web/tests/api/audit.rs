//! The audit trail.

use std::collections::BTreeSet;

use domain::agents::Role;
use serde_json::{Value, json};

use crate::app::{AGENT, Client, PASSWORD, TestApp};

async fn trail(admin: &Client, query: &str) -> Vec<Value> {
    let answer = admin.get(&format!("/api/audit?{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body["data"].as_array().unwrap().clone()
}

fn actions(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|it| it["action"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn who_did_what_is_told_with_its_circumstances() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let (bob, _) = app.add(Role::Agent, "bob@example.com").await;
    admin.post(&format!("/api/agents/{bob}/role"), json!({ "role": "admin" })).await;
    admin.delete(&format!("/api/agents/{bob}")).await;
    let settings = json!({ "name": "Example Ltd" });
    admin.post("/api/settings/workspace", settings).await;

    let entries = trail(&admin, "per_page=3").await;
    assert_eq!(actions(&entries), ["settings_changed", "agent_deleted", "role_changed"]);
    let role = &entries[2];
    assert_eq!(role["details"], json!({ "before": "agent", "after": "admin" }));
    let by = json!({ "type": "agent", "id": app.admin_id().await, "name": "Ann Admin" });
    assert_eq!(role["actor"], by);
    assert_eq!(role["object"], json!({ "type": "agent", "id": bob, "name": "bob" }));
    assert_eq!((&role["ip"], &role["api_key"]), (&json!("127.0.0.1"), &Value::Null));
    assert_eq!(entries[0]["object"]["type"], "workspace");
    assert_eq!(entries[0]["details"], json!({ "fields": ["name"] }));
}

#[tokio::test]
async fn sign_ins_good_and_bad_are_there_without_what_was_typed() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let ben = app.agent().await;
    for email in [AGENT, "hunter2@example.com"] {
        let wrong = json!({ "email": email, "password": "not the password" });
        assert_eq!(app.nobody().post("/api/auth/login", wrong).await.status, 401);
    }
    let change = json!({ "current_password": PASSWORD, "new_password": "another long password" });
    assert_eq!(ben.post("/api/settings/password", change).await.status, 200);

    let failed = trail(&admin, "action=sign_in_failed").await;
    assert_eq!(failed.len(), 2);
    assert_eq!(failed[0]["object"]["id"], Value::Null, "nobody is known by that address");
    assert_eq!(failed[1]["object"]["name"], "ben");
    assert_eq!(failed[1]["actor"]["type"], "system");
    assert_eq!(failed[1]["ip"], "127.0.0.1");
    let all = admin.get("/api/audit?per_page=100").await;
    for secret in ["hunter2", PASSWORD, "another long password", "not the password"] {
        assert!(!all.text.contains(secret), "{secret}");
    }
    let all = all.body["data"].as_array().unwrap().clone();
    let seen: BTreeSet<_> = actions(&all).into_iter().collect();
    assert!(
        seen.is_superset(&["signed_in", "password_changed", "agent_created"].into()),
        "{seen:?}"
    );
}

#[tokio::test]
async fn a_key_is_named_beside_its_maker() {
    let app = TestApp::spawn().await;
    let key = app.key(Role::Admin).await;
    let change = json!({ "name": "Example Ltd" });
    assert_eq!(key.post("/api/settings/workspace", change).await.status, 200);
    let entries = trail(&key, "per_page=2").await;
    assert_eq!(actions(&entries), ["settings_changed", "api_key_created"]);
    assert_eq!(entries[0]["actor"]["name"], "Ann Admin");
    assert_eq!(entries[0]["api_key"]["name"], "Script");
    assert_eq!(entries[0]["api_key"]["id"], entries[1]["object"]["id"]);
    assert_eq!(entries[1]["api_key"], Value::Null);
}

#[tokio::test]
async fn the_trail_is_filtered_and_read_to_its_end() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let start = app.clock.now();
    let (bob, _) = app.add(Role::Agent, "bob@example.com").await;
    app.clock.advance(std::time::Duration::from_secs(60));
    for role in ["admin", "agent", "admin", "agent"] {
        admin.post(&format!("/api/agents/{bob}/role"), json!({ "role": role })).await;
    }
    let ann = app.admin_id().await;
    let cases = [
        (format!("action=role_changed&actor={ann}"), 4),
        (format!("object={bob}&action=agent_created"), 1),
        (format!("action=role_changed&actor={bob}"), 0),
        (format!("object={bob}&from={}", app.clock.now()), 4),
        (format!("object={bob}&to={}", app.clock.now()), 2),
        (format!("action=role_changed&from={start}&to={}", app.clock.now()), 0),
        ("action=agent_created&actor=system".to_owned(), 2),
    ];
    for (query, want) in cases {
        let found = trail(&admin, &query).await;
        assert_eq!(found.len(), want, "{query}: {:?}", actions(&found));
    }
    let (mut query, mut seen) = ("per_page=3".to_owned(), Vec::new());
    loop {
        let page = admin.get(&format!("/api/audit?{query}")).await.body;
        seen.extend(page["data"].as_array().unwrap().iter().map(|it| it["seq"].as_i64().unwrap()));
        let Some(cursor) = page["pagination"]["next_cursor"].as_str() else { break };
        query = format!("per_page=3&cursor={cursor}");
    }
    let total = admin.get("/api/audit").await.body["pagination"]["total"].as_u64().unwrap();
    assert_eq!(seen.len() as u64, total);
    assert!(seen.is_sorted_by(|a, b| a > b), "{seen:?}");
    for bad in ["actor=ann", "action=danced", "object=x", "from=today", "cursor=x", "cursor=1.x"] {
        let answer = admin.get(&format!("/api/audit?{bad}")).await;
        assert_eq!(answer.status, 400, "{bad}");
        let field = bad.split('=').next().unwrap();
        assert_eq!(answer.body["details"][0]["field"], field, "{}", answer.text);
    }
}

#[tokio::test]
async fn the_trail_as_csv_is_itself_in_the_trail_and_runs_no_formula() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let new = json!({
        "name": "=HYPERLINK(\"http://evil.example\")", "email": "eve@example.com",
        "role": "agent", "password": PASSWORD,
    });
    assert_eq!(admin.post("/api/agents", new).await.status, 201);
    let file = admin.with("accept", "text/csv").get("/api/audit").await;
    assert_eq!(file.status, 200);
    assert!(file.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
    let disposition = file.headers["content-disposition"].to_str().unwrap();
    assert_eq!(disposition, "attachment; filename=\"audit.csv\"");
    let lines: Vec<_> = file.text.split("\r\n").collect();
    assert!(lines[0].starts_with("\"seq\",\"created_at\",\"action\""), "{}", lines[0]);
    assert!(lines[1].contains("\"audit_exported\""), "{}", lines[1]);
    assert!(lines[2].contains("\"'=HYPERLINK(\"\"http://evil.example\"\")\""), "{}", lines[2]);
    assert_eq!(actions(&trail(&admin, "per_page=1").await), ["audit_exported"]);
}

#[tokio::test]
async fn an_erased_contact_leaves_an_id_and_nothing_else() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let new = json!({ "name": "Cora Secretive", "email": "cora@example.org" });
    let made = admin.post("/api/contacts", new).await;
    let id = made.body["id"].as_str().unwrap();
    assert_eq!(admin.delete(&format!("/api/contacts/{id}")).await.status, 200);
    let all = admin.get("/api/audit?per_page=100").await;
    let erased = &all.body["data"][0];
    assert_eq!(erased["action"], "contact_erased");
    assert_eq!(erased["object"], json!({ "type": "contact", "id": id, "name": null }));
    assert!(!all.text.contains("Secretive") && !all.text.contains("cora@"), "{}", all.text);
}
