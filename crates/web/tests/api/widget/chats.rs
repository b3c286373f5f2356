//! A conversation from the first word to the rating.

use std::time::Duration;

use serde_json::{Value, json};

use super::Chat;
use crate::app::{Client, TestApp};

async fn reply(admin: &Client, conversation: &str, text: &str) -> Value {
    let path = format!("/api/conversations/{conversation}/messages");
    let sent = admin.post(&path, json!({ "text": text })).await;
    assert_eq!(sent.status, 201, "{}", sent.text);
    sent.body
}

async fn set_status(admin: &Client, conversation: &str, status: &str) {
    let path = format!("/api/conversations/{conversation}/status");
    assert_eq!(admin.post(&path, json!({ "status": status })).await.status, 200);
}

#[tokio::test]
async fn a_visitor_writes_an_agent_answers_and_both_see_it() {
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({})).await;
    let visitor = chat.visitor().await;
    let written = visitor.write("c-1", "Where is my order?").await;
    assert_eq!(written.status, 201, "{}", written.text);
    assert_eq!(written.body["from"], "visitor");
    assert_eq!(written.body["client_id"], "c-1");
    let id = visitor.conversation().await;

    let seen = chat.admin.get(&format!("/api/conversations/{id}")).await.body;
    assert_eq!((&seen["channel_type"], &seen["status"]), (&json!("webchat"), &json!("open")));
    assert_eq!(seen["last_message"]["text"], "Where is my order?");
    assert!(seen["contact"]["name"].as_str().unwrap().starts_with("Visitor "));

    let answer = reply(&chat.admin, &id, "On its way.").await;
    assert_eq!(answer["status"], "sent");
    let note = json!({ "text": "He is nice", "private": true });
    chat.admin.post(&format!("/api/conversations/{id}/messages"), note).await;
    let later = json!({ "text": "Later", "send_at": "2026-01-05T12:00:00Z" });
    let later = chat.admin.post(&format!("/api/conversations/{id}/messages"), later).await;
    assert_eq!((later.status, &later.body["status"]), (201, &json!("queued")));

    let history = visitor.get("messages").await.body;
    let data = history["data"].as_array().unwrap();
    assert_eq!(data.len(), 2, "{history}");
    assert_eq!((&data[1]["from"], &data[1]["text"]), (&json!("agent"), &json!("On its way.")));
    assert_eq!(data[1]["author"], json!({ "name": "Ann Admin" }));
    assert_eq!(history["conversation"]["status"], "open");
    assert_eq!(history["agent_last_read_at"], app.clock.now().to_string());

    app.clock.advance(Duration::from_secs(4 * 3600));
    desk::workers::step(&app.desk).await.unwrap();
    assert_eq!(visitor.texts().await, ["Where is my order?", "On its way.", "Later"]);
}

#[tokio::test]
async fn what_is_said_in_a_chat_is_counted_at_once_and_the_same_when_counted_anew() {
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({})).await;
    let visitor = chat.visitor().await;
    visitor.write("c-1", "Where is my order?").await;
    let id = visitor.conversation().await;
    app.clock.advance(Duration::from_secs(60));
    reply(&chat.admin, &id, "On its way.").await;
    let later = json!({ "text": "Later", "send_at": "2026-01-05T12:00:00Z" });
    chat.admin.post(&format!("/api/conversations/{id}/messages"), later).await;
    let totals = async || chat.admin.get("/api/analytics?days=1").await.body["totals"].clone();
    let told = totals().await;
    assert_eq!((&told["messages_in"], &told["messages_out"]), (&json!(1), &json!(1)), "{told}");
    assert_eq!(told["sent_by_agents"], 1);
    assert_eq!(told["first_response"]["count"], 1, "{told}");
    assert_eq!(told["first_response"]["median_seconds"], 60, "{told}");

    app.clock.advance(Duration::from_secs(4 * 3600));
    desk::workers::step(&app.desk).await.unwrap();
    let told = totals().await;
    assert_eq!(told["messages_out"], 2, "{told}");
    app.desk.store.write(storage::reports::begin).await.unwrap();
    while !app.desk.store.write(|tx| storage::reports::catch_up(tx, 100)).await.unwrap() {}
    assert_eq!(totals().await, told);
}

#[tokio::test]
async fn the_same_message_sent_again_is_one() {
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({})).await;
    let (visitor, other) = (chat.visitor().await, chat.visitor().await);
    let first = visitor.write("same", "Hello").await;
    let again = visitor.write("same", "Hello").await;
    assert_eq!((first.status, again.status), (201, 200));
    assert_eq!(first.body, again.body);
    assert_eq!(other.write("same", "Hi").await.status, 201);
    assert_eq!(visitor.texts().await, ["Hello"]);
}

#[tokio::test]
async fn fifty_first_messages_at_once_open_one_conversation() {
    let app = TestApp::spawn_with(|_, web| {
        web.widget.rates.write.of_visitor = 1_000;
        web.workers = 4;
    })
    .await;
    let chat = Chat::open(&app, json!({})).await;
    let visitor = chat.visitor().await;
    let writing = (0..50).map(|n| {
        let visitor = visitor.clone();
        tokio::spawn(async move { visitor.write(&format!("c-{n}"), "Hello").await.status })
    });
    for it in writing.collect::<Vec<_>>() {
        assert_eq!(it.await.unwrap(), 201);
    }
    let listed = chat.admin.get("/api/conversations").await.body;
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
    let contacts = chat.admin.get("/api/contacts").await.body;
    assert_eq!(contacts["data"].as_array().unwrap().len(), 1);
    assert_eq!(visitor.get("messages?limit=100").await.body["data"].as_array().unwrap().len(), 50);
}

#[tokio::test]
async fn a_resolved_chat_reopens_soon_and_begins_anew_later_or_when_asked() {
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({})).await;
    let visitor = chat.visitor().await;
    visitor.write("1", "First").await;
    let first = visitor.conversation().await;
    set_status(&chat.admin, &first, "resolved").await;
    visitor.write("2", "One more thing").await;
    assert_eq!(visitor.conversation().await, first);
    let anew = json!({ "text": "Not yet", "client_id": "3", "new_conversation": true });
    visitor.post("messages", anew).await;
    assert_eq!(visitor.conversation().await, first, "it is not resolved");

    set_status(&chat.admin, &first, "resolved").await;
    let anew = json!({ "text": "Another", "client_id": "4", "new_conversation": true });
    visitor.post("messages", anew).await;
    let second = visitor.conversation().await;
    assert_ne!(second, first);
    set_status(&chat.admin, &second, "resolved").await;
    app.clock.advance(Duration::from_secs(25 * 3600));
    visitor.write("5", "Me again").await;
    assert_ne!(visitor.conversation().await, second);
    let all = ["First", "One more thing", "Not yet", "Another", "Me again"];
    assert_eq!(visitor.texts().await, all, "the history goes on over conversations");
}

#[tokio::test]
async fn pages_of_the_history_lie_before_each_other() {
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({})).await;
    let (visitor, other) = (chat.visitor().await, chat.visitor().await);
    for n in 0..5 {
        visitor.write(&format!("{n}"), &format!("m{n}")).await;
    }
    let newest = visitor.get("messages?limit=2").await.body;
    assert_eq!((&newest["data"][0]["text"], &newest["has_more"]), (&json!("m3"), &json!(true)));
    let before = newest["data"][0]["id"].as_str().unwrap();
    let older = visitor.get(&format!("messages?limit=3&before={before}")).await.body;
    assert_eq!((&older["data"][0]["text"], &older["has_more"]), (&json!("m0"), &json!(false)));
    other.write("1", "hi").await;
    let foreign = other.get(&format!("messages?before={before}")).await;
    assert_eq!((foreign.status, &foreign.body["details"][0]["field"]), (400, &json!("before")));
}

#[tokio::test]
async fn what_was_read_is_marked_on_both_sides() {
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({})).await;
    let visitor = chat.visitor().await;
    visitor.write("1", "Hello").await;
    let id = visitor.conversation().await;
    reply(&chat.admin, &id, "One").await;
    let two = reply(&chat.admin, &id, "Two").await;
    let state = chat.enter(json!({ "token": visitor.token })).await;
    assert_eq!((state.status, &state.body["unread_count"]), (200, &json!(2)), "{}", state.text);
    assert_eq!(state.body["conversation_id"], id.as_str());
    let read = visitor.post("read", json!({ "message_id": two["id"] })).await;
    assert_eq!(read.status, 200, "{}", read.text);
    let messages = chat.admin.get(&format!("/api/conversations/{id}/messages")).await.body;
    let data = messages["data"].as_array().unwrap();
    let statuses: Vec<_> = data.iter().map(|it| &it["status"]).collect();
    assert_eq!(statuses, [&Value::Null, &json!("read"), &json!("read")]);
    let state = chat.enter(json!({ "token": visitor.token })).await;
    assert_eq!(state.body["unread_count"], 0);
}

#[tokio::test]
async fn a_resolved_conversation_is_rated_and_the_rating_changed() {
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({})).await;
    let visitor = chat.visitor().await;
    visitor.write("1", "Hello").await;
    let id = visitor.conversation().await;
    assert_eq!(visitor.post("rating", json!({ "score": 5 })).await.status, 409);
    set_status(&chat.admin, &id, "resolved").await;
    for bad in [json!({ "score": 0 }), json!({ "score": 6 }), json!({ "score": "5" })] {
        assert_eq!(visitor.post("rating", bad).await.status, 400);
    }
    let rated = visitor.post("rating", json!({ "score": 2, "comment": "Slow" })).await;
    assert_eq!(rated.status, 200, "{}", rated.text);
    let changed = visitor.post("rating", json!({ "score": 4, "comment": "Slow" })).await;
    assert_eq!(changed.body["rating"], json!({ "score": 4, "comment": "Slow" }));
    let messages = chat.admin.get(&format!("/api/conversations/{id}/messages")).await.text;
    assert!(messages.contains("The customer changed the rating from 2 to 4 of 5"), "{messages}");
    assert_eq!(messages.matches("The customer said: “Slow”").count(), 1);
    let history = visitor.get("messages").await.body;
    assert_eq!(history["conversation"]["status"], "resolved");
    assert_eq!(history["conversation"]["rating"]["score"], 4);
    // Each change is told to agents, so there is an end to it; saying the same again is none.
    let rate = async |score: u8| visitor.post("rating", json!({ "score": score })).await.status;
    for n in 0..9 {
        assert_eq!(rate(1 + n % 2).await, 200, "{n}");
    }
    assert_eq!((rate(5).await, rate(1).await), (409, 200));
    visitor.write("2", "Again").await;
    app.clock.advance(Duration::from_secs(60));
    set_status(&chat.admin, &id, "resolved").await;
    assert_eq!(visitor.get("messages").await.body["conversation"]["rating"], Value::Null);
    assert_eq!(rate(5).await, 200, "of another resolution");
}

#[tokio::test]
async fn what_is_marked_unread_and_back_was_read_by_nobody() {
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({})).await;
    let visitor = chat.visitor().await;
    visitor.write("1", "Hello").await;
    let id = visitor.conversation().await;
    let at = app.clock.now().to_string();
    chat.admin.get(&format!("/api/conversations/{id}")).await;
    assert_eq!(visitor.get("messages").await.body["agent_last_read_at"], json!(at));
    app.clock.advance(Duration::from_secs(60));
    let marked = json!({ "conversation_ids": [id], "unread": true });
    let marked = chat.admin.post("/api/conversations/bulk", marked).await;
    assert_eq!((marked.status, &marked.body["changed"]), (201, &json!(1)), "{}", marked.text);
    let path = format!("/api/operations/{}/undo", marked.body["id"].as_str().unwrap());
    assert_eq!(chat.admin.post_nothing(&path).await.status, 200);
    desk::workers::step(&app.desk).await.unwrap();
    let lists = chat.admin.get("/api/conversations").await.body;
    assert_eq!(lists["data"][0]["unread_count"], 0, "{lists}");
    assert_eq!(visitor.get("messages").await.body["agent_last_read_at"], json!(at));
}

#[tokio::test]
async fn files_go_both_ways_and_are_tame() {
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({})).await;
    let visitor = chat.visitor().await;
    let picture = visitor.upload("a.png", b"\x89PNG\r\n\x1a\n....").await;
    assert_eq!((picture.status, &picture.body["type"]), (201, &json!("image/png")));
    let page = visitor.upload("../../page.html", b"<script>alert(1)</script>").await;
    assert_eq!(page.body["type"], "application/octet-stream");
    let ids = [&picture.body["id"], &page.body["id"]];
    let body = json!({ "text": "", "client_id": "1", "attachment_ids": ids });
    let written = visitor.post("messages", body).await;
    assert_eq!(written.status, 201, "{}", written.text);
    let mut files = written.body["attachments"].as_array().unwrap().clone();
    files.sort_by_key(|it| it["name"] != "a.png");
    assert!(files[0]["picture_url"].is_string() && files[1]["picture_url"].is_null());
    assert!(!files[1]["name"].as_str().unwrap().contains('/'));

    // No token: the address is the permission.
    let nobody = app.nobody();
    let shown = nobody.get(files[0]["picture_url"].as_str().unwrap()).await;
    assert_eq!(
        (shown.status, &shown.headers["content-type"]),
        (200, &"image/png".parse().unwrap())
    );
    let saved = nobody.get(files[1]["url"].as_str().unwrap()).await;
    assert_eq!(saved.text, "<script>alert(1)</script>");
    assert_eq!(saved.headers["content-type"], "application/octet-stream");
    assert!(saved.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
    assert!(saved.headers["content-security-policy"].to_str().unwrap().contains("sandbox"));
    let inline = format!("{}&inline=1", files[1]["url"].as_str().unwrap());
    let saved = nobody.get(&inline).await;
    assert!(saved.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
    app.clock.advance(Duration::from_secs(86_400));
    assert_eq!(nobody.get(files[1]["url"].as_str().unwrap()).await.status, 404);
}

#[tokio::test]
async fn business_hours_are_told() {
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({ "reply_time": "minutes", "greeting": "Hi!" })).await;
    let day = json!([{ "from": "13:00", "to": "17:00" }]);
    let week = json!({ "monday": day, "tuesday": [], "wednesday": [], "thursday": [],
        "friday": [], "saturday": [], "sunday": [] });
    let set = chat.admin.post("/api/settings/workspace", json!({ "business_hours": week })).await;
    assert_eq!(set.status, 200, "{}", set.text);
    let config = app.nobody().get(&chat.path("config")).await.body;
    assert_eq!(config["is_open"], false);
    assert_eq!(config["opens_at"], "2026-01-05T13:00:00.000Z");
    assert_eq!((&config["reply_time"], &config["greeting"]), (&json!("minutes"), &json!("Hi!")));
    assert_eq!(config["name"], "Shop chat");
}
