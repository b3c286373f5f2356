//! Renewing access tokens: what providers answer, in words, and what is never followed.

use connectors::{
    email::{
        accounts::Secret,
        oauth::{Grant, OAuthError, may_be_asked, refresh},
    },
    guard::Guard,
};
use domain::Timestamp;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::in_time;

const NOW: Timestamp = Timestamp(1_700_000_000_000);

fn grant(url: &str) -> Grant {
    Grant {
        token_url: url.parse().unwrap(),
        client_id: "desk".to_owned(),
        client_secret: Some(Secret::new("app secret")),
        refresh_token: Secret::new("1//refresh"),
        scope: None,
    }
}

/// Answers one request and returns what was asked.
async fn provider(answer: String) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/token", listener.local_addr().unwrap());
    let asked = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut asked = Vec::new();
        while !String::from_utf8_lossy(&asked).contains("grant_type") {
            if stream.read_buf(&mut asked).await.unwrap() == 0 {
                break;
            }
        }
        // A client that has read enough may be gone before the end.
        let _ = stream.write_all(answer.as_bytes()).await;
        String::from_utf8(asked).unwrap()
    });
    (url, asked)
}

fn json(status: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

#[tokio::test]
async fn answers_become_tokens_or_words() {
    let here = Guard::new(vec!["127.0.0.0/8".parse().unwrap()]);
    let (url, asked) = provider(json(
        "200 OK",
        r#"{"access_token":"ya29","expires_in":1800,"refresh_token":"new"}"#,
    ))
    .await;
    let got = in_time("token", refresh(&grant(&url), &here, NOW)).await.unwrap();
    assert_eq!((got.token.expose(), got.expires_at), ("ya29", NOW.plus_seconds(1800)));
    assert_eq!(got.new_refresh_token, Some(Secret::new("new")));
    assert!(!format!("{got:?}").contains("ya29"));
    let asked = asked.await.unwrap();
    let form = "grant_type=refresh_token&refresh_token=1%2F%2Frefresh&client_id=desk&client_secret=app+secret";
    assert!(asked.ends_with(form), "{asked}");

    let large = format!(r#"{{"access_token":"{}"}}"#, "x".repeat(70_000));
    let cases = [
        (
            "revoked",
            json("400 Bad Request", r#"{"error":"invalid_grant"}"#),
            "reconnect the mailbox",
            true,
        ),
        (
            "unknown app",
            json("401 Unauthorized", r#"{"error":"invalid_client"}"#),
            "client secret",
            true,
        ),
        (
            "scope",
            json(
                "400 Bad Request",
                r#"{"error":"invalid_scope","error_description":"no\r\nsuch"}"#,
            ),
            "no  such",
            true,
        ),
        ("down", json("503 Unavailable", "{}"), "status 503", false),
        ("throttled", json("429 Slow Down", "{}"), "status 429", false),
        ("not JSON", json("200 OK", "<html>"), "cannot be read", false),
        ("too large", json("200 OK", &large), "larger than", false),
        (
            "redirect",
            "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"
                .to_owned(),
            "status 302",
            false,
        ),
        ("hangs up", String::new(), "gave no access token", false),
    ];
    for (name, answer, words, person) in cases {
        let (url, _asked) = provider(answer).await;
        let error = in_time(name, refresh(&grant(&url), &here, NOW)).await.unwrap_err();
        assert!(error.to_string().contains(words), "{name}: {error}");
        assert_eq!(error.needs_a_person(), person, "{name}");
        assert!(!error.to_string().contains("refresh_token="), "{name}");
    }
}

#[tokio::test]
async fn tokens_go_only_to_public_servers_and_encrypted() {
    let closed = Guard::default();
    let cases = [
        ("http://oauth.example.com/token", "https://"),
        ("http://127.0.0.1:9/token", "not a public address"),
        ("https://10.0.0.1/token", "not a public address"),
        ("https://localhost:9/token", "not a public address"),
        ("https://[::ffff:169.254.169.254]/token", "not a public address"),
    ];
    for (url, words) in cases {
        let error = in_time(url, refresh(&grant(url), &closed, NOW)).await.unwrap_err();
        assert!(error.to_string().contains(words), "{url}: {error}");
    }
    let google = OAuthError::Revoked("Google".to_owned()).to_string();
    assert!(google.starts_with("Google says the refresh token was revoked"), "{google}");
}

#[test]
fn secrets_go_over_https_or_stay_on_this_machine() {
    let cases = [
        ("https://login.example.com/token", true),
        ("https://10.0.0.1/token", true),
        ("http://127.0.0.1:8080/token", true),
        ("http://127.9.9.9/token", true),
        ("http://2130706433/token", true),
        ("http://[::1]/token", true),
        ("http://login.example.com/token", false),
        // A name is whatever its zone says.
        ("http://localhost/token", false),
        ("http://127.0.0.1.evil.example/token", false),
        ("http://127.0.0.1@evil.example/token", false),
        ("http://10.0.0.1/token", false),
        ("http://169.254.169.254/token", false),
        ("http://0.0.0.0/token", false),
        ("http://[::ffff:127.0.0.1]/token", false),
        ("ftp://127.0.0.1/token", false),
        ("file:///token", false),
    ];
    for (url, want) in cases {
        assert_eq!(may_be_asked(&url.parse().unwrap()), want, "{url}");
    }
}

#[tokio::test]
async fn nothing_is_sent_where_secrets_may_not_go() {
    let anywhere = Guard::new(vec!["0.0.0.0/0".parse().unwrap()]);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let grant = grant(&format!("http://localhost:{port}/token"));
    let refused = in_time("refused", refresh(&grant, &anywhere, NOW)).await.unwrap_err();
    assert_eq!(refused, OAuthError::NotHttps);
    assert!(futures_util::FutureExt::now_or_never(listener.accept()).is_none(), "it was called");
}
