//! Contacts: who they are, finding them, and forgetting them.

use desk::{contacts, messages::append::append};
use domain::{
    conversations::Conversation,
    events::Actor,
    ids::{ChannelId, ContactId, ConversationId, MessageId},
    messages::{Attachment, Direction, Message, MessageType, Sender, SenderType},
};
use serde_json::{Value, json};

use crate::app::{Client, TestApp};

async fn created(client: &Client, body: Value) -> Value {
    let answer = client.post("/api/contacts", body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.body
}

#[tokio::test]
async fn a_contact_has_exactly_the_documented_fields_and_changes_one_by_one() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let it = created(
        &admin,
        json!({
            "name": " Ann Lee ", "email": "Ann@Example.com", "emails": ["ann@example.com", "a@b.example"],
            "phone": "+62 812-3456-7890", "external_ids": { "telegram_chat_id": "42" },
            "tags": ["VIP", "vip", "Newsletter"], "notes": "likes tea\r\n", "attributes": { "plan": "gold" },
        }),
    )
    .await;
    let id = it["id"].as_str().unwrap().to_owned();
    let want = json!({
        "id": id, "name": "Ann Lee", "email": "ann@example.com", "phone": "+6281234567890",
        "emails": ["ann@example.com", "a@b.example"], "phones": ["+6281234567890"],
        "external_ids": { "telegram_chat_id": "42" }, "tags": ["VIP", "Newsletter"],
        "notes": "likes tea\n", "attributes": { "plan": "gold" }, "blocked": false,
        "created_at": "2026-01-05T09:00:00.000Z", "updated_at": "2026-01-05T09:00:00.000Z",
    });
    assert_eq!(it, want);
    let path = format!("/api/contacts/{id}");
    assert_eq!(admin.get(&path).await.body, want);

    let changes = [
        (json!({ "name": null }), "name", json!(null)),
        (
            json!({ "email": "new@example.com" }),
            "emails",
            json!(["new@example.com", "a@b.example"]),
        ),
        (json!({ "email": null }), "emails", json!(["a@b.example"])),
        (json!({ "phones": null }), "phones", json!([])),
        (json!({ "tags": ["vip"] }), "tags", json!(["VIP"])),
        (json!({ "blocked": true }), "blocked", json!(true)),
        (json!({ "attributes": {} }), "attributes", json!({})),
        (json!({}), "blocked", json!(true)),
    ];
    for (body, field, want) in changes {
        let answer = admin.patch(&path, body.clone()).await;
        assert_eq!(answer.status, 200, "{body}: {}", answer.text);
        assert_eq!(answer.body[field], want, "{body}");
    }
    let found = admin.get(&path).await.body;
    assert_eq!(found["external_ids"], json!({ "telegram_chat_id": "42" }), "left out, unchanged");
}

#[tokio::test]
async fn a_duplicate_is_a_conflict_that_names_the_contact_there_is() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let body = json!({ "name": "Ann", "email": "ann@x.example", "phone": "+4930901820",
        "external_ids": { "viber": "v1" } });
    let ann = created(&admin, body).await;
    let bob = created(&admin, json!({ "name": "Bob" })).await;
    let same = [
        json!({ "emails": ["ANN@x.example"] }),
        json!({ "phone": "+49 30 901820" }),
        json!({ "external_ids": { "viber": "v1" } }),
    ];
    for body in same {
        let answer = admin.post("/api/contacts", body.clone()).await;
        assert_eq!((answer.status, &answer.body["existing_id"]), (409, &ann["id"]), "{body}");
        let path = format!("/api/contacts/{}", bob["id"].as_str().unwrap());
        let answer = admin.patch(&path, body.clone()).await;
        assert_eq!((answer.status, &answer.body["existing_id"]), (409, &ann["id"]), "{body}");
    }
    let key = admin.with("Idempotency-Key", "once");
    let first = created(&key, json!({ "name": "Eve" })).await;
    assert_eq!(created(&key, json!({ "name": "Eve" })).await, first);
    let other = key.post("/api/contacts", json!({ "name": "Mallory" })).await;
    assert_eq!(other.status, 409);
}

#[tokio::test]
async fn what_is_wrong_is_named_by_its_field_and_nothing_is_stored() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let cases = [
        (json!({}), "name"),
        (json!({ "notes": "only notes" }), "name"),
        (json!({ "emails": ["ann@x.example", "nope"] }), "emails[1]"),
        (json!({ "phone": "0812 3456 7890" }), "phone"),
        (json!({ "email": "nope" }), "email"),
        (json!({ "email": "nope", "emails": ["ann@x.example"] }), "emails[0]"),
        (json!({ "name": "Ann\r\nBcc: x" }), "name"),
        (json!({ "name": "Ann", "tags": ["  "] }), "tags[0]"),
        (json!({ "name": "Ann", "attributes": { "deep": { "er": 1 } } }), "attributes.deep"),
        (json!({ "name": ["Ann"] }), "name"),
        (json!({ "name": "Ann", "role": "admin" }), "role"),
        (json!({ "name": "Ann", "id": ContactId::new() }), "id"),
    ];
    for (body, field) in cases {
        let answer = admin.post("/api/contacts", body.clone()).await;
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(answer.body["details"][0]["field"], field, "{body}: {}", answer.text);
    }
    assert_eq!(admin.get("/api/contacts").await.body["pagination"]["total"], 0);
    for id in ["nonsense", "0", "00000000-0000-0000-0000-000000000000"] {
        assert_eq!(admin.get(&format!("/api/contacts/{id}")).await.status, 404, "{id}");
    }
}

#[tokio::test]
async fn contacts_are_found_by_words_addresses_and_phone_digits_and_paged() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    for index in 0..7 {
        let body = json!({ "name": format!("Person {index}"), "email": format!("p{index}@x.example"),
            "tags": [if index % 2 == 0 { "even" } else { "odd" }] });
        created(&admin, body).await;
    }
    created(&admin, json!({ "name": "José Müller", "phone": "+6281234567890", "blocked": true }))
        .await;
    created(&admin, json!({ "name": "田中太郎" })).await;
    let cases = [
        ("person", 7),
        ("PERSON", 7),
        ("p3%40x.example", 1),
        ("jose", 1),
        ("mull*", 1),
        ("mull", 1),
        ("jose+mul", 1),
        ("mul+jose", 0),
        ("mull+", 0),
        ("p3%40x.exa", 1),
        ("0812+3456+7890", 1),
        ("%2B62+812+3456+7890", 1),
        ("34567890", 1),
        ("太郎", 1),
        ("%22person+3%22", 1),
        ("nobody", 0),
        ("%22*%22%28", 0),
        ("+", 0),
    ];
    for (search, want) in cases {
        let answer = admin.get(&format!("/api/contacts?search={search}")).await;
        assert_eq!(answer.status, 200, "{search}: {}", answer.text);
        assert_eq!(answer.body["data"].as_array().unwrap().len(), want, "{search}");
        assert_eq!(answer.body["pagination"]["total"], want, "{search}");
    }
    for (query, want) in [("tag=EVEN", 4), ("tag=even&search=person", 4), ("blocked=true", 1)] {
        let answer = admin.get(&format!("/api/contacts?{query}")).await;
        assert_eq!(answer.body["pagination"]["total"], want, "{query}");
    }

    let mut seen = Vec::new();
    let mut path = "/api/contacts?per_page=4".to_owned();
    loop {
        let body = admin.get(&path).await.body;
        seen.extend(body["data"].as_array().unwrap().iter().map(|it| it["id"].clone()));
        match body["pagination"]["next_cursor"].as_str() {
            Some(cursor) => path = format!("/api/contacts?per_page=4&cursor={cursor}"),
            None => break,
        }
    }
    let all = admin.get("/api/contacts?per_page=100").await.body;
    let all: Vec<Value> =
        all["data"].as_array().unwrap().iter().map(|it| it["id"].clone()).collect();
    assert_eq!((seen.len(), &seen), (9, &all));
    assert_eq!(admin.get("/api/contacts?cursor=x%27--").await.status, 400);
}

#[tokio::test]
async fn an_erased_contact_leaves_nothing_behind() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let ann = created(&admin, json!({ "name": "Ann", "email": "ann@x.example" })).await;
    let bob = created(&admin, json!({ "name": "Bob", "email": "bob@x.example" })).await;
    let id = |it: &Value| it["id"].as_str().unwrap().parse::<ContactId>().unwrap();
    let file = app.desk.store.files().put(b"a receipt").unwrap().to_string();
    write_conversation(&app, id(&ann), 700, &file).await;
    write_conversation(&app, id(&bob), 1, &file).await;

    let path = format!("/api/contacts/{}", id(&ann));
    let answer = admin.delete(&path).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let want = json!({ "conversations": 1, "messages": 700, "attachments": 1, "mails": 0 });
    assert_eq!(answer.body, json!({ "id": ann["id"], "result": want }));
    // Out of sight at once, before a single row was removed.
    assert_eq!(admin.get(&path).await.status, 404);
    assert_eq!(admin.delete(&path).await.status, 404);
    assert_eq!(admin.get("/api/contacts?search=ann").await.body["pagination"]["total"], 0);
    // The address is free again.
    let again = created(&admin, json!({ "email": "ann@x.example" })).await;
    assert_ne!(again["id"], ann["id"]);

    let one = contacts::erase_slice(&app.desk, id(&ann)).await.unwrap();
    assert!(!one, "700 messages are more than one transaction");
    desk::workers::step(&app.desk).await.unwrap();
    let (left, differences) = app
        .desk
        .store
        .read(|db| {
            let all = storage::conversations::list::Filter::default();
            let start = storage::conversations::list::Start::Offset(0);
            let page = storage::conversations::list::page(db, &all, Default::default(), start, 10)?;
            let differences = storage::conversations::counts::differences(db)?;
            Ok::<_, storage::StoreError>((page, differences))
        })
        .await
        .unwrap();
    assert_eq!((left.rows.len(), left.total, differences), (1, Some(1), 0));
    assert_eq!(left.rows[0].contact.id, id(&bob));
    assert!(app.desk.store.integrity(true).unwrap().is_empty());
    // Bob's message refers to the same file, so it stays.
    let hash = file.parse().unwrap();
    assert!(app.desk.store.files().open_file(hash).is_ok());
}

/// One conversation of `contact` with that many messages, the first with a file on it.
async fn write_conversation(app: &TestApp, contact: ContactId, messages: u32, file: &str) {
    let (file, now) = (file.to_owned(), app.clock.now());
    app.desk
        .store
        .write(move |tx| {
            let channel = domain::channels::Channel {
                id: ChannelId::new(),
                kind: domain::channels::ChannelType::Email,
                name: "Support".into(),
                config: json!({}),
                is_active: true,
                created_at: now,
                updated_at: now,
                deleted_at: None,
            };
            storage::channels::insert(tx, &channel)?;
            let channel = (channel.id, channel.kind);
            let mut it = Conversation::open(ConversationId::new(), channel, contact, None, now);
            storage::conversations::insert(tx, &mut it)?;
            for index in 0..messages {
                let mut message = message(&it, contact, now);
                if index == 0 {
                    message.attachments.push(Attachment {
                        id: domain::ids::AttachmentId::new(),
                        file_hash: file.clone(),
                        name: "receipt.txt".into(),
                        mime: "text/plain".into(),
                        size: 9,
                        content_id: None,
                        inline: false,
                    });
                }
                append(tx, &mut it, message, Actor::Contact(contact), now)?;
            }
            Ok::<_, desk::DeskError>(())
        })
        .await
        .unwrap();
}

fn message(it: &Conversation, contact: ContactId, now: domain::Timestamp) -> Message {
    Message {
        seq: 0,
        id: MessageId::new(),
        conversation_id: it.id,
        conversation_number: it.number,
        direction: Direction::Inbound,
        kind: MessageType::Text,
        sender: Sender { kind: SenderType::Contact, id: Some(contact.0), name: None },
        text: "hello".into(),
        html: Some("<p>hello</p>".into()),
        quoted: None,
        signature: None,
        attachments: Vec::new(),
        status: None,
        error: None,
        send_at: None,
        cancel_if_customer_writes: false,
        mail: None,
        event: None,
        created_at: now,
        sent_at: None,
    }
}

#[tokio::test]
async fn null_is_as_good_as_left_out_in_a_new_contact() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let body = json!({ "name": "Ann", "emails": null, "email": null, "phones": null, "phone": null,
        "external_ids": null, "tags": null, "notes": null, "attributes": null, "blocked": null });
    let it = created(&admin, body).await;
    assert_eq!(
        (&it["emails"], &it["attributes"], &it["blocked"]),
        (&json!([]), &json!({}), &json!(false))
    );
    for (query, want) in [("blocked=0", 200), ("blocked=true", 200), ("blocked=maybe", 400)] {
        assert_eq!(admin.get(&format!("/api/contacts?{query}")).await.status, want, "{query}");
    }
}
