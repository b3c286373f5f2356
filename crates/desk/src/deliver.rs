//! Sending: a queued message becomes a mail and leaves, once.
//!
//! An attempt is written down before its first byte goes out, and its end in one transaction with
//! the message and the job. So what was recorded as sent is never sent again, and an attempt
//! without an end is known to be of unknown outcome: it is repeated once, with the same Message-ID.

mod attempt;
mod connections;
mod drafts;
mod mail;
mod recipients;
mod record;
#[cfg(test)]
pub(crate) mod tests;

use connectors::email::{
    compose::Composed,
    smtp::{SendFailure, Stage},
};
use domain::{Timestamp, ids::MessageId, jobs::Job};
use storage::{Tx, failpoints, messages};

use crate::{Desk, Result, channels::accounts, visitors, workers::Outcome};
use attempt::Start;
use drafts::{Draft, Due};
use record::End;

pub(crate) use connections::{Connections, Route};
pub(crate) use record::reason;

/// Mail of a channel that is switched off waits this long before it is looked at again.
const PAUSED_SECONDS: i64 = 300;
/// How long one attempt may take: large attachments over a slow line.
const HAND_OVER: std::time::Duration = std::time::Duration::from_secs(15 * 60);

/// Carries out a job of kind `SendMessage`.
pub(crate) async fn send(desk: &Desk, job: &Job) -> Result<Outcome> {
    failpoint(desk, Failpoint::Leased, job).await;
    let id = MessageId(job.subject);
    let draft = match desk.store.read(move |db| drafts::load(db, id)).await? {
        Some(Due::Mail(draft)) => *draft,
        Some(Due::Chat) => return visitors::sending::send(desk, job).await,
        None => return Ok(Outcome::Done),
    };
    if draft.channel.deleted_at.is_none() && !draft.channel.is_active {
        let at = desk.clock.now().plus_seconds(PAUSED_SECONDS);
        return Ok(Outcome::Later { at, reason: "the channel is switched off".to_owned() });
    }
    let channel = draft.channel.id;
    let handed_over = tokio::time::timeout(HAND_OVER, hand_over(desk, job, draft)).await;
    let Ok(ended) = handed_over else {
        return Ok(Outcome::Failed("the attempt took too long".to_owned()));
    };
    match ended? {
        Some(ended) => record::keep(desk, job, channel, ended).await,
        None => Ok(Outcome::Done),
    }
}

/// A job was given up without a word of the mail server: the message says so.
pub(crate) fn given_up(tx: &Tx<'_>, job: &Job, reason: &str, now: Timestamp) -> Result<()> {
    match messages::find(tx, MessageId(job.subject))? {
        Some(message) if message.is_to_be_sent() => {
            record::give_up(tx, &message, &format!("given up, since {reason}"), now)
        }
        _ => Ok(()),
    }
}

/// Composes the mail and gives it to the channel's server. Nothing when there is nothing to send
/// any more.
async fn hand_over(desk: &Desk, job: &Job, draft: Draft) -> Result<Option<record::Ended>> {
    let before = |end| Ok(Some(record::Ended { delivery: None, end }));
    if draft.channel.deleted_at.is_some() {
        return before(End::refused("its channel was deleted"));
    }
    let account = match accounts::smtp(desk, &draft.channel).await {
        Ok(account) => account,
        Err(accounts::AccountError::Desk(error)) => return Err(error),
        Err(error) => return before(End::channel_trouble(error.to_string())),
    };
    let (seq, channel) = (draft.message.seq, draft.channel.id);
    let only = recipients::pending(&draft.message);
    let mut composed = match mail::compose(desk, draft).await? {
        Ok(composed) => composed,
        Err(reason) => return before(End::refused(reason)),
    };
    if let Some(only) = only {
        // The same mail as the others have, to those who are missing.
        composed.recipients.retain(|it| only.iter().any(|wanted| wanted == it.as_str()));
    }
    let delivery = match attempt::begin(desk, job, seq).await? {
        Start::Begun { delivery } => delivery,
        Start::Stopped(reason) => return before(End::refused(reason)),
        Start::CustomerWroteFirst => return before(End::CustomerWroteFirst),
        Start::Gone => return Ok(None),
    };
    failpoint(desk, Failpoint::Begun, job).await;
    let end = match transmit(desk, Route::Channel(channel), account, &composed).await {
        Ok(receipt) => End::Sent(receipt),
        Err(failure) => {
            if failure.stage == Stage::Auth {
                desk.mail_tokens.forget(channel);
            }
            End::Failed(failure)
        }
    };
    failpoint(desk, Failpoint::HandedOver, job).await;
    Ok(Some(record::Ended { delivery: Some(delivery), end }))
}

/// Sends over a kept connection of the route, or a new one.
pub(crate) async fn transmit(
    desk: &Desk,
    route: Route,
    account: connectors::email::accounts::SmtpAccount,
    mail: &Composed,
) -> Result<connectors::email::smtp::Receipt, SendFailure> {
    let to: Vec<&str> = mail.recipients.iter().map(|it| it.as_str()).collect();
    let mut session = desk.connections.take(route, account);
    let sent = session.send(mail.envelope_from.as_str(), &to, &mail.bytes).await;
    desk.connections.put_back(route, session);
    sent
}

/// Places where a test ends the server, or lets it panic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Failpoint {
    /// The job is leased, nothing else has happened.
    Leased,
    /// The attempt is written down, nothing was sent.
    Begun,
    /// The server took the mail, nothing of that is written down.
    HandedOver,
}

async fn failpoint(desk: &Desk, at: Failpoint, job: &Job) {
    failpoints::reach(match at {
        Failpoint::Leased => "send: leased",
        Failpoint::Begun => "send: begun",
        Failpoint::HandedOver => "send: handed over, not recorded",
    });
    #[cfg(test)]
    desk.failpoints.reach(at, job.subject).await;
    #[cfg(not(test))]
    let _ = (desk, at, job);
}
