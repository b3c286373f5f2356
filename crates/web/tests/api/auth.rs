//! Signing in and out.

use serde_json::json;

use crate::app::{ADMIN, PASSWORD, TestApp};

#[tokio::test]
async fn signing_in_gives_a_cookie_scripts_can_use() {
    let app = TestApp::spawn().await;
    app.admin().await;
    let answer = app
        .nobody()
        .post("/api/auth/login", json!({ "email": "ANN@example.com", "password": PASSWORD }))
        .await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["email"], ADMIN);
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("deskbell="), "{cookie}");
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure") && !cookie.contains("Domain"), "{cookie}");
}
