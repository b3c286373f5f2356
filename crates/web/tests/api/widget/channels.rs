//! The channel as admins set it up, and the pages it lets into frames.

use serde_json::{Value, json};

use super::{Chat, visitors::SITE};
use crate::app::TestApp;

#[tokio::test]
async fn a_chat_tells_its_secret_once_and_another_when_asked() {
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({ "color": "#1D4ED8" })).await;
    let path = format!("/api/channels/{}", chat.id);
    let found = chat.admin.get(&path).await;
    assert_eq!(found.body["config"]["identity_secret"], json!({ "set": true }));
    assert_eq!(found.body["config"]["color"], "#1d4ed8");
    assert_eq!(found.body["config"]["reply_time"], "hours");
    assert_eq!(found.body["config"]["email_after_seconds"], 120);
    assert!(!found.text.contains(&chat.secret));
    let changed = chat.change(json!({ "greeting": "Hello" })).await;
    assert_eq!(changed.body["config"]["identity_secret"], json!({ "set": true }));
    let rotated = chat.change(json!({ "new_identity_secret": true })).await;
    let secret = rotated.body["config"]["identity_secret"].as_str().unwrap();
    assert!(secret.len() == 43 && secret != chat.secret);
    assert_eq!(rotated.body["config"]["greeting"], "Hello");
}

#[tokio::test]
async fn what_is_wrong_with_a_chat_is_named_by_its_path() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let cases = [
        (json!({ "color": "red" }), "config.color"),
        (json!({ "allowed_origins": ["*"] }), "config.allowed_origins[0]"),
        (json!({ "allowed_origins": ["https://a.example/x"] }), "config.allowed_origins[0]"),
        (json!({ "reply_time": "soon" }), "config.reply_time"),
        (json!({ "pre_chat": [{ "field": "", "label": "x" }] }), "config.pre_chat[0].field"),
        (json!({ "pre_chat": [{ "field": "user_id", "label": "x" }] }), "config.pre_chat[0].field"),
        (json!({ "identity_secret": "mine" }), "config.identity_secret"),
        (json!({ "email_channel_id": uuid() }), "config.email_channel_id"),
        (json!({ "email_after_seconds": 4 }), "config.email_after_seconds"),
        (json!({ "email_after_seconds": 86_401 }), "config.email_after_seconds"),
        (json!({ "address": "a@b.example" }), "config.address"),
    ];
    for (config, field) in cases {
        let body = json!({ "type": "webchat", "name": "Chat", "config": config });
        let answer = admin.post("/api/channels", body).await;
        assert_eq!(answer.status, 400, "{field}: {}", answer.text);
        assert_eq!(answer.body["details"][0]["field"], field, "{}", answer.text);
    }
}

fn uuid() -> Value {
    json!("019a0000-0000-7000-8000-000000000000")
}

#[tokio::test]
async fn a_test_of_a_chat_says_what_is_missing() {
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({ "allowed_origins": [] })).await;
    let path = format!("/api/channels/{}", chat.id);
    let tested = chat.admin.post_nothing(&format!("{path}/test")).await;
    assert_eq!((tested.status, &tested.body["ok"]), (200, &json!(false)), "{}", tested.text);
    assert_eq!(tested.body["steps"][1]["ok"], false);
    chat.change(json!({ "allowed_origins": [SITE] })).await;
    let tested = chat.admin.post_nothing(&format!("{path}/test")).await;
    assert_eq!(tested.body["ok"], true, "{}", tested.text);
}

#[tokio::test]
async fn only_the_chats_sites_may_frame_its_panel_and_anybody_may_load_the_script() {
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({})).await;
    let nobody = app.nobody();
    let panel = nobody.get(&chat.path("frame")).await;
    assert_eq!(panel.status, 200);
    let policy = panel.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.ends_with(&format!("frame-ancestors 'self' {SITE}")), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    assert!(panel.headers.get("x-frame-options").is_none());
    chat.change(json!({ "allowed_origins": [] })).await;
    let panel = nobody.get(&chat.path("frame")).await;
    let policy = panel.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.ends_with("frame-ancestors 'self'"), "{policy}");

    let script = nobody.with("accept-encoding", "br").get("/widget.js").await;
    assert_eq!(script.status, 200);
    assert_eq!(script.headers["content-encoding"], "br");
    assert_eq!(script.headers["cache-control"], "no-cache");
    assert_eq!(script.headers["cross-origin-resource-policy"], "cross-origin");
    let tag = script.headers["etag"].to_str().unwrap();
    assert_eq!(nobody.with("if-none-match", tag).get("/widget.js").await.status, 304);
    assert_eq!(nobody.get("/demo").await.status, 404);
}

#[tokio::test]
async fn a_chat_that_is_switched_off_is_not_there() {
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({})).await;
    let visitor = chat.visitor().await;
    assert_eq!(visitor.write("1", "Hello").await.status, 201);
    let path = format!("/api/channels/{}", chat.id);
    let off = chat.admin.patch(&path, json!({ "is_active": false })).await;
    assert_eq!(off.status, 200);
    for rest in ["config", "frame", "messages", "events"] {
        assert_eq!(visitor.get(rest).await.status, 404, "{rest}");
    }
    assert_eq!(visitor.write("2", "Hello?").await.status, 404);
    assert_eq!(chat.enter(json!({})).await.status, 404);
    chat.admin.patch(&path, json!({ "is_active": true })).await;
    assert_eq!(visitor.texts().await, ["Hello"]);
}
