//! A server that speaks as much of the OpenAI API as a test tells it to.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What the server does with one request.
#[derive(Debug, Clone)]
pub enum Play {
    /// Streams a text in pieces, with its count of tokens.
    Write { text: String, prompt_tokens: u64, completion_tokens: u64 },
    /// Answers with a status and a body.
    Refuse(u16, &'static str),
    /// Never answers.
    Hang,
    /// Sends this for ever.
    Flood(&'static str),
}

impl Play {
    pub fn write(text: impl Into<String>) -> Self {
        Self::Write { text: text.into(), prompt_tokens: 900, completion_tokens: 200 }
    }
}

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Heard {
    /// `POST /v1/chat/completions`.
    pub line: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Value,
}

/// Ends with the runtime of its test.
pub struct FakeModel {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    plays: VecDeque<Play>,
    heard: Vec<Heard>,
}

impl FakeModel {
    /// Plays one after another; when none is left, requests are refused with 500.
    pub async fn start(plays: impl IntoIterator<Item = Play>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("a listener has an address");
        let plays = plays.into_iter().collect();
        let state = Arc::new(Mutex::new(State { plays, heard: Vec::new() }));
        let shared = state.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, shared.clone()));
            }
        });
        Self { address, state }
    }

    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    pub fn heard(&self) -> Vec<Heard> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).heard.clone()
    }
}

async fn serve(mut stream: TcpStream, state: Arc<Mutex<State>>) -> std::io::Result<()> {
    let heard = hear(&mut stream).await?;
    let play = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.heard.push(heard);
        state.plays.pop_front().unwrap_or(Play::Refuse(500, "nothing more to play"))
    };
    match play {
        Play::Write { text, prompt_tokens, completion_tokens } => {
            stream.write_all(head(200, "text/event-stream").as_bytes()).await?;
            for piece in text.split_inclusive(' ') {
                let piece = serde_json::json!({"choices": [{"delta": {"content": piece}}]});
                stream.write_all(format!("data: {piece}\n\n").as_bytes()).await?;
            }
            let usage = serde_json::json!({"choices": [], "usage":
                {"prompt_tokens": prompt_tokens, "completion_tokens": completion_tokens}});
            stream.write_all(format!("data: {usage}\n\ndata: [DONE]\n\n").as_bytes()).await?;
        }
        Play::Refuse(status, body) => {
            let whole = format!("{}{body}", head(status, "application/json"));
            stream.write_all(whole.as_bytes()).await?;
        }
        Play::Hang => std::future::pending::<()>().await,
        Play::Flood(text) => {
            stream.write_all(head(200, "text/event-stream").as_bytes()).await?;
            loop {
                stream.write_all(text.as_bytes()).await?;
            }
        }
    }
    stream.shutdown().await
}

fn head(status: u16, content_type: &str) -> String {
    format!("HTTP/1.1 {status} Played\r\ncontent-type: {content_type}\r\nconnection: close\r\n\r\n")
}

async fn hear(stream: &mut TcpStream) -> std::io::Result<Heard> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|it| it == b"\r\n\r\n") {
            break at;
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let line = lines.next().unwrap_or_default().trim_end_matches(" HTTP/1.1").to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|it| it.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length.and_then(|(_, it)| it.parse().ok()).unwrap_or(0);
    let mut body = bytes.split_off(end + 4);
    while body.len() < length {
        if stream.read_buf(&mut body).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    Ok(Heard { line, headers, body })
}
