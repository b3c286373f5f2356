//! Telling other programs: signed, retried, and never the ones inside.

use domain::jobs::{JobKind, JobState};
use storage::jobs;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;
use crate::{automations::signing_secret, conversations::tags, workers};

/// Answers one request after another with these codes; answers what it was sent.
async fn receiver(answers: &'static [u16]) -> (u16, tokio::task::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = async move {
        let mut seen = Vec::new();
        for code in answers {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !is_whole(&request) {
                let mut part = [0; 4096];
                let read = socket.read(&mut part).await.unwrap();
                assert!(read > 0, "the request ended early");
                request.extend_from_slice(&part[..read]);
            }
            let answer =
                format!("HTTP/1.1 {code} X\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno");
            socket.write_all(answer.as_bytes()).await.unwrap();
            seen.push(String::from_utf8(request).unwrap());
        }
        seen
    };
    (port, tokio::spawn(serve))
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|it| it.strip_prefix("content-length: "));
    body.len() >= length.unwrap().parse().unwrap()
}

async fn calling(desk: &TestDesk, port: u16) -> RuleId {
    let url = format!("http://127.0.0.1:{port}/hook");
    on(desk, "message_received", json!({ "type": "call_webhook", "url": url })).await
}

async fn waiting(desk: &TestDesk) -> Vec<(JobKind, JobState, u64)> {
    let all = desk.store.read(jobs::summary).await.unwrap();
    all.into_iter().filter(|it| it.0 == JobKind::CallWebhook).collect()
}

#[tokio::test]
async fn a_receiver_gets_what_happened_signed_and_again_until_it_takes_it() {
    let (desk, it) = asked().await;
    let desk = open_to_loopback(desk);
    let (port, served) = receiver(&[503, 200]).await;
    let id = calling(&desk, port).await;
    let message = writes(&desk, it.id, "Hello “there”").await;
    workers::step(&desk).await.unwrap();
    assert_eq!(waiting(&desk).await, [(JobKind::CallWebhook, JobState::Ready, 1)]);
    desk.clock.set(desk.clock.now().plus_seconds(3600));
    workers::step(&desk).await.unwrap();
    assert_eq!(waiting(&desk).await, []);

    let seen = served.await.unwrap();
    let parts: Vec<(&str, &str)> =
        seen.iter().map(|it| it.split_once("\r\n\r\n").unwrap()).collect();
    let header = |head: &str, name: &str| {
        let found =
            head.lines().find_map(|it| it.strip_prefix(&format!("{name}: ")).map(str::to_owned));
        found.unwrap_or_else(|| panic!("{name} is not in {head}"))
    };
    assert_eq!(parts[0].1, parts[1].1);
    let delivery = header(parts[0].0, "x-deskbell-delivery");
    assert_eq!(delivery, header(parts[1].0, "x-deskbell-delivery"), "one id for all attempts");
    let secret = signing_secret(&desk, &stored(&desk, id).await).unwrap();
    let (time, signature) = {
        let header = header(parts[1].0, "x-deskbell-signature");
        let (time, signature) = header.split_once(",v1=").unwrap();
        (time.strip_prefix("t=").unwrap().to_owned(), signature.to_owned())
    };
    let expected = crate::automations::webhooks::sign(&secret, time.parse().unwrap(), parts[1].1);
    assert_eq!(signature, expected);
    let body: Value = serde_json::from_str(parts[1].1).unwrap();
    assert_eq!(body["trigger"], "message_received");
    assert_eq!(body["conversation"]["id"], json!(it.id));
    assert_eq!(body["contact"]["emails"], json!([CUSTOMER]));
    assert_eq!(
        (&body["message"]["id"], &body["message"]["text"]),
        (&json!(message), &json!("Hello “there”"))
    );
}

#[tokio::test]
async fn an_address_inside_is_refused_when_written_and_when_called() {
    let (desk, it) = asked().await;
    for address in [
        "http://127.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://0x7f.1/",
        "http://user:secret@example.com/",
        "file:///etc/passwd",
        "ftp://x.example/",
        "no address",
    ] {
        let document = json!({
            "trigger": "note_added", "actions": [{ "type": "call_webhook", "url": address }],
        });
        assert_eq!(refused(try_rule(&desk, document).await), ["actions[0].url"], "{address}");
    }
    // A name can lead anywhere: it is looked at with each call.
    let url = "http://localhost:9/";
    on(&desk, "message_received", json!({ "type": "call_webhook", "url": url })).await;
    writes(&desk, it.id, "Hello").await;
    workers::step(&desk).await.unwrap();
    let id = desk.store.read(|db| Ok::<_, DeskError>(jobs::summary(db)?)).await.unwrap();
    assert!(id.iter().any(|it| it.0 == JobKind::CallWebhook), "it is kept for another attempt");
}

#[tokio::test]
async fn a_receiver_that_is_gone_counts_as_a_failure_of_the_rule() {
    let (desk, it) = asked().await;
    let desk = open_to_loopback(desk);
    let (port, served) = receiver(&[410]).await;
    let id = calling(&desk, port).await;
    writes(&desk, it.id, "Hello").await;
    workers::step(&desk).await.unwrap();
    served.await.unwrap();
    let counters = stored(&desk, id).await.counters;
    assert_eq!(counters.failures, 1);
    let error = counters.last_error.unwrap();
    assert!(error.contains("127.0.0.1 could not be told") && error.contains("410"), "{error}");
}

#[tokio::test]
async fn what_is_gone_by_then_is_not_told() {
    let (desk, it) = asked().await;
    let desk = open_to_loopback(desk);
    // Nobody listens: a call would fail and stay.
    let id = calling(&desk, 9).await;
    writes(&desk, it.id, "Hello").await;
    super::super::delete(&desk, Actor::System, id).await.unwrap();
    workers::step(&desk).await.unwrap();
    assert_eq!(waiting(&desk).await, []);
}

/// The world may have moved on since the backup: nobody outside hears of it until an admin says so.
#[tokio::test]
async fn after_a_restore_rules_and_calls_wait_until_they_are_released() {
    let (desk, it) = asked().await;
    let desk = open_to_loopback(desk);
    let (port, served) = receiver(&[200]).await;
    calling(&desk, port).await;
    let reminder = json!({
        "trigger": "no_reply_for", "minutes": 30,
        "actions": [{ "type": "add_note", "text": "Still waiting" }],
    });
    rule(&desk, reminder).await;
    writes(&desk, it.id, "Hello?").await;
    desk.write(|tx| Ok(jobs::hold_outside_facing(tx)?)).await;
    tags::add(&desk, ann(&desk), it.id, "touched").await.unwrap();
    desk.clock.set(desk.clock.now().plus_seconds(3600));
    workers::step(&desk).await.unwrap();
    assert_eq!(waiting(&desk).await, [(JobKind::CallWebhook, JobState::Held, 1)]);
    let notes = async || {
        let all = thread(&desk, it.id).await;
        all.iter().filter(|it| it.direction == Direction::Note).count()
    };
    assert_eq!(notes().await, 0);

    desk.write(|tx| Ok(jobs::release_held(tx)?)).await;
    workers::step(&desk).await.unwrap();
    assert_eq!(waiting(&desk).await, []);
    assert_eq!((notes().await, served.await.unwrap().len()), (1, 1));
}
