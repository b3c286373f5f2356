//! API keys: scripts that need no password.

use std::time::Duration;

use desk::sessions;
use domain::{agents::Role, events::Actor, ids::ApiKeyId, policy::Denied};
use serde_json::{Value, json};

use crate::app::{Answer, Client, PASSWORD, TestApp};

async fn make(admin: &Client, more: Value) -> Answer {
    let mut new = json!({ "name": "Shop", "role": "agent", "current_password": PASSWORD });
    new.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    admin.post("/api/keys", new).await
}

fn bearer(app: &TestApp, key: &Value) -> Client {
    app.nobody().with("authorization", &format!("Bearer {}", key.as_str().unwrap()))
}

#[tokio::test]
async fn a_key_is_told_once_and_works_until_it_is_revoked() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let made = make(&admin, json!({})).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let key = made.body["key"].as_str().unwrap();
    let prefix = made.body["prefix"].as_str().unwrap();
    assert!(key.starts_with(&format!("{prefix}_")) && prefix.starts_with("dbk_"), "{key}");
    assert_eq!(made.body["created_by"]["name"], "Ann Admin");

    let script = bearer(&app, &made.body["key"]);
    let me = script.get("/api/auth/me").await;
    assert_eq!((me.status, &me.body["role"]), (200, &json!("agent")), "not its maker's role");
    let contact = script.post("/api/contacts", json!({ "name": "Cora" })).await;
    assert_eq!(contact.status, 201, "{}", contact.text);
    let own = app.nobody().with("api_key", key).get("/api/contacts").await;
    assert_eq!(own.body["pagination"]["total"], 1);

    let listed = admin.get("/api/keys").await;
    assert_eq!(listed.body["data"][0]["prefix"], prefix);
    assert!(!listed.text.contains(key), "a list never tells a key");
    let gone = admin.delete(&format!("/api/keys/{}", made.body["id"].as_str().unwrap())).await;
    assert_eq!((gone.status, &gone.body["result"]), (200, &json!("revoked")));
    let refused = script.get("/api/contacts").await;
    assert_eq!(refused.status, 401);
    assert_eq!(
        refused.body["error"],
        "this key is not valid: it was revoked, has expired, or never was one"
    );
    assert_eq!(admin.get("/api/keys").await.body["data"], json!([]));
}

#[tokio::test]
async fn only_the_hash_of_a_key_is_kept() {
    let app = TestApp::spawn().await;
    let made = make(&app.admin().await, json!({})).await;
    // Its random part may hold underscores of its own.
    let secret = made.body["key"].as_str().unwrap().splitn(3, '_').last().unwrap().as_bytes();
    assert!(secret.len() > 40);
    let folder = app.desk.options.data.clone();
    let mut looked_at = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(secret.len()).any(|it| it == secret), "{path:?}");
            looked_at += bytes.len();
        }
    }
    assert!(looked_at > 10_000, "the database is among them");
}

#[tokio::test]
async fn making_a_key_needs_a_person_who_knows_the_password() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let cases = [
        (json!({ "current_password": "not it at all" }), "current_password"),
        (json!({ "expires_at": "2026-01-05T09:00:00Z" }), "expires_at"),
        (json!({ "name": " " }), "name"),
        (json!({ "role": "owner" }), "role"),
    ];
    for (more, field) in cases {
        let answer = make(&admin, more).await;
        assert_eq!(answer.status, 400, "{field}");
        assert_eq!(answer.body["details"][0]["field"], field, "{}", answer.text);
    }
    let key = app.key(Role::Admin).await;
    let needs_person = [
        ("POST", "/api/keys"),
        ("GET", "/api/keys"),
        ("POST", "/api/settings/password"),
        ("GET", "/api/auth/sessions"),
        ("DELETE", "/api/auth/sessions"),
        ("PATCH", "/api/auth/me"),
    ];
    for (method, path) in needs_person {
        let answer = key.send(method.parse().unwrap(), path, None).await;
        assert_eq!(answer.status, 403, "{path}");
        assert_eq!(answer.body["error"], Denied::NotWithKey.to_string(), "{path}");
    }
}

#[tokio::test]
async fn a_key_expires_and_ends_with_who_made_it() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let made = make(&admin, json!({ "expires_at": "2026-01-05T10:00:00Z" })).await;
    let script = bearer(&app, &made.body["key"]);
    app.clock.advance(Duration::from_millis(3_599_999));
    assert_eq!(script.get("/api/contacts").await.status, 200);
    app.clock.advance(Duration::from_millis(1));
    assert_eq!(script.get("/api/contacts").await.status, 401);

    let (bob, as_bob) = app.add(Role::Admin, "bob@example.com").await;
    let made = make(&as_bob, json!({ "role": "admin" })).await;
    let script = bearer(&app, &made.body["key"]);
    assert_eq!(script.get("/api/agents").await.status, 200);
    let role = format!("/api/agents/{bob}/role");
    assert_eq!(admin.post(&role, json!({ "role": "agent" })).await.status, 200);
    assert_eq!(script.get("/api/agents").await.status, 403, "no more than its maker may");
    assert_eq!(script.get("/api/contacts").await.status, 200);
    let off = admin.patch(&format!("/api/agents/{bob}"), json!({ "is_active": false })).await;
    assert_eq!(off.status, 200);
    assert_eq!(script.get("/api/contacts").await.status, 401);
}

#[tokio::test]
async fn a_key_wins_over_a_cookie_and_needs_no_origin() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let made = make(&admin, json!({})).await;
    let both =
        admin.with("authorization", &format!("Bearer {}", made.body["key"].as_str().unwrap()));
    assert_eq!(both.get("/api/agents").await.status, 403, "the role of the key, not the session's");
    let wrong = admin.with("authorization", "Bearer dbk_00000000_wrong");
    assert_eq!(wrong.get("/api/agents").await.status, 401, "even beside a good cookie");
    let proxied = admin.with("authorization", "Basic eDp5");
    assert_eq!(proxied.get("/api/agents").await.status, 200, "a proxy's scheme is not ours");

    let elsewhere = app.key(Role::Agent).await.with("origin", "https://shop.example");
    let new = json!({ "name": "Cora" });
    assert_eq!(elsewhere.post("/api/contacts", new.clone()).await.status, 201);
    let forged = admin.with("origin", "https://shop.example");
    assert_eq!(forged.post("/api/contacts", new).await.status, 403);
    let path = format!("/api/contacts?api_key={}", made.body["key"].as_str().unwrap());
    assert_eq!(app.nobody().get(&path).await.status, 401, "an address carries no key");
}

#[tokio::test]
async fn wrong_keys_are_slowed_down_and_good_ones_are_not() {
    let app = TestApp::spawn_with(|_, web| web.knocks.from_one_network = 3).await;
    let good = app.key(Role::Agent).await;
    let wrong = app.nobody().with("authorization", "Bearer dbk_00000000_wrong");
    for _ in 0..3 {
        assert_eq!(wrong.get("/api/contacts").await.status, 401);
    }
    let slowed = wrong.get("/api/contacts").await;
    assert_eq!(slowed.status, 429);
    assert!(slowed.headers.contains_key("retry-after"));
    assert_eq!(good.get("/api/contacts").await.status, 200, "from the same network");
    assert_eq!(app.admin().await.get("/api/contacts").await.status, 200);
}

#[tokio::test]
async fn each_key_has_idempotency_keys_of_its_own() {
    let app = TestApp::spawn().await;
    let [one, two] = [app.key(Role::Agent).await, app.key(Role::Agent).await];
    let mut made = Vec::new();
    for client in [&one, &one, &two, &app.admin().await] {
        let client = client.with("idempotency-key", "order-1");
        let answer = client.post("/api/contacts", json!({ "name": "Cora" })).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        made.push(answer.body["id"].as_str().unwrap().to_owned());
    }
    assert_eq!(made[0], made[1]);
    made.sort();
    made.dedup();
    assert_eq!(made.len(), 3);

    let admin = app.admin().await.with("idempotency-key", "key-1");
    let (first, again) = (make(&admin, json!({})).await, make(&admin, json!({})).await);
    assert_eq!(first.body["id"], again.body["id"]);
    assert!(first.body["key"].is_string() && again.body["key"].is_null(), "told once");
}

#[tokio::test]
async fn the_use_of_a_key_is_noted_at_most_once_a_minute() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let key = app.key(Role::Agent).await;
    assert_eq!(admin.get("/api/keys").await.body["data"][0]["last_used_at"], Value::Null);
    let first = app.clock.now();
    for _ in 0..5 {
        assert_eq!(key.get("/api/contacts").await.status, 200);
    }
    wait_until_used(&admin, &first.to_string()).await;
    app.clock.advance(Duration::from_millis(59_999));
    assert_eq!(key.get("/api/contacts").await.status, 200);
    let before = app.desk.store.metrics().writes;
    app.clock.advance(Duration::from_millis(1));
    assert_eq!(key.get("/api/contacts").await.status, 200);
    wait_until_used(&admin, &app.clock.now().to_string()).await;
    // The admin's own session may have been noted, too; the key's use was, once.
    assert!(app.desk.store.metrics().writes - before <= 2);
}

async fn wait_until_used(admin: &Client, at: &str) {
    let used = async || admin.get("/api/keys").await.body["data"][0]["last_used_at"] == at;
    while !used().await {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_stream_learns_that_a_key_or_a_session_is_over() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let made = make(&admin, json!({ "role": "admin" })).await;
    let id: ApiKeyId = made.body["id"].as_str().unwrap().parse().unwrap();
    let token = desk::tokens::KeyToken::parse(made.body["key"].as_str().unwrap()).unwrap();
    let role_now = async |who: &sessions::SignedIn| {
        sessions::roles_now(&app.desk, vec![who.clone()]).await.unwrap()[0]
    };
    let who = desk::api_keys::authenticate(&app.desk, &token).await.unwrap().unwrap();
    assert_eq!(role_now(&who).await, Some(Role::Admin));
    desk::api_keys::revoke(&app.desk, id, app.admin_id().await).await.unwrap();
    assert_eq!(role_now(&who).await, None);

    let (ben, as_ben) = app.add(Role::Agent, "cid@example.com").await;
    let cookie = as_ben.cookie.as_deref().unwrap().split_once('=').unwrap().1;
    let token = desk::tokens::Token::parse(cookie).unwrap();
    let origin = sessions::Client::default();
    let who = sessions::authenticate(&app.desk, &token, &origin).await.unwrap().unwrap();
    assert_eq!(role_now(&who).await, Some(Role::Agent));
    sessions::end_all(&app.desk, ben, None, Actor::System).await.unwrap();
    assert_eq!(role_now(&who).await, None);
}
