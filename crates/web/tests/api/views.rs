//! Views: searches people keep.

use domain::agents::Role;
use serde_json::{Value, json};

use crate::{
    app::{Client, TestApp},
    inbox::Letter,
};

const PATH: &str = "/api/views";

async fn make(client: &Client, body: Value) -> String {
    let made = client.post(PATH, body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.body["id"].as_str().unwrap().to_owned()
}

fn names(list: &Value) -> Vec<(String, u64)> {
    let data = list["data"].as_array().unwrap().iter();
    let shown = |it: &Value| {
        assert_eq!(it["count_is_exact"], true);
        (it["name"].as_str().unwrap().to_owned(), it["count"].as_u64().unwrap())
    };
    data.map(shown).collect()
}

fn owned(all: &[(&str, u64)]) -> Vec<(String, u64)> {
    all.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect()
}

#[tokio::test]
async fn a_view_is_kept_counted_listed_changed_and_deleted() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let channel = app.channel("Support").await;
    let mut ids = Vec::new();
    for n in 0..3 {
        let text = if n == 0 { "the fridge hums" } else { "the oven is cold" };
        ids.push(app.letter(channel, Letter::new(&format!("c{n}@x.example"), text)).await);
    }
    let query = json!({ "search": "oven is:unread", "status": "open" });
    let made = admin.post(PATH, json!({ "name": " Ovens ", "query": query })).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let id = made.body["id"].as_str().unwrap().to_owned();
    assert_eq!(
        made.body,
        json!({
            "id": id, "name": "Ovens", "shared": false, "owner_id": app.admin_id().await,
            "query": {
                "search": "oven is:unread", "status": "open", "channel_type": null,
                "channel_id": null, "tag": null, "assigned_to": null, "unread": null,
                "contact_id": null, "spam": null, "sort": null,
            },
            "count": 2, "count_is_exact": true,
            "created_at": "2026-01-05T09:00:00.000Z", "updated_at": "2026-01-05T09:00:00.000Z",
        })
    );
    let list = |more: &'static str| {
        let (admin, id) = (admin.clone(), id.clone());
        async move { admin.get(&format!("/api/conversations?view={id}{more}")).await }
    };
    assert_eq!(list("").await.body["pagination"]["total"], 2);
    assert!(list("").await.body["data"][0]["snippet"].is_object());
    assert_eq!(list("&search=%232").await.body["pagination"]["total"], 1);
    assert_eq!(list("&status=resolved").await.body["pagination"]["total"], 0);
    assert_eq!(list("&sort=relevance").await.body["pagination"]["total"], 2);
    let path = format!("{PATH}/{id}");
    let resolve = json!({ "status": "resolved" });
    admin.post(&format!("/api/conversations/{}/status", ids[1]), resolve).await;
    assert_eq!(admin.get(&path).await.body["count"], 1);

    let change = json!({ "name": "Mine", "query": { "assigned_to": "me" } });
    let changed = admin.patch(&path, change).await.body;
    assert_eq!((&changed["name"], &changed["count"]), (&json!("Mine"), &json!(0)));
    assert_eq!(changed["query"]["search"], Value::Null);
    let deleted = admin.delete(&path).await;
    assert_eq!((deleted.status, &deleted.body["result"]), (200, &json!("deleted")));
    assert_eq!(admin.get(&path).await.status, 404);
    assert_eq!(list("").await.status, 404);
}

#[tokio::test]
async fn own_views_are_ones_own_and_shared_ones_show_everybody_theirs() {
    let app = TestApp::spawn().await;
    let (admin, agent) = (app.admin().await, app.agent().await);
    let (_, other) = app.add(Role::Agent, "cy@example.com").await;
    let channel = app.channel("Support").await;
    let id = app.letter(channel, Letter::new("c@x.example", "hello")).await;
    let assign = json!({ "agent_id": app.admin_id().await });
    assert_eq!(admin.post(&format!("/api/conversations/{id}/assign"), assign).await.status, 200);

    let own = make(&agent, json!({ "name": "Own", "query": {} })).await;
    let mine = json!({ "name": "Mine", "query": { "search": "assignee:me" }, "shared": true });
    let shared = make(&agent, mine).await;
    assert_eq!(names(&agent.get(PATH).await.body), owned(&[("Own", 1), ("Mine", 0)]));
    assert_eq!(names(&admin.get(PATH).await.body), owned(&[("Mine", 1)]));
    for client in [&admin, &other] {
        let path = format!("{PATH}/{own}");
        assert_eq!(client.get(&path).await.status, 404);
        assert_eq!(client.patch(&path, json!({ "name": "x" })).await.status, 404);
        assert_eq!(client.delete(&path).await.status, 404);
        assert_eq!(client.get(&format!("/api/conversations?view={own}")).await.status, 404);
        let order = json!({ "ids": [own] });
        assert_eq!(client.post(&format!("{PATH}/order"), order).await.status, 400);
    }
    let path = format!("{PATH}/{shared}");
    assert_eq!(other.get(&path).await.status, 200);
    assert_eq!(other.patch(&path, json!({ "name": "x" })).await.status, 403);
    assert_eq!(other.delete(&path).await.status, 403);
    assert_eq!(admin.patch(&path, json!({ "name": "Ours" })).await.status, 200);
    assert_eq!(admin.patch(&path, json!({ "shared": false })).await.status, 409);
    assert_eq!(agent.patch(&path, json!({ "shared": false })).await.status, 200);
    assert_eq!(admin.get(&path).await.status, 404);
}

#[tokio::test]
async fn everybody_has_an_order_of_their_own() {
    let app = TestApp::spawn().await;
    let (admin, agent) = (app.admin().await, app.agent().await);
    let view = |name: &str, shared| json!({ "name": name, "query": {}, "shared": shared });
    let a = make(&admin, view("A", true)).await;
    let b = make(&admin, view("B", true)).await;
    make(&agent, view("C", false)).await;
    let order = json!({ "ids": [b, a] });
    let ordered = agent.post(&format!("{PATH}/order"), order).await;
    let want = owned(&[("B", 0), ("A", 0), ("C", 0)]);
    assert_eq!(names(&ordered.body), want, "{}", ordered.text);
    assert_eq!(names(&agent.get(PATH).await.body), want);
    assert_eq!(names(&admin.get(PATH).await.body), owned(&[("A", 0), ("B", 0)]));
    let twice = json!({ "ids": [b, b] });
    assert_eq!(agent.post(&format!("{PATH}/order"), twice).await.status, 400);
    assert_eq!(admin.delete(&format!("{PATH}/{b}")).await.status, 200);
    assert_eq!(names(&agent.get(PATH).await.body), owned(&[("A", 0), ("C", 0)]));
}

#[tokio::test]
async fn what_is_wrong_with_a_view_is_named() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let cases = [
        (json!({ "name": " ", "query": {} }), "name"),
        (json!({ "name": "x".repeat(121), "query": {} }), "name"),
        (json!({ "name": "x", "query": { "status": "done" } }), "query.status"),
        (json!({ "name": "x", "query": { "search": "-from:x" } }), "query.search"),
        (json!({ "name": "x", "query": { "sort": "relevance" } }), "query.sort"),
        (json!({ "name": "x", "query": { "contact_id": "x" } }), "query.contact_id"),
        (json!({ "name": "x", "query": { "subject": "x" } }), "subject"),
        (json!({ "name": "x" }), "query"),
    ];
    for (body, field) in cases {
        let answer = admin.post(PATH, body).await;
        assert_eq!(answer.status, 400, "{field}");
        assert!(answer.text.contains(field), "{field}: {}", answer.text);
    }
    assert_eq!(admin.get("/api/conversations?view=x").await.status, 400);
    let nowhere = "/api/conversations?view=019a0000-0000-7000-8000-000000000000";
    assert_eq!(admin.get(nowhere).await.status, 404);
    let keyed = admin.with("Idempotency-Key", "one");
    let body = json!({ "name": "Once", "query": {} });
    let first = keyed.post(PATH, body.clone()).await.body;
    assert_eq!(keyed.post(PATH, body).await.body["id"], first["id"]);
    for n in 1..100 {
        make(&admin, json!({ "name": n.to_string(), "query": {} })).await;
    }
    let one_more = admin.post(PATH, json!({ "name": "x", "query": {} })).await;
    assert_eq!(one_more.status, 409, "{}", one_more.text);
}

#[tokio::test]
async fn an_erased_persons_address_stands_in_no_view() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let cora =
        json!({ "name": "Cora", "emails": ["cora@x.example"], "phones": ["+6281234567890"] });
    let cora = admin.post("/api/contacts", cora).await.body["id"].as_str().unwrap().to_owned();
    let about = json!({
        "name": "Mail of Cora@X.example", "query": { "search": "from:CORA@x.example tag:vip" },
    });
    let other = json!({ "name": "Dora", "query": { "search": "from:dora@x.example" } });
    let (about, other) = (make(&admin, about).await, make(&admin, other).await);
    assert_eq!(admin.delete(&format!("/api/contacts/{cora}")).await.status, 200);
    let view = admin.get(&format!("{PATH}/{about}")).await.body;
    assert_eq!(view["name"], "Mail of erased");
    assert_eq!(view["query"]["search"], "from:erased tag:vip");
    let view = admin.get(&format!("{PATH}/{other}")).await.body;
    assert_eq!(view["query"]["search"], "from:dora@x.example");
}
