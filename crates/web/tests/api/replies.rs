//! Replies that are late, or sent twice.

use serde_json::{Value, json};

use crate::{app::TestApp, inbox::Letter};

#[tokio::test]
async fn a_stale_reply_is_shown_what_it_missed_and_sends_nothing() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let channel = app.channel("Support").await;
    let mut letter = Letter::new("lee@x.example", "one");
    letter.html = Some("<p>one</p>".to_owned());
    let id = app.letter(channel, letter.clone()).await;
    let path = format!("/api/conversations/{id}/messages");
    let seen = admin.get(&path).await.body["data"][0]["id"].clone();
    let reply = |force: bool| json!({ "text": "hi", "last_seen_message_id": seen, "force": force });

    // An event in the thread is nobody writing.
    admin.post(&format!("/api/conversations/{id}/tags"), json!({ "tag": "x" })).await;
    letter.text = "two".to_owned();
    letter.html = Some("<p>two</p><script>alert(1)</script>".to_owned());
    app.answer(id, letter).await;
    let refused = admin.post(&path, reply(false)).await;
    assert_eq!(refused.status, 409);
    let missed = refused.body["messages"].as_array().unwrap();
    assert_eq!(missed.len(), 1);
    assert_eq!(missed[0]["text"], "two");
    assert!(!refused.text.contains("script"), "{}", refused.text);
    let outbound = |body: &Value| {
        let all = body["data"].as_array().unwrap();
        all.iter().filter(|it| it["direction"] == "outbound").count()
    };
    assert_eq!(outbound(&admin.get(&path).await.body), 0);

    assert_eq!(admin.post(&path, reply(true)).await.status, 201);
    let all = admin.get(&path).await.body;
    let newest = all["data"].as_array().unwrap().last().unwrap()["id"].clone();
    let body = json!({ "text": "more", "last_seen_message_id": newest });
    assert_eq!(admin.post(&path, body).await.status, 201);

    let other = app.letter(channel, Letter::new("kim@x.example", "x")).await;
    let foreign = admin.get(&format!("/api/conversations/{other}/messages")).await.body;
    for bad in [foreign["data"][0]["id"].clone(), json!("x"), json!(7)] {
        for force in [false, true] {
            let body = json!({ "text": "hi", "last_seen_message_id": bad, "force": force });
            assert_eq!(admin.post(&path, body).await.status, 400, "{bad}");
        }
    }
}

#[tokio::test]
async fn of_two_replies_to_the_same_message_at_once_one_is_stale() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let channel = app.channel("Support").await;
    let id = app.letter(channel, Letter::new("lee@x.example", "one")).await;
    let path = format!("/api/conversations/{id}/messages");
    let seen = admin.get(&path).await.body["data"][0]["id"].clone();
    let body = json!({ "text": "hi", "last_seen_message_id": seen });
    let (one, other) =
        tokio::join!(admin.post(&path, body.clone()), admin.post(&path, body.clone()));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
}

#[tokio::test]
async fn a_repeated_send_with_its_key_sends_once() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let channel = app.channel("Support").await;
    let id = app.letter(channel, Letter::new("lee@x.example", "one")).await;
    let path = format!("/api/conversations/{id}/messages");
    let seen = admin.get(&path).await.body["data"][0]["id"].clone();
    let keyed = admin.with("Idempotency-Key", "k");
    // Also with a guard: the repeated one is not stale because of itself.
    let body = json!({ "text": "hi", "last_seen_message_id": seen });
    let one = keyed.post(&path, body.clone()).await;
    let again = keyed.post(&path, body).await;
    assert_eq!((one.status, again.status), (201, 201));
    assert_eq!(one.body["id"], again.body["id"]);
    assert_eq!(keyed.post(&path, json!({ "text": "other" })).await.status, 409);
    assert_eq!(admin.get(&path).await.body["pagination"]["total"], 2);

    let later = json!({ "text": "later", "send_at": "2026-01-05T09:10:00Z" });
    let keyed = admin.with("Idempotency-Key", "later");
    let one = keyed.post(&path, later.clone()).await;
    app.clock.advance(std::time::Duration::from_secs(3600));
    let again = keyed.post(&path, later.clone()).await;
    assert_eq!((again.status, &again.body["id"]), (201, &one.body["id"]), "{}", again.text);
    assert_eq!(admin.post(&path, later).await.status, 400);
}
