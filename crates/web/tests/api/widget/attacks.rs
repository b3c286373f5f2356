//! Everything a stranger may try.

use domain::ids::ChannelId;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Chat, Visitor, visitors::SITE};
use crate::app::{TestApp, answer};

#[tokio::test]
async fn only_a_token_of_this_chat_opens_it() {
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({})).await;
    let other = Chat::open(&app, json!({})).await;
    let visitor = chat.visitor().await;
    visitor.write("1", "Hello").await;
    let elsewhere = other.with(&visitor.token);
    assert_eq!(elsewhere.get("messages").await.status, 401);
    assert_eq!(elsewhere.write("1", "Hello").await.status, 401);
    let kept = other.enter(json!({ "token": visitor.token })).await;
    assert_eq!(kept.status, 201, "another chat's token is none");
    assert_ne!(kept.body["token"], json!(visitor.token));

    let path = chat.path("messages");
    let long = "a".repeat(10_000);
    for bad in ["", "Bearer", "Bearer ", "Bearer x", "Basic eDp5", &format!("Bearer {long}")] {
        let answer = app.nobody().with("authorization", bad).get(&path).await;
        assert_eq!(answer.status, 401, "{bad:.20}");
        assert!(answer.headers.get("set-cookie").is_none());
    }
    assert_eq!(app.nobody().get(&path).await.status, 401);
    // Neither a signed-in agent nor a key is a visitor.
    assert_eq!(chat.admin.get(&path).await.status, 401);
    for id in ["nonsense", "019a0000-0000-7000-8000-000000000000", "..%2f.."] {
        let answer = visitor.client.get(&format!("/widget/{id}/messages")).await;
        assert_eq!(answer.status, 404, "{id}");
    }
}

#[tokio::test]
async fn a_mailbox_is_no_chat() {
    let app = TestApp::spawn().await;
    let mailbox = app.channel("Support").await;
    app.admin().await;
    for rest in ["config", "frame"] {
        let answer = app.nobody().get(&format!("/widget/{mailbox}/{rest}")).await;
        assert_eq!(answer.status, 404, "{rest}");
    }
    let answer = app.nobody().post(&format!("/widget/{mailbox}/session"), json!({})).await;
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn what_is_another_visitors_is_not_there() {
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({})).await;
    let (ann, eve) = (chat.visitor().await, chat.visitor().await);
    let uploaded = ann.upload("a.png", b"\x89PNG\r\n\x1a\n....").await;
    let waiting = ann.upload("b.png", b"\x89PNG\r\n\x1a\n....").await;
    let ids = [&uploaded.body["id"]];
    let written = json!({ "text": "Hello", "client_id": "1", "attachment_ids": ids });
    let written = ann.post("messages", written).await;
    eve.write("1", "Hi").await;
    for id in [&uploaded.body["id"], &waiting.body["id"]] {
        let body = json!({ "text": "x", "client_id": "2", "attachment_ids": [id] });
        let taken = eve.post("messages", body).await;
        assert_eq!(taken.status, 400, "{}", taken.text);
    }
    let read = eve.post("read", json!({ "message_id": written.body["id"] })).await;
    assert_eq!(read.status, 400);
    assert_eq!(eve.texts().await, ["Hi"], "what was refused is not there");

    let url = written.body["attachments"][0]["url"].as_str().unwrap();
    let nobody = app.nobody();
    assert_eq!(nobody.get(url).await.status, 200);
    let id = uploaded.body["id"].as_str().unwrap();
    let forged = [
        url.replace(id, waiting.body["id"].as_str().unwrap()),
        url.replace("expires=1", "expires=2"),
        url.split('?').next().unwrap().to_owned(),
        format!("{}x", url.trim_end_matches(|it: char| it.is_ascii_hexdigit())),
        url.replace(&chat.id, &Chat::open(&app, json!({})).await.id),
        url.replace("/widget/", "/widget/../widget/").replace(id, "..%2f..%2fmaster.key"),
    ];
    for it in forged {
        assert_eq!(nobody.get(&it).await.status, 404, "{it}");
    }
    // Agents' links and ids are none of a visitor's.
    let agents = format!("/api/attachments/{id}");
    assert_eq!(eve.client.get(&agents).await.status, 401);
    let uploads = format!("/api/attachments/{}", waiting.body["id"].as_str().unwrap());
    assert_eq!(chat.admin.get(&uploads).await.status, 404);
    assert_eq!(chat.admin.get(&agents).await.status, 200);
}

#[tokio::test]
async fn only_the_chats_sites_may_ask_and_none_with_credentials() {
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({})).await;
    let visitor = chat.visitor().await;
    let from =
        |origin: &str| Visitor { client: visitor.client.with("origin", origin), ..visitor.clone() };
    let allowed = from(SITE).write("1", "Hello").await;
    assert_eq!(allowed.status, 201);
    assert_eq!(allowed.headers["access-control-allow-origin"], SITE);
    assert_eq!(allowed.headers["vary"], "Origin");
    assert!(allowed.headers.get("access-control-allow-credentials").is_none());
    let ours = from(&app.base).write("2", "Hello").await;
    assert_eq!(ours.status, 201);
    assert!(ours.headers.get("access-control-allow-origin").is_none());
    let cross_site = visitor.client.with("sec-fetch-site", "cross-site").with("origin", SITE);
    assert_eq!(cross_site.get(&chat.path("messages")).await.status, 200);
    for origin in [
        "null",
        "https://evil.example",
        "https://shop.example.evil",
        "http://shop.example",
        "",
        "*",
    ] {
        for answer in [from(origin).get("messages").await, from(origin).write("3", "Hello").await] {
            assert_eq!(answer.status, 403, "{origin}");
            assert!(answer.headers.get("access-control-allow-origin").is_none());
        }
    }
    let refused = chat_session(&app, &chat, "null").await;
    assert_eq!(refused, 403);
    assert_eq!(visitor.texts().await.len(), 2, "nothing of it was written");

    let preflight = |origin: &'static str| {
        let request = app.nobody().request(Method::OPTIONS, &chat.path("messages"));
        let request = request.header("access-control-request-method", "POST");
        answer(
            request
                .header("access-control-request-headers", "authorization")
                .header("origin", origin),
        )
    };
    let answered = preflight(SITE).await;
    assert_eq!(answered.status, 204);
    assert_eq!(answered.headers["access-control-allow-origin"], SITE);
    let headers = answered.headers["access-control-allow-headers"].to_str().unwrap();
    assert!(headers.contains("authorization") && headers.contains("last-event-id"));
    let refused = preflight("https://evil.example").await;
    assert_eq!(refused.status, 403);
    assert!(refused.headers.get("access-control-allow-methods").is_none());
    // The dashboard's own API opens to nobody by it.
    let request = app.nobody().request(Method::OPTIONS, "/api/contacts");
    let other =
        answer(request.header("access-control-request-method", "POST").header("origin", SITE));
    assert!(other.await.headers.get("access-control-allow-origin").is_none());
    let cross = chat.admin.with("origin", SITE).post("/api/contacts", json!({ "name": "x" })).await;
    assert_eq!(cross.status, 403);
}

async fn chat_session(app: &TestApp, chat: &Chat, origin: &str) -> u16 {
    app.nobody().with("origin", origin).post(&chat.path("session"), json!({})).await.status
}

#[tokio::test]
async fn odd_bodies_are_refused_and_break_nothing() {
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({})).await;
    let visitor = chat.visitor().await;
    let raw = async |path: &str, kind: &str, body: Vec<u8>| {
        let request = visitor.client.request(Method::POST, &chat.path(path));
        answer(request.header("content-type", kind).body(body)).await.status
    };
    let json = "application/json";
    assert_eq!(
        raw("messages", json, b"{\"text\": \"\xff\xfe\", \"client_id\": \"1\"}".to_vec()).await,
        400
    );
    assert_eq!(raw("messages", json, vec![b'['; 100_000]).await, 400);
    assert_eq!(raw("messages", json, vec![b' '; 2_000_000]).await, 413);
    assert_eq!(raw("messages", "text/plain", b"{}".to_vec()).await, 415);
    assert_eq!(raw("session", "text/plain", b"{}".to_vec()).await, 415);
    assert_eq!(raw("attachments", json, b"{}".to_vec()).await, 415);
    assert_eq!(raw("attachments", "multipart/form-data", b"x".to_vec()).await, 400);
    let too_long = "x".repeat(10_001);
    let cases = [
        json!({ "text": "", "client_id": "1" }),
        json!({ "text": " \n ", "client_id": "1" }),
        json!({ "text": too_long, "client_id": "1" }),
        json!({ "text": "x", "client_id": "" }),
        json!({ "text": "x", "client_id": "é" }),
        json!({ "text": "x", "client_id": "y".repeat(101) }),
        json!({ "text": "x" }),
        json!({ "text": "x", "client_id": "1", "sender": "agent" }),
        json!({ "text": "x", "client_id": "1", "pre_chat": { "blocked": "false" } }),
        json!({ "text": "x", "client_id": "1", "attachment_ids": ["x"] }),
        json!({ "text": "x", "client_id": "1", "attachment_ids": vec![uuid(); 11] }),
        json!({ "text": null, "client_id": "1" }),
    ];
    for body in cases {
        let answer = visitor.post("messages", body.clone()).await;
        assert_eq!(answer.status, 400, "{body}");
    }
    assert_eq!(visitor.get("messages?limit=0").await.status, 400);
    assert_eq!(visitor.get("messages?limit=1000").await.status, 400);
    assert_eq!(visitor.get("messages?before=x").await.status, 400);
    assert_eq!(visitor.texts().await, Vec::<String>::new());
    let listed = chat.admin.get("/api/contacts").await.body;
    assert_eq!(listed["data"], json!([]), "nobody was made of it");

    let odd = "NUL\0 bell\u{7} \u{202e}rtl <script>alert(1)</script>";
    assert_eq!(visitor.write("1", odd).await.status, 201);
    assert_eq!(visitor.texts().await, ["NUL bell \u{202e}rtl <script>alert(1)</script>"]);
}

fn uuid() -> Value {
    json!("019a0000-0000-7000-8000-000000000000")
}

#[tokio::test]
async fn too_much_is_refused_with_a_time_to_come_back() {
    let app = TestApp::spawn_with(|_, web| {
        web.widget.rates.enter.of_network = 4;
        web.widget.rates.write.of_visitor = 3;
        web.widget.rates.upload.of_visitor = 2;
    })
    .await;
    let chat = Chat::open(&app, json!({})).await;
    let (visitor, other) = (chat.visitor().await, chat.visitor().await);
    for n in 0..3 {
        assert_eq!(visitor.write(&format!("{n}"), "Hello").await.status, 201);
    }
    let refused = visitor.write("4", "Hello").await;
    assert_eq!(refused.status, 429);
    let seconds: u64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=61).contains(&seconds));
    assert_eq!(other.write("1", "Hello").await.status, 201, "others go on");
    for _ in 0..2 {
        assert_eq!(visitor.upload("a.txt", b"x").await.status, 201);
    }
    assert_eq!(visitor.upload("a.txt", b"x").await.status, 429);
    for _ in 0..2 {
        assert_eq!(chat.enter(json!({})).await.status, 201);
    }
    assert_eq!(chat.enter(json!({})).await.status, 429);
    let made_up = json!({ "token": "a".repeat(43) });
    assert_eq!(chat.enter(made_up).await.status, 429, "nor under a token that is none");
    // Everybody else in that office is known, and each page they open asks.
    for _ in 0..10 {
        for it in [&visitor, &other] {
            assert_eq!(chat.enter(json!({ "token": it.token })).await.status, 200);
        }
    }
}

#[tokio::test]
async fn a_blocked_customer_writes_no_more() {
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({})).await;
    let visitor = chat.visitor().await;
    visitor.write("1", "Buy this").await;
    let id = visitor.conversation().await;
    let contact = chat.admin.get(&format!("/api/conversations/{id}")).await.body;
    let path = format!("/api/contacts/{}", contact["contact_id"].as_str().unwrap());
    assert_eq!(chat.admin.patch(&path, json!({ "blocked": true })).await.status, 200);
    let resolved = json!({ "status": "resolved" });
    chat.admin.post(&format!("/api/conversations/{id}/status"), resolved).await;
    for score in [1, 2] {
        let rating = json!({ "score": score, "comment": format!("Buy {score}") });
        assert_eq!(visitor.post("rating", rating).await.status, 409);
    }
    let thread = chat.admin.get(&format!("/api/conversations/{id}/messages")).await.text;
    assert!(!thread.contains("The customer said"), "{thread}");
    assert_eq!(visitor.write("2", "Buy that").await.status, 409);
    assert_eq!(visitor.upload("a.txt", b"x").await.status, 409);
    assert_eq!(visitor.texts().await, ["Buy this"]);
}

#[tokio::test]
async fn agents_send_no_copies_from_a_chat_and_forward_it_over_a_mailbox() {
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({})).await;
    let visitor = chat.visitor().await;
    let written = visitor.write("1", "Hello").await;
    let id = visitor.conversation().await;
    let copy = json!({ "text": "Hi", "cc": ["boss@x.example"] });
    let refused = chat.admin.post(&format!("/api/conversations/{id}/messages"), copy).await;
    assert_eq!((refused.status, &refused.body["details"][0]["field"]), (400, &json!("cc")));
    let message = written.body["id"].as_str().unwrap();
    let path = format!("/api/messages/{message}/forward");
    let forward = async |channel: Option<ChannelId>| {
        let body = json!({ "to": "boss@x.example", "text": "Look", "channel_id": channel });
        chat.admin.post(&path, body).await
    };
    let refused = forward(None).await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    assert!(refused.text.contains("no e-mail channel"), "{}", refused.text);
    let support = app.channel("Support").await;
    let sent = forward(None).await;
    assert_eq!(sent.status, 201, "{}", sent.text);
    assert_eq!(sent.body["to"], json!(["boss@x.example"]));
    assert!(sent.body["quoted"].as_str().unwrap().contains("Hello"));
    assert_eq!(visitor.texts().await, ["Hello"], "it is not the visitor's");
    let undone =
        chat.admin.delete(&format!("/api/messages/{}", sent.body["id"].as_str().unwrap())).await;
    assert_eq!(undone.status, 200, "{}", undone.text);

    let sales = app.channel("Sales").await;
    let unclear = forward(None).await;
    assert_eq!(
        (unclear.status, &unclear.body["details"][0]["field"]),
        (400, &json!("channel_id")),
        "{}",
        unclear.text
    );
    assert_eq!(forward(Some(sales)).await.status, 201);
    assert_eq!(forward(Some(chat.id.parse().unwrap())).await.status, 400);
    chat.change(json!({ "email_channel_id": support })).await;
    assert_eq!(forward(None).await.status, 201);
    let joining = json!({ "to": "boss@x.example", "add_participant": true });
    let refused = chat.admin.post(&path, joining).await;
    assert_eq!(
        (refused.status, &refused.body["details"][0]["field"]),
        (400, &json!("add_participant"))
    );
}
