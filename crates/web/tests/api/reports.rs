//! Analytics: what is counted where, and how it is asked for.

use domain::{
    events::{Actor, Event},
    ids::{ConversationId, MessageId},
    messages::DeliveryStatus,
};
use reqwest::Method;
use serde_json::{Value, json};
use storage::{conversations, events, messages, reports};

use crate::{
    app::{AGENT, Client, TestApp},
    inbox::Letter,
    widget::{Chat, Visitor},
};

const PATH: &str = "/api/analytics";

/// An agent answers, and the mail leaves at once.
async fn answer(app: &TestApp, agent: &Client, id: ConversationId) -> MessageId {
    let path = format!("/api/conversations/{id}/messages");
    let sent = agent.post(&path, json!({ "text": "Here it is.", "force": true })).await;
    assert_eq!(sent.status, 201, "{}", sent.text);
    let message: MessageId = sent.body["id"].as_str().unwrap().parse().unwrap();
    let now = app.clock.now();
    app.write(move |tx| {
        let it = messages::find(tx, message)?.unwrap();
        let conversation = conversations::find(tx, it.conversation_id)?.unwrap();
        messages::set_delivery(tx, it.seq, DeliveryStatus::Sent, None, Some(now))?;
        let status = DeliveryStatus::Sent;
        let event = Event::DeliveryChanged { message_id: message, status };
        events::append(tx, Some(&conversation), event, Actor::System, now)?;
        Ok(message)
    })
    .await
}

fn pass(app: &TestApp, minutes: i64) {
    app.clock.set(app.clock.now().plus_seconds(minutes * 60));
}

#[tokio::test]
async fn figures_are_counted_by_day_channel_agent_and_tag() {
    let app = TestApp::spawn().await;
    let (admin, agent) = (app.admin().await, app.agent().await);
    let zone = json!({ "time_zone": "Asia/Kathmandu" });
    assert_eq!(admin.post("/api/settings/workspace", zone).await.status, 200);
    let channel = app.channel("Support").await;
    let id = app.letter(channel, Letter::new("cora@example.com", "Where is it?")).await;
    let path = format!("/api/conversations/{id}");
    agent.post(&format!("{path}/tags"), json!({ "tag": "Shipping" })).await;
    pass(&app, 10);
    answer(&app, &agent, id).await;
    pass(&app, 20);
    agent.post(&format!("{path}/status"), json!({ "status": "resolved" })).await;
    // 09:30 UTC is 15:15 there; ten hours later is the next day.
    pass(&app, 600);
    app.answer(id, Letter::new("cora@example.com", "Thank you!")).await;
    // The session is over by now.
    let agent = app.sign_in(AGENT).await;

    let got = agent.get(&format!("{PATH}?days=2")).await;
    assert_eq!(got.status, 200, "{}", got.text);
    let it = got.body;
    assert_eq!((&it["from"], &it["to"]), (&json!("2026-01-05"), &json!("2026-01-06")));
    assert_eq!((&it["time_zone"], &it["complete"]), (&json!("Asia/Kathmandu"), &json!(true)));
    let counters = |it: &Value| {
        ["opened", "resolved", "reopened", "messages_in", "messages_out"]
            .map(|name| it[name].as_i64().unwrap())
    };
    assert_eq!(counters(&it["totals"]), [1, 1, 1, 2, 1]);
    assert_eq!(counters(&it["by_day"][0]), [1, 1, 0, 1, 1]);
    assert_eq!(counters(&it["by_day"][1]), [0, 0, 1, 1, 0]);
    assert_eq!(counters(&it["by_channel"][0]), [1, 1, 1, 2, 1]);
    assert_eq!(it["by_channel"][0]["name"], "Support");
    assert_eq!(counters(&it["by_tag"][0]), [1, 1, 1, 2, 1]);
    assert_eq!(it["by_tag"][0]["tag"], "Shipping");
    let ben = agent.get("/api/auth/me").await.body["id"].clone();
    let rows = it["by_agent"].as_array().unwrap();
    let of = |id: &Value| counters(rows.iter().find(|it| it["agent_id"] == *id).unwrap());
    assert_eq!(of(&ben), [0, 1, 0, 0, 1]);
    assert_eq!(of(&Value::Null), [1, 0, 1, 2, 0]);
    let took = &it["totals"]["first_response"];
    assert_eq!(took["count"], 1);
    let near = |it: &Value, seconds: u64| it.as_u64().unwrap().abs_diff(seconds) * 50 < seconds;
    assert!(near(&took["median_seconds"], 600), "{took}");
    assert!(near(&took["business_p90_seconds"], 600), "{took}");
    assert!(near(&it["totals"]["resolution"]["p90_seconds"], 1800));
    assert_eq!(it["by_day"][1]["resolution"]["median_seconds"], Value::Null);
    let monday = json!({ "weekday": "monday", "hour": 14, "messages_in": 1, "messages_out": 1 });
    assert_eq!(it["busiest_hours"][0], monday, "09:00 and 09:10 UTC are 14:45 and 14:55");
    assert_eq!(it["backlog"]["total"], 1);
    assert_eq!(it["backlog"]["by_age"][0], json!({ "age": "under_1_day", "conversations": 1 }));
    let shares = json!({
        "sent_by_automation": 0.0, "sent_by_ai": 0.0, "sent_from_ai_drafts": 0.0,
        "resolved_by_automation": 0.0,
    });
    assert_eq!(it["shares"], shares);

    let wanted = |query: String| {
        let agent = &agent;
        async move { counters(&agent.get(&format!("{PATH}?{query}")).await.body["totals"]) }
    };
    assert_eq!(wanted(format!("channel_id={channel}")).await, [1, 1, 1, 2, 1]);
    assert_eq!(wanted(format!("channel_id={}", MessageId::new())).await, [0; 5]);
    assert_eq!(wanted(format!("agent_id={}", ben.as_str().unwrap())).await, [0, 1, 0, 0, 1]);
    assert_eq!(wanted("tag=shipping".to_owned()).await, [1, 1, 1, 2, 1]);
    assert_eq!(wanted("tag=other".to_owned()).await, [0; 5]);
    assert_eq!(wanted("from=2026-01-06".to_owned()).await, [0, 0, 1, 1, 0]);
    assert_eq!(wanted("to=2026-01-05&days=1".to_owned()).await, [1, 1, 0, 1, 1]);

    // Spam is not counted, and a tag that is taken away not under it.
    agent.patch(&path, json!({ "spam": true })).await;
    assert_eq!(wanted(String::new()).await, [0; 5]);
    agent.patch(&path, json!({ "spam": false })).await;
    agent.delete(&format!("{path}/tags/shipping")).await;
    assert_eq!(wanted(String::new()).await, [1, 1, 1, 2, 1]);
    assert_eq!(wanted("tag=shipping".to_owned()).await, [0; 5]);
    assert_eq!(agent.get(PATH).await.body["by_tag"], json!([]));
}

#[tokio::test]
async fn what_was_counted_stays_when_the_person_is_forgotten() {
    let app = TestApp::spawn().await;
    let (admin, agent) = (app.admin().await, app.agent().await);
    let channel = app.channel("Support").await;
    let id = app.letter(channel, Letter::new("cora@example.com", "Where is it?")).await;
    pass(&app, 10);
    answer(&app, &agent, id).await;
    let before = agent.get(PATH).await.body;
    let contact = agent.get(&format!("/api/conversations/{id}")).await.body["contact_id"].clone();
    let path = format!("/api/contacts/{}", contact.as_str().unwrap());
    assert_eq!(admin.delete(&path).await.status, 200);
    desk::workers::step(&app.desk).await.unwrap();
    assert_eq!(agent.get(&format!("/api/conversations/{id}")).await.status, 404);
    let mut after = agent.get(PATH).await.body;
    assert_eq!(after["backlog"]["total"], 0);
    after["backlog"] = before["backlog"].clone();
    assert_eq!(after, before);

    app.write(|tx| Ok(reports::begin(tx)?)).await;
    assert_eq!(agent.get(PATH).await.body["totals"], before["totals"]);
}

#[tokio::test]
async fn ratings_are_counted_by_day_channel_and_agent() {
    let app = TestApp::spawn().await;
    let agent = app.agent().await;
    let chat = Chat::open(&app, json!({})).await;
    let ben = agent.get("/api/auth/me").await.body["id"].clone();
    let resolved = async |visitor: &Visitor, assignee: &Value| {
        visitor.write("1", "Hello").await;
        let path = format!("/api/conversations/{}", visitor.conversation().await);
        agent.post(&format!("{path}/assign"), json!({ "agent_id": assignee })).await;
        let status = json!({ "status": "resolved" });
        assert_eq!(agent.post(&format!("{path}/status"), status).await.status, 200);
        path
    };
    let rate = async |visitor: &Visitor, body: Value| {
        let rated = visitor.post("rating", body).await;
        assert_eq!(rated.status, 200, "{}", rated.text);
    };
    let (ann, cora) = (chat.visitor().await, chat.visitor().await);
    let path = resolved(&ann, &ben).await;
    rate(&ann, json!({ "score": 2 })).await;
    rate(&ann, json!({ "score": 5, "comment": "After all it works" })).await;
    resolved(&cora, &Value::Null).await;
    rate(&cora, json!({ "score": 2 })).await;

    let it = agent.get(PATH).await.body;
    let both = json!({ "count": 2, "average": 3.5, "by_score": [0, 1, 0, 0, 1] });
    assert_eq!(it["totals"]["ratings"], both);
    assert_eq!(it["by_channel"][0]["ratings"], both);
    assert_eq!(it["by_day"].as_array().unwrap().last().unwrap()["ratings"], both);
    let none = json!({ "count": 0, "average": null, "by_score": [0, 0, 0, 0, 0] });
    assert_eq!(it["by_day"][0]["ratings"], none);
    let rows = it["by_agent"].as_array().unwrap();
    let of = |id: &Value| rows.iter().find(|it| it["agent_id"] == *id).unwrap()["ratings"].clone();
    assert_eq!(of(&ben), json!({ "count": 1, "average": 5.0, "by_score": [0, 0, 0, 0, 1] }));
    assert_eq!(of(&Value::Null)["by_score"], json!([0, 1, 0, 0, 0]));
    let got = agent.with("accept", "text/csv").get(PATH).await;
    let total = got.text.lines().find(|it| it.starts_with("\"total\"")).unwrap();
    assert!(total.ends_with(r#","2","3.50","0","1","0","0","1""#), "{total}");

    let thread = agent.get(&format!("{path}/messages")).await.text;
    for line in [
        "The customer rated this conversation 2 of 5",
        "The customer changed the rating from 2 to 5 of 5",
        "The customer said: “After all it works”",
    ] {
        assert!(thread.contains(line), "{line}: {thread}");
    }
    let told: Value = serde_json::from_str(&thread).unwrap();
    let told = told["data"].as_array().unwrap().iter().map(|it| &it["event"]);
    let by_customer: Vec<_> = told.filter(|it| it["by"]["kind"] == "customer").collect();
    assert_eq!(
        by_customer,
        [
            &json!({ "by": { "kind": "customer" }, "kind": "rated", "score": 2, "before": null }),
            &json!({ "by": { "kind": "customer" }, "kind": "rated", "score": 5, "before": 2 }),
            &json!({ "by": { "kind": "customer" }, "kind": "commented",
                "text": "After all it works" }),
        ]
    );
    app.write(|tx| Ok(reports::begin(tx)?)).await;
    while !app.write(|tx| Ok(reports::catch_up(tx, 1)?)).await {}
    assert_eq!(agent.get(PATH).await.body["totals"]["ratings"], both);
}

#[tokio::test]
async fn csv_is_answered_to_those_who_accept_it() {
    let app = TestApp::spawn().await;
    let agent = app.agent().await;
    let channel = app.channel("=cmd|' /C calc'!A0").await;
    app.letter(channel, Letter::new("cora@example.com", "Where is it?")).await;
    let ask = |accept: &'static str| {
        let request = agent.request(Method::GET, &format!("{PATH}?days=1"));
        async move { request.header("Accept", accept).send().await.unwrap() }
    };
    let csv = ask("text/csv").await;
    assert_eq!(csv.headers()["content-type"], "text/csv; charset=utf-8; header=present");
    let name = "attachment; filename=\"analytics-2026-01-05-2026-01-05.csv\"";
    assert_eq!(csv.headers()["content-disposition"], name);
    let text = csv.text().await.unwrap();
    let lines: Vec<_> = text.split("\r\n").collect();
    assert!(lines[0].starts_with("\"group\",\"id\",\"name\",\"opened\",\"resolved\","), "{text}");
    assert!(lines[1].starts_with("\"total\",\"\",\"\",\"1\",\"0\",\"0\",\"1\",\"0\","), "{text}");
    assert!(lines[2].starts_with("\"day\",\"2026-01-05\",\"\",\"1\","), "{text}");
    let formula = format!("\"channel\",\"{channel}\",\"'=cmd|' /C calc'!A0\",\"1\",");
    assert!(lines[3].starts_with(&formula), "{text}");
    assert!(lines.iter().all(|it| it.is_empty() || it.matches(',').count() == 28), "{text}");
    for json in ["*/*", "application/json", "text/csv;q=0", "application/json, text/csv;q=0.5"] {
        assert_eq!(ask(json).await.headers()["content-type"], "application/json", "{json}");
    }
}

#[tokio::test]
async fn days_that_make_no_sense_are_refused_by_name() {
    let app = TestApp::spawn().await;
    let agent = app.agent().await;
    for (query, field) in [
        ("days=0", "days"),
        ("days=367", "days"),
        ("days=-1", "days"),
        ("days=x", "days"),
        ("from=2026-01-32", "from"),
        ("to=tomorrow", "to"),
        ("from=2026-01-02&to=2026-01-01", "from"),
        ("from=2020-01-01", "from"),
        ("from=2026-01-01&days=3", "days"),
        ("channel_id=1", "channel_id"),
        ("agent_id=me", "agent_id"),
        ("tag=", "tag"),
    ] {
        let got = agent.get(&format!("{PATH}?{query}")).await;
        assert_eq!(got.status, 400, "{query}: {}", got.text);
        assert_eq!(got.body["details"][0]["field"], field, "{query}: {}", got.text);
    }
    let last = agent.get(&format!("{PATH}?from=9999-12-30&to=9999-12-31")).await;
    assert_eq!(last.status, 200, "{}", last.text);
    let first = agent.get(&format!("{PATH}?to=0001-01-01")).await;
    assert_eq!(first.status, 200, "{}", first.text);
}
