//! Mentions and other notices, each agent their own.

use domain::agents::Role;
use serde_json::json;

use crate::{app::TestApp, inbox::Letter};

#[tokio::test]
async fn a_mention_is_a_notice_of_the_mentioned_alone() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let (_, ben) = app.add(Role::Agent, "ben@example.com").await;
    let channel = app.channel("Support").await;
    let id = app.letter(channel, Letter::new("cora@customer.example", "Hello")).await;
    let path = format!("/api/conversations/{id}/messages");
    for text in ["@ben one", "@ben two", "@\"Ann Admin\" to myself", "@ben three"] {
        let answer = admin.post(&path, json!({ "text": text, "private": true })).await;
        assert_eq!(answer.status, 201, "{:?}", answer.body);
    }

    assert_eq!(admin.get("/api/notices").await.body["data"], json!([]));
    let first = ben.get("/api/notices?per_page=2").await.body;
    assert_eq!(first["pagination"]["total"], 3);
    assert_eq!(first["data"][0]["text"], "Ann Admin mentioned you in #1: @ben three");
    assert_eq!(first["data"][0]["kind"], "mention");
    assert_eq!(first["data"][0]["conversation_id"], id.to_string());
    let cursor = first["pagination"]["next_cursor"].as_str().unwrap();
    let rest = ben.get(&format!("/api/notices?per_page=2&cursor={cursor}")).await.body;
    assert_eq!(rest["data"].as_array().unwrap().len(), 1);
    assert_eq!(rest["pagination"]["has_more"], false);

    let newest = first["data"][0]["id"].as_str().unwrap();
    let path = format!("/api/notices/{newest}/read");
    assert_eq!(admin.post_nothing(&path).await.status, 404, "somebody else's is not there");
    let read = ben.post_nothing(&path).await;
    assert_eq!((read.status, read.body["read_at"].is_string()), (200, true));
    let again = ben.post_nothing(&path).await;
    assert_eq!(again.body, read.body);
    assert_eq!(ben.get("/api/notices?unread=true").await.body["pagination"]["total"], 2);
    assert_eq!(ben.post_nothing("/api/notices/read-all").await.body["result"]["read"], 2);
    assert_eq!(ben.get("/api/notices?unread=true").await.body["data"], json!([]));
    for query in ["unread=perhaps", "cursor=x", "per_page=0"] {
        assert_eq!(ben.get(&format!("/api/notices?{query}")).await.status, 400, "{query}");
    }
}
