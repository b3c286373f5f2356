//! Bringing in older mail of a date range, at an admin's request. It arrives resolved and unannounced.

use std::collections::HashSet;

use connectors::email::{accounts::ImapAccount, imap::ImapSession, problems::MailError};
use domain::{
    Timestamp,
    channels::ChannelType,
    events::{Actor, Event},
    ids::{AgentId, ChannelId},
    jobs::{Job, JobKind},
    mails::Inbound,
};
use serde_json::json;
use storage::{channels, events, inbound, jobs};

use super::{
    arrivals::{self, MAX_FAILURES, NOT_HANDED_OVER, Place, TakeError, mailbox},
    progress::Progress,
};
use crate::{
    Desk, DeskError, Result,
    channels::{ChannelState, accounts, existing, mail_config},
    workers::Outcome,
};

/// Until the disk is looked at again.
const NO_ROOM_SECONDS: i64 = 60;
/// Mails passed by in one attempt; a server that hands over so few is asked again later.
const MOST_STUCK: usize = 20;

/// What one attempt brings in.
struct Backfill<'a> {
    desk: &'a Desk,
    account: ImapAccount,
    since: Timestamp,
    before: Timestamp,
    /// What an earlier attempt passed by is not asked for again.
    is_first: bool,
    /// The mail that could not be fetched last, by its key, and how often.
    stuck: (String, u32),
    /// Those that this attempt has passed by.
    passed_by: HashSet<String>,
    progress: Progress,
}

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
            let event = Event::BackfillRequested { channel_id: id, since, before };
            events::append(tx, None, event, Actor::Agent(by), now)?;
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
    let mailbox = mailbox(&mail_config(&channel)?.imap);
    let (is_first, stuck) = (job.attempts <= 1, (String::new(), 0));
    let (passed_by, progress) = (HashSet::new(), Progress::of(job));
    let mut it = Backfill { desk, account, since, before, is_first, stuck, passed_by, progress };
    for folder in it.account.folders.clone() {
        let place = Place {
            channel: id,
            mailbox: mailbox.clone(),
            folder: &folder,
            uid_validity: 0,
            max_mail_bytes: u64::from(it.account.max_mail_bytes),
            backfill: true,
        };
        match take_folder(&mut it, place).await {
            Ok(()) => it.progress.folder_is_done(desk).await?,
            Err(TakeError::Desk(error)) => return Err(error),
            Err(TakeError::Mail(error)) => return Ok(failed(&error)),
            Err(error @ TakeError::NoRoom { .. }) => {
                let at = desk.clock.now().plus_seconds(NO_ROOM_SECONDS);
                return Ok(Outcome::Later { at, reason: error.to_string() });
            }
        }
    }
    Ok(Outcome::Done)
}

fn failed(error: &MailError) -> Outcome {
    match error.needs_a_person() {
        true => Outcome::Hopeless(error.to_string()),
        false => Outcome::Failed(error.to_string()),
    }
}

/// Connects anew as long as that gets further.
async fn take_folder(it: &mut Backfill<'_>, mut place: Place<'_>) -> Result<(), TakeError> {
    loop {
        let mut session = ImapSession::open(&it.account).await?;
        let selected = session.select(place.folder).await?;
        place.uid_validity = selected.uid_validity;
        match take_range(it, &mut session, &place).await {
            Ok(true) => {
                session.log_out().await;
                return Ok(());
            }
            // A session is of no use after trouble.
            Ok(false) => {}
            Err(error) => return Err(error),
        }
    }
}

fn was_passed_by(it: &Inbound) -> bool {
    it.reason.as_deref() == Some(NOT_HANDED_OVER)
}

/// Returns false when a mail was not handed over: it is tried a few times, then noted and passed by.
async fn take_range(
    it: &mut Backfill<'_>,
    session: &mut ImapSession,
    place: &Place<'_>,
) -> Result<bool, TakeError> {
    let (channel, folder) = (place.channel, place.folder.to_owned());
    let cursor = it
        .desk
        .store
        .read(move |db| channels::folder(db, channel, &folder).map_err(DeskError::from))
        .await?;
    // What is newer is the watcher's: it is to arrive as new.
    let last = cursor.filter(|it| it.uid_validity == place.uid_validity).map(|it| it.last_uid);
    let mut infos = session.uids_between(it.since, it.before).await?;
    infos.retain(|info| last.is_none_or(|last| info.uid <= last));
    it.progress.listed(it.desk, infos.len()).await?;
    for info in infos {
        let (key, is_first) = (place.source_key(info.uid), it.is_first);
        let known = move |db: &storage::Reader<'_>| {
            Ok::<_, DeskError>(match inbound::left(db, channel, &key)? {
                // It may be handed over by now, or be small enough for what is taken today.
                Some(_) if is_first => false,
                Some(id) => inbound::find(db, id)?.is_some_and(|it| was_passed_by(&it)),
                None => inbound::knows(db, channel, &key)?,
            })
        };
        if it.passed_by.contains(&place.source_key(info.uid)) || it.desk.store.read(known).await? {
            it.progress.passed(it.desk).await?;
            continue;
        }
        match arrivals::take(it.desk, session, place, &info).await {
            Err(TakeError::Mail(error)) => {
                let key = place.source_key(info.uid);
                let failures = if it.stuck.0 == key { it.stuck.1 + 1 } else { 1 };
                it.stuck = (key.clone(), failures);
                if failures >= MAX_FAILURES {
                    it.passed_by.insert(key);
                    arrivals::leave(it.desk, place, &info, NOT_HANDED_OVER.to_owned()).await?;
                }
                return match it.passed_by.len() {
                    MOST_STUCK.. => Err(error.into()),
                    _ => Ok(false),
                };
            }
            taken => taken?,
        }
        it.progress.passed(it.desk).await?;
    }
    Ok(true)
}
