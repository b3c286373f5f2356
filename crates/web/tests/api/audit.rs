//! The audit trail.

use std::collections::BTreeSet;

use domain::agents::Role;
use serde_json::{Value, json};

use crate::{
    app::{AGENT, Client, PASSWORD, TestApp},
    inbox::Letter,
};

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
    let renamed = json!({ "before": "Example", "after": "Example Ltd" });
    let details = json!({ "fields": ["name"], "changes": { "name": renamed } });
    assert_eq!(entries[0]["details"], details);
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

/// What admins and agents do to the desk itself, each with whom and what.
#[tokio::test]
async fn what_is_done_to_knowledge_replies_views_and_people_is_there() {
    let app = TestApp::spawn().await;
    let (admin, agent) = (app.admin().await, app.agent().await);
    let article = json!({ "title": "Returns", "format": "text", "content": "Within 30 days." });
    let article = admin.post("/api/knowledge", article).await.body["id"].clone();
    let path = format!("/api/knowledge/{}", article.as_str().unwrap());
    assert_eq!(admin.patch(&path, json!({ "content": "Within 14 days." })).await.status, 200);
    assert_eq!(admin.delete(&path).await.status, 200);
    let reply = json!({ "name": "Thanks", "text": "Thank you", "shared": true });
    let reply = admin.post("/api/canned-replies", reply).await.body["id"].clone();
    let path = format!("/api/canned-replies/{}", reply.as_str().unwrap());
    assert_eq!(admin.patch(&path, json!({ "text": "Thanks a lot" })).await.status, 200);
    let view = json!({ "name": "Mine alone", "query": { "status": "open" }, "shared": false });
    let view = agent.post("/api/views", view).await;
    assert_eq!(view.status, 201, "{}", view.text);
    let path = format!("/api/views/{}", view.body["id"].as_str().unwrap());
    assert_eq!(agent.patch(&path, json!({ "name": "Other" })).await.status, 200);
    assert_eq!(agent.delete(&path).await.status, 200);
    let new = json!({ "name": "Eve", "email": "eve@example.com", "role": "agent" });
    let invited = admin.post("/api/agents", new).await;
    let link = invited.body["invitation"]["link"].as_str().unwrap().to_owned();
    let token = link.split_once('#').unwrap().1.trim_start_matches("token=");
    let accept = json!({ "token": token, "password": "a fine long password" });
    let accepted = app.nobody().post("/api/auth/invitation", accept).await;
    assert_eq!(accepted.status, 200, "{link}: {}", accepted.text);

    let entries = trail(&admin, "per_page=100").await;
    let done = actions(&entries);
    for action in [
        "article_created",
        "article_changed",
        "article_deleted",
        "canned_reply_created",
        "canned_reply_changed",
        "view_created",
        "view_changed",
        "view_deleted",
        "agent_invited",
        "invitation_accepted",
    ] {
        assert!(done.contains(&action), "{action} is not in {done:?}");
    }
    let one = |action: &str| entries.iter().find(|it| it["action"] == action).unwrap();
    assert_eq!(one("article_changed")["details"], json!({ "fields": ["content"] }));
    assert_eq!(one("article_deleted")["details"]["title"], "Returns");
    assert_eq!(one("canned_reply_changed")["object"]["name"], "Thanks");
    assert_eq!(one("view_deleted")["actor"]["name"], "ben");
    assert!(
        !entries.iter().any(|it| it.to_string().contains("Mine alone")),
        "it is the agent's own"
    );
    assert_eq!(one("agent_invited")["object"]["name"], "Eve");
    assert_eq!(one("invitation_accepted")["actor"]["name"], "Eve");
}

#[tokio::test]
async fn merges_and_splits_and_taking_them_back_stand_there_once() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let channel = app.channel("Support").await;
    let one = app.letter(channel, Letter::new("cora@customer.example", "One")).await;
    let two = app.letter(channel, Letter::new("cora@customer.example", "Two")).await;
    assert_ne!(one, two, "two conversations of one contact");
    let merge =
        admin.post(&format!("/api/conversations/{one}/merge"), json!({ "into": two })).await;
    assert_eq!(merge.status, 201, "{}", merge.text);
    let undo = format!("/api/operations/{}/undo", merge.body["id"].as_str().unwrap());
    assert_eq!(admin.post_nothing(&undo).await.status, 200);
    let people: Vec<_> = {
        let made = async |name: &str| {
            let made = admin.post("/api/contacts", json!({ "name": name })).await;
            made.body["id"].as_str().unwrap().to_owned()
        };
        vec![made("Dan").await, made("Dan Again").await]
    };
    let path = format!("/api/contacts/{}/merge", people[0]);
    let merged = admin.post(&path, json!({ "into": people[1] })).await;
    assert_eq!(merged.status, 201, "{}", merged.text);
    let undo = format!("/api/operations/{}/undo", merged.body["id"].as_str().unwrap());
    assert_eq!(admin.post_nothing(&undo).await.status, 200);

    for (action, object) in [
        ("conversation_merged", two.to_string()),
        ("merge_undone", two.to_string()),
        ("contacts_merged", people[1].clone()),
        ("contact_merge_undone", people[1].clone()),
    ] {
        let found = trail(&admin, &format!("action={action}")).await;
        assert_eq!(found.len(), 1, "{action}");
        assert_eq!(found[0]["object"]["id"], object, "{action}");
        assert_eq!(found[0]["actor"]["name"], "Ann Admin");
    }
}

#[tokio::test]
async fn a_channels_changes_are_told_without_its_secrets() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let server = |host: &str| {
        json!({
            "host": host, "port": 993, "security": "tls", "username": "help", "password": "hunter2-long",
        })
    };
    let config = json!({
        "address": "help@desk.example", "imap": server("mail.desk.example"),
        "smtp": server("mail.desk.example"),
    });
    let new = json!({ "type": "email", "name": "Help", "config": config, "is_active": false });
    let made = admin.post("/api/channels", new).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let path = format!("/api/channels/{}", made.body["id"].as_str().unwrap());
    let change = json!({
        "name": "Support", "config": { "imap": { "host": "imap.desk.example", "password": "hunter3-long" } },
    });
    let changed = admin.patch(&path, change).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let found = trail(&admin, "action=channel_changed").await;
    let changes = &found[0]["details"]["changes"];
    assert_eq!(changes["name"], json!({ "before": "Help", "after": "Support" }));
    let hosts = json!({ "before": "mail.desk.example", "after": "imap.desk.example" });
    assert_eq!(changes["config.imap.host"], hosts);
    assert_eq!(changes["config.imap.password"], "changed");
    let all = admin.get("/api/audit?per_page=100").await.text;
    assert!(!all.contains("hunter"), "{all}");
}
