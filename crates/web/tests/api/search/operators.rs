//! Operators of a search: who, which, when.

use std::time::Duration;

use domain::{ids::AttachmentId, messages::Attachment};
use serde_json::json;

use super::found;
use crate::{
    app::{ADMIN, Client, TestApp},
    inbox::Letter,
};

async fn refused(client: &Client, query: &str) -> String {
    let answer = client.get(&format!("/api/conversations?{query}")).await;
    assert_eq!(answer.status, 400, "{query}: {}", answer.text);
    answer.body["error"].as_str().unwrap().to_owned()
}

/// #1 by Zoe, assigned to the admin, tagged; #2 by Mei with a file, pending; #3 by Mei, resolved.
async fn inbox(app: &TestApp) -> Client {
    app.set_up().await;
    let (support, sales) = (app.channel("Support desk").await, app.channel("Sales").await);
    app.change_channel(sales, |it| it.config["address"] = json!("sales@shop.example")).await;
    let mut letter = Letter::new("zoe@quokka.example", "The fridge hums");
    letter.name = Some("Zoë Quill".to_owned());
    let one = app.letter(support, letter).await;
    app.clock.advance(Duration::from_secs(24 * 3600));
    let mut letter = Letter::new("mei@panda.example", "The fridge leaks");
    letter.attachments = vec![file()];
    let two = app.letter(sales, letter).await;
    app.clock.advance(Duration::from_secs(24 * 3600));
    let three = app.letter(sales, Letter::new("mei@panda.example", "Thank you")).await;
    // A session does not last that long.
    let admin = app.sign_in(ADMIN).await;
    let post = |id, what: &'static str, body| {
        let path = format!("/api/conversations/{id}/{what}");
        let admin = admin.clone();
        async move { assert_eq!(admin.post(&path, body).await.status, 200, "{path}") }
    };
    post(one, "assign", json!({ "agent_id": app.admin_id().await })).await;
    post(one, "tags", json!({ "tag": "Late order" })).await;
    post(two, "tags", json!({ "tag": "urgent" })).await;
    post(two, "status", json!({ "status": "pending" })).await;
    post(three, "status", json!({ "status": "resolved" })).await;
    admin.get(&format!("/api/conversations/{three}")).await;
    admin
}

fn file() -> Attachment {
    Attachment {
        id: AttachmentId::new(),
        file_hash: "ab".repeat(32),
        name: "leak.png".to_owned(),
        mime: "image/png".to_owned(),
        size: 3,
        content_id: None,
        inline: false,
    }
}

#[tokio::test]
async fn operators_choose_conversations_alone_together_and_with_words() {
    let app = TestApp::spawn().await;
    let admin = inbox(&app).await;
    let cases: [(&str, &[i64]); 52] = [
        ("from:zoe@quokka.example", &[1]),
        ("from:\"zoe quill\"", &[1]),
        ("from:quokka.example", &[1]),
        ("from:mei* status:resolved", &[3]),
        ("from:nobody@x.example", &[]),
        ("to:sales@shop.example", &[3, 2]),
        ("to:desk@shop.example", &[1]),
        ("tag:\"late order\"", &[1]),
        ("tag:LATE", &[]),
        ("-tag:urgent", &[3, 1]),
        ("-tag:neverused", &[3, 2, 1]),
        ("tag:urgent tag:\"late order\"", &[]),
        ("status:open", &[1]),
        ("status:open status:pending", &[2, 1]),
        ("-status:resolved", &[2, 1]),
        ("-status:resolved -status:open", &[2]),
        ("is:pending", &[2]),
        ("channel:email", &[3, 2, 1]),
        ("channel:sms", &[]),
        ("channel:Sales", &[3, 2]),
        ("channel:desk", &[1]),
        ("-channel:sales", &[1]),
        ("channel:sales@shop.example is:unread", &[2]),
        ("assignee:me", &[1]),
        ("assignee:Ann", &[1]),
        ("assignee:ann@example.com", &[1]),
        ("assignee:somebody", &[]),
        ("assignee:none", &[3, 2]),
        ("-assignee:me", &[3, 2]),
        ("is:unassigned -status:resolved", &[2]),
        ("is:assigned", &[1]),
        ("before:2026-01-06", &[1]),
        ("after:2026-01-06", &[3, 2]),
        ("after:2026-01-06 before:2026-01-07", &[2]),
        ("-after:2026-01-06", &[1]),
        ("after:today", &[3]),
        ("before:yesterday", &[1]),
        ("has:attachment", &[2]),
        ("-has:attachment", &[3, 1]),
        ("is:unread", &[2, 1]),
        ("is:read", &[3]),
        ("is:spam", &[]),
        ("#2", &[2]),
        ("number:2 status:open", &[]),
        ("#99", &[]),
        ("fridge", &[2, 1]),
        ("fridge tag:urgent", &[2]),
        ("fridge after:2026-01-06", &[2]),
        ("fridge before:2026-01-06", &[1]),
        ("fridge -assignee:me from:mei@panda.example", &[2]),
        ("\"fridge leaks\" channel:sales", &[2]),
        ("fridge #1", &[1]),
    ];
    for (search, want) in cases {
        assert_eq!(found(&admin, search).await, want, "{search}");
    }
    // They go with the parameters of the list.
    let both = admin.get("/api/conversations?search=is:unread&status=pending").await.body;
    assert_eq!(both["pagination"]["total"], 1);
    let neither = admin.get("/api/conversations?search=status:open&status=pending").await.body;
    assert_eq!(neither["pagination"]["total"], 0);
}

#[tokio::test]
async fn a_day_begins_when_it_does_in_the_workspace() {
    let app = TestApp::spawn().await;
    let admin = inbox(&app).await;
    // The clock stands at nine in London, when it is still eight the day before in Honolulu.
    let zone = json!({ "time_zone": "Pacific/Honolulu" });
    assert_eq!(admin.post("/api/settings/workspace", zone).await.status, 200);
    assert_eq!(found(&admin, "before:2026-01-05").await, [1]);
    assert_eq!(found(&admin, "after:today").await, [3]);
    assert_eq!(found(&admin, "after:2026-01-06").await, [3]);
}

#[tokio::test]
async fn what_cannot_be_asked_is_told() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let error = refused(&admin, "search=-from:zoe").await;
    assert_eq!(error, "search: from: cannot be turned around with a minus");
    let error = refused(&admin, "sort=relevance&search=tag:x").await;
    assert!(error.contains("words"), "{error}");
    refused(&admin, "sort=best").await;
}

#[tokio::test]
async fn snippets_show_where_the_words_stand() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let channel = app.channel("Support").await;
    let mut letter = Letter::new("zoe@quokka.example", "My <b>fridge</b> hums & leaks");
    letter.subject = Some("Kitchen noise".to_owned());
    let id = app.letter(channel, letter).await;
    let snippet = |words: &'static str| {
        let admin = admin.clone();
        async move {
            let answer = admin.get(&format!("/api/conversations?search={words}")).await;
            answer.body["data"][0]["snippet"].clone()
        }
    };
    let marked = |it: &serde_json::Value| -> Vec<String> {
        let parts = it["parts"].as_array().unwrap().iter();
        let marked = parts.filter(|it| it["marked"] == true);
        marked.map(|it| it["text"].as_str().unwrap().to_owned()).collect()
    };
    let found = snippet("hums+fridge").await;
    assert_eq!(
        (found["field"].as_str(), marked(&found)),
        (Some("message"), vec!["fridge".into(), "hums".into()])
    );
    assert!(found["message_id"].is_string());
    assert_eq!(found["parts"][0], json!({ "text": "My <b>", "marked": false }));
    let found = snippet("kitchen").await;
    assert_eq!(
        (found["field"].as_str(), marked(&found)),
        (Some("subject"), vec!["Kitchen".into()])
    );
    let found = snippet("quokka").await;
    assert_eq!((found["field"].as_str(), marked(&found)), (Some("contact"), vec!["quokka".into()]));
    // A private note is shown to agents as well.
    let note = json!({ "text": "he is a walrus", "private": true });
    admin.post(&format!("/api/conversations/{id}/messages"), note).await;
    assert_eq!(marked(&snippet("walrus").await), ["walrus"]);
    assert!(snippet("is:unread").await.is_null());
}

#[tokio::test]
async fn relevance_puts_what_is_most_about_it_first_page_by_page() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let channel = app.channel("Support").await;
    let filler = "and so on and on about other things ".repeat(20);
    let texts = ["zebra zebra", "a zebra", &format!("zebra {filler}")];
    for (n, text) in texts.iter().enumerate() {
        app.letter(channel, Letter::new(&format!("c{n}@x.example"), text)).await;
        app.clock.advance(Duration::from_secs(1));
    }
    let mut letter = Letter::new("c9@x.example", "stripes");
    letter.subject = Some("Zebra".to_owned());
    app.letter(channel, letter).await;
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/api/conversations?search=zebra&sort=relevance&per_page=1{cursor}");
        let body = admin.get(&path).await.body;
        assert_eq!(body["pagination"]["total"], 4);
        seen.push(body["data"][0]["number"].as_i64().unwrap());
        let Some(next) = body["pagination"]["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, [4, 1, 2, 3]);
    assert_eq!(found(&admin, "zebra").await, [4, 3, 2, 1]);
}
