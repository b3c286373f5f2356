//! Every route asked by nobody, an agent and an admin.

use std::collections::BTreeSet;

use domain::{agents::Role, policy::Action};
use reqwest::Method;
use serde_json::json;

use crate::{
    app::{Client, TestApp, answer},
    channels,
};

/// Whom the policy lets through. What happens then (400, 404, 200) is the handler's.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Open {
    All,
    Agents,
    Admins,
}

/// The whole table, written down by hand: a route that is registered and not here fails the test,
/// and so does one that asks the policy for something else.
const TABLE: &[(&str, &str, Open)] = &[
    ("GET", "/", Open::All),
    ("GET", "/sign-in", Open::All),
    ("GET", "/inbox", Open::All),
    ("GET", "/inbox/{conversation}", Open::All),
    ("GET", "/contacts", Open::All),
    ("GET", "/contacts/{contact}", Open::All),
    ("GET", "/analytics", Open::All),
    ("GET", "/settings", Open::All),
    ("GET", "/settings/{section}", Open::All),
    ("GET", "/settings/{section}/{item}", Open::All),
    ("GET", "/assets/app/{name}", Open::All),
    ("GET", "/favicon.ico", Open::All),
    ("GET", "/invitation", Open::All),
    ("GET", "/reset", Open::All),
    ("GET", "/setup", Open::All),
    ("GET", "/first-steps", Open::All),
    ("GET", "/widget.js", Open::All),
    ("GET", "/demo", Open::All),
    // By the visitor's token, not by session: see `widget`.
    ("GET", "/widget/{channel_id}/frame", Open::All),
    ("GET", "/widget/{channel_id}/config", Open::All),
    ("POST", "/widget/{channel_id}/session", Open::All),
    ("GET", "/widget/{channel_id}/messages", Open::All),
    ("POST", "/widget/{channel_id}/messages", Open::All),
    ("POST", "/widget/{channel_id}/read", Open::All),
    ("POST", "/widget/{channel_id}/typing", Open::All),
    ("POST", "/widget/{channel_id}/rating", Open::All),
    ("POST", "/widget/{channel_id}/attachments", Open::All),
    ("GET", "/widget/{channel_id}/attachments/{id}", Open::All),
    ("GET", "/widget/{channel_id}/events", Open::All),
    ("GET", "/healthz", Open::All),
    ("GET", "/readyz", Open::All),
    // By address or token, not by session: see `operations`.
    ("GET", "/metrics", Open::All),
    ("GET", "/api/agents", Open::Admins),
    ("POST", "/api/agents", Open::Admins),
    ("PATCH", "/api/agents/{id}", Open::Admins),
    ("DELETE", "/api/agents/{id}", Open::Admins),
    ("POST", "/api/agents/{id}/invitation", Open::Admins),
    ("POST", "/api/agents/{id}/role", Open::Admins),
    ("DELETE", "/api/agents/{id}/sessions", Open::Admins),
    ("GET", "/api/ai-suggest", Open::Agents),
    ("GET", "/api/analytics", Open::Agents),
    ("GET", "/api/assignees", Open::Agents),
    ("POST", "/api/attachments", Open::Agents),
    ("GET", "/api/attachments/{id}", Open::Agents),
    // By the signature in its address, not by session: see `attachments`.
    ("GET", "/api/attachments/{id}/picture", Open::All),
    ("GET", "/api/audit", Open::Admins),
    ("POST", "/api/auth/invitation", Open::All),
    ("POST", "/api/auth/login", Open::All),
    ("POST", "/api/auth/logout", Open::All),
    ("GET", "/api/auth/me", Open::Agents),
    ("PATCH", "/api/auth/me", Open::Agents),
    ("POST", "/api/auth/reset", Open::All),
    ("POST", "/api/auth/reset/confirm", Open::All),
    ("GET", "/api/auth/sessions", Open::Agents),
    ("DELETE", "/api/auth/sessions", Open::Agents),
    ("DELETE", "/api/auth/sessions/{id}", Open::Agents),
    ("GET", "/api/automations", Open::Admins),
    ("POST", "/api/automations", Open::Admins),
    ("POST", "/api/automations/dry-run", Open::Admins),
    ("POST", "/api/automations/reorder", Open::Admins),
    ("GET", "/api/automations/{id}", Open::Admins),
    ("PATCH", "/api/automations/{id}", Open::Admins),
    ("DELETE", "/api/automations/{id}", Open::Admins),
    ("POST", "/api/automations/{id}/dry-run", Open::Admins),
    ("POST", "/api/automations/{id}/toggle", Open::Admins),
    ("GET", "/api/canned-replies", Open::Agents),
    ("POST", "/api/canned-replies", Open::Agents),
    ("GET", "/api/canned-replies/{id}", Open::Agents),
    ("PATCH", "/api/canned-replies/{id}", Open::Agents),
    ("DELETE", "/api/canned-replies/{id}", Open::Agents),
    ("POST", "/api/canned-replies/{id}/render", Open::Agents),
    ("GET", "/api/knowledge", Open::Agents),
    ("POST", "/api/knowledge", Open::Admins),
    ("GET", "/api/knowledge/{id}", Open::Agents),
    ("PATCH", "/api/knowledge/{id}", Open::Admins),
    ("DELETE", "/api/knowledge/{id}", Open::Admins),
    ("GET", "/api/settings/ai", Open::Admins),
    ("POST", "/api/settings/ai", Open::Admins),
    ("POST", "/api/settings/ai/test", Open::Admins),
    ("GET", "/api/channels", Open::Admins),
    ("POST", "/api/channels", Open::Admins),
    ("GET", "/api/channels/{id}", Open::Admins),
    ("PATCH", "/api/channels/{id}", Open::Admins),
    ("DELETE", "/api/channels/{id}", Open::Admins),
    ("POST", "/api/channels/{id}/backfill", Open::Admins),
    ("POST", "/api/channels/{id}/test", Open::Admins),
    ("GET", "/api/channels/{id}/mail", Open::Admins),
    ("GET", "/api/channels/{id}/mail/{mail_id}", Open::Admins),
    ("GET", "/api/channels/{id}/mail/{mail_id}/raw", Open::Admins),
    ("POST", "/api/channels/{id}/mail/{mail_id}/replay", Open::Admins),
    ("GET", "/api/contacts", Open::Agents),
    ("POST", "/api/contacts", Open::Agents),
    ("POST", "/api/contacts/import", Open::Admins),
    ("GET", "/api/contacts/imports", Open::Admins),
    ("GET", "/api/contacts/imports/{id}", Open::Admins),
    ("GET", "/api/contacts/imports/{id}/rows", Open::Admins),
    ("POST", "/api/contacts/imports/{id}/start", Open::Admins),
    ("POST", "/api/contacts/imports/{id}/cancel", Open::Admins),
    ("GET", "/api/contacts/{id}", Open::Agents),
    ("PATCH", "/api/contacts/{id}", Open::Agents),
    ("DELETE", "/api/contacts/{id}", Open::Admins),
    ("POST", "/api/contacts/{id}/merge", Open::Agents),
    ("GET", "/api/conversations", Open::Agents),
    ("POST", "/api/conversations", Open::Agents),
    ("POST", "/api/conversations/bulk", Open::Agents),
    ("GET", "/api/conversations/counts", Open::Agents),
    ("GET", "/api/conversations/{id}/presence", Open::Agents),
    ("POST", "/api/conversations/{id}/presence", Open::Agents),
    ("GET", "/api/conversations/{id}", Open::Agents),
    ("PATCH", "/api/conversations/{id}", Open::Agents),
    ("POST", "/api/conversations/{id}/assign", Open::Agents),
    ("GET", "/api/conversations/{id}/assignments", Open::Agents),
    ("GET", "/api/conversations/{id}/automations", Open::Agents),
    ("GET", "/api/conversations/{id}/draft", Open::Agents),
    ("PUT", "/api/conversations/{id}/draft", Open::Agents),
    ("DELETE", "/api/conversations/{id}/draft", Open::Agents),
    ("GET", "/api/drafts", Open::Agents),
    ("GET", "/api/conversations/{id}/messages", Open::Agents),
    ("POST", "/api/conversations/{id}/messages", Open::Agents),
    ("POST", "/api/conversations/{id}/merge", Open::Agents),
    ("POST", "/api/conversations/{id}/split", Open::Agents),
    ("POST", "/api/conversations/{id}/status", Open::Agents),
    ("POST", "/api/conversations/{id}/tags", Open::Agents),
    ("DELETE", "/api/conversations/{id}/tags/{tag}", Open::Agents),
    ("POST", "/api/jobs/release", Open::Admins),
    ("GET", "/api/keys", Open::Admins),
    ("POST", "/api/keys", Open::Admins),
    ("DELETE", "/api/keys/{id}", Open::Admins),
    ("GET", "/api/messages/{id}", Open::Agents),
    ("DELETE", "/api/messages/{id}", Open::Agents),
    ("POST", "/api/messages/{id}/forward", Open::Agents),
    ("GET", "/api/messages/{id}/html", Open::Agents),
    ("GET", "/api/messages/{id}/raw", Open::Agents),
    ("POST", "/api/messages/{id}/retry", Open::Agents),
    ("GET", "/api/notices", Open::Agents),
    ("POST", "/api/notices/read-all", Open::Agents),
    ("POST", "/api/notices/{id}/read", Open::Agents),
    ("POST", "/api/settings/password", Open::Agents),
    ("GET", "/api/docs", Open::All),
    ("GET", "/api/docs/{file}", Open::All),
    ("GET", "/api/openapi.json", Open::All),
    ("GET", "/api/settings/workspace", Open::Agents),
    ("POST", "/api/settings/workspace", Open::Admins),
    ("POST", "/api/setup", Open::All),
    ("GET", "/api/tags", Open::Agents),
    ("POST", "/api/tags", Open::Admins),
    ("GET", "/api/tags/{id}", Open::Agents),
    ("PATCH", "/api/tags/{id}", Open::Admins),
    ("DELETE", "/api/tags/{id}", Open::Admins),
    ("POST", "/api/tags/{id}/merge", Open::Admins),
    ("GET", "/api/operations", Open::Agents),
    ("GET", "/api/operations/{id}", Open::Agents),
    ("POST", "/api/operations/{id}/undo", Open::Agents),
    ("GET", "/api/views", Open::Agents),
    ("POST", "/api/views", Open::Agents),
    ("POST", "/api/views/order", Open::Agents),
    ("GET", "/api/views/{id}", Open::Agents),
    ("PATCH", "/api/views/{id}", Open::Agents),
    ("DELETE", "/api/views/{id}", Open::Agents),
    ("GET", "/sse", Open::Agents),
];

#[test]
fn the_table_names_every_route_and_no_other() {
    let registered: BTreeSet<_> =
        web::route_table().into_iter().map(|it| (it.method.to_string(), it.path)).collect();
    let written: BTreeSet<_> =
        TABLE.iter().map(|(method, path, _)| ((*method).to_owned(), *path)).collect();
    let missing: Vec<_> = registered.difference(&written).collect();
    assert!(missing.is_empty(), "write down in TABLE who may use {missing:?}");
    let gone: Vec<_> = written.difference(&registered).collect();
    assert!(gone.is_empty(), "in TABLE, but not registered: {gone:?}");
    assert_eq!(written.len(), TABLE.len(), "TABLE names a route twice");
}

#[tokio::test]
async fn each_route_lets_in_whom_the_table_says() {
    let app = TestApp::spawn().await;
    let (nobody, agent, admin) = (app.nobody(), app.agent().await, app.admin().await);
    let forged = nobody.with("cookie", &format!("deskbell={}", "a".repeat(43)));
    for (method, path, open) in TABLE {
        let action = action_of(method, path);
        assert_eq!(action == Action::Enter, *open == Open::All, "{method} {path}");
        // Nobody is asked about ending everyone else's sessions: the clients are needed further.
        if *method == "DELETE" && *path == "/api/auth/sessions" {
            continue;
        }
        let [as_nobody, as_forger, as_agent, as_admin] = [
            ask(&nobody, method, path).await,
            ask(&forged, method, path).await,
            ask(&agent, method, path).await,
            ask(&admin, method, path).await,
        ];
        let passed = |it: u16| it != 401 && it != 403;
        let open_to_agents = *open != Open::Admins;
        assert_eq!(as_nobody == 401, *open != Open::All, "{method} {path}: {as_nobody}");
        assert_eq!(as_forger, as_nobody, "{method} {path}");
        assert_eq!(as_agent == 403, !open_to_agents, "{method} {path}: {as_agent}");
        assert_eq!(passed(as_agent), open_to_agents, "{method} {path}: {as_agent}");
        assert!(passed(as_admin), "{method} {path}: {as_admin}");
    }
    assert_eq!(nobody.delete("/api/auth/sessions").await.status, 401);
}

#[tokio::test]
async fn a_key_may_what_its_role_may_but_for_what_needs_a_person() {
    let app = TestApp::spawn_with(|_, web| web.knocks.from_one_network = 10_000).await;
    let (agent, admin) = (app.key(Role::Agent).await, app.key(Role::Admin).await);
    let wrong = app.nobody().with("authorization", "Bearer dbk_00000000_nothing");
    for (method, path, open) in TABLE {
        let needs_person = action_of(method, path).needs_person();
        let as_agent = ask(&agent, method, path).await;
        let as_admin = ask(&admin, method, path).await;
        let refused = |it: u16| it == 401 || it == 403;
        assert_eq!(
            as_agent == 403,
            needs_person || *open == Open::Admins,
            "{method} {path}: {as_agent}"
        );
        assert_eq!(as_admin == 403, needs_person, "{method} {path}: {as_admin}");
        assert_eq!(refused(as_admin), needs_person, "{method} {path}: {as_admin}");
        let as_wrong = ask(&wrong, method, path).await;
        let want = *open != Open::All;
        assert_eq!(as_wrong == 401, want, "{method} {path}: {as_wrong}");
    }
}

fn action_of(method: &str, path: &str) -> Action {
    let found = web::route_table().into_iter().find(|it| it.method == *method && it.path == path);
    found.unwrap().action
}

/// With an id nobody has and a body nobody accepts: only the policy answers differently.
async fn ask(client: &Client, method: &str, path: &str) -> u16 {
    let path = path.replace("{id}", "019a0000-0000-7000-8000-000000000000");
    let method: Method = method.parse().unwrap();
    // Signing out would end the session the other routes are asked with.
    let client = if path == "/api/auth/logout" { &without_cookie(client) } else { client };
    let body = (method == Method::POST || method == Method::PATCH).then(|| json!({ "no": "no" }));
    // A stream has no end to be read; its head is answered alike.
    let method = if path == "/sse" { Method::HEAD } else { method };
    let answer = client.send(method, &path, body).await;
    assert!(answer.status < 500, "{path}: {answer:?}");
    answer.status
}

fn without_cookie(client: &Client) -> Client {
    let mut client = client.clone();
    client.cookie = None;
    client
}

#[tokio::test]
async fn the_role_is_checked_before_the_object_and_the_body() {
    let app = TestApp::spawn().await;
    let agent = app.agent().await;
    for id in ["019a0000-0000-7000-8000-000000000000", "nonsense"] {
        let answer = agent.patch(&format!("/api/agents/{id}"), json!([])).await;
        assert_eq!(answer.status, 403);
        assert_eq!(answer.body, json!({ "error": "your role does not allow this" }));
        let answer = app.admin().await.delete(&format!("/api/agents/{id}")).await;
        assert_eq!(answer.status, 404);
    }
}

/// Reading a mail as it came is in the audit trail.
const AUDITED: [&str; 2] = ["/api/messages/{id}/raw", "/api/channels/{id}/mail/{mail_id}/raw"];
/// By a signature, not by a session.
const SIGNED: [&str; 2] =
    ["/api/attachments/{id}/picture", "/widget/{channel_id}/attachments/{id}"];

#[tokio::test]
async fn get_never_writes() {
    let app = TestApp::spawn().await;
    let (agent, admin) = (app.agent().await, app.admin().await);
    let known = something_of_everything(&app, &admin).await;
    // Opening a conversation marks it as read, once.
    assert_eq!(admin.get(&filled("/api/conversations/{id}", &known)).await.status, 200);
    let mut not_there = Vec::new();
    for (_, path, open) in TABLE.iter().filter(|it| it.0 == "GET" && it.1 != "/sse") {
        let asked = filled(path, &known);
        let before = app.desk.store.metrics().writes;
        for client in [&app.nobody(), &agent] {
            assert!(client.get(&asked).await.status < 500, "{path}");
        }
        let by_others = u64::from(AUDITED.contains(path) && *open == Open::Agents);
        assert_eq!(app.desk.store.metrics().writes, before + by_others, "{path}");
        let status = admin.get(&asked).await.status;
        let by_admin = u64::from(AUDITED.contains(path));
        assert_eq!(app.desk.store.metrics().writes, before + by_others + by_admin, "{path}");
        if path.contains("{id}") && !SIGNED.contains(path) && status != 200 {
            not_there.push(format!("{path}: {status}"));
        }
    }
    assert_eq!(not_there, Vec::<String>::new(), "what is read has to be there");
}

/// A path with what is there in its places.
fn filled(path: &str, known: &[(&'static str, String)]) -> String {
    let of = |name: &str| {
        known.iter().filter(|it| path.starts_with(it.0)).find(|it| it.0.ends_with(name))
    };
    let mut filled = path.to_owned();
    while let (Some(from), Some(to)) = (filled.find('{'), filled.find('}')) {
        let name = filled[from..=to].to_owned();
        let value = of(&name).map_or("x", |it| it.1.as_str());
        filled.replace_range(from..=to, value);
    }
    filled
}

const RAW: &str = "From: lee@x.example\r\nSubject: Hi\r\nMessage-ID: <1@x>\r\n\
    Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n\
    <p>Hello</p>\r\n--b\r\nContent-Type: text/plain; name=a.txt\r\n\
    Content-Disposition: attachment\r\n\r\nfile\r\n--b--\r\n";

/// Ids of what is there to be read, by its path.
async fn something_of_everything(app: &TestApp, admin: &Client) -> Vec<(&'static str, String)> {
    let channel = channels::created(admin).await;
    channels::take(app, &channel, 1, RAW).await;
    desk::workers::step(&app.desk).await.unwrap();
    let channel = channel["id"].as_str().unwrap().to_owned();
    let ledger = admin.get(&format!("/api/channels/{channel}/mail")).await.body;
    let mail = ledger["data"][0].clone();
    let conversation = mail["conversation_id"].as_str().unwrap().to_owned();
    let path = format!("/api/conversations/{conversation}");
    let contact = admin.get(&path).await.body["contact_id"].clone();
    let messages = admin.get(&format!("{path}/messages")).await.body;
    let mut known = vec![
        ("/api/channels/{id}", json!(channel)),
        ("/api/channels/{id}/mail/{mail_id}", mail["id"].clone()),
        ("/api/contacts/{id}", contact),
        ("/api/conversations/{id}", json!(conversation)),
        ("/api/messages/{id}", mail["message_id"].clone()),
        ("/api/attachments/{id}", messages["data"][0]["attachments"][0]["id"].clone()),
    ];
    let rule = json!({
        "name": "x", "trigger": "tag_added", "conditions": { "match": "all", "rules": [] },
        "actions": [{ "type": "set_priority", "priority": "urgent" }],
    });
    let made = [
        ("/api/automations/{id}", rule),
        ("/api/canned-replies/{id}", json!({ "name": "x", "shortcut": "x", "text": "y" })),
        ("/api/knowledge/{id}", json!({ "title": "x", "content": "y", "format": "markdown" })),
        ("/api/tags/{id}", json!({ "name": "x" })),
        ("/api/views/{id}", json!({ "name": "x", "query": { "status": "open" } })),
    ];
    for (path, body) in made {
        let it = admin.post(path.trim_end_matches("/{id}"), body).await;
        assert_eq!(it.status, 201, "{path}: {}", it.text);
        known.push((path, it.body["id"].clone()));
    }
    let many = json!({ "conversation_ids": [conversation], "status": "resolved" });
    let operation = admin.post("/api/conversations/bulk", many).await;
    assert!(operation.status < 300, "{}", operation.text);
    known.push(("/api/operations/{id}", operation.body["id"].clone()));
    let request = admin.request(Method::POST, "/api/contacts/import?dry_run=true");
    let table = request.header("content-type", "text/csv").body("Name;E-mail\nKim;kim@x.example\n");
    let import = answer(table).await;
    assert_eq!(import.status, 201, "{}", import.text);
    known.push(("/api/contacts/imports/{id}", import.body["id"].clone()));
    desk::workers::step(&app.desk).await.unwrap();
    known.into_iter().map(|(path, id)| (path, id.as_str().unwrap().to_owned())).collect()
}
