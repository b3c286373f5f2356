//! Making the first admin.

use desk::identity;
use serde_json::{Value, json};

use crate::app::{ADMIN, PASSWORD, TestApp};

fn setup(token: &str) -> Value {
    json!({
        "token": token, "workspace": "Example", "name": "Ann", "email": ADMIN,
        "password": PASSWORD,
    })
}

async fn token(app: &TestApp) -> String {
    identity::setup_token(&app.desk).await.unwrap().unwrap().reveal().to_owned()
}

#[tokio::test]
async fn the_set_up_makes_an_admin_who_is_signed_in_and_is_gone_then() {
    let app = TestApp::spawn().await;
    let token = token(&app).await;
    let mut client = app.nobody();
    let made = client.post("/api/setup", setup(&token)).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.body["email"], ADMIN);
    assert_eq!(made.body["role"], "admin");
    client.adopt(&made);

    let gone = json!({ "error": "set-up link not found" });
    for body in [setup(&token), json!({}), json!([1]), setup("")] {
        let again = app.nobody().post("/api/setup", body).await;
        assert_eq!((again.status, again.body), (404, gone.clone()));
    }
    assert!(identity::setup_token(&app.desk).await.unwrap().is_none());
}

#[tokio::test]
async fn who_signs_in_before_the_set_up_is_told_of_the_link() {
    let app = TestApp::spawn().await;
    let body = json!({ "email": ADMIN, "password": PASSWORD });
    let told = app.nobody().post("/api/auth/login", body.clone()).await;
    assert_eq!(told.status, 409, "{}", told.text);
    assert!(told.body["error"].as_str().unwrap().contains("open the link"), "{}", told.text);
    let token = token(&app).await;
    assert_eq!(app.nobody().post("/api/setup", setup(&token)).await.status, 201);
    assert_eq!(app.nobody().post("/api/auth/login", body).await.status, 200);
    let wrong = json!({ "email": ADMIN, "password": "wrong all the same" });
    assert_eq!(app.nobody().post("/api/auth/login", wrong).await.status, 401);
}

#[tokio::test]
async fn a_wrong_token_is_not_found_and_a_bad_field_is_named() {
    let app = TestApp::spawn().await;
    let right = token(&app).await;
    let long = "a".repeat(10_240);
    let other = "b".repeat(43);
    for bad in ["", " ", "%20", "%", "_", "null", &long, &other] {
        let answer = app.nobody().post("/api/setup", setup(bad)).await;
        assert_eq!(answer.status, 404, "{bad:?}");
    }
    for bad in [json!(0), json!([]), json!({}), Value::Null] {
        let mut body = setup("");
        body["token"] = bad;
        let answer = app.nobody().post("/api/setup", body).await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.body["details"][0]["field"], "token");
    }
    let mut body = setup(&right);
    body["password"] = json!("password");
    body["email"] = json!("nonsense");
    let answer = app.nobody().post("/api/setup", body).await;
    assert_eq!(answer.status, 400);
    let fields: Vec<_> =
        answer.body["details"].as_array().unwrap().iter().map(|it| it["field"].clone()).collect();
    assert_eq!(fields, ["email", "password"]);
    assert_eq!(app.nobody().post("/api/setup", setup(&right)).await.status, 201);
}

#[tokio::test]
async fn of_two_set_ups_at_once_one_makes_an_admin() {
    let app = TestApp::spawn().await;
    let token = token(&app).await;
    let (one, other) = (app.nobody(), app.nobody());
    let (one, other) = tokio::join!(
        one.post("/api/setup", setup(&token)),
        other.post("/api/setup", setup(&token)),
    );
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 404]);
}
