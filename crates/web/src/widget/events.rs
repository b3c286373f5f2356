//! A visitor's stream: first what was missed, then what happens (the WHATWG HTML standard, §9.2).

use std::{collections::VecDeque, convert::Infallible, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, StatusCode, header},
    web::{Bytes, Data},
};
use desk::{
    Desk, DeskError, StoreError,
    tokens::Token,
    visitors::{
        live::{self, Heard, News, Refusal, Watcher, Watchers},
        readings,
    },
};
use domain::{
    Timestamp,
    ids::{ChannelId, MessageId},
    messages::Direction,
    policy::Action,
};
use futures_util::{Stream, stream};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{
    Doors, bearer, channel,
    limits::{self, Deed},
    network, told,
    views::{self, Links, MessageView},
};
use crate::{
    error::{ApiError, Result},
    routes::Routes,
    server::WebOptions,
};

/// Browsers come back after between one and three of these: not all at once after a restart.
const RETRY_MILLIS: u64 = 2_000;

/// What a visitor's browser took is noted when the store has time again: nobody says it twice.
const NOTED_AGAIN_AFTER_SECONDS: [u64; 4] = [1, 4, 16, 64];

pub(super) fn routes(routes: &mut Routes) {
    routes
        .get("/widget/{channel_id}/events", Action::Enter, listen)
        .about("Listen to what happens (server-sent events); goes on after Last-Event-ID");
}

async fn listen(
    request: HttpRequest,
    desk: Data<Desk>,
    doors: Data<Doors>,
    options: Data<WebOptions>,
) -> Result<HttpResponse> {
    let channel = channel(&request)?;
    let token = bearer(&request)?;
    limits::count(&request, channel, Some(&token), Deed::Listen)?;
    let last = request.headers().get("Last-Event-ID").map(|it| it.to_str().unwrap_or_default());
    // No number of ours is less than 0, so what is none is too old.
    let last = last.map(|it| it.trim().parse().unwrap_or(-1));
    let turn = doors.coming.turn().await?;
    let news = live::news(&desk, channel, token.clone(), last).await.map_err(told)?;
    drop(turn);
    let mut response = HttpResponse::Ok();
    response
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store, no-transform"))
        // nginx would keep it back otherwise.
        .insert_header(("X-Accel-Buffering", "no"));
    if *request.method() == Method::HEAD {
        return Ok(response.finish());
    }
    let limits = options.widget.streams;
    let watcher = Watchers::enter(&desk, news.visitor, channel, network(&request), limits);
    let mut connection = Connection {
        watcher: watcher.map_err(refused)?,
        desk,
        doors,
        channel,
        token,
        last,
        typing: None,
        until: news.until,
        out: VecDeque::new(),
        handed_over: Vec::new(),
        heartbeat: options.widget.heartbeat,
        beat_at: Instant::now() + options.widget.heartbeat,
    };
    connection.open(news);
    // Nothing may follow an endless answer.
    Ok(response.force_close().streaming(connection.into_stream()))
}

fn refused(refusal: Refusal) -> ApiError {
    match refusal {
        Refusal::TooManyOfOne => {
            let retry_after_seconds = 30;
            ApiError::Desk(desk::DeskError::TooMany { retry_after_seconds })
        }
        Refusal::TooMany => {
            ApiError::Refused(StatusCode::SERVICE_UNAVAILABLE, "too many chats are open")
        }
        Refusal::Stopping => ApiError::Refused(StatusCode::SERVICE_UNAVAILABLE, "the server stops"),
    }
}

struct Connection {
    watcher: Watcher,
    desk: Data<Desk>,
    doors: Data<Doors>,
    channel: ChannelId,
    token: Token,
    /// The last event that was sent or looked at.
    last: Option<i64>,
    /// The agent the visitor was told to type.
    typing: Option<String>,
    /// Until when they may listen.
    until: Timestamp,
    /// What is sent next, with the message in it.
    out: VecDeque<(Bytes, Option<MessageId>)>,
    /// Messages the connection has taken, not yet noted as delivered.
    handed_over: Vec<MessageId>,
    heartbeat: Duration,
    beat_at: Instant,
}

impl Connection {
    /// It ends when the visitor may not hear more, or the server stops; the browser comes back then
    /// and goes on where it was.
    fn into_stream(self) -> impl Stream<Item = Result<Bytes, Infallible>> {
        stream::unfold(self, |mut it| async move {
            let bytes = it.next().await?;
            Some((Ok(bytes), it))
        })
    }

    fn open(&mut self, news: News) {
        let retry = RETRY_MILLIS + fastrand::u64(..2 * RETRY_MILLIS);
        self.out.push_back((Bytes::from(format!("retry: {retry}\n\n")), None));
        self.take(news);
        self.out.push_back((frame(self.last, "ready", &json!({})), None));
    }

    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some((bytes, message)) = self.out.pop_front() {
                self.handed_over.extend(message);
                self.beat_at = Instant::now() + self.heartbeat;
                return Some(bytes);
            }
            // Asked for more, so what came before was taken.
            self.note_delivered();
            // What a burst needed is not kept for the quiet after it.
            self.out = VecDeque::new();
            let woken = tokio::select! {
                it = self.watcher.woken() => it,
                () = self.desk.clock.wait_until(self.until) => return None,
                () = tokio::time::sleep_until(self.beat_at) => {
                    self.out.push_back((Bytes::from_static(b":\n\n"), None));
                    continue;
                }
            };
            if woken.is_over {
                return None;
            }
            if woken.stored
                && let Err(error) = self.read().await
            {
                tracing::debug!(%error, "A visitor's stream ends: events cannot be read");
                return None;
            }
            self.tell_typing();
        }
    }

    /// Reads what happened since the last event.
    async fn read(&mut self) -> Result<()> {
        // An edit of the chat wakes all its visitors at once.
        let doors = self.doors.clone();
        let _turn = doors.hearing.turn().await?;
        let token = self.token.clone();
        let news = live::news(&self.desk, self.channel, token, self.last).await?;
        self.take(news);
        Ok(())
    }

    fn take(&mut self, news: News) {
        self.watcher.follow(&news);
        self.until = news.until;
        self.last = Some(news.read_to);
        for (seq, heard) in news.heard {
            self.tell(seq, heard);
        }
    }

    fn tell(&mut self, seq: i64, heard: Heard) {
        let mut message = None;
        let (name, data) = match heard {
            Heard::Message(it) => {
                if it.message.direction == Direction::Outbound {
                    message = Some(it.message.id);
                }
                let links = Links {
                    keys: &self.desk.keys,
                    channel: self.channel,
                    now: self.desk.clock.now(),
                };
                ("message", json!(MessageView::new(*it, links)))
            }
            Heard::Read(at) => ("read", json!({ "at": at.to_string() })),
            Heard::Status { is_resolved } => {
                ("status", json!({ "status": views::status(is_resolved) }))
            }
            Heard::Reset => ("reset", json!({})),
        };
        self.out.push_back((frame(Some(seq), name, &data), message));
    }

    fn tell_typing(&mut self) {
        let typing = self.watcher.typing_agent();
        if typing == self.typing {
            return;
        }
        let data = json!({ "is_typing": typing.is_some(), "author": typing });
        self.out.push_back((frame(None, "typing", &data), None));
        self.typing = typing;
    }

    fn note_delivered(&mut self) {
        if self.handed_over.is_empty() {
            return;
        }
        let (desk, messages) = (self.desk.clone(), std::mem::take(&mut self.handed_over));
        tokio::spawn(async move {
            for pause in NOTED_AGAIN_AFTER_SECONDS {
                match readings::delivered(&desk, messages.clone()).await {
                    Ok(()) | Err(DeskError::Store(StoreError::Closed)) => return,
                    Err(error) => {
                        tracing::debug!(%error, "Could not yet note that messages were delivered");
                    }
                }
                tokio::time::sleep(Duration::from_secs(pause)).await;
            }
            if let Err(error) = readings::delivered(&desk, messages).await {
                tracing::warn!(%error, "Could not note that messages were delivered");
            }
        });
    }
}

fn frame(seq: Option<i64>, name: &str, data: &Value) -> Bytes {
    let id = seq.map_or_else(String::new, |it| format!("id: {it}\n"));
    Bytes::from(format!("{id}event: {name}\ndata: {data}\n\n"))
}
