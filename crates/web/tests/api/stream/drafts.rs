//! A draft that changes in one window is told to the others of its author.

use serde_json::json;

use super::ear::Ear;
use crate::{app::TestApp, inbox::Letter};

#[tokio::test]
async fn a_draft_is_news_for_its_author_alone() {
    let app = TestApp::spawn().await;
    let (admin, agent) = (app.admin().await, app.agent().await);
    let channel = app.channel("Support").await;
    let id = app.letter(channel, Letter::new("cora@customer.example", "Hello")).await;
    let (mut own, mut other) = (Ear::open(&agent, None).await, Ear::open(&admin, None).await);
    own.ready().await;
    other.ready().await;
    let path = format!("/api/conversations/{id}/draft");
    let typed = json!({ "version": 0, "kind": "reply", "text": "Dear Cora" });
    let kept = agent.put(&path, typed).await;
    assert_eq!(kept.status, 200, "{}", kept.text);
    let news = own.next("draft").await;
    assert_eq!(news.id, None, "it is not repeated");
    assert_eq!(news.data, json!({ "conversation_id": id, "version": kept.body["version"] }));
    assert_eq!(agent.delete(&path).await.status, 200);
    assert_eq!(own.next("draft").await.data["version"], 0);

    // The admin hears of what comes next, and of no draft before it.
    app.answer(id, Letter::new("cora@customer.example", "Anybody?")).await;
    loop {
        let news = other.any().await;
        assert_ne!(news.name, "draft");
        if news.name == "message_received" {
            break;
        }
    }
}

#[tokio::test]
async fn a_reply_nobody_drafted_is_no_news_of_a_draft() {
    let app = TestApp::spawn().await;
    let agent = app.agent().await;
    let channel = app.channel("Support").await;
    let id = app.letter(channel, Letter::new("cora@customer.example", "Hello")).await;
    let mut own = Ear::open(&agent, None).await;
    own.ready().await;
    let path = format!("/api/conversations/{id}/messages");
    assert_eq!(agent.post(&path, json!({ "text": "Hi" })).await.status, 201);
    assert_eq!(agent.delete(&format!("/api/conversations/{id}/draft")).await.status, 200);
    let path = format!("/api/conversations/{id}/draft");
    let typed = json!({ "version": 0, "kind": "reply", "text": "Dear Cora" });
    let kept = agent.put(&path, typed).await.body;
    assert_eq!(own.next("draft").await.data["version"], kept["version"], "the first of all");
}
