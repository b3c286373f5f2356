//! Invitations and password resets.

use std::time::Duration;

use desk::{options::SystemMail, system_mail};
use domain::jobs::JobKind;
use serde_json::{Value, json};

use crate::app::{ADMIN, PASSWORD, TestApp};

const NEW: &str = "quite another password";

/// Invites somebody and returns their id and the token of the link.
async fn invite(app: &TestApp, email: &str) -> (String, String) {
    let body = json!({ "name": "Cleo", "email": email, "role": "agent" });
    let made = app.admin().await.post("/api/agents", body).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.body["invited"], true);
    (made.body["id"].as_str().unwrap().to_owned(), token(&made.body))
}

fn token(body: &Value) -> String {
    let link = body["invitation"]["link"].as_str().unwrap();
    link.split_once("/invitation#").unwrap().1.to_owned()
}

#[tokio::test]
async fn an_invitation_works_once_and_signs_in() {
    let app = TestApp::spawn().await;
    let (_, token) = invite(&app, "cleo@example.com").await;
    let accept = async |password: &str| {
        let body = json!({ "token": token, "password": password });
        app.nobody().post("/api/auth/invitation", body).await
    };
    let weak = accept("password").await;
    assert_eq!((weak.status, &weak.body["details"][0]["field"]), (400, &json!("password")));
    let accepted = accept(NEW).await;
    assert_eq!(accepted.status, 200, "{accepted:?}");
    let mut cleo = app.nobody();
    cleo.adopt(&accepted);
    assert_eq!(cleo.get("/api/auth/me").await.body["invited"], false);
    assert_eq!(accept(NEW).await.status, 404);
}

#[tokio::test]
async fn an_invitation_ends_with_time_a_newer_one_and_a_change_of_address() {
    let app = TestApp::spawn().await;
    let (id, first) = invite(&app, "cleo@example.com").await;
    let again = async || {
        let path = format!("/api/agents/{id}/invitation");
        token(&app.sign_in(ADMIN).await.post_nothing(&path).await.body)
    };
    let status = async |token: &str| {
        let body = json!({ "token": token, "password": NEW });
        app.nobody().post("/api/auth/invitation", body).await.status
    };
    let second = again().await;
    assert_eq!(status(&first).await, 404, "a newer one replaced it");
    app.clock.advance(Duration::from_secs(72 * 3600));
    assert_eq!(status(&second).await, 404, "three days are over");
    let third = again().await;
    let change = json!({ "email": "cleopatra@example.com", "current_password": PASSWORD });
    app.sign_in(ADMIN).await.patch(&format!("/api/agents/{id}"), change).await;
    assert_eq!(status(&third).await, 404, "it went to another address");
    let fourth = again().await;
    app.sign_in(ADMIN)
        .await
        .patch(&format!("/api/agents/{id}"), json!({ "is_active": false }))
        .await;
    assert_eq!(status(&fourth).await, 404, "the agent was disabled");
}

#[tokio::test]
async fn degenerate_tokens_are_not_found_even_after_use() {
    let app = TestApp::spawn().await;
    let (_, token) = invite(&app, "cleo@example.com").await;
    let used = json!({ "token": token, "password": NEW });
    assert_eq!(app.nobody().post("/api/auth/invitation", used).await.status, 200);
    let long = "a".repeat(10_240);
    for path in ["/api/auth/invitation", "/api/auth/reset/confirm"] {
        for bad in ["", " ", "%20", "%", "_", "null", "undefined", &long, &token] {
            let body = json!({ "token": bad, "password": NEW });
            assert_eq!(app.nobody().post(path, body).await.status, 404, "{path} {bad:?}");
        }
        for odd in [json!(0), json!([]), json!({}), Value::Null, json!(true)] {
            let body = json!({ "token": odd, "password": NEW });
            assert_eq!(app.nobody().post(path, body).await.status, 400, "{path} {odd}");
        }
    }
}

async fn with_mail() -> TestApp {
    let app = TestApp::spawn_with(|options, _| {
        options.public_url = Some("http://desk.example.com".parse().unwrap());
        options.system_mail = Some(SystemMail {
            from_name: "Deskbell".to_owned(),
            from_address: "desk@example.com".to_owned(),
            host: "localhost".to_owned(),
            port: 25,
            security: "none".to_owned(),
            username: None,
            password: None,
        });
    })
    .await;
    app.set_up().await;
    app
}

/// The waiting mail to the first admin, as the worker would send it.
async fn mail(app: &TestApp) -> Option<system_mail::SystemMessage> {
    let job = app.job(JobKind::SendSystemMail, app.admin_id().await).await?;
    assert!(!job.payload.to_string().contains('#'), "the token is sealed");
    system_mail::compose(&app.desk, &job).await.unwrap()
}

#[tokio::test]
async fn a_reset_comes_by_mail_and_ends_every_session() {
    let app = with_mail().await;
    let stranger = app
        .nobody()
        .with("host", "desk.example.com")
        .with("x-forwarded-host", "evil.example")
        .with("forwarded", "host=evil.example;for=6.6.6.6");
    let asked = stranger.post("/api/auth/reset", json!({ "email": ADMIN })).await;
    assert_eq!(asked.status, 200, "{asked:?}");
    let mail = mail(&app).await.unwrap();
    assert_eq!(mail.to_address, ADMIN);
    assert!(!mail.text.contains("evil"), "{}", mail.text);
    let link = mail.text.lines().find(|it| it.contains('#')).unwrap();
    let token = link.strip_prefix("http://desk.example.com/reset#").unwrap();

    let client = app.nobody().with("host", "desk.example.com");
    let before =
        client.post("/api/auth/login", json!({ "email": ADMIN, "password": PASSWORD })).await;
    let mut signed_in = client.clone();
    signed_in.adopt(&before);
    let body = json!({ "token": token, "password": NEW });
    let done = client.post("/api/auth/reset/confirm", body.clone()).await;
    assert_eq!(done.status, 200, "{done:?}");
    assert_eq!(signed_in.get("/api/auth/me").await.status, 401);
    assert_eq!(client.post("/api/auth/reset/confirm", body).await.status, 404);
    let sign_in = json!({ "email": ADMIN, "password": PASSWORD });
    assert_eq!(client.post("/api/auth/login", sign_in).await.status, 401);
    let sign_in = json!({ "email": ADMIN, "password": NEW });
    assert_eq!(client.post("/api/auth/login", sign_in).await.status, 200);
}

#[tokio::test]
async fn a_reset_link_is_good_for_half_an_hour_and_three_mails_go_out_an_hour() {
    let app = with_mail().await;
    let client = app.nobody().with("host", "desk.example.com");
    let ask = async || client.post("/api/auth/reset", json!({ "email": ADMIN })).await;
    let mut texts = Vec::new();
    for _ in 0..5 {
        assert_eq!(ask().await.status, 200);
        texts.push(mail(&app).await.map(|it| it.text));
    }
    assert_ne!(texts[1], texts[2]);
    assert_eq!(texts[2], texts[3], "the fourth changed nothing");
    assert_eq!(texts[3], texts[4]);
    app.clock.advance(Duration::from_secs(30 * 60));
    assert_eq!(mail(&app).await, None, "a link that is over is not sent");
    app.clock.advance(Duration::from_secs(30 * 60));
    assert_eq!(ask().await.status, 200);
    assert!(mail(&app).await.is_some());
}
