//! Is a request meant for us and from our own pages; what every answer carries; odd methods.

use desk::options::Options;
use reqwest::Method;
use serde_json::json;
use web::TrustedProxies;

use crate::app::{ADMIN, Client, PASSWORD, TestApp};

async fn login_status(client: &Client) -> u16 {
    let body = json!({ "email": ADMIN, "password": PASSWORD });
    client.post("/api/auth/login", body).await.status
}

#[tokio::test]
async fn requests_from_other_sites_are_refused() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let host = app.base.strip_prefix("http://").unwrap().to_owned();
    let own = app.base.clone();
    let port_off = format!("http://{}:1", host.split(':').next().unwrap());
    let cases: [(&[(&str, &str)], u16); 12] = [
        (&[], 200),
        (&[("origin", &own)], 200),
        (&[("origin", &own), ("sec-fetch-site", "same-origin")], 200),
        (&[("sec-fetch-site", "same-origin")], 200),
        (&[("sec-fetch-site", "same-site")], 403),
        (&[("sec-fetch-site", "cross-site")], 403),
        (&[("sec-fetch-site", "none")], 403),
        (&[("origin", "https://evil.example")], 403),
        (&[("origin", "null")], 403),
        (&[("origin", "")], 403),
        (&[("origin", &port_off)], 403),
        (&[("origin", &own), ("sec-fetch-site", "cross-site")], 403),
    ];
    for (headers, want) in cases {
        let mut client = admin.clone();
        for (name, value) in headers {
            client = client.with(name, value);
        }
        let name = json!({ "name": "Ann" });
        let answer = client.patch("/api/auth/me", name).await;
        assert_eq!(answer.status, want, "{headers:?}");
        assert_eq!(client.get("/api/auth/me").await.status, 200, "reading is free: {headers:?}");
        assert!(!answer.headers.keys().any(|it| it.as_str().starts_with("access-control")));
    }
    let foreign = admin.with("origin", "https://evil.example");
    assert_eq!(login_status(&foreign).await, 403, "signing in somebody else's browser too");
    assert_eq!(foreign.post_nothing("/api/auth/logout").await.status, 403);
    assert_eq!(admin.get("/api/auth/me").await.status, 200);
}

fn public(options: &mut Options) {
    options.public_url = Some("https://desk.example.com".parse().unwrap());
}

#[tokio::test]
async fn only_our_own_names_are_answered() {
    let app = TestApp::spawn().await;
    for (host, want) in [
        ("localhost", 401),
        ("localhost:1234", 401),
        ("192.0.2.7", 401),
        ("[::1]:80", 401),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("a b", 400),
    ] {
        let answer = app.nobody().with("host", host).get("/api/auth/me").await;
        assert_eq!(answer.status, want, "{host}");
        assert!(answer.body["error"].is_string(), "{host}");
    }

    let app = TestApp::spawn_with(|options, _| public(options)).await;
    for (host, want) in [
        ("desk.example.com", 401),
        ("desk.example.com:443", 401),
        ("DESK.EXAMPLE.COM", 401),
        ("desk.example.com:80", 421),
        ("127.0.0.1", 421),
        ("localhost", 421),
        ("evil.example", 421),
    ] {
        let answer = app.nobody().with("host", host).get("/api/auth/me").await;
        assert_eq!(answer.status, want, "{host}");
    }
    let ours = app.nobody().with("host", "desk.example.com");
    let own = ours.with("origin", "https://desk.example.com");
    assert_eq!(login_status(&own).await, 409, "let in, and nobody has set it up");
    assert_eq!(login_status(&ours.with("origin", "http://desk.example.com")).await, 403);
}

#[tokio::test]
async fn forwarded_headers_count_only_from_a_trusted_proxy() {
    // Not trusted: the header changes neither our name nor where the client is.
    let app = TestApp::spawn_with(|options, _| public(options)).await;
    let forged = app.nobody().with("x-forwarded-host", "desk.example.com");
    assert_eq!(forged.get("/api/auth/me").await.status, 421);

    let app = TestApp::spawn_with(|options, web| {
        public(options);
        web.trusted_proxies = TrustedProxies(vec!["127.0.0.0/8".parse().unwrap()]);
    })
    .await;
    app.set_up().await;
    let proxied = app
        .nobody()
        .with("x-forwarded-host", "desk.example.com")
        .with("x-forwarded-for", "6.6.6.6, 198.51.100.7");
    let body = json!({ "email": ADMIN, "password": PASSWORD });
    let answer = proxied.post("/api/auth/login", body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let mut client = proxied.clone();
    client.adopt(&answer);
    let sessions = client.get("/api/auth/sessions").await;
    assert_eq!(sessions.body["data"][0]["ip"], "198.51.100.7");
    let evil = app.nobody().with("x-forwarded-host", "evil.example");
    assert_eq!(evil.with("x-forwarded-for", "6.6.6.6").get("/api/auth/me").await.status, 421);
}

#[tokio::test]
async fn a_spoofed_address_does_not_reset_the_brakes() {
    let app = TestApp::spawn().await;
    app.admin().await;
    let mut last = 0;
    for it in 0..24 {
        let client = app.nobody().with("x-forwarded-for", &format!("198.51.100.{it}"));
        let email = format!("user{it}@example.com");
        let body = json!({ "email": email, "password": "a wrong guess" });
        last = client.post("/api/auth/login", body).await.status;
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn every_answer_carries_the_headers() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let nobody = app.nobody();
    let answers = [
        admin.get("/api/auth/me").await,
        nobody.get("/api/auth/me").await,
        nobody.get("/api/nothing").await,
        nobody.get("/nothing").await,
        nobody.get("/").await,
        nobody.send(Method::PUT, "/api/auth/me", None).await,
        nobody.post("/api/auth/login", json!([])).await,
        nobody.with("host", "evil.example").get("/").await,
        nobody.get(&format!("/{}", "x".repeat(9_000))).await,
        nobody.with("x-long", &"x".repeat(17_000)).get("/").await,
    ];
    for (answer, want) in answers.iter().zip([200, 401, 404, 404, 200, 405, 400, 421, 414, 431]) {
        assert_eq!(answer.status, want);
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.headers[name], value, "{want} {name}");
        }
        assert!(answer.headers.contains_key("content-security-policy"), "{want}");
        assert!(answer.headers.contains_key("permissions-policy"), "{want}");
        assert!(!answer.headers.contains_key("server"), "{want}");
        if want >= 400 {
            assert_eq!(answer.headers["content-type"], "application/json", "{want}");
            assert!(answer.body["error"].is_string(), "{want}");
        }
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_say_so() {
    let app = TestApp::spawn().await;
    let nobody = app.nobody();
    assert_eq!(nobody.get("/api/agents/").await.status, 404);
    assert_eq!(nobody.get("/api/../etc/passwd").await.status, 404);
    let put = nobody.send(Method::PUT, "/api/agents", None).await;
    assert_eq!((put.status, put.headers["allow"].to_str().unwrap()), (405, "GET, POST, HEAD"));
    let options = nobody.send(Method::OPTIONS, "/api/auth/login", None).await;
    assert_eq!((options.status, options.headers["allow"].to_str().unwrap()), (405, "POST"));
    let head = nobody.send(Method::HEAD, "/setup", None).await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
}
