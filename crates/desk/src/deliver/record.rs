//! What is written down when an attempt has ended: attempt, message, job and channel at once.

use std::time::Duration;

use connectors::email::smtp::{Kind, Receipt, RecipientFailure, SendFailure};
use domain::{
    Timestamp,
    events::{Actor, Event},
    ids::{ChannelId, MessageId},
    jobs::Job,
    messages::{DeliveryStatus, Message, Unreached, lines::What},
    text,
};
use storage::{
    Tx,
    channels::{self, Half},
    conversations, deliveries, events, jobs, messages,
};

use super::{attempt, recipients};
use crate::{
    Desk, DeskError, Result,
    conversations::record::{record, tell},
    messages::{cancel, waiting},
    workers::{self, Outcome},
};

const MAX_REASON: usize = 500;
/// Recipients named in a reason.
const NAMED: usize = 10;
/// How long to wait when the database cannot take the result at the moment.
const PAUSE: Duration = Duration::from_secs(1);

/// How an attempt ended.
#[derive(Debug, Clone)]
pub(super) enum End {
    Sent(Receipt),
    Failed(SendFailure),
    /// It was to leave only if the customer stays silent.
    CustomerWroteFirst,
    /// Nobody was asked.
    Unasked {
        kind: Kind,
        reason: String,
        about_channel: bool,
    },
}

impl End {
    /// The mail cannot be sent as it is.
    pub(super) fn refused(reason: impl Into<String>) -> Self {
        Self::Unasked { kind: Kind::Refused, reason: reason.into(), about_channel: false }
    }

    /// No mail of this channel can be sent for now.
    pub(super) fn channel_trouble(reason: String) -> Self {
        Self::Unasked { kind: Kind::Retry, reason, about_channel: true }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Ended {
    /// The attempt's row; none when it ended before it was begun.
    pub delivery: Option<i64>,
    pub end: End,
}

/// Writes the end down, however long the database refuses: a mail that went out must not be
/// forgotten.
pub(super) async fn keep(
    desk: &Desk,
    job: &Job,
    channel: ChannelId,
    ended: Ended,
) -> Result<Outcome> {
    loop {
        let (job, ended, now) = (job.clone(), ended.clone(), desk.clock.now());
        let kept = desk.write(move |tx| settle(tx, &job, channel, &ended, now)).await;
        match kept {
            Err(DeskError::Store(error)) if workers::passes(&error) => {
                tracing::warn!(%error, "The result of a sending cannot be kept yet");
                tokio::time::sleep(PAUSE).await;
            }
            other => return other.map(|()| Outcome::Settled),
        }
    }
}

fn settle(tx: &Tx<'_>, job: &Job, channel: ChannelId, ended: &Ended, now: Timestamp) -> Result<()> {
    let Some(message) = messages::find(tx, MessageId(job.subject))? else {
        return Ok(jobs::finish(tx, job.id)?);
    };
    let delivery = match ended.delivery {
        Some(seq) => seq,
        None => deliveries::begin(tx, message.seq, now)?,
    };
    let finish = |outcome, code: Option<u16>, detail: &str| {
        let code = code.map(i64::from);
        deliveries::finish(tx, delivery, outcome, code, Some(detail), now)
    };
    report_health(tx, channel, &ended.end, now)?;
    match &ended.end {
        End::Sent(receipt) => {
            finish(deliveries::Outcome::Sent, Some(receipt.code), &receipt.message)?;
            sent(tx, job, &message, receipt, now)
        }
        End::CustomerWroteFirst => {
            finish(deliveries::Outcome::Failed, None, "the customer wrote first")?;
            jobs::finish(tx, job.id)?;
            let conversation = conversations::find(tx, message.conversation_id)?;
            let queued = message.status == Some(DeliveryStatus::Queued);
            let Some(mut conversation) = conversation.filter(|_| queued) else { return Ok(()) };
            cancel::stop(tx, &mut conversation, &message, now)?;
            Ok(conversations::update(tx, &conversation)?)
        }
        End::Failed(failure) => {
            let reason = reason(failure);
            // A server that turns us away says nothing about this mail: once a password or an
            // address list is put right, it can leave.
            let kind = match failure.kind {
                Kind::Refused if failure.stage.is_about_the_server() => Kind::Retry,
                kind => kind,
            };
            let outcome = match kind {
                Kind::Retry => deliveries::Outcome::Retry,
                Kind::Refused => deliveries::Outcome::Failed,
                Kind::Unknown => deliveries::Outcome::Unknown,
            };
            finish(outcome, failure.code, &reason)?;
            go_on(tx, job, &message, kind, (&reason, &failure.per_recipient), now)
        }
        End::Unasked { kind, reason, .. } => {
            let outcome = match kind {
                Kind::Refused => deliveries::Outcome::Failed,
                Kind::Retry | Kind::Unknown => deliveries::Outcome::Retry,
            };
            finish(outcome, None, reason)?;
            go_on(tx, job, &message, *kind, (reason, &[]), now)
        }
    }
}

/// Tries again later where that can help, or lets the message fail. `why` is the reason for a person
/// and what was said of each recipient.
fn go_on(
    tx: &Tx<'_>,
    job: &Job,
    message: &Message,
    kind: Kind,
    why: (&str, &[RecipientFailure]),
    now: Timestamp,
) -> Result<()> {
    let (reason, each) = why;
    // Somebody else settled it meanwhile, e.g. a report of its failure came back.
    if !message.is_to_be_sent() {
        return Ok(jobs::finish(tx, job.id)?);
    }
    let again = match kind {
        Kind::Refused => Err(reason.to_owned()),
        Kind::Retry => next_attempt(job, now).map_err(|given_up| format!("{given_up}: {reason}")),
        // Once more with the same Message-ID, by which the receiving side can know it again.
        Kind::Unknown if attempt::unknown_attempts(tx, message.seq, job.created_at)? < 2 => {
            Ok(workers::after(1, now))
        }
        Kind::Unknown => Err(format!("{} ({reason})", attempt::MAY_HAVE_ARRIVED)),
    };
    if message.status != Some(DeliveryStatus::Queued) {
        let left = pending(message).map(|address| {
            match (each.iter().find(|it| it.address == *address), &again) {
                (Some(it), _) => recipients::judged(it, next_attempt(job, now)),
                (None, Ok(_)) => missing(address, reason, true),
                (None, Err(reason)) => missing(address, reason, false),
            }
        });
        let left = left.collect();
        return go_on_with(tx, job, message, left, again.ok(), now);
    }
    match again {
        Ok(at) => {
            let status = DeliveryStatus::Queued;
            messages::set_delivery(tx, message.seq, status, Some(reason), None)?;
            Ok(jobs::retry(tx, job.id, at, Some(reason))?)
        }
        Err(reason) => {
            fail(tx, message, &reason, now)?;
            Ok(jobs::finish(tx, job.id)?)
        }
    }
}

/// When it is tried again, or that it was tried often enough.
fn next_attempt(job: &Job, now: Timestamp) -> Result<Timestamp, String> {
    let given_up = || format!("given up after {} attempts", job.attempts);
    workers::next_attempt(job, now).ok_or_else(given_up)
}

/// Those who are to get it though others have it already.
fn pending(message: &Message) -> impl Iterator<Item = &String> {
    message.unreached().iter().filter(|it| it.pending).map(|it| &it.address)
}

fn missing(address: &str, reason: &str, pending: bool) -> Unreached {
    Unreached { address: address.to_owned(), reason: reason.to_owned(), pending }
}

/// Goes on with the recipients left: the job is theirs now.
fn go_on_with(
    tx: &Tx<'_>,
    job: &Job,
    message: &Message,
    left: Vec<Unreached>,
    again: Option<Timestamp>,
    now: Timestamp,
) -> Result<()> {
    let waiting = left.iter().find(|it| it.pending).map(|it| it.reason.clone());
    recipients::keep(tx, message, left, now)?;
    match (waiting, again) {
        (Some(reason), Some(at)) => Ok(jobs::retry(tx, job.id, at, Some(&reason))?),
        _ => Ok(jobs::finish(tx, job.id)?),
    }
}

/// Somebody has it. Who was turned away for now is tried again.
fn sent(
    tx: &Tx<'_>,
    job: &Job,
    message: &Message,
    receipt: &Receipt,
    now: Timestamp,
) -> Result<()> {
    let again = next_attempt(job, now);
    let left = receipt.refused.iter().map(|it| recipients::judged(it, again.clone())).collect();
    go_on_with(tx, job, message, left, again.ok(), now)
}

/// What is still to be sent of a message will not be.
pub(super) fn give_up(tx: &Tx<'_>, message: &Message, reason: &str, now: Timestamp) -> Result<()> {
    if message.status == Some(DeliveryStatus::Queued) {
        return fail(tx, message, reason, now);
    }
    let left = pending(message).map(|address| missing(address, reason, false)).collect();
    recipients::keep(tx, message, left, now)
}

/// The message will not arrive: it says why, its thread tells of it, and the conversation is shown
/// to the team again, since the customer still waits.
fn fail(tx: &Tx<'_>, message: &Message, reason: &str, now: Timestamp) -> Result<()> {
    let reason = text::line_lossy(reason, MAX_REASON);
    messages::set_delivery(tx, message.seq, DeliveryStatus::Failed, Some(&reason), None)?;
    let Some(mut conversation) = conversations::find(tx, message.conversation_id)? else {
        return Ok(());
    };
    let event = Event::DeliveryChanged { message_id: message.id, status: DeliveryStatus::Failed };
    events::append(tx, Some(&conversation), event, Actor::System, now)?;
    tell(tx, &conversation, What::NotSent { reason }, Actor::System, now)?;
    let reopened = waiting::failed(tx, &mut conversation, message, false, now)?;
    conversations::update(tx, &conversation)?;
    if let Some(event) = reopened {
        record(tx, &conversation, event, Actor::System, now)?;
    }
    Ok(())
}

/// What the attempt tells about the channel itself: a refused mail says nothing of it.
fn report_health(tx: &Tx<'_>, channel: ChannelId, end: &End, now: Timestamp) -> Result<()> {
    let outcome: Result<(), String> = match end {
        End::Sent(_) => Ok(()),
        End::Failed(failure) if failure.stage.is_about_the_server() => Err(failure.to_string()),
        End::Failed(failure) if failure.kind == Kind::Unknown => Err(failure.to_string()),
        End::Unasked { about_channel: true, reason, .. } => Err(reason.clone()),
        End::Failed(_) | End::CustomerWroteFirst | End::Unasked { .. } => return Ok(()),
    };
    let outcome = match &outcome {
        Ok(()) => Ok(()),
        Err(reason) => Err(reason.as_str()),
    };
    Ok(channels::report(tx, channel, Half::Send, outcome, now)?)
}

/// The failure for a person, with what was said of each recipient.
pub(crate) fn reason(failure: &SendFailure) -> String {
    let reason = match failure.per_recipient.as_slice() {
        [] => failure.to_string(),
        // One of them speaks for all: its words would stand here twice.
        all if failure.code.is_some() => {
            format!("the server at {} took none of the recipients: {}", failure.server, named(all))
        }
        all => format!("{failure}: {}", named(all)),
    };
    text::line_lossy(&reason, MAX_REASON)
}

fn named(recipients: &[RecipientFailure]) -> String {
    let one = |it: &RecipientFailure| format!("{}: {}", it.address, recipients::said(it));
    recipients.iter().take(NAMED).map(one).collect::<Vec<_>>().join("; ")
}
