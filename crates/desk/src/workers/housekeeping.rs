//! What goes by itself when its time is over, looked at once an hour.

use std::{
    panic::AssertUnwindSafe,
    time::{Duration, SystemTime},
};

use domain::Timestamp;
use futures_util::FutureExt;
use storage::{StoreError, Tx, attachments, events, idempotency, links, throttles};
use tokio::sync::watch;

use crate::{Desk, DeskError, Result, retention};

/// Rows in one transaction: others write in between.
const SLICE: u32 = 500;
/// Files in one transaction: removing one may touch the disk.
const FILES: u32 = 50;

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
/// What happened in conversations, for the live stream and webhooks. The thread itself stays.
const CONVERSATION_EVENTS: i64 = 90 * DAY;
/// Sign-ins, changed settings and the like.
const AUDIT_EVENTS: i64 = 400 * DAY;
/// A running backup may still list a file whose last reference is gone.
const UNREFERENCED_FILES: i64 = DAY;
const IDEMPOTENCY_KEYS: i64 = DAY;
const FAILURES: i64 = 7 * DAY;
/// Bytes put this recently may be about to get a row.
const JUST_PUT: Duration = Duration::from_secs(3600);

/// Keeps house every hour until told to stop.
pub(super) async fn run(desk: Desk, mut stopped: watch::Receiver<bool>) {
    // Not at once: a start has enough to do.
    let mut next = desk.clock.now().plus_seconds(60);
    while !*stopped.borrow() {
        tokio::select! {
            _ = stopped.changed() => return,
            () = desk.clock.wait_until(next) => {}
        }
        next = desk.clock.now().plus_seconds(HOUR);
        match AssertUnwindSafe(keep_house(&desk)).catch_unwind().await {
            Ok(Ok(())) => {}
            Ok(Err(DeskError::Store(StoreError::Closed | StoreError::Fatal))) => return,
            Ok(Err(error)) => tracing::warn!(error = ?error, "Housekeeping goes on in an hour"),
            Err(_) => tracing::error!("Housekeeping panicked and goes on in an hour"),
        }
    }
}

/// Removes everything whose time is over.
pub async fn keep_house(desk: &Desk) -> Result<()> {
    let now = desk.clock.now();
    let idle = i64::try_from(desk.options.session_idle.as_millis()).unwrap_or(i64::MAX);
    desk.store
        .write(move |tx| {
            storage::sessions::delete_over(tx, now, now.plus_millis(idle.saturating_neg()))?;
            links::delete_expired(tx, now)?;
            throttles::delete_older(tx, now.plus_seconds(-FAILURES))?;
            idempotency::delete_older(tx, now.plus_seconds(-IDEMPOTENCY_KEYS))?;
            Ok::<_, DeskError>(())
        })
        .await?;
    in_slices(desk, SLICE, move |tx| {
        Ok(attachments::delete_expired_uploads(tx, now, SLICE)? as usize)
    })
    .await?;
    for (of_conversations, seconds) in [(true, CONVERSATION_EVENTS), (false, AUDIT_EVENTS)] {
        let before = now.plus_seconds(-seconds);
        let slice = move |tx: &Tx<'_>| events::delete_older(tx, of_conversations, before, SLICE);
        in_slices(desk, SLICE, slice).await?;
    }
    while !retention::slice(desk).await? {}
    remove_files(desk, now.plus_seconds(-UNREFERENCED_FILES)).await
}

async fn in_slices(
    desk: &Desk,
    size: u32,
    slice: impl Fn(&Tx<'_>) -> Result<usize, StoreError> + Send + Clone + 'static,
) -> Result<()> {
    loop {
        let slice = slice.clone();
        if desk.store.write(move |tx| slice(tx)).await? < size as usize {
            return Ok(());
        }
    }
}

/// Removes the bytes of files nothing has referred to since `before`.
///
/// This happens in the writer's turn, where nobody can refer to the file again meanwhile; and bytes
/// that were put again lately stay, since the row that will refer to them is yet to come.
async fn remove_files(desk: &Desk, before: Timestamp) -> Result<()> {
    loop {
        let files = desk.store.files().clone();
        let removed = desk
            .store
            .write(move |tx| {
                let put_before = SystemTime::now() - JUST_PUT;
                let mut removed = 0;
                for name in attachments::unreferenced(tx, before, FILES)? {
                    let Ok(hash) = name.parse() else { continue };
                    if files.delete_older(hash, put_before)? {
                        attachments::forget_file(tx, &name)?;
                        removed += 1;
                    }
                }
                Ok::<_, StoreError>(removed)
            })
            .await?;
        if removed < FILES {
            return Ok(());
        }
    }
}
