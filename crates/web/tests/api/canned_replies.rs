//! Canned replies: keeping them, filling them in, using them.

use domain::agents::Role;
use serde_json::{Value, json};

use crate::{app::TestApp, inbox::Letter};

const PATH: &str = "/api/canned-replies";

#[tokio::test]
async fn a_canned_reply_is_kept_changed_found_and_deleted() {
    let app = TestApp::spawn().await;
    let (admin, agent) = (app.admin().await, app.agent().await);
    let body = json!({
        "name": "Refund", "shortcut": "Refund", "text": "Hi {{contact.first_name|there}}",
        "html": "<p>Hi {{contact.first_name|there}}</p><form><input></form><script>x</script>",
        "actions": { "status": "pending", "tags": ["Billing"], "assign": "me" },
    });
    let made = agent.post(PATH, body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let id = made.body["id"].as_str().unwrap().to_owned();
    let path = format!("{PATH}/{id}");
    assert_eq!(
        made.body,
        json!({
            "id": id, "name": "Refund", "shortcut": "Refund", "shared": true,
            "created_by": made.body["created_by"], "text": "Hi {{contact.first_name|there}}",
            "html": "<p>Hi {{contact.first_name|there}}</p>",
            "actions": { "status": "pending", "tags": ["Billing"], "assign": "me" },
            "use_count": 0, "last_used_at": null,
            "created_at": "2026-01-05T09:00:00.000Z", "updated_at": "2026-01-05T09:00:00.000Z",
        })
    );
    assert_eq!(admin.get(&path).await.body, made.body);

    let taken = admin.post(PATH, json!({ "name": "x", "shortcut": "REFUND", "text": "y" })).await;
    assert_eq!((taken.status, &taken.body["existing_id"]), (409, &json!(id)));
    let own = json!({ "name": "Mine", "shortcut": "refund", "text": "y", "shared": false });
    assert_eq!(
        agent.post(PATH, own.clone()).await.status,
        201,
        "own ones are a scope of their own"
    );
    assert_eq!(agent.post(PATH, own.clone()).await.status, 409);
    assert_eq!(admin.post(PATH, own).await.status, 201);

    let names = |body: &Value| -> Vec<String> {
        let data = body["data"].as_array().unwrap().iter();
        data.map(|it| it["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&agent.get(PATH).await.body), ["Mine", "Refund"]);
    assert_eq!(names(&agent.get(&format!("{PATH}?search=hi%20REFUND")).await.body), ["Refund"]);
    assert_eq!(names(&agent.get(&format!("{PATH}?search=nothing")).await.body), [""; 0]);

    let changed = agent.patch(&path, json!({ "shortcut": null, "html": null, "actions": null }));
    let changed = changed.await.body;
    assert_eq!(changed["actions"], json!({ "status": null, "tags": [], "assign": null }));
    assert_eq!((&changed["shortcut"], &changed["html"]), (&Value::Null, &Value::Null));
    let deleted = admin.delete(&path).await;
    assert_eq!((deleted.status, &deleted.body["result"]), (200, &json!("deleted")));
    assert_eq!(agent.get(&path).await.status, 404);
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let stranger = "019a0000-0000-7000-8000-000000000000";
    let cases = [
        (json!({ "name": "x", "text": "{{contact.nme}}" }), "text"),
        (json!({ "name": "x", "text": "{{contact.name" }), "text"),
        (json!({ "name": "x", "text": "y", "html": "<a href='{{agent.name}}'>z</a>" }), "html"),
        (json!({ "name": "x" }), "text"),
        (json!({ "name": " ", "text": "y" }), "name"),
        (json!({ "name": "x", "text": "y", "shortcut": "two words" }), "shortcut"),
        (json!({ "name": "x", "text": "y", "actions": { "status": "snoozed" } }), "actions.status"),
        (json!({ "name": "x", "text": "y", "actions": { "assign": stranger } }), "actions.assign"),
        (json!({ "name": "x", "text": "y", "actions": { "assign": "us" } }), "actions.assign"),
        (json!({ "name": "x", "text": "y", "owner": "us" }), "owner"),
    ];
    for (body, field) in cases {
        let answer = admin.post(PATH, body.clone()).await;
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(answer.body["details"][0]["field"], field, "{body}: {}", answer.text);
    }
    let answer = admin.post(PATH, json!({ "name": "x", "text": "{{contact.nme}}" })).await;
    assert!(answer.text.contains("{{contact.nme}}"), "{}", answer.text);
}

#[tokio::test]
async fn own_replies_are_nobody_elses_and_shared_ones_their_authors() {
    let app = TestApp::spawn().await;
    let (admin, agent) = (app.admin().await, app.agent().await);
    let (other, cora) = app.add(Role::Agent, "cora@example.com").await;
    let make = async |client: &crate::app::Client, shared: bool| {
        let made = client.post(PATH, json!({ "name": "x", "text": "y", "shared": shared })).await;
        format!("{PATH}/{}", made.body["id"].as_str().unwrap())
    };
    let (own, shared) = (make(&agent, false).await, make(&agent, true).await);
    let change = json!({ "name": "z" });
    for client in [&admin, &cora] {
        assert_eq!(client.get(&own).await.status, 404);
        assert_eq!(client.patch(&own, change.clone()).await.status, 404);
        assert_eq!(client.delete(&own).await.status, 404);
        assert_eq!(client.get(&shared).await.status, 200);
    }
    assert_eq!(cora.patch(&shared, change.clone()).await.status, 403);
    assert_eq!(cora.delete(&shared).await.status, 403);
    assert_eq!(admin.patch(&shared, change).await.status, 200);
    let hers = make(&cora, false).await;
    admin.delete(&format!("/api/agents/{other}")).await;
    let left = app.desk.store.read(move |db| storage::canned_replies::count(db, Some(other)));
    assert_eq!(left.await.unwrap(), 0, "{hers} went with its owner");
}

#[tokio::test]
async fn variables_are_filled_in_from_the_conversation_and_escaped() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let channel = app.channel("Support").await;
    let letter = Letter {
        name: Some("Lee <b>\"{{agent.name}}".to_owned()),
        subject: None,
        ..Letter::new("lee@x.example", "hello")
    };
    let id = app.letter(channel, letter).await;
    let text = "{{contact.first_name|there}} {{contact.name}} {{agent.name}} \
                #{{conversation.number}} {{workspace.name}} {{channel.name}} \
                {{conversation.subject|your letter}}|{{contact.phone}}|";
    let html = format!("<p>{text}</p>");
    let made = admin.post(PATH, json!({ "name": "x", "text": text, "html": html })).await;
    let path = format!("{PATH}/{}/render", made.body["id"].as_str().unwrap());
    let rendered = admin.post(&path, json!({ "conversation_id": id })).await;
    assert_eq!(rendered.status, 200, "{}", rendered.text);
    let rest = "Ann Admin #1 Example Support your letter||";
    assert_eq!(rendered.body["text"], format!("Lee Lee <b>\"{{{{agent.name}}}} {rest}"));
    let safe = format!("<p>Lee Lee &lt;b&gt;\"{{{{agent.name}}}} {rest}</p>");
    assert_eq!(rendered.body["html"], safe);
    assert_eq!(rendered.body["missing"], json!(["contact.phone"]));
    let stranger = json!({ "conversation_id": "019a0000-0000-7000-8000-000000000000" });
    assert_eq!(admin.post(&path, stranger).await.status, 404);
}

#[tokio::test]
async fn using_one_counts_once_and_does_what_goes_with_it() {
    let app = TestApp::spawn().await;
    let (admin, agent) = (app.admin().await, app.agent().await);
    let channel = app.channel("Support").await;
    let id = app.letter(channel, Letter::new("lee@x.example", "hello")).await;
    let actions = json!({ "status": "resolved", "tags": ["Done"], "assign": "me" });
    let made = admin.post(PATH, json!({ "name": "x", "text": "Bye", "actions": actions })).await;
    let canned = made.body["id"].as_str().unwrap();
    let body = json!({ "text": "Bye!", "canned_reply_id": canned });
    let send = format!("/api/conversations/{id}/messages");
    let once = agent.with("idempotency-key", "one");
    for _ in 0..2 {
        let sent = once.post(&send, body.clone()).await;
        assert_eq!((sent.status, &sent.body["text"]), (201, &json!("Bye!")), "{}", sent.text);
    }
    let it = agent.get(&format!("/api/conversations/{id}")).await.body;
    assert_eq!((&it["status"], &it["tags"]), (&json!("resolved"), &json!(["Done"])));
    assert_eq!(it["assigned_agent"]["name"], "ben");
    let used = admin.get(&format!("{PATH}/{canned}")).await.body;
    assert_eq!(used["use_count"], 1);
    assert_eq!(used["last_used_at"], "2026-01-05T09:00:00.000Z");

    let own = admin.post(PATH, json!({ "name": "x", "text": "y", "shared": false })).await;
    let foreign = json!({ "text": "x", "canned_reply_id": own.body["id"] });
    let refused = agent.post(&send, foreign).await;
    assert_eq!((refused.status, &refused.body["error"]), (404, &json!("canned reply not found")));
    let unknown = agent.post(&send, json!({ "text": "x", "canned_reply": canned })).await;
    assert_eq!(unknown.status, 400);
}
