//! The workspace's settings and one's own password.

use serde_json::{Value, json};

use crate::app::{ADMIN, PASSWORD, TestApp};

#[tokio::test]
async fn settings_are_read_by_all_and_changed_by_admins() {
    let app = TestApp::spawn().await;
    let (admin, agent) = (app.admin().await, app.agent().await);
    let shown = agent.get("/api/settings/workspace").await;
    assert_eq!(shown.body["name"], "Example");
    assert_eq!(shown.body["default_country"], Value::Null);
    let change = json!({
        "name": "Example Ltd", "time_zone": "Asia/Jakarta", "locale": "id",
        "default_country": "id", "send_delay_seconds": 10, "signature": "Kind regards",
        "retention_days": 365,
    });
    let changed = admin.post("/api/settings/workspace", change).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(changed.body["default_country"], "ID");
    let cleared = json!({ "signature": null, "retention_days": null });
    let cleared = admin.post("/api/settings/workspace", cleared).await;
    assert_eq!(cleared.body["signature"], Value::Null);
    assert_eq!(cleared.body["name"], "Example Ltd", "what is left out stays");
    let nothing = admin.post("/api/settings/workspace", json!({})).await;
    assert_eq!(nothing.body, cleared.body);
}

#[tokio::test]
async fn business_hours_are_settings() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let shown = admin.get("/api/settings/workspace").await.body;
    assert_eq!((&shown["business_hours"], &shown["holidays"]), (&Value::Null, &json!([])));
    let day = json!([{ "from": "09:00", "to": "12:00" }, { "from": "13:00", "to": "17:30" }]);
    let change = json!({
        "business_hours": { "monday": day, "friday": [{ "from": "09:00", "to": "24:00" }] },
        "holidays": ["2026-12-26", "2026-12-25", "2026-12-25"],
    });
    let changed = admin.post("/api/settings/workspace", change).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(changed.body["business_hours"]["monday"], day);
    assert_eq!(changed.body["business_hours"]["sunday"], json!([]));
    assert_eq!(changed.body["holidays"], json!(["2026-12-25", "2026-12-26"]));
    assert_eq!(admin.get("/api/settings/workspace").await.body, changed.body);
    let cases = [
        (
            json!({ "business_hours": { "monday": [{ "from": "9", "to": "12:00" }] } }),
            "business_hours.monday[0].from",
        ),
        (
            json!({ "business_hours": { "monday": [{ "from": "22:00", "to": "06:00" }] } }),
            "business_hours.monday[0].to",
        ),
        (json!({ "business_hours": { "funday": [] } }), "business_hours.funday"),
        (json!({ "business_hours": "9 to 5" }), "business_hours"),
        (json!({ "holidays": ["2026-12-25", "Christmas"] }), "holidays[1]"),
        (json!({ "holidays": null }), "holidays"),
    ];
    for (body, field) in cases {
        let answer = admin.post("/api/settings/workspace", body.clone()).await;
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(answer.body["details"][0]["field"], field, "{body}");
    }
    let cleared = json!({ "business_hours": null, "holidays": [] });
    let cleared = admin.post("/api/settings/workspace", cleared).await.body;
    assert_eq!((&cleared["business_hours"], &cleared["holidays"]), (&Value::Null, &json!([])));
}

#[tokio::test]
async fn bad_settings_are_named_and_change_nothing() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let before = admin.get("/api/settings/workspace").await.body;
    let cases = [
        ("name", json!("")),
        ("name", Value::Null),
        ("time_zone", json!("Mars/Olympus")),
        ("locale", json!("../en")),
        ("default_country", json!("XX")),
        ("send_delay_seconds", json!(121)),
        ("send_delay_seconds", json!(-1)),
        ("send_delay_seconds", json!("5")),
        ("send_delay_seconds", json!(1.5)),
        ("signature", json!(["x"])),
        ("retention_days", json!(0)),
        ("cron_secret", json!("x")),
    ];
    for (field, value) in cases {
        let body = json!({ field: value });
        let answer = admin.post("/api/settings/workspace", body.clone()).await;
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(answer.body["details"][0]["field"], field, "{body}");
    }
    assert_eq!(admin.get("/api/settings/workspace").await.body, before);
}

#[tokio::test]
async fn changing_the_password_asks_the_current_one_and_ends_other_sessions() {
    let app = TestApp::spawn().await;
    let mut client = app.admin().await;
    let other = app.sign_in(ADMIN).await;
    let change = async |current: &str, new: &str| {
        let body = json!({ "current_password": current, "new_password": new });
        client.post("/api/settings/password", body).await
    };
    let wrong = change("not it", "quite another password").await;
    assert_eq!(wrong.status, 400);
    assert_eq!(wrong.body["details"][0]["field"], "current_password");
    let weak = change(PASSWORD, "password").await;
    assert_eq!(weak.body["details"][0]["field"], "new_password");
    let changed = change(PASSWORD, "quite another password").await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(client.get("/api/auth/me").await.status, 401, "the old token is dead");
    assert_eq!(other.get("/api/auth/me").await.status, 401);
    client.adopt(&changed);
    assert_eq!(client.get("/api/auth/me").await.status, 200);
}
