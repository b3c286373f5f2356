//! Who looks and who types.

use std::time::Duration;

use domain::agents::Role;
use serde_json::{Value, json};

use super::ear::Ear;
use crate::{app::TestApp, inbox::Letter};

fn names(here: &Value) -> Vec<(String, String)> {
    let word = |it: &Value| it.as_str().unwrap().to_owned();
    let here = here["here"].as_array().unwrap();
    here.iter().map(|it| (word(&it["name"]), word(&it["activity"]))).collect()
}

fn is(name: &str, activity: &str) -> (String, String) {
    (name.to_owned(), activity.to_owned())
}

#[tokio::test]
async fn others_see_who_types_until_it_is_over() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let (_, ben) = app.add(Role::Agent, "ben@example.com").await;
    let channel = app.channel("Support").await;
    let id = app.letter(channel, Letter::new("cora@customer.example", "Hello")).await;
    let path = format!("/api/conversations/{id}/presence");
    let mut ear = Ear::open(&admin, None).await;
    ear.ready().await;

    let answer = ben.post(&path, json!({ "activity": "typing" })).await;
    assert_eq!((answer.status, names(&answer.body)), (200, vec![is("ben", "typing")]));
    let news = ear.next("presence").await;
    assert_eq!((news.id, &news.data["conversation_id"]), (None, &json!(id)));
    assert_eq!(names(&news.data), [is("ben", "typing")]);
    admin.post(&path, json!({ "activity": "viewing" })).await;
    let both = [is("ben", "typing"), is("Ann Admin", "viewing")];
    assert_eq!(names(&ear.next("presence").await.data), both);
    assert_eq!(names(&ben.get(&path).await.body), both);

    app.clock.advance(Duration::from_secs(8));
    let both = [is("ben", "viewing"), is("Ann Admin", "viewing")];
    assert_eq!(names(&ear.next("presence").await.data), both);
    ben.post(&path, json!({ "activity": null })).await;
    assert_eq!(names(&ear.next("presence").await.data), [is("Ann Admin", "viewing")]);
    app.clock.advance(Duration::from_secs(45));
    assert_eq!(names(&ear.next("presence").await.data), []);
    assert_eq!(names(&ben.get(&path).await.body), []);
}

#[tokio::test]
async fn presence_is_for_conversations_that_are_there() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let nowhere = "/api/conversations/019a0000-0000-7000-8000-000000000000/presence";
    assert_eq!(admin.get(nowhere).await.status, 404);
    assert_eq!(admin.post(nowhere, json!({ "activity": "typing" })).await.status, 404);
    for body in
        [json!({}), json!({ "activity": "dancing" }), json!({ "activity": "typing", "x": 1 })]
    {
        assert_eq!(admin.post(nowhere, body).await.status, 400);
    }
}

#[tokio::test]
async fn who_begins_to_listen_hears_who_is_there() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let (_, ben) = app.add(Role::Agent, "ben@example.com").await;
    let channel = app.channel("Support").await;
    let id = app.letter(channel, Letter::new("cora@customer.example", "Hello")).await;
    ben.post(&format!("/api/conversations/{id}/presence"), json!({ "activity": "viewing" })).await;

    let mut ear = Ear::open(&admin, None).await;
    ear.ready().await;
    let news = ear.next("presence").await;
    assert_eq!(news.data["conversation_id"], json!(id));
    assert_eq!(names(&news.data), [is("ben", "viewing")]);
}
