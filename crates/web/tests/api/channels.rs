//! E-mail channels over the API: settings, secrets, the ledger.

use connectors::email::{fingerprint::content_key, people::people};
use desk::{
    DeskError,
    inbound::{Arrival, Content, take_in},
    workers,
};
use domain::ids::ChannelId;
use serde_json::{Value, json};
use storage::Tx;

use crate::app::{Client, TestApp};

const CANARY: &str = "canary-5d41402a-hunter2";

fn config() -> Value {
    json!({
        "address": "Desk@Example.com",
        "from_name": "Example Desk",
        "imap": {
            "host": "imap.example.com", "port": 993, "security": "tls",
            "username": "desk", "password": CANARY, "folders": ["inbox", "Sent"],
        },
        "smtp": {
            "host": "smtp.example.com", "port": 465, "security": "tls",
            "username": "desk", "password": CANARY,
        },
    })
}

fn channel() -> Value {
    json!({ "type": "email", "name": "Support", "config": config(), "is_active": true })
}

pub async fn created(admin: &Client) -> Value {
    let answer = admin.post("/api/channels", channel()).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.body
}

fn path(channel: &Value) -> String {
    format!("/api/channels/{}", channel["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_channel_is_made_and_its_secrets_stay_inside() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let made = created(&admin).await;
    assert_eq!(made["type"], "email");
    assert_eq!(made["config"]["address"], "desk@example.com");
    assert_eq!(made["config"]["imap"]["password"], json!({ "set": true }));
    assert_eq!(made["config"]["imap"]["folders"], json!(["INBOX", "Sent"]));
    assert_eq!(made["config"]["oauth"], Value::Null);
    assert_eq!(made["health"]["status"], "unknown");
    assert_eq!(made["health"]["backlog"], 0);
    for answer in [admin.get("/api/channels").await, admin.get(&path(&made)).await] {
        assert_eq!(answer.status, 200);
        assert!(!answer.text.contains(CANARY), "{}", answer.text);
    }
    let list = admin.get("/api/channels").await.body;
    assert_eq!(list["data"][0], admin.get(&path(&made)).await.body);
    assert_eq!(list["pagination"]["total"], 1);
    let bytes = std::fs::read(app.desk.options.data.join("deskbell.db-wal")).unwrap();
    assert!(!bytes.windows(CANARY.len()).any(|it| it == CANARY.as_bytes()));
}

#[tokio::test]
async fn what_is_wrong_is_named_by_its_path() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    type Change = fn(&mut Value);
    let cases: [(Change, &str); 12] = [
        (|it| it["config"]["imap"]["host"] = json!("a b"), "config.imap.host"),
        (|it| it["config"]["imap"]["port"] = json!(70_000), "config.imap.port"),
        (|it| it["config"]["imap"]["security"] = json!("ssl"), "config.imap.security"),
        (|it| it["config"]["imap"]["pasword"] = json!("x"), "config.imap.pasword"),
        (|it| it["config"]["imap"]["password"] = json!({ "set": true }), "config.imap.password"),
        (|it| it["config"]["imap"]["password"] = json!("••••••"), "config.imap.password"),
        (|it| it["config"]["smtp"] = json!({}), "config.smtp.host"),
        (|it| it["config"]["webhook"] = json!("x"), "config.webhook"),
        (|it| it["config"]["address"] = json!("nobody"), "config.address"),
        (|it| it["config"] = json!({}), "config.address"),
        (|it| it["name"] = json!(" "), "name"),
        (|it| it["type"] = json!("fax"), "type"),
    ];
    for (change, field) in cases {
        let mut body = channel();
        change(&mut body);
        let answer = admin.post("/api/channels", body).await;
        assert_eq!(answer.status, 400, "{field}: {}", answer.text);
        assert_eq!(answer.body["details"][0]["field"], field, "{}", answer.text);
    }
    let other = json!({ "type": "sms", "name": "Texts", "config": { "color": "red" } });
    let answer = admin.post("/api/channels", other).await;
    assert_eq!((answer.status, &answer.body["error"]), (400, &json!("sms is not available")));
}

#[tokio::test]
async fn a_patch_keeps_what_it_does_not_name() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let made = created(&admin).await;
    let patch =
        json!({ "name": "Help", "config": { "smtp": { "port": 465 }, "quote_history": true } });
    let changed = admin.patch(&path(&made), patch).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(changed.body["name"], "Help");
    assert_eq!(changed.body["config"]["quote_history"], true);
    assert_eq!(changed.body["config"]["smtp"]["password"], json!({ "set": true }));
    assert_eq!(changed.body["config"]["imap"], made["config"]["imap"]);

    let moved = json!({ "config": { "imap": { "host": "evil.example" } } });
    let refused = admin.patch(&path(&made), moved).await;
    assert_eq!(refused.status, 400);
    assert_eq!(refused.body["details"][0]["field"], "config.imap.password");
    let anew = json!({ "config": { "imap": { "host": "new.example", "password": "another" } } });
    assert_eq!(admin.patch(&path(&made), anew).await.status, 200);
    let refused = admin.patch(&path(&made), json!({ "type": "sms" })).await;
    assert_eq!(refused.body["details"][0]["field"], "type");
}

#[tokio::test]
async fn one_address_is_watched_once() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let first = created(&admin).await;
    let twin = admin.post("/api/channels", channel()).await;
    assert_eq!((twin.status, &twin.body["existing_id"]), (409, &first["id"]));
    let mut resting = channel();
    resting["is_active"] = json!(false);
    let second = admin.post("/api/channels", resting).await;
    assert_eq!(second.status, 201, "{}", second.text);
    let woken = admin.patch(&path(&second.body), json!({ "is_active": true })).await;
    assert_eq!(woken.status, 409);
    admin.patch(&path(&first), json!({ "is_active": false })).await;
    let woken = admin.patch(&path(&second.body), json!({ "is_active": true })).await;
    assert_eq!((woken.status, &woken.body["is_active"]), (200, &json!(true)));
}

#[tokio::test]
async fn the_same_create_twice_is_one_channel() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await.with("idempotency-key", "once");
    let [first, second] = [created(&admin).await, created(&admin).await];
    assert_eq!(first["id"], second["id"]);
}

#[tokio::test]
async fn older_mail_that_is_asked_for_shows_how_far_it_is() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let made = created(&admin).await;
    assert_eq!(made["health"]["backfill"], json!(null));
    admin.patch(&path(&made), json!({ "is_active": true })).await;
    let range = json!({ "since": "2026-01-01T00:00:00Z", "before": "2026-02-01T00:00:00Z" });
    let asked = admin.post(&format!("{}/backfill", path(&made)), range).await;
    assert_eq!(asked.status, 200, "{}", asked.body);
    let state = json!({
        "state": "waiting",
        "since": "2026-01-01T00:00:00.000Z",
        "before": "2026-02-01T00:00:00.000Z",
        "found": null,
        "read": 0,
        "error": null,
    });
    assert_eq!(asked.body["health"]["backfill"], state);
    assert_eq!(admin.get(&path(&made)).await.body["health"]["backfill"], state);
}

/// Puts a mail into the ledger as its mailbox would.
pub async fn take(app: &TestApp, channel: &Value, uid: u32, raw: &str) {
    let file = app.desk.store.files().put(raw.as_bytes()).unwrap();
    let now = app.desk.clock.now();
    let arrival = Arrival {
        channel: channel["id"].as_str().unwrap().parse::<ChannelId>().unwrap(),
        source_key: format!("INBOX/1/{uid}"),
        size: raw.len() as u64,
        received_at: now,
        backfill: false,
        content: Content::Stored {
            file,
            content_key: content_key(raw.as_bytes()),
            people: people(raw.as_bytes()),
        },
    };
    let write = move |tx: &Tx<'_>| take_in(tx, &arrival, now);
    app.desk.store.write::<_, DeskError>(write).await.unwrap();
}

const GOOD: &str =
    "From: ann@customer.example\r\nSubject: Hi\r\nMessage-ID: <1@x>\r\n\r\nHello\r\n";
const ROBOT: &str = "From: a@x.example\r\nSubject: Failed\r\nContent-Type: multipart/report; \
    report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: \
    message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; \
    b@x.example\r\nAction: failed\r\n--b--\r\n";

#[tokio::test]
async fn the_ledger_shows_each_mail_with_its_fate() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let made = created(&admin).await;
    for (uid, raw) in [(1, GOOD), (2, GOOD), (3, ROBOT), (4, "\r\n")] {
        take(&app, &made, uid, raw).await;
    }
    assert_eq!(admin.get(&path(&made)).await.body["health"]["backlog"], 3);
    workers::step(&app.desk).await.unwrap();
    let ledger = format!("{}/mail", path(&made));
    let list = admin.get(&ledger).await.body;
    let fates: Vec<_> = list["data"].as_array().unwrap().iter().map(|it| &it["fate"]).collect();
    assert_eq!(fates, ["quarantined", "ignored", "duplicate", "message"]);
    assert_eq!(list["pagination"]["total"], 4);
    for row in list["data"].as_array().unwrap() {
        let reasoned = !row["reason"].is_null();
        assert!(reasoned || row["fate"] == "message" || row["fate"] == "duplicate", "{row}");
    }
    let health = admin.get(&path(&made)).await.body["health"].clone();
    assert_eq!((&health["backlog"], &health["quarantined"]), (&json!(0), &json!(1)));

    let message = &list["data"][3];
    assert_eq!(
        (&message["from"], &message["subject"]),
        (&json!("ann@customer.example"), &json!("Hi"))
    );
    assert!(message["conversation_id"].is_string() && message["message_id"].is_string());
    let one = format!("{ledger}/{}", message["id"].as_str().unwrap());
    assert_eq!(admin.get(&one).await.body, *message);
    let raw = admin.get(&format!("{one}/raw")).await;
    assert_eq!(raw.text, GOOD);
    let disposition = raw.headers["content-disposition"].to_str().unwrap();
    assert!(disposition.starts_with("attachment; filename=") && disposition.contains(".eml"));
    assert_eq!(admin.post_nothing(&format!("{one}/replay")).await.status, 409);

    let again = format!("{ledger}/{}/replay", list["data"][0]["id"].as_str().unwrap());
    assert_eq!(admin.post_nothing(&again).await.body["fate"], "pending");
    assert_eq!(admin.post_nothing(&again).await.status, 409);
    workers::step(&app.desk).await.unwrap();
    let quarantined = admin.get(&format!("{ledger}?fate=quarantined")).await.body;
    assert_eq!(quarantined["data"][0]["attempts"], 2);
    assert_eq!(quarantined["pagination"]["total"], 1);
}

#[tokio::test]
async fn the_ledger_is_read_in_pages() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let made = created(&admin).await;
    for uid in 0..5 {
        take(&app, &made, uid, &GOOD.replace("<1@x>", &format!("<{uid}@x>"))).await;
    }
    let ledger = format!("{}/mail?per_page=2", path(&made));
    let first = admin.get(&ledger).await.body;
    let cursor = first["pagination"]["next_cursor"].as_str().unwrap();
    let second = admin.get(&format!("{ledger}&cursor={cursor}")).await.body;
    assert_eq!(second["data"], admin.get(&format!("{ledger}&page=2")).await.body["data"]);
    let last = admin.get(&format!("{ledger}&page=3")).await.body;
    assert_eq!(last["data"].as_array().unwrap().len(), 1);
    assert_eq!(last["pagination"]["has_more"], false);
    let sources = [&first["data"][0], &second["data"][0], &last["data"][0]].map(|it| &it["source"]);
    assert_eq!(sources, ["INBOX/1/4", "INBOX/1/2", "INBOX/1/0"]);
    assert_eq!(admin.get(&format!("{ledger}&cursor=x")).await.status, 400);
    assert_eq!(admin.get(&format!("{ledger}&fate=lost")).await.status, 400);
}

#[tokio::test]
async fn a_channel_with_conversations_is_deleted_by_force_alone() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let made = created(&admin).await;
    take(&app, &made, 1, GOOD).await;
    workers::step(&app.desk).await.unwrap();
    let refused = admin.delete(&path(&made)).await;
    assert_eq!(refused.status, 409);
    assert!(refused.body["error"].as_str().unwrap().contains("force"));
    let gone = admin.delete(&format!("{}?force=true", path(&made))).await;
    assert_eq!((gone.status, &gone.body["id"]), (200, &made["id"]));
    assert_eq!(gone.body["result"]["deleted"], 1);
    assert_eq!(admin.get(&path(&made)).await.status, 404);
    assert_eq!(admin.get("/api/channels").await.body["data"], json!([]));
    // The address is free again.
    created(&admin).await;
}
