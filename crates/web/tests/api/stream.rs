//! The live stream, over real connections.

mod access;
mod drafts;
pub mod ear;
mod presence;
mod resume;

use domain::agents::Role;
use reqwest::Method;
use serde_json::json;

use self::ear::Ear;
use crate::{app::TestApp, inbox::Letter};

#[tokio::test]
async fn what_happens_arrives_with_what_it_is_about() {
    let app = TestApp::spawn().await;
    let agent = app.agent().await;
    let channel = app.channel("Support").await;
    let mut ear = Ear::open(&agent, None).await;
    let headers = ear.headers.clone();
    assert_eq!(headers["content-type"], "text/event-stream");
    assert_eq!(headers["cache-control"], "no-store, no-transform");
    assert_eq!(headers["x-accel-buffering"], "no");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    ear.ready().await;

    let id =
        app.letter(channel, Letter::new("cora@customer.example", "Where is it?\nQuickly!")).await;
    let news = ear.next("message_received").await;
    assert_eq!(news.data["kind"], "message_received");
    assert_eq!(news.data["conversation_id"], id.to_string());
    assert_eq!(news.data["actor"]["type"], "contact");
    assert_eq!(news.data["message"]["text"], "Where is it?\nQuickly!");
    assert_eq!(news.data["message"]["id"], news.data["message_id"]);
    assert_eq!(news.data["conversation"]["unread_count"], 1);
    assert_eq!(news.data["at"], app.clock.now().to_string());

    let path = format!("/api/conversations/{id}");
    agent.post(&format!("{path}/status"), json!({ "status": "resolved" })).await;
    let news = ear.next("status_changed").await;
    assert_eq!((&news.data["before"], &news.data["after"]), (&json!("open"), &json!("resolved")));
    assert_eq!(news.data["conversation"]["status"], "resolved");
    agent.post(&format!("{path}/tags"), json!({ "tag": "Sale" })).await;
    assert_eq!(ear.next("tag_added").await.data["conversation"]["tags"], json!(["Sale"]));
}

#[tokio::test]
async fn a_message_too_long_for_the_stream_is_named_alone() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let channel = app.channel("Support").await;
    let mut ear = Ear::open(&admin, None).await;
    ear.ready().await;
    app.letter(channel, Letter::new("cora@customer.example", &"long ".repeat(10_000))).await;
    let news = ear.next("message_received").await;
    assert!(news.data["message_id"].is_string() && news.data.get("message").is_none());
    assert!(news.data["conversation"].is_object());
}

#[tokio::test]
async fn counters_come_at_once_and_when_they_change() {
    let app = TestApp::spawn().await;
    let (ben, agent) = app.add(Role::Agent, "ben@example.com").await;
    let channel = app.channel("Support").await;
    let mut ear = Ear::open(&agent, None).await;
    assert_eq!(ear.next("counters").await.data["all"]["total"], 0);
    let id = app.letter(channel, Letter::new("cora@customer.example", "Hello")).await;
    let counters = ear.next("counters").await;
    assert_eq!(counters.id, None, "it is not repeated");
    assert_eq!(counters.data["all"]["open"], 1);
    assert_eq!(counters.data["mine"]["open"], 0);
    let assign = json!({ "agent_id": ben });
    app.admin().await.post(&format!("/api/conversations/{id}/assign"), assign).await;
    let counters = ear.next("counters").await.data;
    assert_eq!(
        (&counters["mine"]["open"], &counters["unassigned"]["open"]),
        (&json!(1), &json!(0))
    );
}

#[tokio::test]
async fn each_hears_what_is_theirs_to_hear() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let (_, ben) = app.add(Role::Agent, "ben@example.com").await;
    let channel = app.channel("Support").await;
    let id = app.letter(channel, Letter::new("cora@customer.example", "Hello")).await;
    let (mut as_admin, mut as_ben) = (Ear::open(&admin, None).await, Ear::open(&ben, None).await);
    as_admin.ready().await;
    as_ben.ready().await;

    admin.patch(&format!("/api/channels/{channel}"), json!({ "name": "Renamed" })).await;
    let path = format!("/api/conversations/{id}/messages");
    admin.post(&path, json!({ "text": "@ben please", "private": true })).await;
    admin.post(&format!("/api/conversations/{id}/tags"), json!({ "tag": "last" })).await;

    let heard = as_admin.until("tag_added").await;
    assert_eq!(heard, ["channel_changed", "note_added", "tag_added"]);
    let mut heard = Vec::new();
    let notice = loop {
        let news = as_ben.any().await;
        if news.name == "notice_raised" {
            break news;
        }
        heard.push(news.name);
    };
    heard.retain(|it| it != "counters");
    assert_eq!(heard, ["note_added"]);
    assert!(notice.data["notice"]["text"].as_str().unwrap().contains("@ben please"));
    assert_eq!(notice.data["conversation_id"], id.to_string());
}

#[tokio::test]
async fn a_look_at_the_head_opens_no_stream() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let answer = admin.send(Method::HEAD, "/sse", None).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, ""));
    assert_eq!(app.desk.listeners.count(), 0);
    assert_eq!(app.nobody().get("/sse").await.status, 401);
}
