//! The few static pages.

use crate::app::TestApp;

#[tokio::test]
async fn pages_come_fresh_under_a_strict_policy() {
    let app = TestApp::spawn().await;
    for path in ["/", "/setup", "/invitation", "/reset"] {
        let page = app.nobody().get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
        assert_eq!(page.headers["cache-control"], "no-store");
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{policy}");
        assert!(page.text.contains("<h1>"), "{path}");
    }
}

#[tokio::test]
async fn files_are_asked_about_by_their_tag() {
    let app = TestApp::spawn().await;
    let files = [
        ("/assets/access.js", "text/javascript"),
        ("/assets/access.css", "text/css"),
        ("/favicon.ico", "image/svg+xml"),
    ];
    for (path, kind) in files {
        let file = app.nobody().get(path).await;
        assert!(file.headers["content-type"].to_str().unwrap().starts_with(kind));
        let tag = file.headers["etag"].to_str().unwrap();
        let again = app.nobody().with("if-none-match", tag).get(path).await;
        assert_eq!((again.status, again.text.as_str()), (304, ""));
        let stale = app.nobody().with("if-none-match", "\"old\"").get(path).await;
        assert_eq!(stale.status, 200);
    }
}
