//! Bodies: type, size, shape and speed.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::Instant,
};
use web::body::BodyDeadlines;

use crate::app::{TestApp, answer};

#[tokio::test]
async fn only_plain_json_is_read() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let cases: [(&[(&str, &str)], u16); 9] = [
        (&[("content-type", "application/json")], 200),
        (&[("content-type", "Application/JSON; charset=utf-8")], 200),
        (&[], 415),
        (&[("content-type", "text/plain")], 415),
        (&[("content-type", "application/x-www-form-urlencoded")], 415),
        (&[("content-type", "multipart/form-data; boundary=x")], 415),
        (&[("content-type", "application/json5")], 415),
        (&[("content-type", "application/json"), ("content-type", "text/plain")], 415),
        (&[("content-type", "application/json"), ("content-encoding", "gzip")], 415),
    ];
    for (headers, want) in cases {
        let mut request = admin.request(Method::PATCH, "/api/auth/me").body(r#"{"name": "Ann"}"#);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let got = answer(request).await;
        assert_eq!(got.status, want, "{headers:?}");
    }
}

#[tokio::test]
async fn odd_bodies_are_refused_with_a_reason() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let large = format!(r#"{{"name": "{}"}}"#, "x".repeat(300_000));
    let cases: [(&[u8], u16); 11] = [
        (b"", 400),
        (b"{", 400),
        (b"null", 400),
        (b"\"name\"", 400),
        (b"[1, 2]", 400),
        (b"{\"name\": \"\xff\"}", 400),
        (b"{\"name\": \"a\", \"name\": \"b\"}", 400),
        (b"{\"name\": \"a\"} trailing", 400),
        (b"{\"name\": \"\\u0000\"}", 400),
        (deep.as_bytes(), 400),
        (large.as_bytes(), 413),
    ];
    for (body, want) in cases {
        let request = admin
            .request(Method::PATCH, "/api/auth/me")
            .header("content-type", "application/json")
            .body(body.to_vec());
        let got = answer(request).await;
        let start = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
        assert_eq!(got.status, want, "{start}");
        assert!(got.body["error"].is_string(), "{start}");
        assert!(got.text.len() < 1_000, "{start}");
    }
    assert_eq!(admin.get("/api/auth/me").await.status, 200);
}

#[tokio::test]
async fn a_chunked_body_without_a_length_is_bounded_too() {
    let app = TestApp::spawn().await;
    let mut stream = TcpStream::connect(app.base.strip_prefix("http://").unwrap()).await.unwrap();
    let head = "POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\n\
                Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    for _ in 0..8 {
        if stream.write_all(chunk.as_bytes()).await.is_err() {
            break;
        }
    }
    let mut text = [0; 12];
    stream.read_exact(&mut text).await.unwrap();
    assert_eq!(&text, b"HTTP/1.1 413");
}

#[tokio::test]
async fn a_body_that_trickles_is_cut_off() {
    let app = TestApp::spawn_with(|_, web| {
        web.body =
            BodyDeadlines { idle: Duration::from_millis(200), total: Duration::from_millis(600) };
    })
    .await;
    for pause in [Duration::from_secs(3), Duration::from_millis(50)] {
        let mut stream =
            TcpStream::connect(app.base.strip_prefix("http://").unwrap()).await.unwrap();
        let head = "POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\n\
                    Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        let started = Instant::now();
        let (mut read, mut write) = stream.into_split();
        let trickle = tokio::spawn(async move {
            while write.write_all(b"x").await.is_ok() {
                tokio::time::sleep(pause).await;
            }
        });
        let mut start = [0; 12];
        read.read_exact(&mut start).await.unwrap();
        assert_eq!(&start, b"HTTP/1.1 408");
        assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
        // Then the server closes, which ends the reading.
        let mut rest = Vec::new();
        let closing = read.read_to_end(&mut rest);
        let _ = tokio::time::timeout(Duration::from_secs(10), closing).await.unwrap();
        trickle.abort();
    }
}

#[tokio::test]
async fn an_empty_body_needs_no_type() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let answer = admin.post_nothing("/api/auth/logout").await;
    assert_eq!(answer.body, json!({ "result": "signed out" }));
}

#[tokio::test]
async fn a_request_with_two_lengths_is_nobodys() {
    let app = TestApp::spawn().await;
    // Two programs that read such a request each in its own way take what follows for another.
    let cases = [
        "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 2\r\nContent-Length: 5\r\n",
        "Content-Length: 2, 5\r\n",
        "Content-Length: +2\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
    ];
    for lengths in cases {
        let mut stream =
            TcpStream::connect(app.base.strip_prefix("http://").unwrap()).await.unwrap();
        let request = format!(
            "POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\n\
             Content-Type: application/json\r\n{lengths}\r\n{{}}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut start = [0; 12];
        stream.read_exact(&mut start).await.unwrap();
        assert_eq!(&start, b"HTTP/1.1 400", "{lengths}");
    }
}
