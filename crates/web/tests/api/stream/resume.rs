//! Coming back: nothing is missed and nothing comes twice.

use std::time::Duration;

use domain::{
    events::{Actor, Event},
    ids::ConversationId,
};
use serde_json::json;
use storage::events;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

use super::ear::Ear;
use crate::{
    app::{Client, TestApp},
    inbox::Letter,
};

async fn conversation(app: &TestApp) -> ConversationId {
    let channel = app.channel("Support").await;
    app.letter(channel, Letter::new("cora@customer.example", "Hello")).await
}

async fn note(client: &Client, id: ConversationId, text: &str) {
    let path = format!("/api/conversations/{id}/messages");
    let answer = client.post(&path, json!({ "text": text, "private": true })).await;
    assert_eq!(answer.status, 201, "{:?}", answer.body);
}

async fn head(app: &TestApp) -> i64 {
    app.desk.store.read(events::head).await.unwrap()
}

#[tokio::test]
async fn who_comes_back_misses_nothing_and_hears_nothing_twice() {
    const NOTES: usize = 150;
    let app = TestApp::spawn().await;
    let (admin, agent) = (app.admin().await, app.agent().await);
    let id = conversation(&app).await;
    let mut ear = Ear::open(&agent, None).await;
    ear.ready().await;
    let mut last_id = ear.last_id.clone();
    drop(ear);
    let first = head(&app).await;

    let writing = async {
        for n in 0..NOTES {
            note(&admin, id, &format!("note {n}")).await;
        }
    };
    let reading = async {
        let (mut texts, mut seqs) = (Vec::new(), Vec::new());
        // Connections of every length, down to those that hear nothing.
        for round in 0.. {
            let mut ear = Ear::open(&agent, last_id.as_deref()).await;
            for _ in 0..(round * 7) % 13 {
                if texts.len() == NOTES {
                    break;
                }
                let news = ear.any().await;
                assert_ne!(news.name, "reset");
                if news.name == "note_added" {
                    texts.push(news.data["message"]["text"].as_str().unwrap().to_owned());
                    seqs.push(news.id.unwrap());
                }
            }
            last_id.clone_from(&ear.last_id);
            if texts.len() == NOTES {
                break;
            }
        }
        (texts, seqs)
    };
    let ((), (texts, seqs)) = tokio::join!(writing, reading);
    let want: Vec<String> = (0..NOTES).map(|n| format!("note {n}")).collect();
    assert_eq!(texts, want);
    assert!(seqs.is_sorted_by(|a, b| a < b) && seqs[0] > first);
}

#[tokio::test]
async fn too_old_or_unknown_a_place_means_to_load_anew() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let id = conversation(&app).await;
    let seen = head(&app).await;
    note(&admin, id, "while away").await;
    let newest = head(&app).await;
    for unknown in ["", "x", "-1", "0", "99999999", "99999999999999999999999"] {
        let mut ear = Ear::open(&admin, Some(unknown)).await;
        let news = ear.any().await;
        assert_eq!((news.name.as_str(), news.id), ("reset", Some(newest)), "{unknown}");
        ear.ready().await;
    }
    let mut ear = Ear::open(&admin, Some(&seen.to_string())).await;
    assert_eq!(ear.until("ready").await, ["note_added", "ready"]);
    app.clock.advance(Duration::from_secs(25 * 3600));
    let admin = app.sign_in(crate::app::ADMIN).await;
    assert_eq!(Ear::open(&admin, Some(&seen.to_string())).await.any().await.name, "reset");
}

#[tokio::test]
async fn a_reader_too_slow_is_dropped_and_goes_on_where_it_was() {
    const TAGS: usize = 1_500;
    let app = TestApp::spawn_with(|_, web| web.stream.behind = 4).await;
    let admin = app.admin().await;
    let id = conversation(&app).await;
    let mut slow = raw(&app, &admin).await;
    let mut text = read_until_ready(&mut slow).await;
    tag(&app, id, TAGS).await;
    // It ends, so that all of it can be read.
    let mut rest = Vec::new();
    slow.read_to_end(&mut rest).await.unwrap_or_default();
    text.push_str(&String::from_utf8_lossy(&rest));
    let heard = text.matches("event: tag_added").count();
    assert!(heard < TAGS, "all {heard} fitted in between");
    let whole = &text[..text.rfind("\n\n").unwrap()];
    let last = whole.rsplit_once("\nid: ").unwrap().1.split('\n').next().unwrap().trim();

    let mut tags: Vec<usize> = Vec::new();
    let mut ear = Ear::open(&admin, Some(last)).await;
    loop {
        let news = ear.any().await;
        match news.name.as_str() {
            "tag_added" => {
                let tag = news.data["tag"].as_str().unwrap();
                tags.push(tag.split(' ').next().unwrap().parse().unwrap());
            }
            "ready" => break,
            _ => {}
        }
    }
    assert!(tags.is_sorted_by(|a, b| a + 1 == *b) && tags.last() == Some(&(TAGS - 1)));
    assert!(tags[0] <= heard);
}

#[tokio::test]
async fn a_reader_that_takes_nothing_any_more_is_gone_soon() {
    let app = TestApp::spawn_with(|_, web| web.stuck = Duration::from_millis(500)).await;
    let admin = app.admin().await;
    let id = conversation(&app).await;
    let mut stuck = raw(&app, &admin).await;
    read_until_ready(&mut stuck).await;
    tag(&app, id, 1_500).await;
    while app.desk.listeners.count() > 0 {
        tokio::task::yield_now().await;
    }
}

/// More news than fits between server and reader.
async fn tag(app: &TestApp, id: ConversationId, tags: usize) {
    for part in 0..tags / 50 {
        app.write(move |tx| {
            let it = storage::conversations::find(tx, id)?.unwrap();
            for n in 0..50 {
                let tag = format!("{} {}", part * 50 + n, "x".repeat(12_000));
                events::append(
                    tx,
                    Some(&it),
                    Event::TagAdded { tag },
                    Actor::System,
                    it.created_at,
                )?;
            }
            Ok(())
        })
        .await;
    }
}

async fn read_until_ready(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    while !text.contains("event: ready") {
        let mut piece = [0; 1024];
        let n = stream.read(&mut piece).await.unwrap();
        text.push_str(std::str::from_utf8(&piece[..n]).unwrap());
    }
    text
}

/// A connection that takes little at a time.
async fn raw(app: &TestApp, client: &Client) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let address = app.base.strip_prefix("http://").unwrap();
    let mut stream = socket.connect(address.parse().unwrap()).await.unwrap();
    let cookie = client.cookie.as_deref().unwrap();
    let request = format!("GET /sse HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}
