//! Suggested replies: what they rest on, what they never tell, and the model that may draft them.

use std::time::Duration;

use connectors::{
    guard::Guard,
    testing::{FakeModel, Play},
};
use domain::ids::{ChannelId, ConversationId};
use serde_json::{Value, json};

use crate::{
    app::{Client, TestApp},
    inbox::Letter,
};

/// May reach loopback, where the scripted model listens.
async fn spawn() -> TestApp {
    TestApp::spawn_with(|options, _| {
        options.guard = Guard::new(vec!["127.0.0.0/8".parse().unwrap()]);
    })
    .await
}

fn letter(from: &str, text: &str) -> Letter {
    Letter { name: Some("Wilhelmina Krause".to_owned()), ..Letter::new(from, text) }
}

/// A conversation of another customer: asked, answered with a note beside it, resolved.
async fn settled(app: &TestApp, agent: &Client, channel: ChannelId) -> ConversationId {
    let id = app
        .letter(
            channel,
            letter("wil@example.com", "My espresso grinder jams, is it a warranty case?"),
        )
        .await;
    let path = format!("/api/conversations/{id}");
    let note = "The espresso grinder warranty of a secret supplier";
    agent.post(&format!("{path}/messages"), json!({ "text": note, "private": true })).await;
    let text = "Dear Wilhelmina, your grinder is under warranty. Call +49 30 1234567, or write to \
        wil@example.com about order 99887766.";
    let sent = agent.post(&format!("{path}/messages"), json!({ "text": text })).await;
    assert_eq!(sent.status, 201, "{}", sent.text);
    agent.post(&format!("{path}/tags"), json!({ "tag": "Warranty" })).await;
    let resolved = agent.post(&format!("{path}/status"), json!({ "status": "resolved" })).await;
    assert_eq!(resolved.status, 200, "{}", resolved.text);
    id
}

async fn question(app: &TestApp, channel: ChannelId) -> ConversationId {
    let text = "Hello! The grinder of my espresso machine jams. Is that covered by the warranty?";
    app.letter(channel, Letter::new("new@example.com", text)).await
}

async fn suggest(client: &Client, id: ConversationId) -> Value {
    let answer = client.get(&format!("/api/ai-suggest?conversation_id={id}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

async fn connect(app: &TestApp, model: &FakeModel) {
    let body = json!({ "base_url": model.base_url(), "model": "tiny", "key": "sk-secret-1" });
    let answer = app.admin().await.post("/api/settings/ai", body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn an_earlier_answer_is_found_without_what_it_says_of_its_customer() {
    let app = spawn().await;
    let agent = app.agent().await;
    let channel = app.channel("Support").await;
    let earlier = settled(&app, &agent, channel).await;
    let id = question(&app, channel).await;
    let got = suggest(&agent, id).await;
    assert_eq!(got["engine"], "retrieval");
    assert_eq!(got["model"], Value::Null);
    let text = got["suggestion"].as_str().unwrap();
    assert!(text.contains("your grinder is under warranty"), "{text}");
    let [source] = got["sources"].as_array().unwrap().as_slice() else { panic!("{got}") };
    assert_eq!(source["type"], "conversation");
    assert_eq!(source["id"], earlier.to_string());
    assert!(got["confidence"].as_f64().unwrap() > 0.5, "{got}");
    assert_eq!(got["suggested_tags"], json!(["Warranty"]));
    assert!(got["summary"].as_str().unwrap().contains("grinder"), "{got}");
    let whole = got.to_string();
    for hidden in ["Wilhelmina", "Krause", "1234567", "wil@", "99887766", "secret supplier"] {
        assert!(!whole.contains(hidden), "{hidden}: {whole}");
    }
}

#[tokio::test]
async fn a_question_without_spaces_finds_its_answer() {
    let app = spawn().await;
    let agent = app.agent().await;
    let channel = app.channel("Support").await;
    let asked = Letter::new("old@example.com", "你好，我想申请退款，订单已经取消了。");
    let earlier = app.letter(channel, asked).await;
    let path = format!("/api/conversations/{earlier}");
    let text = json!({ "text": "退款会在三天内到账。" });
    assert_eq!(agent.post(&format!("{path}/messages"), text).await.status, 201);
    agent.post(&format!("{path}/status"), json!({ "status": "resolved" })).await;
    let new = Letter::new("new@example.com", "请问退款要多久才能到账？");
    let id = app.letter(channel, new).await;
    let got = suggest(&agent, id).await;
    assert!(got["suggestion"].as_str().unwrap().contains("三天内"), "{got}");
    assert_eq!(got["sources"][0]["id"], earlier.to_string());
}

#[tokio::test]
async fn what_is_not_settled_or_spam_or_private_is_no_source() {
    let app = spawn().await;
    let agent = app.agent().await;
    let channel = app.channel("Support").await;
    let open = app.letter(channel, letter("open@example.com", "grinder jams warranty")).await;
    let path = format!("/api/conversations/{open}");
    agent.post(&format!("{path}/messages"), json!({ "text": "The grinder warranty holds" })).await;
    let spam = settled(&app, &agent, channel).await;
    agent.patch(&format!("/api/conversations/{spam}"), json!({ "spam": true })).await;
    let own = json!({ "name": "Mine", "text": "The grinder warranty: mine", "shared": false });
    app.admin().await.post("/api/canned-replies", own).await;
    let id = question(&app, channel).await;
    let got = suggest(&agent, id).await;
    assert_eq!(got["sources"], json!([]), "{got}");
    assert_eq!((&got["suggestion"], &got["confidence"]), (&Value::Null, &json!(0.0)));
}

#[tokio::test]
async fn canned_replies_and_articles_are_sources_too() {
    let app = spawn().await;
    let (admin, agent) = (app.admin().await, app.agent().await);
    let channel = app.channel("Support").await;
    let canned = json!({
        "name": "Grinder warranty",
        "text": "Hi {{contact.email}}, the warranty covers grinders that jam.",
    });
    admin.post("/api/canned-replies", canned).await;
    let article = json!({
        "title": "Warranty", "format": "html",
        "content": "<script>alert(1)</script><h1>Espresso</h1><p>A grinder that <b>jams</b> is covered.</p>",
    });
    admin.post("/api/knowledge", article).await;
    let id = question(&app, channel).await;
    let got = suggest(&agent, id).await;
    let sources = got["sources"].as_array().unwrap();
    let kinds: Vec<&str> = sources.iter().map(|it| it["type"].as_str().unwrap()).collect();
    assert_eq!(kinds.len(), 2, "{got}");
    assert!(kinds.contains(&"article") && kinds.contains(&"canned_reply"), "{got}");
    let whole = got.to_string();
    assert!(whole.contains("Hi new@example.com, the warranty"), "filled in: {whole}");
    assert!(!whole.contains("alert") && !whole.contains("<b>"), "{whole}");
}

#[tokio::test]
async fn a_conversation_without_a_question_and_one_that_is_not_there() {
    let app = spawn().await;
    let agent = app.agent().await;
    let channel = app.channel("Support").await;
    let id = app.letter(channel, Letter::new("a@example.com", "?!")).await;
    let got = suggest(&agent, id).await;
    assert_eq!((&got["suggestion"], &got["summary"]), (&Value::Null, &Value::Null));
    for (query, status) in [
        ("", 400),
        ("conversation_id=x", 400),
        ("conversation_id=019a0000-0000-7000-8000-000000000000", 404),
    ] {
        assert_eq!(agent.get(&format!("/api/ai-suggest?{query}")).await.status, status, "{query}");
    }
}

#[tokio::test]
async fn a_model_drafts_from_thread_and_sources_and_its_cost_is_the_messages() {
    let app = spawn().await;
    let (admin, agent) = (app.admin().await, app.agent().await);
    let channel = app.channel("Support").await;
    settled(&app, &agent, channel).await;
    let id = question(&app, channel).await;
    let path = format!("/api/conversations/{id}/messages");
    agent.post(&path, json!({ "text": "ask the boss first", "private": true })).await;
    let reply = r#"{"reply": "It is covered.", "summary": "Asks about warranty.", "tags": ["warranty", "new"]}"#;
    let model = FakeModel::start([Play::write(reply)]).await;
    connect(&app, &model).await;
    let got = suggest(&agent, id).await;
    assert_eq!((&got["engine"], &got["model"]), (&json!("model"), &json!("tiny")));
    assert_eq!(got["suggestion"], "It is covered.");
    assert_eq!(got["summary"], "Asks about warranty.");
    assert_eq!(got["suggested_tags"], json!(["Warranty"]), "only tags there are");
    assert_eq!(got["notice"], Value::Null);

    let heard = model.heard();
    let messages = heard[0].body["messages"].as_array().unwrap();
    let roles: Vec<&str> = messages.iter().map(|it| it["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["system", "user"]);
    let told: Value = serde_json::from_str(messages[1]["content"].as_str().unwrap()).unwrap();
    assert_eq!(told["company"], "Example");
    assert_eq!(told["conversation"].as_array().unwrap().len(), 1, "no note: {told}");
    assert_eq!(told["conversation"][0]["from"], "customer");
    assert_eq!(told["sources"][0]["kind"], "conversation");
    assert_eq!(told["tags"], json!(["Warranty"]));
    let whole = told.to_string();
    for hidden in ["Wilhelmina", "1234567", "secret supplier", "ask the boss"] {
        assert!(!whole.contains(hidden), "{hidden}: {whole}");
    }

    let settings = admin.get("/api/settings/ai").await.body;
    let used = json!({ "month": "2026-01", "drafts": 1, "tokens": 1_100, "credits": 2 });
    assert_eq!(settings["used"], used);
    let send = json!({ "text": "It is covered.", "suggestion_id": got["suggestion_id"] });
    assert_eq!(agent.post(&path, send.clone()).await.status, 201);
    let again = agent.post(&path, send).await;
    assert_eq!((again.status, &again.body["details"][0]["field"]), (400, &json!("suggestion_id")));
}

#[tokio::test]
async fn a_model_that_fails_is_replaced_by_what_was_found_and_left_alone_for_a_minute() {
    let app = spawn().await;
    let (admin, agent) = (app.admin().await, app.agent().await);
    let channel = app.channel("Support").await;
    settled(&app, &agent, channel).await;
    let id = question(&app, channel).await;
    let model = FakeModel::start([]).await;
    connect(&app, &model).await;
    for tries in [1, 2, 3, 3, 3] {
        let got = suggest(&agent, id).await;
        assert_eq!(got["engine"], "retrieval");
        assert!(got["suggestion"].is_string() && got["notice"].is_string(), "{got}");
        assert_eq!(model.heard().len(), tries, "{got}");
    }
    let error = &admin.get("/api/settings/ai").await.body["last_error"];
    assert_eq!(error["message"], "the model gave no answer: 500 nothing more to play");
    app.clock.advance(Duration::from_secs(61));
    suggest(&agent, id).await;
    suggest(&agent, id).await;
    assert_eq!(model.heard().len(), 4, "one try decides again");
    let tried = admin.post_nothing("/api/settings/ai/test").await;
    assert_eq!((tried.status, &tried.body["ok"]), (200, &json!(false)));
}

#[tokio::test]
async fn a_spent_budget_and_a_switch_keep_the_model_out() {
    let app = spawn().await;
    let (admin, agent) = (app.admin().await, app.agent().await);
    let channel = app.channel("Support").await;
    let id = question(&app, channel).await;
    let model = FakeModel::start([Play::write("One."), Play::write("Two.")]).await;
    connect(&app, &model).await;
    admin.post("/api/settings/ai", json!({ "monthly_tokens": 1_000 })).await;
    assert_eq!(suggest(&agent, id).await["suggestion"], "One.");
    let got = suggest(&agent, id).await;
    assert_eq!(got["engine"], "retrieval");
    assert_eq!(got["notice"], "the model's budget for this month is used up");
    // The next month has its own.
    app.clock.advance(Duration::from_secs(31 * 24 * 3600));
    let again = app.sign_in(crate::app::AGENT).await;
    assert_eq!(suggest(&again, id).await["suggestion"], "Two.");
    let admin = app.sign_in(crate::app::ADMIN).await;
    admin.post("/api/settings/ai", json!({ "is_active": false, "monthly_tokens": null })).await;
    let got = suggest(&again, id).await;
    assert_eq!((&got["engine"], &got["notice"]), (&json!("retrieval"), &Value::Null));
    assert_eq!(model.heard().len(), 2);
    assert_eq!(admin.post_nothing("/api/settings/ai/test").await.status, 409);
}

#[tokio::test]
async fn the_key_is_shown_to_nobody_and_follows_to_no_other_server() {
    let app = spawn().await;
    let admin = app.admin().await;
    let (first, second) =
        (FakeModel::start([Play::write("ready")]).await, FakeModel::start([]).await);
    connect(&app, &first).await;
    assert_eq!(admin.post_nothing("/api/settings/ai/test").await.body["ok"], true);
    let shown = admin.get("/api/settings/ai").await;
    assert_eq!(shown.body["has_key"], true);
    assert!(!shown.text.contains("sk-secret"), "{}", shown.text);
    let moved = admin.post("/api/settings/ai", json!({ "base_url": second.base_url() })).await;
    assert_eq!(moved.body["has_key"], false, "{}", moved.text);
    admin.post_nothing("/api/settings/ai/test").await;
    let heard = second.heard();
    assert!(heard[0].headers.iter().all(|(name, _)| name != "authorization"), "{heard:?}");
}

#[tokio::test]
async fn settings_that_lead_astray_are_refused() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let with = |url: &str| json!({ "base_url": url, "model": "m", "key": "k" });
    let cases = [
        (with("http://169.254.169.254/latest"), "base_url"),
        (with("http://127.0.0.1:8080/v1"), "base_url"),
        (with("https://user:pass@models.example/v1"), "base_url"),
        (with("file:///etc/passwd"), "base_url"),
        (with("https://models.example/v1?x=1"), "base_url"),
        (with("http://models.example/v1"), "base_url"),
        (with("not an address"), "base_url"),
        (json!({ "model": "m" }), "base_url"),
        (json!({ "base_url": "https://models.example/v1" }), "model"),
        (json!({ "base_url": "https://models.example/v1", "model": "m", "key": "a\nb" }), "key"),
        (json!({ "monthly_tokens": -1 }), "monthly_tokens"),
        (json!({ "api_key": "x" }), "api_key"),
    ];
    for (body, field) in cases {
        let answer = admin.post("/api/settings/ai", body.clone()).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.text);
        assert_eq!(answer.body["details"][0]["field"], field, "{body}: {}", answer.text);
    }
    assert_eq!(admin.get("/api/settings/ai").await.body["base_url"], Value::Null);
}
