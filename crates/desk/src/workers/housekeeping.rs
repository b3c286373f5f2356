//! What goes by itself when its time is over, looked at once an hour.

mod files;

use std::panic::AssertUnwindSafe;

use domain::{Timestamp, sessions::Throttle};
use futures_util::FutureExt;
use storage::{
    StoreError, Tx, attachments, audit,
    automations::{runs, timers},
    drafts, events, idempotency, imports, links, notices, operations, reports,
    search::purge::{self, Step},
    throttles,
};
use tokio::sync::watch;

use crate::{Desk, DeskError, Result, drafts::LIFE_SECONDS, retention};

/// Rows in one transaction: others write in between.
const SLICE: u32 = 500;
/// Conversations counted in one transaction, some 10 ms.
const COUNTED: u32 = 100;
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
/// What happened in conversations, for the live stream and webhooks. The thread itself stays.
const CONVERSATION_EVENTS: i64 = 90 * DAY;
const OTHER_EVENTS: i64 = 90 * DAY;
/// Longer than a year, so that a yearly look back finds all of it.
const AUDIT_LOG: i64 = 400 * DAY;
/// A running backup may still list a file whose last reference is gone.
const UNREFERENCED_FILES: i64 = DAY;
const IDEMPOTENCY_KEYS: i64 = DAY;
/// An old notice tells nobody anything.
const NOTICES: i64 = 90 * DAY;
/// Long enough to find out that something was a mistake.
const BULK_OPERATIONS: i64 = 30 * DAY;
const IMPORTS: i64 = 30 * DAY;
/// Long enough to look at what was tried, and short: a file is full of people.
const IMPORTED_FILES: i64 = DAY;
/// Why a rule did something is asked soon, or never.
const AUTOMATION_RUNS: i64 = 90 * DAY;
/// Only the last hour matters.
const AUTOMATIC_REPLIES: i64 = DAY;

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

/// Counts what is older than the figures, then removes everything whose time is over.
pub async fn keep_house(desk: &Desk) -> Result<()> {
    while !desk.store.write(|tx| reports::catch_up(tx, COUNTED)).await? {}
    let now = desk.clock.now();
    let idle = i64::try_from(desk.options.session_idle.as_millis()).unwrap_or(i64::MAX);
    desk.store
        .write(move |tx| {
            storage::sessions::delete_over(tx, now, now.plus_millis(idle.saturating_neg()))?;
            links::delete_expired(tx, now)?;
            throttles::delete_older(tx, now.plus_seconds(-Throttle::MEMORY_SECONDS))?;
            idempotency::delete_older(tx, now.plus_seconds(-IDEMPOTENCY_KEYS))?;
            Ok::<_, DeskError>(())
        })
        .await?;
    in_slices(desk, SLICE, move |tx| {
        Ok(attachments::delete_expired_uploads(tx, now, SLICE)? as usize)
    })
    .await?;
    let over = move |tx: &Tx<'_>| storage::visitors::delete_expired(tx, now, SLICE);
    in_slices(desk, SLICE, over).await?;
    for (of_conversations, seconds) in [(true, CONVERSATION_EVENTS), (false, OTHER_EVENTS)] {
        let before = now.plus_seconds(-seconds);
        let slice = move |tx: &Tx<'_>| events::delete_older(tx, of_conversations, before, SLICE);
        in_slices(desk, SLICE, slice).await?;
    }
    let before = now.plus_seconds(-AUDIT_LOG);
    in_slices(desk, SLICE, move |tx| audit::delete_older(tx, before, SLICE)).await?;
    let before = now.plus_seconds(-NOTICES);
    in_slices(desk, SLICE, move |tx| notices::delete_older(tx, before, SLICE)).await?;
    let before = now.plus_seconds(-LIFE_SECONDS);
    in_slices(desk, SLICE, move |tx| drafts::delete_older(tx, before, SLICE)).await?;
    let before = now.plus_seconds(-BULK_OPERATIONS);
    in_slices(desk, SLICE, move |tx| operations::delete_older(tx, before, SLICE)).await?;
    let before = now.plus_seconds(-IMPORTED_FILES);
    in_slices(desk, SLICE, move |tx| imports::release_files(tx, before, now, SLICE)).await?;
    let before = now.plus_seconds(-IMPORTS);
    in_slices(desk, SLICE, move |tx| imports::delete_older(tx, before, now, SLICE)).await?;
    let before = now.plus_seconds(-AUTOMATION_RUNS);
    in_slices(desk, SLICE, move |tx| runs::delete_older(tx, before, SLICE)).await?;
    let before = now.plus_seconds(-AUTOMATIC_REPLIES);
    in_slices(desk, SLICE, move |tx| timers::delete_older_replies(tx, before, SLICE)).await?;
    while !retention::slice(desk).await? {}
    files::remove_unreferenced(desk, now.plus_seconds(-UNREFERENCED_FILES)).await?;
    files::sweep_if_due(desk, now).await?;
    purge_search(desk, now).await
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

/// Makes the search index free of words of what was removed, once that is due.
async fn purge_search(desk: &Desk, now: Timestamp) -> Result<()> {
    if !desk.store.read(move |db| purge::is_due(db, now)).await? {
        return Ok(());
    }
    let mut next = Some(Step::FIRST);
    while let Some(step) = next {
        next = desk.store.write(move |tx| purge::step(tx, step)).await?;
    }
    Ok(desk.store.write(purge::done).await?)
}
