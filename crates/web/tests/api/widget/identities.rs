//! Who the site says somebody is, and what an address typed in a chat is worth: nothing.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::Chat;
use crate::app::TestApp;

/// The signature as a site's server makes it.
fn sign(secret: &str, chat: &str, user_id: &str, expires_at: i64) -> String {
    let text = format!("{chat}\n{user_id}\n{expires_at}");
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().iter().map(|it| format!("{it:02x}")).collect()
}

pub(super) fn identity(chat: &Chat, user_id: &str, expires_at: i64) -> Value {
    let signature = sign(&chat.secret, &chat.id, user_id, expires_at);
    json!({ "user_id": user_id, "name": "Lee", "email": "lee@x.example",
        "expires_at": expires_at, "signature": signature })
}

fn in_an_hour(app: &TestApp) -> i64 {
    app.clock.now().0 / 1000 + 3_600
}

#[tokio::test]
async fn a_signed_user_has_one_history_in_all_browsers() {
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({})).await;
    let entered = chat.enter(json!({ "identity": identity(&chat, "42", in_an_hour(&app)) })).await;
    assert_eq!(entered.status, 201, "{}", entered.text);
    assert_eq!(entered.body["visitor"]["is_verified"], true);
    let first = chat.with(entered.body["token"].as_str().unwrap());
    first.write("1", "From my laptop").await;
    let again = chat.enter(json!({ "identity": identity(&chat, "42", in_an_hour(&app)) })).await;
    assert_eq!(again.status, 201);
    assert_eq!(again.body["visitor"]["id"], entered.body["visitor"]["id"]);
    let second = chat.with(again.body["token"].as_str().unwrap());
    assert_eq!(second.texts().await, ["From my laptop"]);
    let other = chat.enter(json!({ "identity": identity(&chat, "43", in_an_hour(&app)) })).await;
    let other = chat.with(other.body["token"].as_str().unwrap());
    assert_eq!(other.texts().await, Vec::<String>::new());

    let kept =
        json!({ "token": second.token, "identity": identity(&chat, "42", in_an_hour(&app)) });
    let kept = chat.enter(kept).await;
    assert_eq!((kept.status, &kept.body["token"]), (200, &json!(second.token)));
    // Somebody else signs in at the same browser.
    let taken =
        json!({ "token": second.token, "identity": identity(&chat, "43", in_an_hour(&app)) });
    let taken = chat.enter(taken).await;
    assert_eq!(taken.status, 201);
    assert_ne!(taken.body["token"], json!(second.token));
}

#[tokio::test]
async fn who_chatted_before_signing_in_goes_on_and_out_with_the_signature() {
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({})).await;
    let visitor = chat.visitor().await;
    visitor.write("1", "Before").await;
    let until = in_an_hour(&app);
    let body = json!({ "token": visitor.token, "identity": identity(&chat, "42", until) });
    let signed = chat.enter(body).await;
    assert_eq!(signed.status, 201);
    // Whoever knew the token from before does not come along.
    assert_eq!(visitor.get("messages").await.status, 401);
    let visitor = chat.with(signed.body["token"].as_str().unwrap());
    assert_eq!(visitor.texts().await, ["Before"]);
    // The browser may have another user by then.
    app.clock.advance(Duration::from_secs(3_600));
    assert_eq!(visitor.get("messages").await.status, 401);
    let anew = chat.enter(json!({ "token": visitor.token })).await;
    assert_eq!(anew.status, 201);
    assert_ne!(anew.body["visitor"]["id"], signed.body["visitor"]["id"]);
}

#[tokio::test]
async fn a_signature_that_does_not_hold_lets_nobody_in() {
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({})).await;
    let other = Chat::open(&app, json!({})).await;
    let until = in_an_hour(&app);
    let with = |field: &str, value: Value| {
        let mut it = identity(&chat, "42", until);
        it[field] = value;
        it
    };
    let bad = [
        with("user_id", json!("43")),
        with("user_id", json!("")),
        with("user_id", json!("42\n")),
        with("expires_at", json!(until + 1)),
        with("expires_at", json!(i64::MAX)),
        with("expires_at", json!(-1)),
        with("signature", json!("")),
        with("signature", json!("é".repeat(32))),
        with("signature", json!(sign("guess", &chat.id, "42", until))),
        with("signature", json!(sign(&chat.secret, &other.id, "42", until))),
        identity(&chat, "42", app.clock.now().0 / 1000),
        identity(&other, "42", until),
    ];
    for it in bad {
        let answer = chat.enter(json!({ "identity": it })).await;
        assert_eq!(answer.status, 401, "{it}");
    }
    let good = chat.enter(json!({ "identity": identity(&chat, "42", until) })).await;
    assert_eq!(good.status, 201);
    chat.change(json!({ "new_identity_secret": true })).await;
    let old = chat.enter(json!({ "identity": identity(&chat, "42", until) })).await;
    assert_eq!(old.status, 401, "the secret was changed");
}

#[tokio::test]
async fn a_new_secret_ends_what_the_old_one_signed() {
    let app = TestApp::spawn().await;
    let mut chat = Chat::open(&app, json!({})).await;
    let anonymous = chat.visitor().await;
    anonymous.write("1", "Hi").await;
    // The secret leaked: somebody signs for ever.
    let for_ever = app.clock.now().0 / 1000 + 20 * 365 * 86_400;
    let leaked = chat.enter(json!({ "identity": identity(&chat, "42", for_ever) })).await;
    let leaked = chat.with(leaked.body["token"].as_str().unwrap());
    let upload = leaked.upload("a.png", b"\x89PNG\r\n\x1a\n....").await;
    let ids = [&upload.body["id"]];
    let body = json!({ "text": "Mine", "client_id": "1", "attachment_ids": ids });
    let written = leaked.post("messages", body).await;
    let url = written.body["attachments"][0]["url"].as_str().unwrap().to_owned();
    assert_eq!(app.nobody().get(&url).await.status, 200);

    let changed = chat.change(json!({ "new_identity_secret": true })).await;
    chat.secret = changed.body["config"]["identity_secret"].as_str().unwrap().to_owned();
    for it in [
        leaked.get("messages").await,
        leaked.get("events").await,
        leaked.write("2", "Still me").await,
        leaked.upload("a.txt", b"x").await,
    ] {
        assert_eq!(it.status, 401, "{}", it.text);
    }
    assert_eq!(app.nobody().get(&url).await.status, 404);
    let stranger = chat.enter(json!({ "token": leaked.token })).await;
    assert_eq!((stranger.status, &stranger.body["visitor"]["is_verified"]), (201, &json!(false)));
    assert_eq!(anonymous.texts().await, ["Hi"], "nobody signed for them");
    // Whom the site signs for anew has all of it again.
    let until = in_an_hour(&app);
    let signed = chat.enter(json!({ "identity": identity(&chat, "42", until) })).await;
    assert_eq!(chat.with(signed.body["token"].as_str().unwrap()).texts().await, ["Mine"]);
}

#[tokio::test]
async fn no_signature_holds_for_ever() {
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({})).await;
    let for_ever = app.clock.now().0 / 1000 + 20 * 365 * 86_400;
    let signed = chat.enter(json!({ "identity": identity(&chat, "42", for_ever) })).await;
    let token = signed.body["token"].as_str().unwrap();
    // Used all the time, but never signed for again.
    for _ in 0..9 {
        app.clock.advance(Duration::from_secs(9 * 86_400));
        let again = chat.enter(json!({ "token": token })).await;
        assert_eq!((again.status, &again.body["visitor"]["is_verified"]), (200, &json!(true)));
    }
    app.clock.advance(Duration::from_secs(9 * 86_400));
    assert_eq!(chat.with(token).get("messages").await.status, 401);
    assert_eq!(chat.enter(json!({ "token": token })).await.status, 201);
}

#[tokio::test]
async fn a_link_to_a_file_ends_with_the_signature() {
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({})).await;
    let until = in_an_hour(&app);
    let signed = chat.enter(json!({ "identity": identity(&chat, "42", until) })).await;
    let visitor = chat.with(signed.body["token"].as_str().unwrap());
    let upload = visitor.upload("a.png", b"\x89PNG\r\n\x1a\n....").await;
    let ids = [&upload.body["id"]];
    let body = json!({ "text": "", "client_id": "1", "attachment_ids": ids });
    let written = visitor.post("messages", body).await;
    let url = written.body["attachments"][0]["url"].as_str().unwrap();
    app.clock.advance(Duration::from_secs(3_599));
    assert_eq!(app.nobody().get(url).await.status, 200);
    // Another browser of theirs is still signed in; this one may have another user by now.
    let later = in_an_hour(&app);
    chat.enter(json!({ "identity": identity(&chat, "42", later) })).await;
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(app.nobody().get(url).await.status, 404);
}

#[tokio::test]
async fn who_never_writes_is_forgotten_soon() {
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({})).await;
    let (silent, writer) = (chat.visitor().await, chat.visitor().await);
    app.clock.advance(Duration::from_secs(6 * 86_400));
    assert_eq!(writer.write("1", "Hello").await.status, 201);
    app.clock.advance(Duration::from_secs(86_400));
    assert_eq!(silent.get("messages").await.status, 401);
    // Who wrote finds it, without having come by in between.
    app.clock.advance(Duration::from_secs(80 * 86_400));
    assert_eq!(writer.texts().await, ["Hello"]);
    assert_eq!(chat.enter(json!({ "token": writer.token })).await.status, 200);
    app.clock.advance(Duration::from_secs(89 * 86_400));
    assert_eq!(writer.texts().await, ["Hello"]);
}

#[tokio::test]
async fn no_answer_of_a_visitor_stands_where_the_signed_user_does() {
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({})).await;
    for name in ["user_id", "User_ID", "unverified_email", "unverified_phone"] {
        let field = json!({ "field": name, "label": "Your number", "required": false });
        let refused = chat.change(json!({ "pre_chat": [field] })).await;
        assert_eq!(refused.status, 400, "{name}");
        assert_eq!(refused.body["details"][0]["field"], "config.pre_chat[0].field");
    }
    // A chat that was set up before they were refused.
    let id = chat.id.parse().unwrap();
    app.desk
        .store
        .write(move |tx| {
            let mut channel = storage::channels::find(tx, id)?.unwrap();
            let field = |name| json!({ "field": name, "label": name, "required": true });
            channel.config["pre_chat"] = json!([field("user_id"), field("order")]);
            storage::channels::update(tx, &channel)
        })
        .await
        .unwrap();
    let visitor = chat.visitor().await;
    let answers = json!({ "user_id": "42", "order": "7" });
    let body = json!({ "text": "Hi", "client_id": "1", "pre_chat": answers });
    let written = visitor.post("messages", body).await;
    assert_eq!(written.status, 201, "{}", written.text);
    let id = visitor.conversation().await;
    let seen = chat.admin.get(&format!("/api/conversations/{id}")).await.body;
    let path = format!("/api/contacts/{}", seen["contact_id"].as_str().unwrap());
    assert_eq!(chat.admin.get(&path).await.body["attributes"], json!({ "order": "7" }));
}

#[tokio::test]
async fn where_the_site_must_sign_nothing_unsigned_reads_or_writes() {
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({})).await;
    let anonymous = chat.visitor().await;
    let written = anonymous.write("1", "Hello").await;
    let message = written.body["id"].clone();
    chat.change(json!({ "enforce_identity": true })).await;
    assert_eq!(chat.enter(json!({})).await.status, 401);
    assert_eq!(chat.enter(json!({ "token": anonymous.token })).await.status, 401);
    let until = in_an_hour(&app);
    let signed = chat.enter(json!({ "identity": identity(&chat, "42", until) })).await;
    let signed = chat.with(signed.body["token"].as_str().unwrap());
    let all_refused = async |visitor: &super::Visitor| {
        for it in [
            visitor.get("messages").await,
            visitor.get("events").await,
            visitor.write("2", "Hello").await,
            visitor.post("typing", json!({ "is_typing": true })).await,
            visitor.post("read", json!({ "message_id": message })).await,
            visitor.post("rating", json!({ "score": 5 })).await,
            visitor.upload("a.png", b"x").await,
        ] {
            assert_eq!(it.status, 401, "{}", it.text);
        }
    };
    all_refused(&anonymous).await;
    assert_eq!(signed.get("messages").await.status, 200);
    assert_eq!(signed.write("1", "Hello").await.status, 201);
    app.clock.advance(Duration::from_secs(3_600));
    all_refused(&signed).await;
    assert_eq!(app.nobody().get(&chat.path("config")).await.status, 200);
}

#[tokio::test]
async fn an_address_typed_in_a_chat_is_never_somebody_elses() {
    let app = TestApp::spawn().await;
    let fields = json!([
        { "field": "name", "label": "Name", "required": false },
        { "field": "email", "label": "E-mail", "required": true },
        { "field": "order", "label": "Order", "required": false },
    ]);
    let chat = Chat::open(&app, json!({ "pre_chat": fields })).await;
    let admin = &chat.admin;
    let known = json!({ "name": "Vic", "email": "vic@x.example" });
    let known = admin.post("/api/contacts", known).await.body["id"].clone();

    let visitor = chat.visitor().await;
    let missing = visitor.write("1", "Hello").await;
    assert_eq!(missing.body["details"][0]["field"], "pre_chat.email", "{}", missing.text);
    let with = |pre_chat: Value| json!({ "text": "Hi", "client_id": "1", "pre_chat": pre_chat });
    for (bad, field) in [
        (json!({ "email": "nobody" }), "pre_chat.email"),
        (json!({ "email": "a@b.example", "phone": "1" }), "pre_chat.phone"),
        (json!({ "email": "a@b.example", "name": "a\nb" }), "pre_chat.name"),
    ] {
        let answer = visitor.post("messages", with(bad)).await;
        assert_eq!(answer.body["details"][0]["field"], field, "{}", answer.text);
    }
    let answers = json!({ "email": "Vic@X.example", "name": "Vic", "order": "7" });
    let written = visitor.post("messages", with(answers)).await;
    assert_eq!(written.status, 201, "{}", written.text);
    let id = visitor.conversation().await;
    let seen = admin.get(&format!("/api/conversations/{id}")).await.body;
    assert_ne!(seen["contact_id"], known);
    assert_eq!(seen["contact"]["email"], Value::Null);
    let path = format!("/api/contacts/{}", seen["contact_id"].as_str().unwrap());
    let contact = admin.get(&path).await.body;
    assert_eq!(contact["emails"], json!([]));
    let attributes = json!({ "unverified_email": "vic@x.example", "order": "7" });
    assert_eq!((&contact["name"], &contact["attributes"]), (&json!("Vic"), &attributes));
    let thread = admin.get(&format!("/api/conversations/{id}/messages")).await.text;
    assert!(thread.contains("nobody has verified"), "{thread}");
    // Nor by the site, which signs who they are and not where they read mail.
    let until = in_an_hour(&app);
    let mut it = identity(&chat, "42", until);
    it["email"] = json!("vic@x.example");
    let signed = chat.enter(json!({ "identity": it })).await;
    let signed = chat.with(signed.body["token"].as_str().unwrap());
    assert_eq!(signed.write("1", "Hello").await.status, 201);
    let vic = admin.get(&format!("/api/contacts/{}", known.as_str().unwrap())).await.body;
    assert_eq!(vic["attributes"], json!({}));
}

#[tokio::test]
async fn an_erased_customer_is_a_stranger_again() {
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({})).await;
    let visitor = chat.visitor().await;
    let upload = visitor.upload("a.png", b"\x89PNG\r\n\x1a\n....").await;
    let ids = [&upload.body["id"]];
    let body = json!({ "text": "My secret", "client_id": "1", "attachment_ids": ids });
    let written = visitor.post("messages", body).await;
    let url = written.body["attachments"][0]["url"].as_str().unwrap().to_owned();
    let id = visitor.conversation().await;
    let contact = chat.admin.get(&format!("/api/conversations/{id}")).await.body;
    let contact = contact["contact_id"].as_str().unwrap().to_owned();
    let path = format!("/api/conversations/{id}/status");
    chat.admin.post(&path, json!({ "status": "resolved" })).await;
    visitor.post("rating", json!({ "score": 1, "comment": "bad" })).await;
    let erased = chat.admin.delete(&format!("/api/contacts/{contact}")).await;
    assert_eq!(erased.status, 200, "{}", erased.text);
    assert_eq!(visitor.get("messages").await.status, 401);
    desk::workers::step(&app.desk).await.unwrap();
    assert_eq!(app.nobody().get(&url).await.status, 404);
    assert_eq!(visitor.get("messages").await.status, 401);
    let anew = chat.enter(json!({ "token": visitor.token })).await;
    assert_eq!((anew.status, &anew.body["conversation_id"]), (201, &Value::Null));
    assert!(app.desk.store.integrity(true).unwrap().is_empty());
}
