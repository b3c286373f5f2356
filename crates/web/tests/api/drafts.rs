//! Drafts: kept for their writer alone, until they are sent.

use std::time::Duration;

use domain::agents::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    app::{Answer, Client, TestApp, answer},
    inbox::Letter,
};

const DAY: Duration = Duration::from_secs(24 * 3600);

async fn conversation(app: &TestApp) -> String {
    let channel = app.channel("Support").await;
    app.letter(channel, Letter::new("lee@x.example", "the fridge hums")).await.to_string()
}

fn of(id: &str) -> String {
    format!("/api/conversations/{id}/draft")
}

async fn put(client: &Client, id: &str, version: &Value, text: &str) -> Answer {
    let body = json!({ "version": version, "kind": "reply", "text": text });
    client.put(&of(id), body).await
}

async fn upload(client: &Client, name: &str, bytes: &str) -> String {
    let body = format!(
        "--x-x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{bytes}\r\n--x-x--\r\n"
    );
    let request = client.request(Method::POST, "/api/attachments");
    let request = request.header("content-type", "multipart/form-data; boundary=x-x");
    let made = answer(request.body(body)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.body["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_draft_is_kept_for_its_writer_and_goes_when_it_is_sent() {
    let app = TestApp::spawn().await;
    let (admin, agent) = (app.admin().await, app.agent().await);
    let id = conversation(&app).await;
    let blank = json!({
        "conversation_id": id, "kind": "reply", "text": "", "html": null, "cc": [], "bcc": [],
        "attachments": [], "version": 0, "updated_at": null,
    });
    assert_eq!(admin.get(&of(&id)).await.body, blank);

    let typed = json!({
        "version": 0, "kind": "reply", "text": "Unplug it", "html": "<p>Unplug <b>it</b></p>",
        "cc": ["ann@x.example", "half"], "bcc": [],
    });
    let kept = admin.put(&of(&id), typed).await;
    assert_eq!(kept.status, 200, "{}", kept.text);
    assert_eq!(kept.body["cc"], json!(["ann@x.example", "half"]));
    assert_eq!(kept.body["updated_at"], "2026-01-05T09:00:00.000Z");
    assert_eq!(admin.get(&of(&id)).await.body, kept.body);
    let listed = admin.get("/api/drafts").await.body;
    assert_eq!(listed["pagination"]["total"], 1);
    assert_eq!(
        listed["data"][0],
        json!({
            "conversation_id": id, "kind": "reply", "text": "Unplug it",
            "version": kept.body["version"], "updated_at": "2026-01-05T09:00:00.000Z",
        })
    );
    // Nobody else's.
    assert_eq!(agent.get(&of(&id)).await.body, blank);
    assert_eq!(agent.get("/api/drafts").await.body["data"], json!([]));
    assert_eq!(put(&agent, &id, &json!(0), "mine").await.status, 200);

    let sent = json!({ "text": "Unplug it" });
    // A program under the admin's name is not the admin in the browser.
    let path = format!("/api/conversations/{id}/messages");
    assert_eq!(app.key(Role::Admin).await.post(&path, sent.clone()).await.status, 201);
    assert_eq!(admin.get(&of(&id)).await.body, kept.body);
    assert_eq!(admin.post(&path, sent).await.status, 201);
    assert_eq!(admin.get(&of(&id)).await.body, blank);
    assert_eq!(agent.get(&of(&id)).await.body["text"], "mine");
}

#[tokio::test]
async fn two_windows_do_not_write_over_each_other() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let id = conversation(&app).await;
    let one = put(&admin, &id, &json!(0), "one").await.body;
    let two = put(&admin, &id, &one["version"], "two").await.body;
    assert!(two["version"].as_i64() > one["version"].as_i64());

    for old in [json!(0), one["version"].clone()] {
        let refused = put(&admin, &id, &old, "older").await;
        assert_eq!((refused.status, &refused.body["draft"]), (409, &two), "{}", refused.text);
    }
    let path = format!("{}?version={}", of(&id), one["version"]);
    assert_eq!(admin.delete(&path).await.status, 409);
    let gone = admin.delete(&of(&id)).await;
    assert_eq!((&gone.body["text"], &gone.body["result"]), (&json!("two"), &json!("deleted")));
    assert_eq!(admin.delete(&of(&id)).await.body["result"], "there was none");
    // What was sent or given up is not the draft that is begun anew.
    let refused = put(&admin, &id, &two["version"], "late").await;
    assert_eq!((refused.status, &refused.body["draft"]["version"]), (409, &json!(0)));
}

#[tokio::test]
async fn files_stay_as_long_as_the_draft_that_holds_them() {
    let app = TestApp::spawn().await;
    let (admin, agent) = (app.admin().await, app.agent().await);
    let id = conversation(&app).await;
    let (file, other) = (upload(&admin, "a.txt", "a").await, upload(&admin, "b.txt", "b").await);
    let body = |version: &Value, files: Value| json!({ "version": version, "kind": "reply", "text": "", "attachment_ids": files });
    let theirs = agent.put(&of(&id), body(&json!(0), json!([file]))).await;
    assert_eq!(theirs.body["attachments"], json!([]), "another's upload");
    let kept = admin.put(&of(&id), body(&json!(0), json!([file, other]))).await.body;
    assert_eq!(kept["attachments"][0]["name"], "a.txt");
    let kept = admin.put(&of(&id), body(&kept["version"], json!([file]))).await.body;

    app.clock.advance(30 * DAY);
    let admin = app.sign_in(crate::app::ADMIN).await;
    desk::workers::housekeeping::keep_house(&app.desk).await.unwrap();
    assert_eq!(admin.get(&of(&id)).await.body, kept);
    assert_eq!(admin.get(&format!("/api/attachments/{file}")).await.text, "a");
    assert_eq!(admin.get(&format!("/api/attachments/{other}")).await.status, 404);
    let path = format!("/api/conversations/{id}/messages");
    let sent = admin.post(&path, json!({ "text": "", "attachment_ids": [file] })).await;
    assert_eq!(sent.status, 201, "{}", sent.text);

    // Given up, its files have an hour left; a year old, it goes by itself.
    let file = upload(&admin, "c.txt", "c").await;
    admin.put(&of(&id), body(&json!(0), json!([file]))).await;
    admin.delete(&of(&id)).await;
    app.clock.advance(Duration::from_secs(3601));
    desk::workers::housekeeping::keep_house(&app.desk).await.unwrap();
    assert_eq!(admin.get(&format!("/api/attachments/{file}")).await.status, 404);
    put(&admin, &id, &json!(0), "old").await;
    app.clock.advance(366 * DAY);
    desk::workers::housekeeping::keep_house(&app.desk).await.unwrap();
    let admin = app.sign_in(crate::app::ADMIN).await;
    assert_eq!(admin.get(&of(&id)).await.body["version"], 0);
}

#[tokio::test]
async fn pictures_pasted_into_the_text_come_along_inside_it() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let id = conversation(&app).await;
    let png = "\u{89}PNG"; // Not a picture by its bytes: written as UTF-8 it begins with C2.
    let text = upload(&admin, "no.png", png).await;
    let gif = upload(&admin, "yes.gif", "GIF89a and so on").await;
    let html = format!("<p>See <img src=\"cid:{gif}\"> and <img src=\"cid:{text}\"></p>");
    let body = json!({ "text": "", "html": html, "attachment_ids": [gif, text] });
    let sent = admin.post(&format!("/api/conversations/{id}/messages"), body).await;
    assert_eq!(sent.status, 201, "{}", sent.text);
    let inline = |at: usize| sent.body["attachments"][at]["inline"].as_bool();
    assert_eq!((inline(0), inline(1)), (Some(true), Some(false)));
    assert!(sent.body["html"].as_str().unwrap().contains(&gif), "{}", sent.text);
}

#[tokio::test]
async fn drafts_follow_a_merge_and_go_with_their_conversation() {
    let app = TestApp::spawn().await;
    let (admin, agent) = (app.admin().await, app.agent().await);
    let channel = app.channel("Support").await;
    let letter = || Letter::new("lee@x.example", "the fridge hums");
    let one = app.letter(channel, letter()).await.to_string();
    let into = json!({ "status": "resolved" });
    admin.post(&format!("/api/conversations/{one}/status"), into).await;
    let mut second = letter();
    second.subject = Some("Other".to_owned());
    let two = app.letter(channel, second).await.to_string();
    assert_ne!(one, two);
    put(&admin, &one, &json!(0), "first").await;
    put(&admin, &two, &json!(0), "second").await;
    put(&agent, &two, &json!(0), "theirs").await;
    let path = format!("/api/conversations/{two}/merge");
    let merged = admin.post(&path, json!({ "into": one })).await;
    assert_eq!(merged.status, 201, "{}", merged.text);
    for id in [&one, &two] {
        assert_eq!(admin.get(&of(id)).await.body["text"], "first\n\nsecond");
        assert_eq!(agent.get(&of(id)).await.body["text"], "theirs");
    }
    assert_eq!(admin.get("/api/drafts").await.body["pagination"]["total"], 1);

    let contact = admin.get(&format!("/api/conversations/{one}")).await.body;
    let contact = contact["contact_id"].as_str().unwrap().to_owned();
    let deleted = admin.delete(&format!("/api/contacts/{contact}")).await;
    assert_eq!(deleted.status, 200, "{}", deleted.text);
    assert_eq!(admin.get(&of(&one)).await.status, 404);
    assert_eq!(admin.get("/api/drafts").await.body["data"], json!([]));
    let contact = contact.parse().unwrap();
    while !desk::contacts::erase_slice(&app.desk, contact).await.unwrap() {}
}

#[tokio::test]
async fn what_is_wrong_with_a_draft_is_named() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let id = conversation(&app).await;
    let many = vec!["019a0000-0000-7000-8000-000000000000"; 21];
    let cases = [
        (json!({ "kind": "reply", "text": "x" }), "version"),
        (json!({ "version": 0, "kind": "letter", "text": "x" }), "kind"),
        (json!({ "version": 0, "kind": "note", "text": "x".repeat(100_001) }), "text"),
        (
            json!({ "version": 0, "kind": "note", "text": "", "attachment_ids": many }),
            "attachment_ids",
        ),
        (json!({ "version": 0, "kind": "note", "text": "", "cc": vec!["a"; 51] }), "cc"),
        (json!({ "version": 0, "kind": "note", "text": "", "to": [] }), "to"),
    ];
    for (body, field) in cases {
        let refused = admin.put(&of(&id), body).await;
        assert_eq!((refused.status, &refused.body["details"][0]["field"]), (400, &json!(field)));
    }
    assert_eq!(admin.get(&of("019a0000-0000-7000-8000-000000000000")).await.status, 404);
    assert_eq!(app.nobody().get(&of(&id)).await.status, 401);
}
