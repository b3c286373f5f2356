//! Reading and writing messages.

use domain::jobs::JobKind;
use serde_json::{Value, json};

use crate::{app::TestApp, inbox::Letter};

fn texts(body: &Value) -> Vec<&str> {
    body["data"].as_array().unwrap().iter().map(|it| it["text"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_reply_has_exactly_the_documented_fields_and_a_job() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let channel = app.channel("Support").await;
    let id = app.letter(channel, Letter::new("lee@x.example", "hello")).await;
    let path = format!("/api/conversations/{id}/messages");
    let asked = admin.get(&path).await.body["data"][0].clone();
    let body = json!({
        "text": "Hi\r\nLee", "html": "<p>Hi</p><script>x</script>", "cc": ["Boss@Y.example"],
        "bcc": ["log@y.example"],
    });
    let sent = admin.post(&path, body).await;
    assert_eq!(sent.status, 201, "{}", sent.text);
    let it = &sent.body;
    let message_id = format!("{}@shop.example", it["id"].as_str().unwrap());
    let want = json!({
        "id": it["id"], "conversation_id": id, "direction": "outbound", "type": "text",
        "sender": { "type": "agent", "id": app.admin_id().await, "name": "Ann Admin" },
        "text": "Hi\nLee", "is_cut": false, "html": "<p>Hi</p>",
        "html_url": format!("/api/messages/{}/html", it["id"].as_str().unwrap()),
        "quoted": null, "signature": null, "attachments": [], "status": "queued", "error": null, "event": null,
        "subject": "Re: A question", "from": { "name": "The Shop", "address": "desk@shop.example" },
        "to": ["lee@x.example"], "cc": ["boss@y.example"], "bcc": ["log@y.example"],
        "reply_to": null, "unreached": [],
        "message_id": message_id, "automatic": false, "remark": null, "raw_url": null, "send_at": "2026-01-05T09:00:05.000Z",
        "cancel_if_customer_writes": false, "sent_at": null,
        "created_at": "2026-01-05T09:00:00.000Z",
    });
    assert_eq!(it, &want);
    assert_eq!(asked["sender"]["type"], "contact");
    assert_eq!(asked["status"], Value::Null);

    let message: domain::ids::MessageId = it["id"].as_str().unwrap().parse().unwrap();
    let (job, stored, joined) = app
        .desk
        .store
        .read(move |db| {
            let stored = storage::messages::find(db, message)?.unwrap();
            let number = stored.conversation_number;
            let job = storage::jobs::find(db, JobKind::SendMessage, message.0)?;
            let joined = ["boss@y.example", "log@y.example"]
                .map(|it| storage::conversations::is_participant(db, number, it).unwrap());
            Ok::<_, storage::StoreError>((job.unwrap(), stored, joined))
        })
        .await
        .unwrap();
    assert_eq!(job.run_at.to_string(), it["send_at"]);
    assert_eq!(job.lane, format!("channel {channel}"));
    let mail = stored.mail.unwrap();
    assert_eq!(mail.in_reply_to.as_deref(), asked["message_id"].as_str());
    assert_eq!(mail.references, [asked["message_id"].as_str().unwrap()]);
    assert_eq!(joined, [true, false], "who is only in bcc joins nothing");

    let mut detailed = want;
    detailed["deliveries"] = json!([]);
    let found = admin.get(&format!("/api/messages/{message}")).await;
    assert_eq!(found.body, detailed);
    let conversation = admin.get(&format!("/api/conversations/{id}")).await.body;
    assert_eq!(conversation["waiting_since"], Value::Null);
    assert_eq!(conversation["last_message"]["text"], "Hi Lee");
}

#[tokio::test]
async fn pages_of_messages_go_both_ways_and_meet_each_message_once() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let channel = app.channel("Support").await;
    let id = app.letter(channel, Letter::new("lee@x.example", "0")).await;
    for n in 1..11 {
        app.answer(id, Letter::new("lee@x.example", &n.to_string())).await;
    }
    let path = format!("/api/conversations/{id}/messages?per_page=4");
    let newest = admin.get(&path).await.body;
    assert_eq!(texts(&newest), ["7", "8", "9", "10"]);
    let pagination = &newest["pagination"];
    assert_eq!((&pagination["total"], &pagination["has_more"]), (&json!(11), &json!(true)));

    let first = newest["data"][0]["id"].as_str().unwrap();
    let older = admin.get(&format!("{path}&before={first}")).await.body;
    assert_eq!(texts(&older), ["3", "4", "5", "6"]);
    let by_cursor = pagination["next_cursor"].as_str().unwrap();
    assert_eq!(texts(&admin.get(&format!("{path}&cursor={by_cursor}")).await.body), texts(&older));
    assert_eq!(texts(&admin.get(&format!("{path}&page=2")).await.body), texts(&older));
    let last = admin.get(&format!("{path}&page=3")).await.body;
    assert_eq!((texts(&last).len(), &last["pagination"]["has_more"]), (3, &json!(false)));
    assert_eq!(last["pagination"]["next_cursor"], Value::Null);
    assert_eq!(texts(&admin.get(&format!("{path}&page=4")).await.body).len(), 0);

    let oldest = older["data"][0]["id"].as_str().unwrap();
    let newer = admin.get(&format!("{path}&after={oldest}")).await.body;
    assert_eq!(texts(&newer), ["4", "5", "6", "7"]);
    let next = newer["pagination"]["next_cursor"].as_str().unwrap();
    let end = admin.get(&format!("{path}&after={oldest}&cursor={next}")).await.body;
    assert_eq!(texts(&end), ["8", "9", "10"]);
    assert_eq!(end["pagination"]["has_more"], false);

    let other = app.letter(channel, Letter::new("kim@x.example", "x")).await;
    let foreign = admin.get(&format!("/api/conversations/{other}/messages")).await.body;
    let foreign = foreign["data"][0]["id"].as_str().unwrap();
    let bad = [
        "before=x".to_owned(),
        format!("before={foreign}"),
        format!("after={foreign}"),
        format!("before={oldest}&after={oldest}"),
        "cursor=x".to_owned(),
        "per_page=0".to_owned(),
    ];
    for query in bad {
        let answer = admin.get(&format!("/api/conversations/{id}/messages?{query}")).await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_list_cuts_long_texts_and_the_message_itself_has_them_whole() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let channel = app.channel("Support").await;
    let long = "é".repeat(500_000);
    let mut letter = Letter::new("lee@x.example", &long);
    letter.html = Some(format!("<p>{}</p>", "y".repeat(900_000)));
    let id = app.letter(channel, letter.clone()).await;
    let first = admin.get(&format!("/api/conversations/{id}/messages")).await.body;
    let seen = first["data"][0]["id"].clone();
    for _ in 0..9 {
        app.answer(id, letter.clone()).await;
    }
    app.answer(id, Letter::new("lee@x.example", "short")).await;

    let path = format!("/api/conversations/{id}/messages");
    let page = admin.get(&path).await;
    assert!(page.text.len() < 3 * 1024 * 1024, "{} bytes", page.text.len());
    let all = page.body["data"].as_array().unwrap();
    assert_eq!(all.len(), 11, "no row is left out");
    assert_eq!((&all[10]["text"], &all[10]["is_cut"]), (&json!("short"), &json!(false)));
    for it in &all[..10] {
        assert_eq!(it["is_cut"], true);
        assert_eq!(it["text"].as_str().unwrap().len(), 16 * 1024);
        assert!(it["html_url"].is_string(), "also where the HTML does not stand here");
    }
    let with_html = all.iter().filter(|it| it["html"].is_string()).count();
    assert_eq!((with_html, all[9]["html"].is_string()), (2, true), "the newest have theirs");

    let whole = admin.get(&format!("/api/messages/{}", seen.as_str().unwrap())).await.body;
    assert_eq!((whole["text"].as_str(), &whole["is_cut"]), (Some(long.as_str()), &json!(false)));
    let stale = admin.post(&path, json!({ "text": "hi", "last_seen_message_id": seen })).await;
    assert_eq!((stale.status, &stale.body["messages"][0]["is_cut"]), (409, &json!(true)));
    assert!(stale.text.len() < 1024 * 1024, "{} bytes", stale.text.len());
}

#[tokio::test]
async fn bad_fields_are_named() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let channel = app.channel("Support").await;
    let id = app.letter(channel, Letter::new("lee@x.example", "one")).await;
    let path = format!("/api/conversations/{id}/messages");
    let cases = [
        (json!({}), "text"),
        (json!({ "text": "" }), "text"),
        (json!({ "text": "  \n" }), "text"),
        (json!({ "text": null }), "text"),
        (json!({ "text": { "a": 1 } }), "text"),
        (json!({ "text": "x".repeat(100_001) }), "text"),
        (json!({ "text": "x", "html": 5 }), "html"),
        (json!({ "text": "x", "cc": "a@b.example" }), "cc"),
        (json!({ "text": "x", "cc": ["a@b.example", "no address"] }), "cc[1]"),
        (json!({ "text": "x", "bcc": ["a@b.example\r\nTo: c@d.example"] }), "bcc[0]"),
        (json!({ "text": "x", "bcc": vec!["a@b.example"; 51] }), "bcc"),
        (json!({ "text": "x", "send_at": "2026-01-05T09:00:00Z" }), "send_at"),
        (json!({ "text": "x", "send_at": "2028-01-05T09:00:00Z" }), "send_at"),
        (json!({ "text": "x", "send_at": 5 }), "send_at"),
        (json!({ "text": "x", "private": "yes" }), "private"),
        (json!({ "text": "x", "private": true, "cc": ["a@b.example"] }), "cc"),
        (json!({ "text": "x", "private": true, "send_at": "2026-01-06T09:00:00Z" }), "send_at"),
        (json!({ "text": "x", "attachment_ids": ["x"] }), "attachment_ids[0]"),
        (
            json!({ "text": "x", "attachment_ids": ["019a0000-0000-7000-8000-000000000000"] }),
            "attachment_ids",
        ),
        (json!({ "text": "x", "status": "sent" }), "status"),
        (json!({ "text": "x", "sender": { "type": "system" } }), "sender"),
        (json!({ "text": "x", "direction": "inbound" }), "direction"),
    ];
    for (body, field) in cases {
        let answer = admin.post(&path, body.clone()).await;
        assert_eq!(answer.status, 400, "{field}: {}", answer.text);
        assert_eq!(answer.body["details"][0]["field"], field, "{}", answer.text);
    }
    assert_eq!(admin.get(&path).await.body["pagination"]["total"], 1);
}

#[tokio::test]
async fn a_note_is_private_and_answers_nobody() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let channel = app.channel("Support").await;
    let id = app.letter(channel, Letter::new("lee@x.example", "one")).await;
    let path = format!("/api/conversations/{id}/messages");
    let note = admin.post(&path, json!({ "text": "ask Kim", "private": true })).await;
    assert_eq!(note.status, 201);
    assert_eq!((&note.body["direction"], &note.body["status"]), (&json!("note"), &Value::Null));
    let it = admin.get(&format!("/api/conversations/{id}")).await.body;
    assert!(it["waiting_since"].is_string());
    assert_eq!(it["last_message"]["direction"], "note");
    let message: uuid::Uuid = note.body["id"].as_str().unwrap().parse().unwrap();
    let job = app.desk.store.read(move |db| storage::jobs::find(db, JobKind::SendMessage, message));
    assert_eq!(job.await.unwrap(), None);
}

#[tokio::test]
async fn html_alone_brings_its_own_text() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let channel = app.channel("Support").await;
    let id = app.letter(channel, Letter::new("lee@x.example", "one")).await;
    let path = format!("/api/conversations/{id}/messages");
    let body = json!({ "text": "", "html": "<p>Hello <b>Lee</b></p><form><input></form>" });
    let sent = admin.post(&path, body).await;
    assert_eq!(sent.status, 201, "{}", sent.text);
    assert_eq!(sent.body["text"].as_str().unwrap().trim(), "Hello Lee");
    assert_eq!(sent.body["html"], "<p>Hello <b>Lee</b></p>");
}

#[tokio::test]
async fn a_forward_shows_the_original_to_somebody_else_and_answers_nobody() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let channel = app.channel("Support").await;
    let id = app.letter(channel, Letter::new("lee@x.example", "it broke")).await;
    let path = format!("/api/conversations/{id}/messages");
    let original = admin.get(&path).await.body["data"][0]["id"].as_str().unwrap().to_owned();
    let forward = format!("/api/messages/{original}/forward");
    let body = json!({ "to": "Maker@Z.example", "text": "Please look" });
    let sent = admin.post(&forward, body).await;
    assert_eq!(sent.status, 201, "{}", sent.text);
    assert_eq!(sent.body["to"], json!(["maker@z.example"]));
    assert_eq!(sent.body["subject"], "Fwd: A question");
    assert_eq!(sent.body["text"], "Please look");
    let quoted = sent.body["quoted"].as_str().unwrap();
    for part in ["lee@x.example", "Subject: A question", "it broke"] {
        assert!(quoted.contains(part), "{quoted}");
    }
    let conversation = admin.get(&format!("/api/conversations/{id}")).await.body;
    assert!(conversation["waiting_since"].is_string(), "the customer still waits");
    let joined = |address: &'static str| {
        let store = app.desk.store.clone();
        async move {
            let read = store.read(move |db| storage::conversations::is_participant(db, 1, address));
            read.await.unwrap()
        }
    };
    assert!(!joined("maker@z.example").await);
    let asked = json!({ "to": "maker@z.example", "add_participant": true });
    assert_eq!(admin.post(&forward, asked).await.status, 201);
    assert!(joined("maker@z.example").await);

    // The next reply continues the customer's thread, not the maker's.
    let reply = admin.post(&path, json!({ "text": "soon" })).await.body;
    assert_eq!(
        (&reply["subject"], &reply["to"]),
        (&json!("Re: A question"), &json!(["lee@x.example"]))
    );

    for (body, want) in [
        (json!({}), 400),
        (json!({ "to": "nobody" }), 400),
        (json!({ "to": ["a@b.example"] }), 400),
        (json!({ "to": "a@b.example", "from": "x@y.example" }), 400),
    ] {
        assert_eq!(admin.post(&forward, body).await.status, want);
    }
    let note = admin.post(&path, json!({ "text": "secret", "private": true })).await.body;
    let note = format!("/api/messages/{}/forward", note["id"].as_str().unwrap());
    assert_eq!(admin.post(&note, json!({ "to": "a@b.example" })).await.status, 409);
}

#[tokio::test]
async fn a_message_that_is_not_there_is_a_404_everywhere() {
    let app = TestApp::spawn().await;
    let agent = app.agent().await;
    let routes = [
        ("GET", "", Value::Null),
        ("DELETE", "", Value::Null),
        ("GET", "/html", Value::Null),
        ("GET", "/raw", Value::Null),
        ("POST", "/retry", Value::Null),
        ("POST", "/forward", json!({ "to": "a@b.example" })),
    ];
    for id in ["019a0000-0000-7000-8000-000000000000", "1", "%00", "..%2F1"] {
        for (method, path, body) in &routes {
            let path = format!("/api/messages/{id}{path}");
            let body = Some(body.clone()).filter(|it| !it.is_null());
            let answer = agent.send(method.parse().unwrap(), &path, body).await;
            assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn the_longest_message_fits_and_one_that_is_longer_is_told_why() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let channel = app.channel("Support").await;
    let id = app.letter(channel, Letter::new("lee@x.example", "one")).await;
    let path = format!("/api/conversations/{id}/messages");
    // Two bytes a letter.
    let (text, html) = ("\u{444}".repeat(100_000), "\u{444}".repeat(100_000));
    let longest = json!({ "text": text, "html": html });
    assert!(longest.to_string().len() > web::body::LIMIT);
    assert_eq!(admin.post(&path, longest.clone()).await.status, 201);
    let mut opening = longest;
    opening["channel_id"] = json!(channel);
    opening["contact"] = json!({ "email": "kim@x.example" });
    assert_eq!(admin.post("/api/conversations", opening).await.status, 201);
    let draft = json!({ "version": 0, "kind": "reply", "text": text, "html": html });
    let kept = admin.put(&format!("/api/conversations/{id}/draft"), draft).await;
    assert_eq!(kept.status, 200, "{}", kept.text);
    let cases = [
        (json!({ "text": format!("{text}x") }), 400, "text"),
        (json!({ "text": "hi", "html": format!("{html}x") }), 400, "html"),
        (json!({ "text": "x".repeat(web::body::MESSAGE_LIMIT) }), 413, "at most 1024 KiB"),
    ];
    for (body, want, words) in cases {
        let got = admin.post(&path, body).await;
        assert_eq!(got.status, want, "{words}");
        assert!(got.text.contains(words), "{words}: {}", got.text);
    }
    let long = json!({ "name": "x".repeat(web::body::LIMIT) });
    let got = admin.patch("/api/auth/me", long).await;
    assert_eq!((got.status, got.text.contains("at most 256 KiB")), (413, true));
}
