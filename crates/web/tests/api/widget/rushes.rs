//! Many who come at once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use desk::StoreError;
use futures_util::FutureExt;
use reqwest::Method;
use serde_json::json;

use super::{Chat, streams::ear, visitors::SITE};
use crate::app::{Answer, TestApp, answer};

/// Keeps all readers of the store busy until it is dropped.
struct Stuck(Arc<AtomicBool>);

impl Stuck {
    async fn readers(app: &TestApp) -> Self {
        let it = Self(Arc::new(AtomicBool::new(true)));
        let count = app.desk.store.metrics().readers;
        for _ in 0..count {
            let (store, stuck) = (app.desk.store.clone(), it.0.clone());
            tokio::spawn(async move {
                let work = move |_: &storage::Reader<'_>| {
                    wait(&stuck);
                    Ok::<_, StoreError>(())
                };
                store.read(work).await.unwrap();
            });
        }
        while app.desk.store.metrics().readers_in_use < count {
            tokio::task::yield_now().await;
        }
        it
    }

    /// Keeps the writer busy, and its queue full.
    async fn writer(app: &TestApp) -> Self {
        let it = Self(Arc::new(AtomicBool::new(true)));
        let (is_at_it, stuck) = (Arc::new(AtomicBool::new(false)), it.0.clone());
        let began = is_at_it.clone();
        let first = app.desk.store.write(move |_| {
            began.store(true, Ordering::Relaxed);
            wait(&stuck);
            Ok::<_, StoreError>(())
        });
        // Once queued it is carried out, whether anybody waits for it or not.
        assert!(first.now_or_never().is_none());
        while !is_at_it.load(Ordering::Relaxed) {
            tokio::task::yield_now().await;
        }
        while !is_full(app).await {}
        it
    }
}

/// Queues a write that changes nothing, if there is room.
async fn is_full(app: &TestApp) -> bool {
    let write = app.desk.store.write(|_| Ok::<_, StoreError>(()));
    matches!(write.now_or_never(), Some(Err(StoreError::Busy)))
}

fn wait(stuck: &AtomicBool) {
    while stuck.load(Ordering::Relaxed) {
        std::thread::park_timeout(Duration::from_millis(1));
    }
}

impl Drop for Stuck {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

async fn preflight(app: &TestApp, chat: &Chat, origin: &str) -> Answer {
    let request = app.nobody().request(Method::OPTIONS, &chat.path("messages"));
    let asks = request.header("access-control-request-method", "POST");
    answer(asks.header("origin", origin)).await
}

#[tokio::test]
async fn visitors_wait_at_their_own_door_and_not_before_agents() {
    const MANY: usize = 60;
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({})).await;
    let visitor = chat.visitor().await;
    ear(&visitor, None).await.ready().await;
    let stuck = Stuck::readers(&app).await;
    let coming: Vec<_> = (0..MANY)
        .map(|n| {
            let visitor = visitor.clone();
            tokio::spawn(async move {
                match n % 3 {
                    0 => visitor.get("messages").await.status,
                    1 => visitor.get("config").await.status,
                    _ => {
                        let path = format!("{}/events", visitor.path);
                        let request = visitor.client.request(Method::HEAD, &path);
                        request.send().await.unwrap().status().as_u16()
                    }
                }
            })
        })
        .collect();
    while app.desk.store.metrics().reads_waiting == 0 {
        tokio::task::yield_now().await;
    }
    // Asked after them all, of the same worker, and answered without a read.
    for _ in 0..20 {
        assert_eq!(app.nobody().get("/widget.js").await.status, 200);
    }
    let waiting = app.desk.store.metrics().reads_waiting;
    assert!(waiting <= 20, "an agent's read would wait behind {waiting} visitors");
    drop(stuck);
    for it in coming {
        assert_eq!(it.await.unwrap(), 200, "nobody is turned away");
    }
}

#[tokio::test]
async fn strangers_sites_cost_no_read_and_are_counted() {
    let app = TestApp::spawn_with(|_, web| web.widget.rates.asked = 4).await;
    let chat = Chat::open(&app, json!({})).await;
    let visitor = chat.visitor().await;
    assert_eq!(preflight(&app, &chat, SITE).await.status, 204);
    {
        let _stuck = Stuck::readers(&app).await;
        assert_eq!(preflight(&app, &chat, SITE).await.status, 204);
        assert_eq!(preflight(&app, &chat, "https://evil.example").await.status, 403);
    }
    let evil = app.nobody().with("origin", "https://evil.example");
    assert_eq!(evil.get(&chat.path("config")).await.status, 403);
    let refused = evil.get(&chat.path("config")).await;
    assert_eq!(refused.status, 429);
    assert!(refused.headers.contains_key("retry-after"));
    assert_eq!(preflight(&app, &chat, SITE).await.status, 429);
    let allowed = visitor.client.with("origin", SITE).get(&chat.path("messages")).await;
    assert_eq!(allowed.status, 200, "what is let on is counted apart");
}

#[tokio::test]
async fn a_change_of_a_chat_is_seen_at_once() {
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({})).await;
    const OTHER: &str = "https://other.example";
    for _ in 0..3 {
        assert_eq!(preflight(&app, &chat, OTHER).await.status, 403);
        chat.change(json!({ "allowed_origins": [OTHER] })).await;
        assert_eq!(preflight(&app, &chat, OTHER).await.status, 204);
        assert_eq!(preflight(&app, &chat, SITE).await.status, 403);
        chat.change(json!({ "allowed_origins": [SITE], "greeting": "Hello" })).await;
        let config = app.nobody().get(&chat.path("config")).await;
        assert_eq!(config.body["greeting"], "Hello");
    }
    let later = Chat::open(&app, json!({})).await;
    assert_eq!(app.nobody().get(&later.path("config")).await.status, 200, "a new one, too");
    let path = format!("/api/channels/{}", chat.id);
    assert_eq!(chat.admin.delete(&path).await.status, 200);
    assert_eq!(app.nobody().get(&chat.path("config")).await.status, 404);
}

#[tokio::test]
async fn what_was_delivered_is_noted_when_the_store_has_time() {
    let app = TestApp::spawn().await;
    let chat = Chat::open(&app, json!({})).await;
    let visitor = chat.visitor().await;
    visitor.write("1", "Hello").await;
    let id = visitor.conversation().await;
    let mut stream = ear(&visitor, None).await;
    stream.ready().await;
    let last = stream.last_id.clone().unwrap();
    drop(stream);
    while app.desk.watchers.count() > 0 {
        tokio::task::yield_now().await;
    }
    let path = format!("/api/conversations/{id}/messages");
    let sent = chat.admin.post(&path, json!({ "text": "Hi!" })).await.body;
    let stuck = Stuck::writer(&app).await;
    let mut stream = ear(&visitor, Some(&last)).await;
    assert_eq!(stream.next("message").await.data["text"], "Hi!");
    stream.ready().await;
    assert!(is_full(&app).await);
    drop(stuck);
    let path = format!("/api/messages/{}", sent["id"].as_str().unwrap());
    let began = Instant::now();
    while chat.admin.get(&path).await.body["status"] != "delivered" {
        assert!(began.elapsed() < Duration::from_secs(30), "it is never noted");
    }
}
