//! The dashboard's page and files.

use serde_json::json;

use crate::app::TestApp;

#[tokio::test]
async fn the_icon_is_asked_about_by_its_tag() {
    let app = TestApp::spawn().await;
    let path = "/favicon.ico";
    let file = app.nobody().get(path).await;
    assert_eq!(file.headers["content-type"], "image/svg+xml");
    let tag = file.headers["etag"].to_str().unwrap();
    let again = app.nobody().with("if-none-match", tag).get(path).await;
    assert_eq!((again.status, again.text.as_str()), (304, ""));
    let stale = app.nobody().with("if-none-match", "\"old\"").get(path).await;
    assert_eq!(stale.status, 200);
}

#[tokio::test]
async fn the_dashboard_is_one_page_with_a_nonce_of_its_own_each_time() {
    let app = TestApp::spawn().await;
    let mut nonces = std::collections::HashSet::new();
    for path in [
        "/",
        "/sign-in",
        "/setup",
        "/invitation",
        "/reset",
        "/first-steps",
        "/inbox/019a0000-0000-7000-8000-000000000000",
        "/settings/agents/x",
    ] {
        let page = app.nobody().get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert_eq!(page.headers["cache-control"], "no-store");
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        let nonce = policy.split("'nonce-").nth(1).and_then(|it| it.split('\'').next()).unwrap();
        assert!(page.text.contains(&format!("content=\"{nonce}\"")), "{path}");
        assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe"), "{policy}");
        assert!(nonces.insert(nonce.to_owned()), "{path}: each answer has a new one");
    }
}

#[tokio::test]
async fn a_mistyped_address_shows_the_dashboard_to_people_and_an_error_to_programs() {
    let app = TestApp::spawn().await;
    let browser = || app.nobody().with("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
    for path in ["/login", "/inbox/a/b", "/settings/a/b/c"] {
        let page = browser().get(path).await;
        assert_eq!(page.status, 404, "{path}");
        assert_eq!(page.headers["content-type"], "text/html; charset=utf-8", "{path}");
        assert!(page.headers["content-security-policy"].to_str().unwrap().contains("'nonce-"));
        let answer = app.nobody().get(path).await;
        assert_eq!((answer.status, answer.body), (404, json!({ "error": "no such path" })));
    }
    for path in ["/api/nothing", "/widget/nothing", "/assets/app/nothing.js"] {
        let answer = browser().get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.headers["content-type"], "application/json", "{path}");
    }
    assert_eq!(browser().post("/login", json!({})).await.status, 404);
}

#[tokio::test]
async fn built_files_come_compressed_and_are_kept_for_ever() {
    let app = TestApp::spawn().await;
    let page = app.nobody().get("/").await.text;
    let script = page.split('"').find(|it| it.ends_with(".js")).unwrap();
    let sizes = [Some("br"), Some("gzip"), None].map(|encoding| {
        let client = app.nobody().with("accept-encoding", encoding.unwrap_or("br;q=0, identity"));
        async move {
            let file = client.get(script).await;
            assert_eq!(file.status, 200);
            assert_eq!(file.headers["content-type"], "text/javascript; charset=utf-8");
            assert_eq!(file.headers["cache-control"], "public, max-age=31536000, immutable");
            assert_eq!(file.headers["vary"], "Accept-Encoding");
            let got = file.headers.get("content-encoding").map(|it| it.to_str().unwrap());
            assert_eq!(got, encoding);
            file.headers["content-length"].to_str().unwrap().parse::<u64>().unwrap()
        }
    });
    let [brotli, gzip, plain] = sizes;
    let (brotli, gzip, plain) = (brotli.await, gzip.await, plain.await);
    assert!(brotli < gzip && gzip < plain, "{brotli} {gzip} {plain}");
    for path in ["/assets/app/nothing.js", "/assets/app/..%2findex.html", "/assets/app/index.html"]
    {
        assert_eq!(app.nobody().get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn the_dashboard_knows_whether_a_session_came_along() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let said = |page: String| page.contains("name=\"session\" content=\"yes\"");
    assert!(!said(app.nobody().get("/inbox").await.text));
    assert!(said(admin.get("/inbox").await.text));
}
