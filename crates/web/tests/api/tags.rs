//! Tags themselves: renaming, colouring, merging and deleting them.

use std::time::Duration;

use desk::workers;
use domain::ids::ConversationId;
use serde_json::{Value, json};

use crate::{
    app::{Client, TestApp},
    inbox::Letter,
};

/// Conversations of different people, each with these tags.
async fn tagged(app: &TestApp, client: &Client, all: &[&[&str]]) -> Vec<ConversationId> {
    let channel = app.channel("Support").await;
    let mut ids = Vec::new();
    for (n, tags) in all.iter().enumerate() {
        let id = app.letter(channel, Letter::new(&format!("c{n}@x.example"), "hello")).await;
        for tag in *tags {
            let path = format!("/api/conversations/{id}/tags");
            assert_eq!(client.post(&path, json!({ "tag": tag })).await.status, 200);
        }
        ids.push(id);
    }
    ids
}

async fn tags(client: &Client) -> Vec<Value> {
    client.get("/api/tags").await.body["data"].as_array().unwrap().clone()
}

async fn path_of(client: &Client, name: &str) -> String {
    let found = tags(client).await.into_iter().find(|it| it["name"] == name).unwrap();
    format!("/api/tags/{}", found["id"].as_str().unwrap())
}

async fn tags_of(client: &Client, id: ConversationId) -> Value {
    client.get(&format!("/api/conversations/{id}")).await.body["tags"].clone()
}

async fn total(client: &Client, query: &str) -> Value {
    let found = client.get(&format!("/api/conversations?{query}")).await;
    assert_eq!(found.status, 200, "{}", found.text);
    json!(found.body["data"].as_array().unwrap().len())
}

#[tokio::test]
async fn a_tag_is_renamed_and_coloured_everywhere() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let ids = tagged(&app, &admin, &[&["Refnud", "vip"], &["refnud"]]).await;
    let contact = json!({ "name": "Kim", "tags": ["REFNUD"] });
    assert_eq!(admin.post("/api/contacts", contact).await.body["tags"], json!(["Refnud"]));
    let path = path_of(&admin, "Refnud").await;
    let used = admin.get(&path).await.body;
    assert_eq!((&used["conversations"], &used["contacts"]), (&json!(2), &json!(1)));
    let change = json!({ "name": "Refund", "color": "#D6336C" });
    let renamed = admin.patch(&path, change).await;
    assert_eq!(renamed.status, 200, "{}", renamed.text);
    assert_eq!(renamed.body["color"], "#d6336c");
    assert_eq!(tags_of(&admin, ids[0]).await, json!(["Refund", "vip"]));
    assert_eq!(total(&admin, "tag=refund").await, 2);
    assert_eq!(total(&admin, "search=refund").await, 2);
    assert_eq!(total(&admin, "search=refnud").await, 0);
    let entry = admin.get("/api/audit?action=tag_changed").await.body["data"][0].clone();
    assert_eq!(
        entry["details"]["changes"]["name"],
        json!({ "before": "Refnud", "after": "Refund" })
    );
    assert_eq!(entry["object"]["name"], "Refund");

    let taken = admin.patch(&path, json!({ "name": "VIP" })).await;
    assert_eq!(taken.status, 409, "{}", taken.text);
    let vip = path_of(&admin, "vip").await;
    assert!(vip.ends_with(taken.body["existing_id"].as_str().unwrap()));
    // Another spelling of its own name.
    assert_eq!(admin.patch(&path, json!({ "name": "REFUND" })).await.body["name"], "REFUND");
    for (body, field) in [
        (json!({ "name": " " }), "name"),
        (json!({ "color": "red" }), "color"),
        (json!({ "colour": "#ffffff" }), "colour"),
        (json!({ "name": null }), "name"),
    ] {
        let refused = admin.patch(&path, body).await;
        assert_eq!(refused.status, 400, "{field}: {}", refused.text);
        assert!(refused.text.contains(field), "{field}: {}", refused.text);
    }
    assert_eq!(app.count_differences().await, 0);
}

#[tokio::test]
async fn a_deleted_tag_is_gone_at_once_and_its_name_free() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let ids = tagged(&app, &admin, &[&["old", "kept"], &["old"]]).await;
    admin.post("/api/contacts", json!({ "name": "Kim", "tags": ["old"] })).await;
    let path = path_of(&admin, "old").await;
    let gone = admin.delete(&path).await;
    assert_eq!(gone.status, 200, "{}", gone.text);
    assert_eq!((&gone.body["result"], &gone.body["name"]), (&json!("deleted"), &json!("old")));
    assert_eq!((&gone.body["conversations"], &gone.body["contacts"]), (&json!(2), &json!(1)));
    assert_eq!(tags_of(&admin, ids[0]).await, json!(["kept"]));
    assert_eq!(total(&admin, "tag=old").await, 0);
    assert_eq!(total(&admin, "search=old").await, 0);
    for client in [admin.get(&path).await, admin.delete(&path).await] {
        assert_eq!(client.status, 404, "{}", client.text);
    }
    let again = format!("/api/conversations/{}/tags", ids[1]);
    assert_eq!(admin.post(&again, json!({ "tag": "Old" })).await.body["tags"], json!(["Old"]));
    workers::step(&app.desk).await.unwrap();
    assert_eq!(tags_of(&admin, ids[1]).await, json!(["Old"]));
    assert_eq!(app.count_differences().await, 0);
}

#[tokio::test]
async fn a_tag_of_many_is_merged_by_a_job() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let both: &[&str] = &["shipping", "delivery"];
    let one: &[&str] = &["shipping"];
    let mut all = vec![one; 230];
    all[3] = both;
    let ids = tagged(&app, &admin, &all).await;
    let (from, into) = (path_of(&admin, "shipping").await, path_of(&admin, "delivery").await);
    let into = into.rsplit('/').next().unwrap().to_owned();
    let merge = format!("{from}/merge");
    let itself = json!({ "into": from.rsplit('/').next().unwrap() });
    assert_eq!(admin.post(&merge, itself).await.status, 400);
    let stranger = json!({ "into": "019a0000-0000-7000-8000-000000000000" });
    assert_eq!(admin.post(&merge, stranger).await.status, 400);
    let merged = admin.post(&merge, json!({ "into": into })).await;
    assert_eq!((merged.status, &merged.body["name"]), (200, &json!("delivery")), "{}", merged.text);
    // The rest is on its way, and the one that waits for it stays.
    assert_eq!(admin.delete(&format!("/api/tags/{into}")).await.status, 409);
    workers::step(&app.desk).await.unwrap();
    assert_eq!(tags(&admin).await.len(), 1);
    let used = admin.get(&format!("/api/tags/{into}")).await.body;
    assert_eq!(used["conversations"], 230);
    for at in [0, 3, 229] {
        assert_eq!(tags_of(&admin, ids[at]).await, json!(["delivery"]), "{at}");
    }
    assert_eq!(total(&admin, "search=shipping").await, 0);
    assert_eq!(app.count_differences().await, 0);
    // All of a kind are renamed by a job, too.
    let renamed = admin.patch(&format!("/api/tags/{into}"), json!({ "name": "parcels" })).await;
    assert_eq!(renamed.status, 200, "{}", renamed.text);
    assert_eq!(tags_of(&admin, ids[229]).await, json!(["parcels"]));
    workers::step(&app.desk).await.unwrap();
    assert_eq!(total(&admin, "search=delivery").await, 0);
    assert_eq!(total(&admin, "search=parcels&per_page=100").await, 100);
    assert_eq!(admin.delete(&format!("/api/tags/{into}")).await.status, 200);
    app.clock.advance(Duration::from_secs(1));
    workers::step(&app.desk).await.unwrap();
    assert_eq!(total(&admin, "search=parcels").await, 0);
    assert_eq!(tags_of(&admin, ids[229]).await, json!([]));
    assert_eq!(app.count_differences().await, 0);
}

#[tokio::test]
async fn what_names_a_tag_follows_it() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    tagged(&app, &admin, &[&["refnud", "money"]]).await;
    let rule = json!({
        "name": "Money", "trigger": "tag_added", "actions": [{ "type": "add_tag", "tag": "Refnud" }],
        "conditions": { "match": "all", "rules": [
            { "field": "tag", "operator": "in", "value": ["vip", "REFNUD"] },
            { "match": "any", "rules": [{ "field": "tag", "operator": "contains", "value": "refnud" }] },
        ] },
    });
    let reply = json!({ "name": "Sorry", "text": "x", "actions": { "tags": ["refnud", "money"] } });
    let view = json!({ "name": "Refunds", "query": { "tag": "refnud" }, "shared": true });
    let mut made = Vec::new();
    for (path, body) in [("automations", rule), ("canned-replies", reply), ("views", view)] {
        let it = admin.post(&format!("/api/{path}"), body).await;
        assert_eq!(it.status, 201, "{}", it.text);
        made.push(format!("/api/{path}/{}", it.body["id"].as_str().unwrap()));
    }
    let path = path_of(&admin, "refnud").await;
    let named = admin.get(&path).await.body["named_by"].clone();
    let kinds: Vec<&str> =
        named.as_array().unwrap().iter().map(|it| it["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["automation", "canned_reply", "view"]);
    assert_eq!(named[1]["name"], "Sorry");

    assert_eq!(admin.patch(&path, json!({ "name": "refund" })).await.status, 200);
    let rule = admin.get(&made[0]).await.body;
    assert_eq!(rule["actions"][0]["tag"], "refund");
    assert_eq!(rule["conditions"]["rules"][0]["value"], json!(["vip", "refund"]));
    assert_eq!(rule["conditions"]["rules"][1]["rules"][0]["value"], "refnud");
    assert_eq!(admin.get(&made[1]).await.body["actions"]["tags"], json!(["refund", "money"]));
    assert_eq!(admin.get(&made[2]).await.body["query"]["tag"], "refund");

    let money = path_of(&admin, "money").await;
    let into = json!({ "into": money.rsplit('/').next().unwrap() });
    assert_eq!(admin.post(&format!("{path}/merge"), into).await.status, 200);
    assert_eq!(admin.get(&made[1]).await.body["actions"]["tags"], json!(["money"]));
    assert_eq!(admin.get(&made[2]).await.body["query"]["tag"], "money");
    assert_eq!(admin.get(&money).await.body["named_by"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_tag_is_made_once() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let keyed = admin.with("Idempotency-Key", "once");
    let body = json!({ "name": "Urgent parcels" });
    let made = keyed.post("/api/tags", body.clone()).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert!(made.body["color"].as_str().unwrap().starts_with('#'));
    assert_eq!(keyed.post("/api/tags", body).await.body["id"], made.body["id"]);
    let taken = admin.post("/api/tags", json!({ "name": "URGENT parcels" })).await;
    assert_eq!((taken.status, &taken.body["existing_id"]), (409, &made.body["id"]));
    let odd = admin.post("/api/tags", json!({ "name": "x", "color": "#12" })).await;
    assert_eq!(odd.status, 400, "{}", odd.text);
}
