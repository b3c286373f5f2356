//! Bringing in older mail of a date range, at an admin's request. It arrives resolved and unannounced.

use connectors::email::{imap::ImapSession, problems::MailError};
use domain::{
    Timestamp,
    channels::ChannelType,
    ids::{AgentId, ChannelId},
    jobs::{Job, JobKind},
};
use serde_json::json;
use storage::{channels, inbound, jobs};

use super::arrivals::{self, Place, TakeError, mailbox};
use crate::{
    Desk, DeskError, Result,
    channels::{ChannelState, accounts, existing, mail_config},
    workers::Outcome,
};

/// Until the disk is looked at again.
const NO_ROOM_SECONDS: i64 = 60;

/// Asks for the mail that the server received in `[since, before)`.
///
/// # Errors
/// A conflict while an earlier request is under way.
pub async fn request(
    desk: &Desk,
    by: AgentId,
    id: ChannelId,
    since: Timestamp,
    before: Timestamp,
) -> Result<ChannelState> {
    if since >= before {
        return Err(DeskError::invalid("since", "must be before the end of the range"));
    }
    let now = desk.clock.now();
    desk.store
        .write(move |tx| {
            let channel = existing(tx, id)?;
            if !channel.is_active {
                let message = "this channel is switched off; switch it on first";
                return Err(DeskError::conflict(message));
            }
            let running = jobs::find(tx, JobKind::BackfillMail, id.0)?;
            if running.is_some_and(|it| it.state != domain::jobs::JobState::Dead) {
                return Err(DeskError::conflict("this channel is being backfilled already"));
            }
            let job = jobs::NewJob {
                kind: JobKind::BackfillMail,
                subject: id.0,
                payload: json!({ "since": since.0, "before": before.0 }),
                lane: format!("backfill {id}"),
                run_at: now,
            };
            jobs::put(tx, &job, now)?;
            tracing::info!(channel.id = %id, agent.id = %by, "Backfilling a channel");
            crate::channels::state(tx, channel)
        })
        .await
}

/// Carries out a [`JobKind::BackfillMail`]; its subject is the channel. What an interrupted attempt took
/// in is known to the next one.
#[tracing::instrument(skip_all, fields(channel.id = %job.subject))]
pub async fn run(desk: &Desk, job: &Job) -> Result<Outcome> {
    let id = ChannelId(job.subject);
    let channel = desk.store.read(move |db| channels::find(db, id)).await?;
    let Some(channel) = channel
        .filter(|it| it.is_active && it.deleted_at.is_none() && it.kind == ChannelType::Email)
    else {
        return Ok(Outcome::Hopeless("the channel is not active any more".to_owned()));
    };
    let time = |name: &str| job.payload.get(name).and_then(|it| it.as_i64()).map(Timestamp);
    let (Some(since), Some(before)) = (time("since"), time("before")) else {
        return Ok(Outcome::Hopeless("the request cannot be read".to_owned()));
    };
    let account = match accounts::imap(desk, &channel).await {
        Ok(account) => account,
        Err(accounts::AccountError::Desk(error)) => return Err(error),
        Err(error) => return Ok(Outcome::Failed(error.to_string())),
    };
    let mut session = match ImapSession::open(&account).await {
        Ok(session) => session,
        Err(error) => return Ok(failed(&error)),
    };
    for folder in &account.folders {
        let place = Place {
            channel: id,
            mailbox: mailbox(&mail_config(&channel)?.imap),
            folder,
            uid_validity: 0,
            max_mail_bytes: u64::from(account.max_mail_bytes),
            backfill: true,
        };
        match take_folder(desk, &mut session, place, since, before).await {
            Ok(()) => {}
            Err(TakeError::Desk(error)) => return Err(error),
            Err(TakeError::Mail(error)) => return Ok(failed(&error)),
            Err(error @ TakeError::NoRoom { .. }) => {
                let at = desk.clock.now().plus_seconds(NO_ROOM_SECONDS);
                return Ok(Outcome::Later { at, reason: error.to_string() });
            }
        }
    }
    session.log_out().await;
    Ok(Outcome::Done)
}

fn failed(error: &MailError) -> Outcome {
    match error.needs_a_person() {
        true => Outcome::Hopeless(error.to_string()),
        false => Outcome::Failed(error.to_string()),
    }
}

async fn take_folder(
    desk: &Desk,
    session: &mut ImapSession,
    mut place: Place<'_>,
    since: Timestamp,
    before: Timestamp,
) -> Result<(), TakeError> {
    let selected = session.select(place.folder).await?;
    place.uid_validity = selected.uid_validity;
    let (channel, folder) = (place.channel, place.folder.to_owned());
    let cursor = desk
        .store
        .read(move |db| channels::folder(db, channel, &folder).map_err(DeskError::from))
        .await?;
    // What is newer is the watcher's: it is to arrive as new.
    let last = cursor.filter(|it| it.uid_validity == selected.uid_validity).map(|it| it.last_uid);
    for info in session.uids_between(since, before).await? {
        if last.is_some_and(|last| info.uid > last) {
            continue;
        }
        let key = place.source_key(info.uid);
        let known = move |db: &storage::Reader<'_>| {
            let left = inbound::left(db, channel, &key)?.is_some();
            Ok::<_, DeskError>(inbound::knows(db, channel, &key)? && !left)
        };
        if !desk.store.read(known).await? {
            arrivals::take(desk, session, &place, &info).await?;
        }
    }
    Ok(())
}
