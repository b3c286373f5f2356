//! Watching one folder: connect, take what is new, wait, and begin again after any trouble.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex},
    time::Duration,
};

use connectors::email::{
    imap::{ImapSession, MailInfo, Selected, Waited},
    problems::{MailError, Problem},
};
use domain::channels::Channel;
use futures_util::FutureExt;
use storage::channels::{FolderCursor, folder, set_folder};
use tokio::sync::watch;

use super::{
    arrivals::{self, Place, TakeError, mailbox},
    health::{self, Board},
};
use crate::{
    Desk, DeskError, Result,
    channels::{
        accounts::{self, AccountError},
        mail_config,
    },
    room,
};

/// Mails listed at a time.
const BATCH: usize = 200;
/// A mailbox whose numbering began anew is read again this far back; what is known is a duplicate.
const RECENT_SECONDS: i64 = 14 * 24 * 3600;
const DAY_SECONDS: i64 = 24 * 3600;
/// A channel younger than this also gets what came between its making and the first connection.
const YOUNG_SECONDS: i64 = 3600;
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// Until the disk is looked at again.
const NO_ROOM_PAUSE: Duration = Duration::from_secs(5);
/// For settings that a person must change; a change starts the watcher anew at once.
const LONG_PAUSE: Duration = Duration::from_secs(600);

pub(super) struct Watched {
    pub desk: Desk,
    pub channel: Channel,
    pub folder: String,
    pub board: Arc<Mutex<Board>>,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error(transparent)]
    Account(#[from] AccountError),
    #[error(transparent)]
    Mail(#[from] MailError),
    #[error(transparent)]
    Take(#[from] TakeError),
    #[error(transparent)]
    Desk(#[from] DeskError),
    #[error("reading the mailbox failed unexpectedly")]
    Panic,
}

impl Trouble {
    fn needs_a_person(&self) -> bool {
        match self {
            Self::Account(error) => error.needs_a_person(),
            Self::Mail(error) | Self::Take(TakeError::Mail(error)) => error.needs_a_person(),
            Self::Take(TakeError::Desk(_) | TakeError::NoRoom { .. })
            | Self::Desk(_)
            | Self::Panic => false,
        }
    }
}

/// What is remembered from one connection to the next.
#[derive(Default)]
pub(super) struct Memory {
    /// Connections that failed since one worked.
    pub failures: u32,
    /// The mail that could not be fetched, and how often.
    pub stuck: Option<(u32, u32)>,
}

#[tracing::instrument(skip_all, fields(channel.id = %it.channel.id, folder = %it.folder))]
pub(super) async fn watch(it: Watched, mut stopped: watch::Receiver<bool>) {
    let mut memory = Memory::default();
    while !*stopped.borrow() {
        let session = AssertUnwindSafe(session(&it, &mut memory, &stopped)).catch_unwind().await;
        let trouble = match session {
            Ok(Ok(())) => return,
            Ok(Err(trouble)) => trouble,
            Err(_) => Trouble::Panic,
        };
        let error = trouble.to_string();
        tracing::warn!(%error, failures = memory.failures, "A mailbox cannot be read");
        health::tell(&it.desk, it.channel.id, &it.board, &it.folder, Some(error)).await;
        memory.failures = memory.failures.saturating_add(1);
        tokio::select! {
            () = rest(&it.desk, &trouble, memory.failures) => {}
            _ = stopped.changed() => return,
        }
    }
}

/// Until it makes sense to try again.
async fn rest(desk: &Desk, after: &Trouble, failures: u32) {
    match after {
        Trouble::Take(TakeError::NoRoom { bytes }) => until_room(desk, *bytes).await,
        _ if after.needs_a_person() => tokio::time::sleep(LONG_PAUSE).await,
        _ => tokio::time::sleep(pause(failures)).await,
    }
}

/// Until a mail of this size fits. Without troubling the server, which cannot help.
async fn until_room(desk: &Desk, bytes: u64) {
    loop {
        tokio::time::sleep(NO_ROOM_PAUSE).await;
        match room::is_there(desk.store.files(), bytes, room::BESIDE_MAIL).await {
            Ok(true) => return tracing::info!("There is room for mail again"),
            Ok(false) => {}
            Err(error) => tracing::error!(error = ?error, "The disk does not tell its room"),
        }
    }
}

/// 2 s, doubled with each failure up to five minutes, lengthened by up to a half so that many mailboxes
/// of one server do not return at once.
fn pause(failures: u32) -> Duration {
    let mut random = [0];
    // Without jitter the pauses are merely more regular.
    let _ = getrandom::fill(&mut random);
    let base = Duration::from_secs(1 << failures.min(9)).min(LONGEST_PAUSE);
    base.mul_f64(1.0 + f64::from(random[0]) / 512.0)
}

/// One connection, until it ends or the watcher is told to stop.
pub(super) async fn session(
    it: &Watched,
    memory: &mut Memory,
    stopped: &watch::Receiver<bool>,
) -> Result<(), Trouble> {
    let account = accounts::imap(&it.desk, &it.channel).await?;
    let opened = ImapSession::open(&account).await.inspect_err(|error| {
        if error.problem == Problem::TokenRefused {
            it.desk.mail_tokens.forget(it.channel.id);
        }
    });
    let mut session = opened?;
    let selected = session.select(&it.folder).await?;
    let mut cursor = cursor(it, &mut session, &selected).await?;
    let place = Place {
        channel: it.channel.id,
        mailbox: mailbox(&mail_config(&it.channel)?.imap),
        folder: &it.folder,
        uid_validity: selected.uid_validity,
        max_mail_bytes: u64::from(account.max_mail_bytes),
        backfill: false,
    };
    memory.failures = 0;
    loop {
        take_new(it, &mut session, &place, &mut cursor, memory).await?;
        health::tell(&it.desk, it.channel.id, &it.board, &it.folder, None).await;
        let mut stop = stopped.clone();
        let stop = async move {
            let _ = stop.wait_for(|it| *it).await;
        };
        if session.wait(stop).await? == Waited::Cancelled {
            session.log_out().await;
            return Ok(());
        }
    }
}

/// Where to go on in the folder.
async fn cursor(
    it: &Watched,
    session: &mut ImapSession,
    selected: &Selected,
) -> Result<u32, Trouble> {
    let (id, name) = (it.channel.id, it.folder.clone());
    let known =
        it.desk.store.read(move |db| folder(db, id, &name).map_err(DeskError::from)).await?;
    let now = it.desk.clock.now();
    let since = match known {
        Some(known) if known.uid_validity == selected.uid_validity => return Ok(known.last_uid),
        Some(_) => {
            tracing::warn!("The server has numbered its mails anew");
            Some(now.plus_seconds(-RECENT_SECONDS))
        }
        // Server dates have whole seconds.
        None if now.since(it.channel.created_at) < YOUNG_SECONDS * 1000 => {
            Some(it.channel.created_at.plus_millis(-it.channel.created_at.0.rem_euclid(1000)))
        }
        None => None,
    };
    let mut last_uid = newest(session, selected).await?;
    if let Some(since) = since {
        let recent = session.uids_between(since, now.plus_seconds(2 * DAY_SECONDS)).await?;
        if let Some(first) = recent.first() {
            last_uid = last_uid.min(first.uid.saturating_sub(1));
        }
    }
    let cursor = FolderCursor { uid_validity: selected.uid_validity, last_uid };
    let name = it.folder.clone();
    let write =
        move |tx: &storage::Tx<'_>| set_folder(tx, id, &name, cursor, now).map_err(DeskError::from);
    it.desk.store.write(write).await?;
    Ok(last_uid)
}

/// The highest UID there is.
async fn newest(session: &mut ImapSession, selected: &Selected) -> Result<u32, MailError> {
    if let Some(next) = selected.uid_next {
        return Ok(next.saturating_sub(1));
    }
    let all = session.uids_after(0, usize::MAX).await?;
    Ok(all.last().map_or(0, |it| it.uid))
}

async fn take_new(
    it: &Watched,
    session: &mut ImapSession,
    place: &Place<'_>,
    cursor: &mut u32,
    memory: &mut Memory,
) -> Result<(), Trouble> {
    loop {
        let batch = session.uids_after(*cursor, BATCH).await?;
        if batch.is_empty() {
            return Ok(());
        }
        for info in &batch {
            take_one(it, session, place, info, memory).await?;
            *cursor = info.uid;
        }
    }
}

/// A mail that the server does not hand over is tried a few times, then noted and passed by.
async fn take_one(
    it: &Watched,
    session: &mut ImapSession,
    place: &Place<'_>,
    info: &MailInfo,
    memory: &mut Memory,
) -> Result<(), Trouble> {
    let failures = memory.stuck.filter(|(uid, _)| *uid == info.uid).map_or(0, |it| it.1);
    if failures >= arrivals::MAX_FAILURES {
        let reason = arrivals::NOT_HANDED_OVER.to_owned();
        return Ok(arrivals::leave(&it.desk, place, info, reason).await?);
    }
    let taken = arrivals::take(&it.desk, session, place, info).await;
    if let Err(TakeError::Mail(_)) = taken {
        memory.stuck = Some((info.uid, failures + 1));
    }
    Ok(taken?)
}
