//! What visitors hear, and what agents hear of them.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::{Chat, Visitor, identities::identity};
use crate::{
    app::TestApp,
    stream::ear::{Ear, News},
};

/// What happens must not wait for a heartbeat.
const NEVER: Duration = Duration::from_secs(3_600);

pub async fn ear(visitor: &Visitor, last: Option<&str>) -> Ear {
    let mut request = visitor.client.request(Method::GET, &format!("{}/events", visitor.path));
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    let ear = Ear::of(request, last).await;
    assert_eq!(ear.status, 200);
    ear
}

async fn reply(chat: &Chat, conversation: &str, text: &str) -> Value {
    let path = format!("/api/conversations/{conversation}/messages");
    chat.admin.post(&path, json!({ "text": text })).await.body
}

#[tokio::test]
async fn a_visitor_hears_answers_and_their_own_words_in_other_tabs() {
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({})).await;
    let (visitor, stranger) = (chat.visitor().await, chat.visitor().await);
    let (mut here, mut there) = (ear(&visitor, None).await, ear(&stranger, None).await);
    here.ready().await;
    there.ready().await;
    visitor.write("c-1", "Hello").await;
    let own = here.next("message").await;
    assert_eq!((&own.data["client_id"], &own.data["from"]), (&json!("c-1"), &json!("visitor")));
    let id = visitor.conversation().await;
    let sent = reply(&chat, &id, "Hi!").await;
    let news: News = here.next("message").await;
    assert_eq!((&news.data["id"], &news.data["text"]), (&sent["id"], &json!("Hi!")));
    assert_eq!(news.data["author"]["name"], "Ann Admin");

    // The stream took it, so it is delivered.
    let path = format!("/api/messages/{}", sent["id"].as_str().unwrap());
    while chat.admin.get(&path).await.body["status"] != "delivered" {
        tokio::task::yield_now().await;
    }
    stranger.write("c-1", "Me").await;
    assert_eq!(there.next("message").await.data["text"], "Me", "nothing of others before");
}

#[tokio::test]
async fn who_comes_back_hears_what_they_missed_once() {
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({})).await;
    let visitor = chat.visitor().await;
    visitor.write("1", "Hello").await;
    let id = visitor.conversation().await;
    let mut first = ear(&visitor, None).await;
    first.ready().await;
    reply(&chat, &id, "One").await;
    assert_eq!(first.next("message").await.data["text"], "One");
    let last = first.last_id.clone().unwrap();
    drop(first);
    reply(&chat, &id, "Two").await;
    let status = format!("/api/conversations/{id}/status");
    chat.admin.post(&status, json!({ "status": "pending" })).await;
    chat.admin.post(&status, json!({ "status": "resolved" })).await;
    let mut again = ear(&visitor, Some(&last)).await;
    assert_eq!(again.next("message").await.data["text"], "Two");
    assert_eq!(again.any().await.data, json!({ "status": "resolved" }));
    again.ready().await;
    for odd in ["-1", "x", "999999999"] {
        let mut odd = ear(&visitor, Some(odd)).await;
        assert_eq!(odd.any().await.name, "reset");
    }
}

#[tokio::test]
async fn typing_and_reading_are_seen_on_both_sides() {
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({})).await;
    let visitor = chat.visitor().await;
    visitor.write("1", "Hello").await;
    let id = visitor.conversation().await;
    let mut desk = Ear::open(&chat.admin, None).await;
    let mut site = ear(&visitor, None).await;
    desk.ready().await;
    site.ready().await;

    visitor.post("typing", json!({ "is_typing": true })).await;
    let heard = desk.next("visitor_typing").await;
    assert_eq!(heard.data, json!({ "conversation_id": id, "is_typing": true }));
    app.clock.advance(Duration::from_secs(9));
    assert_eq!(desk.next("visitor_typing").await.data["is_typing"], false);
    visitor.post("typing", json!({ "is_typing": true })).await;
    assert_eq!(desk.next("visitor_typing").await.data["is_typing"], true);
    visitor.write("2", "There?").await;
    assert_eq!(desk.next("visitor_typing").await.data["is_typing"], false);

    let presence = format!("/api/conversations/{id}/presence");
    chat.admin.post(&presence, json!({ "activity": "typing" })).await;
    let typing = site.next("typing").await;
    assert_eq!(typing.data, json!({ "is_typing": true, "author": "Ann Admin" }));
    chat.admin.post(&presence, json!({ "activity": null })).await;
    assert_eq!(site.next("typing").await.data["is_typing"], false);

    chat.admin.get(&format!("/api/conversations/{id}")).await;
    let read = site.next("read").await;
    assert_eq!(read.data, json!({ "at": app.clock.now().to_string() }));
}

#[tokio::test]
async fn a_stream_ends_with_what_let_it_in() {
    let app = TestApp::spawn_with(|_, web| {
        web.widget.heartbeat = Duration::from_millis(20);
        web.widget.streams.of_one_visitor = 2;
    })
    .await;
    let chat = Chat::open(&app, json!({})).await;
    let visitor = chat.visitor().await;
    let mut first = ear(&visitor, None).await;
    let second = ear(&visitor, None).await;
    first.ready().await;
    let path = format!("{}/events", visitor.path);
    assert_eq!(visitor.client.get(&path).await.status, 429);
    assert_eq!(app.desk.watchers.count(), 2);
    drop(second);
    while app.desk.watchers.count() > 1 {
        tokio::task::yield_now().await;
    }
    app.clock.advance(Duration::from_secs(91 * 86_400));
    first.end().await;
    assert_eq!(visitor.client.get(&path).await.status, 401);
}

#[tokio::test]
async fn the_streams_of_who_was_signed_for_end_with_the_secret() {
    let app = TestApp::spawn_with(|_, web| web.widget.heartbeat = NEVER).await;
    let chat = Chat::open(&app, json!({})).await;
    let until = app.clock.now().0 / 1000 + 3_600;
    let signed = chat.enter(json!({ "identity": identity(&chat, "42", until) })).await;
    let signed = chat.with(signed.body["token"].as_str().unwrap());
    let (mut theirs, mut other) =
        (ear(&signed, None).await, ear(&chat.visitor().await, None).await);
    theirs.ready().await;
    other.ready().await;
    chat.change(json!({ "new_identity_secret": true })).await;
    theirs.end().await;
    assert_eq!(app.desk.watchers.count(), 1, "nobody signed for the other one");
}

#[tokio::test]
async fn a_stream_outlives_an_edit_of_its_chat_and_no_lock_of_it() {
    let app = TestApp::spawn_with(|_, web| web.widget.heartbeat = NEVER).await;
    let chat = Chat::open(&app, json!({})).await;
    let visitor = chat.visitor().await;
    let mut stream = ear(&visitor, None).await;
    stream.ready().await;
    let listening = app.desk.watchers.count();
    chat.change(json!({ "greeting": "Hi" })).await;
    visitor.write("1", "Hello").await;
    assert_eq!(stream.next("message").await.data["text"], "Hello");
    assert_eq!(app.desk.watchers.count(), listening, "nobody had to come back");
    chat.change(json!({ "enforce_identity": true })).await;
    stream.end().await;
    assert_eq!(visitor.get("events").await.status, 401);

    chat.change(json!({ "enforce_identity": false })).await;
    let mut stream = ear(&visitor, None).await;
    stream.ready().await;
    let path = format!("/api/channels/{}", chat.id);
    chat.admin.patch(&path, json!({ "is_active": false })).await;
    stream.end().await;
    assert_eq!(visitor.get("events").await.status, 404);
}

#[tokio::test]
async fn a_stream_ends_at_the_second_its_token_does() {
    let app = TestApp::spawn_with(|_, web| web.widget.heartbeat = NEVER).await;
    let chat = Chat::open(&app, json!({})).await;
    let mut stream = ear(&chat.visitor().await, None).await;
    stream.ready().await;
    app.clock.advance(Duration::from_secs(90 * 86_400));
    stream.end().await;
}

#[tokio::test]
async fn the_stream_of_who_is_blocked_or_forgotten_ends_at_once() {
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({})).await;
    let (ann, eve) = (chat.visitor().await, chat.visitor().await);
    // Eve listens before she is anybody, Ann is known already.
    let mut eves = ear(&eve, None).await;
    eves.ready().await;
    ann.write("1", "Hello").await;
    eve.write("1", "Buy this").await;
    eves.next("message").await;
    let mut anns = ear(&ann, None).await;
    anns.ready().await;
    let contact = async |visitor: &Visitor| {
        let path = format!("/api/conversations/{}", visitor.conversation().await);
        let found = chat.admin.get(&path).await.body;
        format!("/api/contacts/{}", found["contact_id"].as_str().unwrap())
    };
    let (of_ann, of_eve) = (contact(&ann).await, contact(&eve).await);
    // Each stream has taken what came before.
    assert_eq!(chat.admin.patch(&of_eve, json!({ "blocked": true })).await.status, 200);
    eves.end().await;
    assert_eq!(eve.get("events").await.status, 409);
    assert_eq!(chat.admin.patch(&of_eve, json!({ "blocked": false })).await.status, 200);
    ear(&eve, None).await.ready().await;

    assert_eq!(chat.admin.delete(&of_ann).await.status, 200);
    anns.end().await;
    assert_eq!(ann.get("events").await.status, 401);
}

#[tokio::test]
async fn one_address_does_not_take_the_places_of_all() {
    let app = TestApp::spawn_with(|_, web| {
        web.widget.streams.of_one_network = 2;
        web.widget.streams.of_everybody = 3;
    })
    .await;
    let chat = Chat::open(&app, json!({})).await;
    let (one, two, three) = (chat.visitor().await, chat.visitor().await, chat.visitor().await);
    let (mut first, mut second) = (ear(&one, None).await, ear(&two, None).await);
    first.ready().await;
    second.ready().await;
    let refused = three.get("events").await;
    assert_eq!(refused.status, 429);
    assert!(refused.headers.contains_key("retry-after"));
}
