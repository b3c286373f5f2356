//! A browser's EventSource, as far as tests need one.

use std::time::Duration;

use reqwest::{Method, Response, header::HeaderMap};
use serde_json::Value;
use tokio::time::Instant;

use crate::app::Client;

/// Everything arrives sooner, or not at all.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Ear {
    pub status: u16,
    pub headers: HeaderMap,
    response: Response,
    unread: Vec<u8>,
    /// Comments so far.
    pub beats: usize,
    pub last_id: Option<String>,
}

#[derive(Debug)]
pub struct News {
    pub id: Option<i64>,
    pub name: String,
    pub data: Value,
}

impl Ear {
    pub async fn open(client: &Client, last_id: Option<&str>) -> Self {
        let mut request = client.request(Method::GET, "/sse");
        if let Some(id) = last_id {
            request = request.header("last-event-id", id);
        }
        Self::of(request, last_id).await
    }

    /// Of another stream.
    pub async fn of(request: reqwest::RequestBuilder, last_id: Option<&str>) -> Self {
        let response = request.send().await.unwrap();
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            response,
            unread: Vec::new(),
            beats: 0,
            last_id: last_id.map(str::to_owned),
        }
    }

    /// The next event, or none when the stream ended.
    pub async fn hear(&mut self) -> Option<News> {
        // From here on, since beats alone are no news.
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(end) = self.unread.windows(2).position(|it| it == b"\n\n") {
                let block: Vec<u8> = self.unread.drain(..end + 2).collect();
                if let Some(news) = self.read(std::str::from_utf8(&block).unwrap()) {
                    return Some(news);
                }
                continue;
            }
            let chunk = tokio::time::timeout_at(deadline, self.response.chunk()).await;
            // A connection that was cut ends it like one that was closed.
            let chunk = chunk.expect("nothing arrives").unwrap_or_default()?;
            self.unread.extend_from_slice(&chunk);
        }
    }

    fn read(&mut self, block: &str) -> Option<News> {
        let mut news = News { id: None, name: "message".to_owned(), data: Value::Null };
        for line in block.lines().filter(|it| !it.is_empty()) {
            match line.split_once(": ").unwrap_or((line, "")) {
                ("id", id) => {
                    self.last_id = Some(id.to_owned());
                    news.id = Some(id.parse().unwrap());
                }
                ("event", name) => name.clone_into(&mut news.name),
                ("data", data) => news.data = serde_json::from_str(data).unwrap(),
                ("retry", millis) => assert!(millis.parse::<u64>().unwrap() >= 1_000),
                (":", _) => self.beats += 1,
                _ => panic!("unexpected line {line:?}"),
            }
        }
        (!news.data.is_null()).then_some(news)
    }

    pub async fn any(&mut self) -> News {
        self.hear().await.expect("the stream goes on")
    }

    /// The next event of that name; others are passed over.
    pub async fn next(&mut self, name: &str) -> News {
        loop {
            let news = self.any().await;
            if news.name == name {
                return news;
            }
        }
    }

    /// The names of what is stored, to the first of `name`.
    pub async fn until(&mut self, name: &str) -> Vec<String> {
        let mut names = Vec::new();
        loop {
            let news = self.any().await;
            if news.id.is_some() {
                names.push(news.name.clone());
            }
            if news.name == name {
                return names;
            }
        }
    }

    pub async fn ready(&mut self) {
        self.next("ready").await;
    }

    /// Returns when the stream has ended.
    pub async fn end(&mut self) {
        while self.hear().await.is_some() {}
    }
}
