//! What supervisors and operators ask.

use desk::options::Secret;
use serde_json::json;
use storage::jobs::NewJob;

use crate::app::TestApp;

#[tokio::test]
async fn health_and_readiness_need_no_sign_in() {
    let app = TestApp::spawn().await;
    for path in ["/healthz", "/readyz"] {
        let answer = app.nobody().get(path).await;
        assert_eq!((answer.status, answer.body), (200, json!({ "status": "ok" })), "{path}");
    }
}

#[tokio::test]
async fn metrics_are_for_this_machine_or_the_token() {
    let app = TestApp::spawn_with(|_, web| {
        web.metrics_token = Some(Secret::new("0123456789abcdef"));
    })
    .await;
    let local = app.nobody().get("/metrics").await;
    assert_eq!(local.status, 200);
    for name in ["deskbell_commits_total", "deskbell_database_bytes", "# TYPE deskbell_jobs gauge"]
    {
        assert!(local.text.contains(name), "{name}");
    }
    let cases = [
        ("x-forwarded-for", "198.51.100.7", 403),
        ("forwarded", "for=198.51.100.7", 403),
        ("via", "1.1 proxy", 403),
        ("host", "desk.example.com", 403),
    ];
    for (name, value, status) in cases {
        let answer = app.nobody().with(name, value).get("/metrics").await;
        assert_eq!(answer.status, status, "{name}: {value}");
        let client = app.nobody().with(name, value);
        let right = client.with("authorization", "Bearer 0123456789abcdef").get("/metrics").await;
        assert_eq!(right.status, 200, "{name}: {value}");
        let wrong = client.with("authorization", "Bearer 0123456789abcdee").get("/metrics").await;
        assert_eq!(wrong.status, 403, "{name}: {value}");
    }
}

#[tokio::test]
async fn an_admin_lets_out_what_a_restore_held() {
    let app = TestApp::spawn().await;
    let now = app.clock.now();
    let held = app.desk.store.write(move |tx| {
        let job = NewJob {
            kind: domain::jobs::JobKind::SendSystemMail,
            subject: domain::ids::AgentId::new().0,
            payload: json!({}),
            lane: "test".to_owned(),
            run_at: now,
        };
        storage::jobs::put(tx, &job, now)?;
        storage::jobs::hold_outside_facing(tx)
    });
    assert_eq!(held.await.unwrap(), 1);
    assert_eq!(app.nobody().post("/api/jobs/release", json!({})).await.status, 401);
    let admin = app.admin().await;
    for released in [1, 0] {
        let answer = admin.post("/api/jobs/release", json!({})).await;
        assert_eq!((answer.status, answer.body), (200, json!({ "released": released })));
    }
}
