//! Signing in and out, sessions, and the brakes on guessing.

use std::time::Duration;

use domain::agents::Role;
use serde_json::{Value, json};

use crate::app::{ADMIN, Answer, Client, PASSWORD, TestApp};

async fn sign_in(client: &Client, email: &str, password: &str) -> Answer {
    client.post("/api/auth/login", json!({ "email": email, "password": password })).await
}

#[tokio::test]
async fn signing_in_gives_a_cookie_scripts_can_use() {
    let app = TestApp::spawn().await;
    app.admin().await;
    let mut client = app.nobody();
    let answer = sign_in(&client, "ANN@example.com", PASSWORD).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["email"], ADMIN);
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("deskbell="), "{cookie}");
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure") && !cookie.contains("Domain"), "{cookie}");
    client.adopt(&answer);
    let me = client.get("/api/auth/me").await;
    assert_eq!((me.status, &me.body["role"]), (200, &json!("admin")));
    assert!(!me.text.contains("password") && !me.text.contains("hash"), "{}", me.text);
}

#[tokio::test]
async fn with_https_the_cookie_belongs_to_this_host_alone() {
    let app = TestApp::spawn_with(|options, _| {
        options.public_url = Some("https://desk.example.com".parse().unwrap());
    })
    .await;
    app.set_up().await;
    let client = app.nobody().with("host", "desk.example.com");
    let answer = sign_in(&client, ADMIN, PASSWORD).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-deskbell="), "{cookie}");
    assert!(cookie.contains("Secure") && !cookie.contains("Domain"), "{cookie}");
    let hsts = answer.headers["strict-transport-security"].to_str().unwrap();
    assert_eq!(hsts, "max-age=31536000");
}

#[tokio::test]
async fn each_sign_in_has_a_new_token_and_ends_the_old_one() {
    let app = TestApp::spawn().await;
    let old = app.admin().await;
    let answer = sign_in(&old, ADMIN, PASSWORD).await;
    let mut new = app.nobody();
    new.adopt(&answer);
    assert_ne!(new.cookie, old.cookie);
    assert_eq!(old.get("/api/auth/me").await.status, 401);
    assert_eq!(new.get("/api/auth/me").await.status, 200);

    // A cookie somebody planted before is not adopted.
    let planted = format!("deskbell={}", "p".repeat(43));
    let answer = sign_in(&app.nobody().with("cookie", &planted), ADMIN, PASSWORD).await;
    let mut client = app.nobody();
    client.adopt(&answer);
    assert_ne!(client.cookie.unwrap(), planted);
    assert_eq!(app.nobody().with("cookie", &planted).get("/api/auth/me").await.status, 401);
}

#[tokio::test]
async fn signing_out_ends_the_session_and_clears_the_cookie() {
    let app = TestApp::spawn().await;
    let client = app.admin().await;
    let answer = client.post_nothing("/api/auth/logout").await;
    assert_eq!(answer.status, 200);
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("deskbell=;") && cookie.contains("Max-Age=0"), "{cookie}");
    assert_eq!(client.get("/api/auth/me").await.status, 401);
    assert_eq!(client.post_nothing("/api/auth/logout").await.status, 200);
    assert_eq!(answer.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn a_session_that_was_over_stays_over_when_the_clock_is_set_back() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let before = app.clock.now();
    app.clock.advance(Duration::from_secs(25 * 3600));
    assert_eq!(admin.get("/api/auth/me").await.status, 401);
    app.clock.set(before);
    assert_eq!(admin.get("/api/auth/me").await.status, 401);
    let again = app.sign_in(crate::app::ADMIN).await;
    assert_eq!(again.get("/api/auth/me").await.status, 200);
    // Set back an hour, sessions go on.
    app.clock.set(before.plus_seconds(-3600));
    assert_eq!(again.get("/api/auth/me").await.status, 200);
}

#[tokio::test]
async fn a_session_ends_when_idle_and_after_its_lifetime() {
    let app = TestApp::spawn().await;
    let hours = |it: u64| Duration::from_secs(it * 3600);
    let idle = app.admin().await;
    app.clock.advance(hours(8) - Duration::from_secs(1));
    let busy = app.sign_in(ADMIN).await;
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(idle.get("/api/auth/me").await.status, 401);
    assert_eq!(busy.get("/api/auth/me").await.status, 200);

    for _ in 0..27 {
        app.clock.advance(hours(6));
        assert_eq!(busy.get("/api/auth/me").await.status, 200);
        app.wait_until_seen(&busy).await;
    }
    app.clock.advance(hours(6));
    assert_eq!(busy.get("/api/auth/me").await.status, 401, "a week is the longest");
}

#[tokio::test]
async fn people_see_and_end_their_own_sessions() {
    let app = TestApp::spawn().await;
    let (one, two, three) = (app.admin().await, app.sign_in(ADMIN).await, app.sign_in(ADMIN).await);
    let agent = app.agent().await;
    let listed = one.get("/api/auth/sessions").await;
    let sessions = listed.body["data"].as_array().unwrap();
    assert_eq!(sessions.len(), 3);
    assert_eq!(listed.body["pagination"]["total"], 3);
    assert_eq!(sessions.iter().filter(|it| it["current"] == true).count(), 1);
    assert_eq!(sessions[0]["ip"], "127.0.0.1");
    assert!(!listed.text.contains("token"), "{}", listed.text);

    let mine = two.get("/api/auth/sessions").await;
    let sessions = mine.body["data"].as_array().unwrap();
    let id = sessions.iter().find(|it| it["current"] == true).unwrap()["id"].as_str().unwrap();
    let path = format!("/api/auth/sessions/{id}");
    assert_eq!(agent.delete(&path).await.status, 404, "another's session is not there");
    let ended = one.delete(&path).await;
    assert_eq!((ended.status, &ended.body["id"]), (200, &json!(id)));
    assert_eq!(two.get("/api/auth/me").await.status, 401);
    assert_eq!(one.delete(&path).await.status, 404);

    let ended = one.delete("/api/auth/sessions").await;
    assert_eq!(ended.body, json!({ "result": { "ended": 1 } }));
    assert_eq!(three.get("/api/auth/me").await.status, 401);
    assert_eq!(one.get("/api/auth/me").await.status, 200);
    assert_eq!(agent.get("/api/auth/me").await.status, 200);
}

/// What a stranger could tell accounts apart by: all but the date.
fn seen(answer: &Answer) -> (u16, String, Vec<(String, String)>) {
    let headers = answer.headers.iter().filter(|(name, _)| *name != "date");
    let headers =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    (answer.status, answer.text.clone(), headers.collect())
}

#[tokio::test]
async fn nobody_learns_who_has_an_account() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let (id, _) = app.add(Role::Agent, "disabled@example.com").await;
    admin.patch(&format!("/api/agents/{id}"), json!({ "is_active": false })).await;
    let invited = json!({ "name": "I", "email": "invited@example.com", "role": "agent" });
    assert_eq!(admin.post("/api/agents", invited).await.status, 201);

    let runs = async || desk::health::report(&app.desk).await.unwrap().password_runs;
    let before = runs().await;
    let wrong = sign_in(&app.nobody(), ADMIN, "not the password").await;
    assert_eq!(wrong.status, 401);
    // What takes a login's time: as often for nobody, who so looks like somebody on the clock, too.
    let work = runs().await - before;
    assert_eq!(work, 1);
    assert_eq!(wrong.body, json!({ "error": "wrong e-mail address or password" }));
    let cases = [
        ("unknown@example.com", PASSWORD),
        ("disabled@example.com", PASSWORD),
        ("invited@example.com", PASSWORD),
        ("no address", PASSWORD),
        ("", ""),
        (ADMIN, ""),
    ];
    for (email, password) in cases {
        let before = runs().await;
        let answer = sign_in(&app.nobody(), email, password).await;
        assert_eq!(seen(&answer), seen(&wrong), "{email:?}");
        assert_eq!(runs().await - before, work, "{email:?}");
    }

    let ask =
        async |email: &str| app.nobody().post("/api/auth/reset", json!({ "email": email })).await;
    let known = ask(ADMIN).await;
    assert_eq!(known.status, 200);
    for email in ["unknown@example.com", "disabled@example.com", "no address", "", ADMIN] {
        assert_eq!(seen(&ask(email).await), seen(&known), "{email:?}");
    }
}

#[tokio::test]
async fn guessing_gets_slower_and_is_forgiven() {
    let app = TestApp::spawn().await;
    app.admin().await;
    for email in [ADMIN, "unknown@example.com"] {
        for _ in 0..6 {
            assert_eq!(sign_in(&app.nobody(), email, "a wrong guess").await.status, 401);
        }
        let refused = sign_in(&app.nobody(), email, PASSWORD).await;
        assert_eq!(refused.status, 429, "even the right one waits: {email}");
        assert_eq!(refused.headers["retry-after"], "1");
    }
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(sign_in(&app.nobody(), ADMIN, "a wrong guess").await.status, 401);
    let refused = sign_in(&app.nobody(), ADMIN, "a wrong guess").await;
    assert_eq!(refused.headers["retry-after"], "2", "each pause is twice the last");
    app.clock.advance(Duration::from_secs(2));
    assert_eq!(sign_in(&app.nobody(), ADMIN, PASSWORD).await.status, 200);
    assert_eq!(sign_in(&app.nobody(), ADMIN, "a wrong guess").await.status, 401);
}

#[tokio::test]
async fn a_known_browser_gets_in_while_strangers_guess() {
    let app = TestApp::spawn().await;
    app.admin().await;
    let before = sign_in(&app.nobody(), ADMIN, PASSWORD).await;
    let cookies: Vec<_> = before.headers.get_all("set-cookie").iter().collect();
    let mut pairs = cookies.iter().map(|it| it.to_str().unwrap().split(';').next().unwrap());
    let device = pairs.find(|it| it.starts_with("deskbell-device=")).unwrap();
    for it in 0..30 {
        sign_in(&app.nobody(), ADMIN, "a wrong guess").await;
        sign_in(&app.nobody(), &format!("user{it}@example.com"), "a wrong guess").await;
    }
    assert_eq!(sign_in(&app.nobody(), ADMIN, PASSWORD).await.status, 429);
    let owner = app.nobody().with("cookie", device);
    assert_eq!(sign_in(&owner, ADMIN, PASSWORD).await.status, 200);
    let forged = format!("deskbell-device={}.{}", "a".repeat(43), "0".repeat(64));
    let stranger = app.nobody().with("cookie", &forged);
    assert_eq!(sign_in(&stranger, ADMIN, PASSWORD).await.status, 429);
}

#[tokio::test]
async fn one_network_cannot_guess_at_many_accounts() {
    let app = TestApp::spawn().await;
    app.admin().await;
    let mut statuses = Vec::new();
    for it in 0..23 {
        let email = format!("user{it}@example.com");
        statuses.push(sign_in(&app.nobody(), &email, "a wrong guess").await.status);
    }
    assert!(statuses[..21].iter().all(|it| *it == 401), "{statuses:?}");
    assert!(statuses[21..].contains(&429), "{statuses:?}");
}

#[tokio::test]
async fn knocking_has_a_limit() {
    let app = TestApp::spawn_with(|_, web| web.knocks.from_one_network = 3).await;
    for _ in 0..3 {
        let answer = app.nobody().post("/api/auth/reset", json!({ "email": "a@b.example" })).await;
        assert_eq!(answer.status, 200);
    }
    let refused = app.nobody().post("/api/auth/reset", json!({ "email": "a@b.example" })).await;
    assert_eq!(refused.status, 429);
    assert!(refused.headers.contains_key("retry-after"));
    assert!(refused.body["error"].is_string());
}

#[tokio::test]
async fn wrong_types_are_refused_with_their_field() {
    let app = TestApp::spawn().await;
    app.admin().await;
    for odd in [json!({}), json!([]), json!(7), json!(true), Value::Null] {
        for field in ["email", "password"] {
            let mut body = json!({ "email": ADMIN, "password": PASSWORD });
            body[field] = odd.clone();
            let answer = app.nobody().post("/api/auth/login", body).await;
            assert_eq!(answer.status, 400, "{field} {odd}");
            assert_eq!(answer.body["details"][0]["field"], field);
        }
    }
}
