//! One open stream: first what was missed, then what happens.

use std::{collections::VecDeque, convert::Infallible, time::Duration};

use actix_web::web::{Bytes, Data};
use desk::{
    Desk, Result,
    live::{
        Listener,
        happened::{self, Place},
    },
};
use futures_util::{Stream, stream};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::Instant,
};

use super::{
    frames::{self, Batch},
    hub::Hub,
};

/// Missed events read at once.
const PAGE: u32 = 100;
/// Browsers come back after between one and three of these: not all at once after a restart.
const RETRY_MILLIS: u64 = 1_000;

pub(super) struct Connection {
    listener: Listener,
    desk: Desk,
    hub: Data<Hub>,
    phase: Phase,
    /// The last event that was sent, or was not for this listener.
    last: i64,
    /// What is sent next.
    out: VecDeque<Bytes>,
    heartbeat: Duration,
    beat_at: Instant,
}

enum Phase {
    /// With the last event the client says it had.
    Opening(Option<String>),
    Missed,
    Live(Receiver<Batch>),
}

impl Connection {
    pub(super) fn new(
        listener: Listener,
        desk: Desk,
        hub: Data<Hub>,
        last_event_id: Option<&str>,
        heartbeat: Duration,
    ) -> Self {
        let last = last_event_id.map(str::to_owned);
        Self {
            listener,
            desk,
            hub,
            phase: Phase::Opening(last),
            last: 0,
            out: VecDeque::new(),
            heartbeat,
            beat_at: Instant::now() + heartbeat,
        }
    }

    /// Its pieces; it ends when the listener may not hear more, is too slow, or the server stops.
    /// The client comes back then, and goes on where it was.
    pub(super) fn into_stream(self) -> impl Stream<Item = Result<Bytes, Infallible>> {
        stream::unfold(self, |mut it| async move {
            let bytes = it.next().await?;
            Some((Ok(bytes), it))
        })
    }

    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if self.listener.is_over() {
                return None;
            }
            if let Some(bytes) = self.out.pop_front() {
                self.beat_at = Instant::now() + self.heartbeat;
                return Some(bytes);
            }
            // What a burst needed is not kept for the quiet after it.
            self.out = VecDeque::new();
            let told = match &mut self.phase {
                Phase::Opening(last) => {
                    let last = last.take();
                    self.open(last).await
                }
                Phase::Missed => self.tell_missed().await,
                Phase::Live(news) => {
                    let heard = tokio::select! {
                        () = self.listener.over() => return None,
                        heard = news.recv() => Some(heard),
                        () = tokio::time::sleep_until(self.beat_at) => None,
                    };
                    self.tell(heard)?;
                    Ok(())
                }
            };
            if let Err(error) = told {
                tracing::debug!(%error, "A live stream ends: the events cannot be read");
                return None;
            }
        }
    }

    async fn open(&mut self, last: Option<String>) -> Result<()> {
        self.out.push_back(frames::greeting(RETRY_MILLIS + fastrand::u64(..2 * RETRY_MILLIS)));
        let _turn = self.hub.turn().await;
        let Some(last) = last else {
            let news = self.hub.listen();
            self.last = happened::head(&self.desk).await?;
            return self.go_live(news).await;
        };
        // No number of ours is less than 0, so what is none is too old.
        let last = last.trim().parse().unwrap_or(-1);
        self.last = match happened::resume(&self.desk, last).await? {
            Place::After(seq) => seq,
            Place::Reset(seq) => {
                self.out.push_back(frames::reset(seq));
                seq
            }
        };
        self.phase = Phase::Missed;
        Ok(())
    }

    /// Reads on in the table. Once nothing is left there, what follows comes from the hub: it is
    /// asked first, so that nothing falls between the two.
    async fn tell_missed(&mut self) -> Result<()> {
        let _turn = self.hub.turn().await;
        let news = self.hub.listen();
        let page = happened::page(&self.desk, self.last, PAGE).await?;
        self.last = page.read_to;
        let has_more = page.has_more;
        for frame in frames::of_page(page) {
            if frame.audience.includes(&self.listener.caller) {
                self.out.push_back(frame.bytes);
            }
        }
        if has_more { Ok(()) } else { self.go_live(news).await }
    }

    async fn go_live(&mut self, news: Receiver<Batch>) -> Result<()> {
        self.out.push_back(frames::ready(self.last));
        if let Some(agent) = self.listener.caller.agent() {
            let totals = self.hub.totals(&self.desk).await?;
            self.out.push_back(frames::of_totals(&totals, agent).bytes);
        }
        // Who came before tells nobody again while nothing changes.
        for change in self.desk.presences.all(self.desk.clock.now()) {
            let frame = frames::of_presence(change);
            if frame.audience.includes(&self.listener.caller) {
                self.out.push_back(frame.bytes);
            }
        }
        self.phase = Phase::Live(news);
        Ok(())
    }

    /// None ends the stream: its reader is too slow, or there is nobody to hear from any more.
    fn tell(&mut self, heard: Option<Result<Batch, RecvError>>) -> Option<()> {
        let Some(heard) = heard else {
            self.out.push_back(frames::heartbeat());
            return Some(());
        };
        for frame in heard.ok()?.iter() {
            let is_new = frame.seq.is_none_or(|it| it > self.last);
            if is_new && frame.audience.includes(&self.listener.caller) {
                self.out.push_back(frame.bytes.clone());
            }
            self.last = frame.seq.unwrap_or(self.last).max(self.last);
        }
        Some(())
    }
}
