//! Waiting for new mail: IDLE where the server has it, else a look now and then.

use std::time::Duration;

use async_imap::imap_proto::Response;
use tokio::time::{Instant, sleep_until};

use super::{
    ImapSession,
    wire::{Done, Wire, judge},
};
use crate::email::problems::{MailError, Problem};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waited {
    /// Mails arrived in the selected folder.
    Changed,
    /// Nothing happened for as long as one IDLE or one pause between polls lasts. Call again; looking at the folder
    /// first costs little and catches what a careless server did not announce.
    Timeout,
    /// The caller's `cancel` came first.
    Cancelled,
}

impl ImapSession {
    /// Waits until mail arrives, one period passes, or `cancel` is ready; the session is good for more afterwards.
    /// Dropping the future instead ends the connection.
    pub async fn wait(&mut self, cancel: impl Future<Output = ()>) -> Result<Waited, MailError> {
        let mut wire = self.take()?;
        if wire.changed {
            self.wire = Some(wire);
            return Ok(Waited::Changed);
        }
        let waited = if wire.has("IDLE") {
            idle(&mut wire, self.timeouts.idle, self.timeouts.command, cancel).await
        } else {
            poll(&mut wire, self.timeouts.poll, self.timeouts.command, cancel).await
        };
        let waited = waited.map_err(|it| self.error(it))?;
        self.wire = Some(wire);
        Ok(waited)
    }
}

async fn idle(
    wire: &mut Wire,
    period: Duration,
    command: Duration,
    cancel: impl Future<Output = ()>,
) -> Result<Waited, Problem> {
    let tag = wire.send("IDLE", "IDLE").await?;
    let started = Instant::now() + command;
    loop {
        let left = started.saturating_duration_since(Instant::now());
        let answer = wire.read("IDLE", left, |response| match response {
            Response::Continue(_) => Some(Ok(())),
            Response::Done { .. } => Some(match judge(&tag, response) {
                Ok(Done::No(text)) => Err(Problem::Refused(text)),
                Ok(Done::Ok) => Err(Problem::Nonsense("an IDLE that ends at once")),
                Err(problem) => Err(problem),
            }),
            _ => None,
        });
        if let Some(begun) = answer.await? {
            begun?;
            break;
        }
    }

    let end = Instant::now() + period;
    let mut cancel = std::pin::pin!(cancel);
    let waited = loop {
        if wire.changed {
            break Waited::Changed;
        }
        tokio::select! {
            biased;
            () = &mut cancel => break Waited::Cancelled,
            read = wire.read("IDLE", end.saturating_duration_since(Instant::now()), is_done) => match read {
                Ok(false) => {}
                Ok(true) => return Err(Problem::Nonsense("an IDLE that ends by itself")),
                Err(Problem::Timeout(_)) => break Waited::Timeout,
                Err(problem) => return Err(problem),
            },
        }
    };

    wire.send_line("DONE", "DONE").await?;
    let end = Instant::now() + command;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let ended = wire.read("DONE", left, |it| is_done(it).then(|| judge(&tag, it)));
        if let Some(ended) = ended.await? {
            // A server that says NO here has still ended the IDLE.
            ended?;
            return Ok(if wire.changed { Waited::Changed } else { waited });
        }
    }
}

fn is_done(response: &Response<'_>) -> bool {
    matches!(response, Response::Done { .. })
}

async fn poll(
    wire: &mut Wire,
    pause: Duration,
    command: Duration,
    cancel: impl Future<Output = ()>,
) -> Result<Waited, Problem> {
    tokio::select! {
        biased;
        () = cancel => return Ok(Waited::Cancelled),
        () = sleep_until(Instant::now() + pause) => {}
    }
    if let Done::No(text) = wire.command("NOOP", "NOOP", command, |_| {}).await? {
        return Err(Problem::Refused(text));
    }
    Ok(if wire.changed { Waited::Changed } else { Waited::Timeout })
}
