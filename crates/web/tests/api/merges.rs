//! Making one conversation of two, two of one, and taking that back.

use std::time::Duration;

use domain::{agents::Role, ids::ConversationId};
use serde_json::{Value, json};

use crate::{
    app::{Answer, Client, TestApp},
    inbox::Letter,
};

async fn merge(client: &Client, from: &Value, into: &Value) -> Answer {
    let path = format!("/api/conversations/{}/merge", from.as_str().unwrap());
    client.post(&path, json!({ "into": into })).await
}

async fn undo(client: &Client, operation: &Answer) -> Answer {
    let id = operation.body["id"].as_str().unwrap();
    client.post_nothing(&format!("/api/operations/{id}/undo")).await
}

async fn read(client: &Client, id: &Value) -> Value {
    client.get(&format!("/api/conversations/{}", id.as_str().unwrap())).await.body
}

async fn texts(client: &Client, id: &Value) -> Vec<String> {
    let path = format!("/api/conversations/{}/messages", id.as_str().unwrap());
    let body = client.get(&path).await.body;
    let written = body["data"].as_array().unwrap().iter().filter(|it| it["direction"] != "event");
    written.map(|it| it["text"].as_str().unwrap().to_owned()).collect()
}

/// Two conversations of Lee's: the first answered and resolved, the second waiting, with a tag.
async fn two(app: &TestApp) -> (Client, [Value; 2]) {
    let admin = app.admin().await;
    let channel = app.channel("Support").await;
    let one = app.letter(channel, Letter::new("lee@x.example", "the fridge hums")).await;
    app.clock.advance(Duration::from_secs(60));
    let path = format!("/api/conversations/{one}");
    admin.post(&format!("{path}/messages"), json!({ "text": "unplug it" })).await;
    admin.post(&format!("{path}/status"), json!({ "status": "resolved" })).await;
    app.clock.advance(Duration::from_secs(60));
    let mut letter = Letter::new("lee@x.example", "it leaks as well");
    letter.subject = Some("Wet floor".to_owned());
    let two = app.letter(channel, letter).await;
    admin.post(&format!("/api/conversations/{two}/tags"), json!({ "tag": "Urgent" })).await;
    (admin, [json!(one), json!(two)])
}

#[tokio::test]
async fn a_merged_conversation_leads_on_and_comes_back_as_it_was() {
    let app = TestApp::spawn().await;
    let (admin, [one, two]) = two(&app).await;
    let list = |query: &'static str| {
        let admin = admin.clone();
        async move {
            let body = admin.get(&format!("/api/conversations?{query}")).await.body;
            let rows = body["data"].as_array().unwrap();
            rows.iter().map(|it| it["number"].as_i64().unwrap()).collect::<Vec<_>>()
        }
    };
    let all = admin.get("/api/conversations").await.body["data"].clone();
    app.clock.advance(Duration::from_secs(60));
    let merged = merge(&admin, &two, &one).await;
    assert_eq!(merged.status, 201, "{}", merged.text);
    assert_eq!((&merged.body["target_id"], &merged.body["source_id"]), (&one, &two));
    let row = &admin.get("/api/conversations").await.body["data"][0];
    assert_eq!((&row["status"], &row["unread_count"]), (&json!("open"), &json!(2)));
    assert_eq!((&row["tags"], &row["id"]), (&json!(["Urgent"]), &one));
    assert_eq!(row["waiting_since"], all[0]["waiting_since"]);
    assert_eq!(row["last_message"], all[0]["last_message"]);
    assert_eq!(app.count_differences().await, 0);

    // In every list and search there is one; the old id and number lead to it.
    for query in ["", "search=leaks", "search=%232", "tag=urgent", "search=lee", "search=-tag:x"] {
        assert_eq!(list(query).await, [1], "{query}");
    }
    for query in ["spam=true", "search=wet", "spam=true&search=lee", "sort=waiting&spam=true"] {
        assert_eq!(list(query).await, [0; 0], "{query}");
    }
    assert_eq!(read(&admin, &two).await["id"], one);
    assert_eq!(texts(&admin, &two).await, ["the fridge hums", "unplug it", "it leaks as well"]);
    let path = format!("/api/conversations/{}/status", two.as_str().unwrap());
    let refused = admin.post(&path, json!({ "status": "resolved" })).await;
    assert_eq!((refused.status, &refused.body["existing_id"]), (409, &one), "{}", refused.text);

    // What came since stays; what went comes back.
    let target: ConversationId = one.as_str().unwrap().parse().unwrap();
    app.clock.advance(Duration::from_secs(60));
    app.answer(target, Letter::new("lee@x.example", "hello?")).await;
    let undone = undo(&admin, &merged).await;
    assert_eq!((undone.status, &undone.body["state"]), (200, &json!("undone")), "{}", undone.text);
    assert_eq!(texts(&admin, &one).await, ["the fridge hums", "unplug it", "hello?"]);
    assert_eq!(texts(&admin, &two).await, ["it leaks as well"]);
    assert_eq!(list("").await, [1, 2]);
    assert_eq!(list("search=wet").await, [2]);
    assert_eq!(list("tag=urgent").await, [2]);
    assert_eq!(undo(&admin, &merged).await.status, 409);
    assert_eq!(app.count_differences().await, 0);
}

#[tokio::test]
async fn undone_at_once_everything_is_as_before() {
    let app = TestApp::spawn().await;
    let (admin, [one, two]) = two(&app).await;
    let shown = async || {
        let mut all = admin.get("/api/conversations").await.body["data"].clone();
        for it in all.as_array_mut().unwrap() {
            it["updated_at"] = Value::Null;
        }
        all
    };
    let before = shown().await;
    for (from, into) in [(&two, &one), (&one, &two)] {
        let merged = merge(&admin, from, into).await;
        assert_eq!(merged.status, 201, "{}", merged.text);
        assert_ne!(shown().await, before);
        assert_eq!(undo(&admin, &merged).await.status, 200);
        assert_eq!(shown().await, before);
        assert_eq!(app.count_differences().await, 0);
    }
}

#[tokio::test]
async fn chains_lead_to_their_end_and_are_undone_from_there() {
    let app = TestApp::spawn().await;
    let (admin, [one, two]) = two(&app).await;
    let channel = app.channel("Sales").await;
    let three = json!(app.letter(channel, Letter::new("lee@x.example", "third")).await);
    let first = merge(&admin, &one, &two).await;
    assert_eq!(merge(&admin, &two, &one).await.status, 409, "a circle");
    let second = merge(&admin, &two, &three).await;
    assert_eq!(second.status, 201, "{}", second.text);
    assert_eq!(read(&admin, &one).await["id"], three);
    let again = merge(&admin, &one, &three).await;
    assert_eq!((again.status, &again.body["existing_id"]), (409, &three));
    assert_eq!(texts(&admin, &one).await.len(), 4);
    let refused = undo(&admin, &first).await;
    assert_eq!(refused.status, 409);
    assert!(refused.text.contains("undo that first"), "{}", refused.text);
    assert_eq!(undo(&admin, &second).await.status, 200);
    assert_eq!(undo(&admin, &first).await.status, 200);
    assert_eq!(texts(&admin, &one).await, ["the fridge hums", "unplug it"]);
    assert_eq!(texts(&admin, &three).await, ["third"]);
    assert_eq!(app.count_differences().await, 0);
}

#[tokio::test]
async fn what_must_not_be_merged_is_not() {
    let app = TestApp::spawn().await;
    let (admin, [one, two]) = two(&app).await;
    let (_, kim) = app.add(Role::Agent, "kim@example.com").await;
    let channel = app.channel("Sales").await;
    let other = json!(app.letter(channel, Letter::new("mei@x.example", "hi")).await);
    let refused = merge(&admin, &one, &other).await;
    assert_eq!(refused.status, 409);
    assert!(refused.text.contains("different contacts"), "{}", refused.text);
    assert_eq!(merge(&admin, &one, &one).await.status, 400);
    let stranger = json!("019a0000-0000-7000-8000-000000000000");
    assert_eq!(merge(&admin, &one, &stranger).await.status, 404);
    assert_eq!(merge(&admin, &stranger, &one).await.status, 404);
    assert_eq!(merge(&admin, &one, &json!("x")).await.status, 400);
    let merged = merge(&admin, &two, &one).await;
    assert_eq!(undo(&kim, &merged).await.status, 404, "it is somebody else's");
    assert_eq!(read(&admin, &two).await["id"], one);

    // Erasing the customer erases both, and there is nothing to come back.
    let contact = read(&admin, &one).await["contact_id"].as_str().unwrap().to_owned();
    assert_eq!(admin.delete(&format!("/api/contacts/{contact}")).await.status, 200);
    let refused = undo(&admin, &merged).await;
    assert_eq!(refused.status, 409);
    assert!(refused.text.contains("erased"), "{}", refused.text);
    desk::workers::step(&app.desk).await.unwrap();
    assert_eq!(undo(&admin, &merged).await.status, 409);
    let gone = admin.get(&format!("/api/conversations/{}", two.as_str().unwrap())).await;
    assert_eq!(gone.status, 404);
    let left = app.desk.store.read(|db| storage::conversations::find_by_number(db, 2)).await;
    assert_eq!(left.unwrap(), None);
    assert_eq!(app.count_differences().await, 0);
}

#[tokio::test]
async fn later_messages_become_a_conversation_of_their_own() {
    let app = TestApp::spawn().await;
    let (admin, [one, _]) = two(&app).await;
    let id: ConversationId = one.as_str().unwrap().parse().unwrap();
    app.clock.advance(Duration::from_secs(60));
    let asked = app.answer(id, Letter::new("lee@x.example", "another thing: my oven")).await;
    app.answer(id, Letter::new("lee@x.example", "it is cold")).await;
    let before = admin.get("/api/conversations?search=%231").await.body["data"][0].clone();
    let path = format!("/api/conversations/{}/split", one.as_str().unwrap());
    let split = admin.post(&path, json!({ "message_id": asked, "subject": "Oven" })).await;
    assert_eq!(split.status, 201, "{}", split.text);
    let made = split.body["target_id"].clone();
    let rows = admin.get("/api/conversations?search=oven").await.body["data"].clone();
    assert_eq!((&rows[0]["id"], &rows[0]["subject"]), (&made, &json!("Oven")));
    assert_eq!(
        (&rows[0]["unread_count"], &rows[0]["contact_id"]),
        (&json!(2), &before["contact_id"])
    );
    assert_eq!(rows[0]["waiting_since"], before["waiting_since"]);
    assert_eq!(rows[0]["related_conversation_id"], one);
    let row = admin.get("/api/conversations?search=%231").await.body["data"][0].clone();
    assert_eq!((&row["unread_count"], &row["waiting_since"]), (&json!(1), &Value::Null));
    assert_eq!(row["last_message"]["text"], "unplug it");
    assert_eq!(texts(&admin, &made).await, ["another thing: my oven", "it is cold"]);
    assert_eq!(app.count_differences().await, 0);

    let first = admin.get(&format!("/api/conversations/{}/messages", one.as_str().unwrap())).await;
    let first = &first.body["data"][0]["id"];
    let refused = admin.post(&path, json!({ "message_id": first })).await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    let foreign = admin.post(&path, json!({ "message_id": asked })).await;
    assert_eq!(foreign.status, 400, "it is in the other one now");

    let undone = undo(&admin, &split).await;
    assert_eq!(undone.status, 200, "{}", undone.text);
    assert_eq!(texts(&admin, &one).await.len(), 4);
    assert_eq!(read(&admin, &made).await["id"], one);
    assert_eq!(undo(&admin, &split).await.status, 409);
    assert_eq!(app.count_differences().await, 0);
}

#[tokio::test]
async fn what_was_noted_of_it_stands_where_people_look_now() {
    let app = TestApp::spawn().await;
    let (admin, [one, two]) = two(&app).await;
    let path = |id: &Value| format!("/api/conversations/{}", id.as_str().unwrap());
    let about =
        json!({ "notes": "calls back on Monday", "attributes": { "order": 7, "plan": "gold" } });
    assert_eq!(admin.patch(&path(&two), about).await.status, 200);
    let own = json!({ "notes": "likes tea", "attributes": { "plan": "silver" } });
    assert_eq!(admin.patch(&path(&one), own.clone()).await.status, 200);
    let merged = merge(&admin, &two, &one).await;
    let now = read(&admin, &one).await;
    assert_eq!(now["notes"], "likes tea\n\n#2:\ncalls back on Monday");
    assert_eq!(now["attributes"], json!({ "order": 7, "plan": "silver" }));
    assert_eq!(undo(&admin, &merged).await.status, 200);
    let (one, two) = (read(&admin, &one).await, read(&admin, &two).await);
    assert_eq!((&one["notes"], &one["attributes"]), (&own["notes"], &own["attributes"]));
    assert_eq!(two["notes"], "calls back on Monday");
    assert_eq!(two["attributes"], json!({ "order": 7, "plan": "gold" }));
}

/// What came to another mailbox goes over, too; answers leave by the one that stays.
#[tokio::test]
async fn conversations_of_two_mailboxes_are_merged() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let (support, sales) = (app.channel("Support").await, app.channel("Sales").await);
    let one = json!(app.letter(support, Letter::new("lee@x.example", "to support")).await);
    let two = json!(app.letter(sales, Letter::new("lee@x.example", "to sales")).await);
    let merged = merge(&admin, &two, &one).await;
    assert_eq!(merged.status, 201, "{}", merged.text);
    assert_eq!(texts(&admin, &one).await, ["to support", "to sales"]);
    assert_eq!(read(&admin, &two).await["channel_id"], json!(support));
    assert_eq!(app.count_differences().await, 0);
    let of = |channel| format!("/api/conversations?channel_id={channel}");
    assert_eq!(admin.get(&of(sales)).await.body["pagination"]["total"], 0);

    let listed = async |id: &Value| {
        let path = format!("/api/operations?conversation_id={}", id.as_str().unwrap());
        let body = admin.get(&path).await.body;
        body["data"].as_array().unwrap().iter().map(|it| it["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(listed(&one).await, [merged.body["id"].clone()]);
    assert_eq!(listed(&two).await, [merged.body["id"].clone()]);
    let other = json!(app.letter(support, Letter::new("kim@x.example", "hello")).await);
    assert_eq!(listed(&other).await, [Value::Null; 0]);
    let tag = json!({ "conversation_ids": [other], "add_tags": ["vip"] });
    let bulk = admin.post("/api/conversations/bulk", tag).await;
    assert_eq!(listed(&other).await, [bulk.body["id"].clone()]);

    assert_eq!(undo(&admin, &merged).await.status, 200);
    assert_eq!(read(&admin, &two).await["channel_id"], json!(sales));
    assert_eq!(texts(&admin, &two).await, ["to sales"]);
    assert_eq!(app.count_differences().await, 0);
}
