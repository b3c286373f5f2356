//! Knowledge: kept, changed, found again.

use serde_json::{Value, json};

use crate::app::TestApp;

const PATH: &str = "/api/knowledge";

#[tokio::test]
async fn an_article_is_kept_changed_and_deleted() {
    let app = TestApp::spawn().await;
    let (admin, agent) = (app.admin().await, app.agent().await);
    let body = json!({ "title": "Refunds", "content": "# Within 14 days", "format": "markdown" });
    let keyed = admin.with("idempotency-key", "an-article");
    let made = keyed.post(PATH, body.clone()).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(keyed.post(PATH, body).await.body, made.body, "made once");
    let id = made.body["id"].as_str().unwrap().to_owned();
    let path = format!("{PATH}/{id}");
    assert_eq!(
        made.body,
        json!({
            "id": id, "title": "Refunds", "content": "# Within 14 days", "format": "markdown",
            "created_by": made.body["created_by"], "created_at": "2026-01-05T09:00:00.000Z",
            "updated_at": "2026-01-05T09:00:00.000Z",
        })
    );
    assert_eq!(agent.get(&path).await.body, made.body);
    let listed = agent.get(PATH).await.body;
    assert_eq!(listed["pagination"]["total"], 1);
    assert_eq!(listed["data"][0].get("content"), None, "a list is short");

    app.clock.advance(std::time::Duration::from_secs(60));
    let changed = admin.patch(&path, json!({ "title": "Returns" })).await;
    assert_eq!(changed.body["title"], "Returns");
    assert_eq!(changed.body["updated_at"], "2026-01-05T09:01:00.000Z");
    assert_eq!(agent.patch(&path, json!({ "title": "x" })).await.status, 403);
    let deleted = admin.delete(&path).await;
    assert_eq!((deleted.status, &deleted.body["result"]), (200, &json!("deleted")));
    assert_eq!(agent.get(&path).await.status, 404);
    assert_eq!(admin.patch(&path, json!({ "title": "x" })).await.status, 404);
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let cases = [
        (json!({ "title": " ", "content": "x" }), "title"),
        (json!({ "title": "x".repeat(201), "content": "x" }), "title"),
        (json!({ "title": "x", "content": " \n" }), "content"),
        (json!({ "title": "x", "content": "x".repeat(60_001) }), "content"),
        (json!({ "title": "x", "content": "x", "format": "pdf" }), "format"),
        (json!({ "title": "x", "content": "x", "author": "y" }), "author"),
        (json!({ "title": "x" }), "content"),
    ];
    for (body, field) in cases {
        let answer = admin.post(PATH, body).await;
        assert_eq!(answer.status, 400, "{field}: {}", answer.text);
        assert_eq!(answer.body["details"][0]["field"], field, "{}", answer.text);
    }
    assert_eq!(admin.get(PATH).await.body["data"], Value::Array(Vec::new()));
}
