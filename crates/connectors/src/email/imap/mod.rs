//! Reading a mailbox over IMAP (RFC 3501, IDLE by RFC 2177).
//!
//! A session is used until its first trouble and then thrown away: after a timeout, a cut or a cancelled call nobody
//! knows which answer belongs to which question. Only a clean refusal (a tagged NO) leaves it usable.

mod bounded;
mod folders;
mod idle;
mod mails;
mod sign_in;
mod wire;

use std::collections::BinaryHeap;

use async_imap::imap_proto::{MailboxDatum, Response, ResponseCode};
use domain::Timestamp;

use self::{
    bounded::SMALL_LITERAL,
    wire::{Done, Wire},
};
pub use self::{
    folders::Folder,
    idle::Waited,
    mails::{Fetched, MailInfo, RawMail},
};
use super::{
    accounts::{ImapAccount, Server, Timeouts},
    problems::{MailError, Problem},
};

/// How many mails one SEARCH looks at, so that its one-line answer stays small however large the folder is.
const SEARCH_WINDOW: u32 = 20_000;

/// How many UIDs one FETCH names.
const FETCH_WINDOW: usize = 500;

/// A folder as it was when it was opened. UIDs mean anything only together with `uid_validity`: when that has changed,
/// the folder's mails have to be taken anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selected {
    pub uid_validity: u32,
    /// The UID that the next mail will get at least; `None` from servers that do not say.
    pub uid_next: Option<u32>,
    pub exists: u32,
}

#[derive(Debug)]
pub struct ImapSession {
    /// Absent while a call is under way and after trouble, so that a cancelled call leaves nothing to misuse.
    wire: Option<Wire>,
    server: Server,
    timeouts: Timeouts,
    max_mail_bytes: u32,
}

impl ImapSession {
    /// Connects, encrypts as configured, signs in.
    pub async fn open(account: &ImapAccount) -> Result<Self, MailError> {
        let mut session = Self::connect(account).await?;
        session.sign_in(account).await?;
        Ok(session)
    }

    pub(super) async fn connect(account: &ImapAccount) -> Result<Self, MailError> {
        let server = account.server.clone();
        let wire =
            sign_in::connect(account).await.map_err(|problem| MailError::new(&server, problem))?;
        let (timeouts, max_mail_bytes) = (account.timeouts, account.max_mail_bytes);
        Ok(Self { wire: Some(wire), server, timeouts, max_mail_bytes })
    }

    pub(super) async fn sign_in(&mut self, account: &ImapAccount) -> Result<(), MailError> {
        let mut wire = self.take()?;
        sign_in::sign_in(&mut wire, account).await.map_err(|it| self.error(it))?;
        self.wire = Some(wire);
        Ok(())
    }

    /// False after trouble: open a new session.
    pub fn is_usable(&self) -> bool {
        self.wire.is_some()
    }

    /// True when the server announces IDLE; otherwise [`Self::wait`] polls.
    pub fn can_idle(&self) -> bool {
        self.wire.as_ref().is_some_and(|it| it.has("IDLE"))
    }

    /// What the server says it can do, in capitals and sorted.
    pub fn capabilities(&self) -> Vec<String> {
        let mut list: Vec<String> =
            self.wire.iter().flat_map(|it| it.capabilities.iter().cloned()).collect();
        list.sort();
        list
    }

    pub async fn folders(&mut self) -> Result<Vec<Folder>, MailError> {
        let mut found = Vec::new();
        let time = self.timeouts.listing;
        self.command("LIST", "LIST \"\" \"*\"", time, |it| folders::collect(&mut found, it))
            .await?;
        Ok(found)
    }

    /// Opens a folder by the name people see.
    pub async fn select(&mut self, folder: &str) -> Result<Selected, MailError> {
        let unknown = || Problem::NoFolder(folder.to_owned());
        let name =
            sign_in::quoted(&folders::encode(folder)).ok_or_else(|| self.error(unknown()))?;
        let mut uid_validity = None;
        let mut uid_next = None;
        let mut exists = 0;
        let mut wire = self.take()?;
        (wire.exists, wire.changed) = (0, false);
        let command = format!("SELECT {name}");
        let answered = wire.command("SELECT", &command, self.timeouts.command, |it| match it {
            Response::Data { outcome, .. } => match outcome.code {
                Some(ResponseCode::UidValidity(it)) => uid_validity = Some(it),
                Some(ResponseCode::UidNext(it)) => uid_next = Some(it),
                _ => {}
            },
            Response::MailboxData(MailboxDatum::Exists(count)) => exists = *count,
            _ => {}
        });
        let done = answered.await.map_err(|it| self.error(it))?;
        wire.changed = false;
        self.wire = Some(wire);
        if let Done::No(_) = done {
            return Err(self.error(unknown()));
        }
        // Without it no UID can be trusted beyond this connection, and every mail would come again and again.
        let Some(uid_validity) = uid_validity else {
            self.wire = None;
            return Err(self.error(Problem::Nonsense("a folder without UIDVALIDITY")));
        };
        Ok(Selected { uid_validity, uid_next, exists })
    }

    /// The mails of the selected folder with a UID above `uid`, lowest first, at most `limit` of them.
    pub async fn uids_after(&mut self, uid: u32, limit: usize) -> Result<Vec<MailInfo>, MailError> {
        let Some(first) = uid.checked_add(1) else { return Ok(Vec::new()) };
        let Some(wire) = &mut self.wire else { return Err(self.closed()) };
        // What arrives from here on is either in the answer or counts as a change.
        wire.changed = false;
        if wire.exists == 0 {
            return Ok(Vec::new());
        }
        let mut lowest = BinaryHeap::new();
        let command = format!("UID FETCH {first}:* (UID RFC822.SIZE INTERNALDATE)");
        self.command("UID FETCH", &command, self.timeouts.listing, |it| {
            // `n:*` always names the last mail, even when its UID is lower (RFC 3501 §6.4.8).
            if let Some(info) = mails::info(it).filter(|it| it.uid >= first) {
                lowest.push(info);
                if lowest.len() > limit {
                    lowest.pop();
                }
            }
        })
        .await?;
        let mut found = lowest.into_sorted_vec();
        found.dedup_by_key(|it| it.uid);
        Ok(found)
    }

    /// The mails of the selected folder that the server received in `[since, before)`, lowest UID first.
    pub async fn uids_between(
        &mut self,
        since: Timestamp,
        before: Timestamp,
    ) -> Result<Vec<MailInfo>, MailError> {
        /// SEARCH knows only days, and those of the server's own time zone.
        const DAY: i64 = 24 * 60 * 60;
        let from = mails::search_day(since.plus_seconds(-DAY));
        let to = mails::search_day(before.plus_seconds(2 * DAY));
        let exists = self.wire.as_ref().map_or(0, |it| it.exists);
        let mut uids = Vec::new();
        for first in (1..=exists).step_by(SEARCH_WINDOW as usize) {
            let last = exists.min(first.saturating_add(SEARCH_WINDOW - 1));
            let command = format!("UID SEARCH {first}:{last} SINCE {from} BEFORE {to}");
            self.command("UID SEARCH", &command, self.timeouts.listing, |it| {
                if let Response::MailboxData(MailboxDatum::Search(list)) = it {
                    uids.extend(list.iter().take(SEARCH_WINDOW as usize));
                }
            })
            .await?;
        }
        uids.sort_unstable();
        uids.dedup();
        let mut found = Vec::new();
        for chunk in uids.chunks(FETCH_WINDOW) {
            let set = chunk.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
            let command = format!("UID FETCH {set} (UID RFC822.SIZE INTERNALDATE)");
            self.command("UID FETCH", &command, self.timeouts.listing, |it| {
                // Servers may mention other mails at any time.
                let within = |at: Timestamp| at >= since && at < before;
                found.extend(mails::info(it).filter(|it| {
                    chunk.binary_search(&it.uid).is_ok() && it.received_at.is_none_or(within)
                }));
            })
            .await?;
        }
        found.sort_unstable();
        found.dedup_by_key(|it: &mut MailInfo| it.uid);
        Ok(found)
    }

    /// One whole mail, without marking it read. Its size is asked first; a server that then sends more than it said
    /// is cut off, and the session with it, but the answer still says so.
    pub async fn fetch(&mut self, uid: u32) -> Result<Fetched, MailError> {
        let mut known = None;
        let command = format!("UID FETCH {uid} (UID RFC822.SIZE INTERNALDATE)");
        self.command("UID FETCH", &command, self.timeouts.command, |it| {
            known = known.or(mails::info(it).filter(|it| it.uid == uid));
        })
        .await?;
        let Some(known) = known else { return Ok(Fetched::Gone) };
        if known.size > self.max_mail_bytes {
            return Ok(Fetched::TooLarge { size: known.size });
        }

        let mut bytes = None;
        let mut answers = 0;
        let mut wire = self.take()?;
        wire.allow_literals(u64::from(self.max_mail_bytes) + SMALL_LITERAL);
        let command = format!("UID FETCH {uid} (UID BODY.PEEK[])");
        let answered = wire
            .command("mail body", &command, self.timeouts.body, |it| {
                if bytes.is_none() && mails::info(it).is_some_and(|it| it.uid == uid) {
                    answers += 1;
                    bytes = mails::body(it).map(<[u8]>::to_vec);
                }
            })
            .await;
        match answered {
            Ok(Done::Ok) => {}
            Ok(Done::No(text)) => return Err(self.refused(wire, text)),
            Err(Problem::TooMuch(_)) => return Ok(Fetched::TooLarge { size: known.size }),
            Err(problem) => return Err(self.error(problem)),
        }
        wire.allow_literals(SMALL_LITERAL);
        self.wire = Some(wire);
        match bytes {
            Some(bytes) => {
                Ok(Fetched::Mail(RawMail { uid, received_at: known.received_at, bytes }))
            }
            None if answers == 0 => Ok(Fetched::Gone),
            // Calling it gone would lose it.
            None => Err(self.error(Problem::Nonsense("a mail without its text"))),
        }
    }

    /// Says goodbye. Nobody depends on the answer.
    pub async fn log_out(mut self) {
        if let Some(mut wire) = self.wire.take() {
            let time = self.timeouts.command.min(std::time::Duration::from_secs(5));
            let _ = wire.command("LOGOUT", "LOGOUT", time, |_| {}).await;
        }
    }

    /// Runs one command whose refusal is an error but no reason to hang up.
    async fn command(
        &mut self,
        step: &'static str,
        command: &str,
        total: std::time::Duration,
        on_data: impl FnMut(&Response<'_>),
    ) -> Result<(), MailError> {
        let mut wire = self.take()?;
        match wire.command(step, command, total, on_data).await {
            Ok(Done::Ok) => {
                self.wire = Some(wire);
                Ok(())
            }
            Ok(Done::No(text)) => Err(self.refused(wire, text)),
            Err(problem) => Err(self.error(problem)),
        }
    }

    fn refused(&mut self, mut wire: Wire, text: String) -> MailError {
        wire.allow_literals(SMALL_LITERAL);
        self.wire = Some(wire);
        self.error(Problem::Refused(text))
    }

    fn take(&mut self) -> Result<Wire, MailError> {
        self.wire.take().ok_or_else(|| self.closed())
    }

    fn closed(&self) -> MailError {
        self.error(Problem::Closed(" earlier".to_owned()))
    }

    fn error(&self, problem: Problem) -> MailError {
        MailError::new(&self.server, problem)
    }
}
