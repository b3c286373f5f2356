//! One IMAP connection: commands go out, answers come in, each under a time limit.
//!
//! Framing and parsing are async-imap's. Commands are written here, because its own log would show passwords and its
//! own calls have no time limits.

use std::{collections::HashSet, io, time::Duration};

use async_imap::{
    Client,
    imap_proto::{Capability, MailboxDatum, Response, ResponseCode, Status},
};
use tokio::{
    io::AsyncWriteExt,
    time::{Instant, timeout},
};

use super::bounded::{Bounded, Excess};
use crate::email::{
    accounts::Timeouts,
    problems::{Problem, said},
    streams::{MailStream, within},
};

#[derive(Debug)]
pub(super) struct Wire {
    client: Client<Bounded<MailStream>>,
    timeouts: Timeouts,
    next_tag: u32,
    /// The newest count of mails in the selected folder.
    pub(super) exists: u32,
    /// Set when that count changed; cleared by whoever looks at the folder.
    pub(super) changed: bool,
    /// In capitals.
    pub(super) capabilities: HashSet<String>,
    /// What the server said when it announced to hang up.
    bye: Option<String>,
}

/// The tagged end of a command. A `BAD` is our mistake or the server's and ends the connection.
#[derive(Debug)]
pub(super) enum Done {
    Ok,
    No(String),
}

impl Wire {
    pub(super) fn new(stream: MailStream, timeouts: Timeouts) -> Self {
        Self {
            client: Client::new(Bounded::new(stream)),
            timeouts,
            next_tag: 0,
            exists: 0,
            changed: false,
            capabilities: HashSet::new(),
            bye: None,
        }
    }

    /// The greeting of a server that was not greeted in the clear before. `PREAUTH` is refused: we would not know as
    /// whom.
    pub(super) async fn greeting(&mut self) -> Result<(), Problem> {
        let time = self.timeouts.greeting;
        self.read("greeting", time, |greeting| match greeting {
            Response::Data { status: Status::Ok, .. } => Ok(()),
            Response::Data { status: Status::Bye, outcome } => {
                let text = outcome.information.as_deref().unwrap_or_default();
                Err(Problem::Closed(format!(": {}", said(text))))
            }
            _ => Err(Problem::Nonsense("no greeting")),
        })
        .await?
    }

    pub(super) fn has(&self, capability: &str) -> bool {
        self.capabilities.contains(capability)
    }

    pub(super) fn allow_literals(&mut self, bytes: u64) {
        self.client.get_mut().allow_literals(bytes);
    }

    /// Asks anew what the server can do; it may say more after the sign-in.
    pub(super) async fn ask_capabilities(&mut self) -> Result<(), Problem> {
        self.capabilities.clear();
        let mut found = HashSet::new();
        self.command("CAPABILITY", "CAPABILITY", self.timeouts.command, |response| {
            if let Response::Capabilities(list) = response {
                found.extend(list.iter().take(200).map(capability_name));
            }
        })
        .await?;
        self.capabilities = found;
        Ok(())
    }

    /// Sends one command and hands every untagged answer to `on_data` until the tagged one, all within `total`.
    pub(super) async fn command(
        &mut self,
        step: &'static str,
        command: &str,
        total: Duration,
        mut on_data: impl FnMut(&Response<'_>),
    ) -> Result<Done, Problem> {
        let tag = self.send(step, command).await?;
        let end = Instant::now() + total;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let end = self.read(step, left, |response| match response {
                Response::Done { .. } => Some(judge(&tag, response)),
                Response::Continue(_) => {
                    Some(Err(Problem::Nonsense("it asked for more where nothing follows")))
                }
                data => {
                    on_data(data);
                    None
                }
            });
            if let Some(end) = end.await? {
                return end;
            }
        }
    }

    /// Writes a tagged command and returns its tag.
    pub(super) async fn send(
        &mut self,
        step: &'static str,
        command: &str,
    ) -> Result<String, Problem> {
        self.next_tag = self.next_tag.wrapping_add(1);
        let tag = format!("D{}", self.next_tag);
        self.send_line(step, &format!("{tag} {command}")).await?;
        Ok(tag)
    }

    pub(super) async fn send_line(
        &mut self,
        step: &'static str,
        line: &str,
    ) -> Result<(), Problem> {
        let stream = self.client.get_mut();
        let bytes = format!("{line}\r\n").into_bytes();
        within(self.timeouts.command, step, async {
            stream.write_all(&bytes).await?;
            stream.flush().await
        })
        .await
    }

    /// Reads one response, notes what it says about folder and connection, and shows it to `look`.
    pub(super) async fn read<R>(
        &mut self,
        step: &'static str,
        time: Duration,
        look: impl FnOnce(&Response<'_>) -> R,
    ) -> Result<R, Problem> {
        let Ok(read) = timeout(time, self.client.read_response()).await else {
            return Err(Problem::Timeout(step));
        };
        let Some(response) = read.map_err(|error| problem(&error))? else {
            let why = self.bye.take().map(|it| format!(": {it}")).unwrap_or_default();
            return Err(Problem::Closed(why));
        };
        self.note(response.parsed());
        Ok(look(response.parsed()))
    }

    fn note(&mut self, response: &Response<'_>) {
        match response {
            Response::MailboxData(MailboxDatum::Exists(count)) => {
                self.changed |= *count > self.exists;
                self.exists = *count;
            }
            Response::Expunge(_) => self.exists = self.exists.saturating_sub(1),
            Response::Data { status: Status::Bye, outcome } => {
                self.bye = Some(said(outcome.information.as_deref().unwrap_or("goodbye")));
            }
            Response::Data { outcome, .. } => {
                if let Some(ResponseCode::Capabilities(list)) = &outcome.code {
                    self.capabilities = list.iter().take(200).map(capability_name).collect();
                }
            }
            _ => {}
        }
    }
}

/// Judges the tagged end of a command. One that is not ours means that nobody knows any more what answers what.
pub(super) fn judge(tag: &str, response: &Response<'_>) -> Result<Done, Problem> {
    let Response::Done { tag: answered, status, outcome } = response else {
        return Err(Problem::Nonsense("no end of a command"));
    };
    if answered.0 != tag {
        return Err(Problem::Nonsense("an answer to a question that was not asked"));
    }
    let text = || said(outcome.information.as_deref().unwrap_or_default());
    match status {
        Status::Ok => Ok(Done::Ok),
        Status::No => Ok(Done::No(text())),
        _ => Err(Problem::Refused(text())),
    }
}

fn capability_name(it: &Capability<'_>) -> String {
    match it {
        Capability::Imap4rev1 => "IMAP4REV1".to_owned(),
        Capability::Auth(name) => format!("AUTH={}", name.to_ascii_uppercase()),
        Capability::Atom(name) => name.to_ascii_uppercase(),
    }
}

/// The parser's own error text shows the mail it choked on; it stays out of ours.
fn problem(error: &io::Error) -> Problem {
    if let Some(excess) = error.get_ref().and_then(|it| it.downcast_ref::<Excess>()) {
        return Problem::TooMuch(excess.in_words());
    }
    match error.kind() {
        io::ErrorKind::Other => Problem::Nonsense("not IMAP"),
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => Problem::Closed(String::new()),
        _ => Problem::Unreachable(error.to_string()),
    }
}
