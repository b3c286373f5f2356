//! Two contacts that are one person.

use domain::{agents::Role, ids::ContactId};
use serde_json::{Value, json};

use crate::{
    app::{Answer, Client, TestApp},
    inbox::Letter,
};

async fn contact(client: &Client, body: Value) -> Value {
    let made = client.post("/api/contacts", body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.body["id"].clone()
}

async fn merge(client: &Client, from: &Value, into: &Value) -> Answer {
    let path = format!("/api/contacts/{}/merge", from.as_str().unwrap());
    client.post(&path, json!({ "into": into })).await
}

async fn undo(client: &Client, operation: &Answer) -> Answer {
    let id = operation.body["id"].as_str().unwrap();
    client.post_nothing(&format!("/api/operations/{id}/undo")).await
}

async fn read(client: &Client, id: &Value) -> Value {
    client.get(&format!("/api/contacts/{}", id.as_str().unwrap())).await.body
}

async fn count(client: &Client, query: &str) -> u64 {
    let body = client.get(&format!("/api/conversations?{query}")).await.body;
    body["data"].as_array().unwrap().len() as u64
}

/// Lee with a mailbox and a conversation, and Lee's other address with another one.
async fn two(app: &TestApp) -> (Client, [Value; 2]) {
    let admin = app.admin().await;
    let one = json!({
        "name": "Lee", "emails": ["lee@x.example"], "tags": ["vip"], "notes": "likes tea",
        "attributes": { "plan": "gold" },
    });
    let two = json!({
        "emails": ["lee@work.example"], "phones": ["+4930123456"], "tags": ["VIP", "late"],
        "notes": "works late", "attributes": { "plan": "none", "desk": "7" },
        "external_ids": { "telegram_chat_id": "42" },
    });
    let ids = [contact(&admin, one).await, contact(&admin, two).await];
    let channel = app.channel("Support").await;
    app.letter(channel, Letter::new("lee@x.example", "from home")).await;
    app.letter(channel, Letter::new("lee@work.example", "from work")).await;
    (admin, ids)
}

#[tokio::test]
async fn a_merged_contact_leads_on_and_comes_back() {
    let app = TestApp::spawn().await;
    let (admin, [one, two]) = two(&app).await;
    let before = [read(&admin, &one).await, read(&admin, &two).await];
    let merged = merge(&admin, &two, &one).await;
    assert_eq!(merged.status, 201, "{}", merged.text);
    assert_eq!(merged.body["kind"], "merge_contacts");
    let both = read(&admin, &one).await;
    assert_eq!(both["emails"], json!(["lee@x.example", "lee@work.example"]));
    assert_eq!((&both["tags"], &both["name"]), (&json!(["vip", "late"]), &json!("Lee")));
    assert_eq!(both["notes"], "likes tea\n\nworks late");
    assert_eq!(both["attributes"], json!({ "plan": "gold", "desk": "7" }));
    assert_eq!(both["external_ids"], json!({ "telegram_chat_id": "42" }));
    assert_eq!(read(&admin, &two).await, both);
    assert_eq!(count(&admin, &format!("contact_id={}", one.as_str().unwrap())).await, 2);
    assert_eq!(count(&admin, "search=from:lee@work.example").await, 2);
    let listed = admin.get("/api/contacts").await.body;
    assert_eq!(listed["pagination"]["total"], 1);
    let path = format!("/api/contacts/{}", two.as_str().unwrap());
    for refused in [admin.patch(&path, json!({ "name": "x" })).await, admin.delete(&path).await] {
        assert_eq!((refused.status, &refused.body["existing_id"]), (409, &one), "{}", refused.text);
    }
    assert_eq!(merge(&admin, &one, &two).await.status, 409, "a circle");

    // What comes later follows; taken apart, it stays, and what went goes back.
    let channel = app.channel("Sales").await;
    app.letter(channel, Letter::new("lee@work.example", "again from work")).await;
    let phones = json!({ "phones": [] });
    let path = format!("/api/contacts/{}", one.as_str().unwrap());
    assert_eq!(admin.patch(&path, phones).await.status, 200);
    let undone = undo(&admin, &merged).await;
    assert_eq!(undone.status, 200, "{}", undone.text);
    let mut after = [read(&admin, &one).await, read(&admin, &two).await];
    // Somebody has taken the number away since.
    assert_eq!(after[1]["phones"], json!([]));
    after[1]["phones"] = before[1]["phones"].clone();
    after[1]["phone"] = before[1]["phone"].clone();
    for (after, before) in after.iter_mut().zip(&before) {
        after["updated_at"] = before["updated_at"].clone();
    }
    assert_eq!(after[0], before[0]);
    assert_eq!(after[1], before[1]);
    assert_eq!(count(&admin, &format!("contact_id={}", one.as_str().unwrap())).await, 2);
    assert_eq!(count(&admin, &format!("contact_id={}", two.as_str().unwrap())).await, 1);
    assert_eq!(undo(&admin, &merged).await.status, 409);
    assert_eq!(app.count_differences().await, 0);
}

#[tokio::test]
async fn an_erasure_after_a_merge_leaves_nothing_of_either() {
    let app = TestApp::spawn().await;
    let (admin, [one, two]) = two(&app).await;
    let three = contact(&admin, json!({ "name": "Leander", "emails": ["l@z.example"] })).await;
    let first = merge(&admin, &two, &one).await;
    let second = merge(&admin, &one, &three).await;
    assert_eq!(second.status, 201, "{}", second.text);
    assert_eq!(read(&admin, &two).await["id"], three);
    let path = format!("/api/contacts/{}", three.as_str().unwrap());
    assert_eq!(admin.delete(&path).await.status, 200);
    desk::workers::step(&app.desk).await.unwrap();
    for operation in [&second, &first] {
        let refused = undo(&admin, operation).await;
        assert_eq!(refused.status, 409);
        assert!(refused.text.contains("erased"), "{}", refused.text);
    }
    for id in [&one, &two, &three] {
        let gone = admin.get(&format!("/api/contacts/{}", id.as_str().unwrap())).await;
        assert_eq!(gone.status, 404);
    }
    assert_eq!(count(&admin, "").await, 0);
    let ids = [&first, &second].map(|it| it.body["id"].as_str().unwrap().parse().unwrap());
    let kept = app.desk.store.read(move |db| {
        let [first, second] = ids.map(|id| storage::operations::find(db, id));
        Ok::<_, storage::StoreError>(format!("{:?} {:?}", first?, second?))
    });
    let kept = kept.await.unwrap();
    assert!(!kept.contains("example") && !kept.contains("Lee"), "{kept}");
    assert_eq!(app.count_differences().await, 0);
}

#[tokio::test]
async fn who_must_not_be_merged_is_not() {
    let app = TestApp::spawn().await;
    let (admin, [one, two]) = two(&app).await;
    let (_, kim) = app.add(Role::Agent, "kim@example.com").await;
    let path = format!("/api/contacts/{}", two.as_str().unwrap());
    assert_eq!(admin.patch(&path, json!({ "blocked": true })).await.status, 200);
    for (from, into) in [(&two, &one), (&one, &two)] {
        let refused = merge(&admin, from, into).await;
        assert_eq!(refused.status, 409);
        assert!(refused.text.contains("blocked"), "{}", refused.text);
    }
    assert_eq!(admin.patch(&path, json!({ "blocked": false })).await.status, 200);
    let ids = json!({ "external_ids": { "telegram_chat_id": "43" } });
    let first = format!("/api/contacts/{}", one.as_str().unwrap());
    assert_eq!(admin.patch(&first, ids).await.status, 200);
    assert_eq!(merge(&admin, &two, &one).await.status, 409, "two identities of a kind");
    let none = json!({ "external_ids": {} });
    assert_eq!(admin.patch(&first, none).await.status, 200);
    assert_eq!(merge(&admin, &one, &one).await.status, 400);
    let stranger = json!(ContactId::new());
    assert_eq!(merge(&admin, &one, &stranger).await.status, 404);
    assert_eq!(merge(&admin, &stranger, &one).await.status, 404);
    let merged = merge(&admin, &two, &one).await;
    assert_eq!(merged.status, 201, "{}", merged.text);
    assert_eq!(undo(&kim, &merged).await.status, 404, "it is somebody else's");
    assert_eq!(undo(&admin, &merged).await.status, 200);
}
