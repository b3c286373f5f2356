//! What came of a mail to a visitor: written down with its messages and its job at once.

use std::time::Duration;

use connectors::email::smtp::Kind;
use domain::{
    Timestamp,
    conversations::Conversation,
    events::{Actor, Event},
    ids::{ChannelId, ConversationId},
    jobs::Job,
    messages::lines::What,
    text,
};
use storage::{
    Tx,
    channels::{self, Half},
    conversations,
    deliveries::{self, Outcome as Attempt},
    events, jobs, messages,
    visitors::chats,
};

use super::expect;
use crate::{
    Desk, DeskError, Result,
    conversations::record::tell,
    workers::{self, Outcome},
};

/// Attempts of unknown outcome before it is left to a person.
const UNKNOWN_ATTEMPTS: usize = 2;
const LONGEST_REASON: usize = 500;
/// How long to wait when the database cannot take the result at the moment.
const PAUSE: Duration = Duration::from_secs(1);

/// How an attempt ended.
#[derive(Debug, Clone)]
pub(super) struct End {
    pub delivery: i64,
    /// The last message in the mail.
    pub seq: i64,
    pub conversation: ConversationId,
    /// The server's code, or why not.
    pub result: Result<u16, (Kind, String)>,
}

/// Writes down that an attempt begins. One that was cut off counts as unknown; after two of those the
/// mail may be there twice already, and the reason is answered.
pub(super) fn begin(
    tx: &Tx<'_>,
    seq: i64,
    since: Timestamp,
    now: Timestamp,
) -> Result<Result<i64, (i64, String)>> {
    if let Some(interrupted) = deliveries::interrupted(tx, seq)? {
        let detail = Some("the server stopped during the attempt");
        deliveries::finish(tx, interrupted, Attempt::Unknown, None, detail, now)?;
    }
    let attempts = deliveries::of_message(tx, seq)?;
    let unknown = attempts
        .iter()
        .filter(|it| it.outcome == Some(Attempt::Unknown) && it.started_at >= since)
        .count();
    let delivery = deliveries::begin(tx, seq, now)?;
    Ok(match unknown {
        UNKNOWN_ATTEMPTS.. => Err((delivery, "it may have been delivered already".to_owned())),
        _ => Ok(delivery),
    })
}

/// Writes the end down, however long the database refuses.
pub(super) async fn keep(desk: &Desk, job: &Job, mailbox: ChannelId, end: End) -> Result<Outcome> {
    loop {
        let (job, end, now) = (job.clone(), end.clone(), desk.clock.now());
        match desk.write(move |tx| settle(tx, &job, mailbox, &end, now)).await {
            Err(DeskError::Store(error)) if workers::passes(&error) => {
                tracing::warn!(%error, "The result of a sending cannot be kept yet");
                tokio::time::sleep(PAUSE).await;
            }
            other => return other,
        }
    }
}

fn settle(
    tx: &Tx<'_>,
    job: &Job,
    mailbox: ChannelId,
    end: &End,
    now: Timestamp,
) -> Result<Outcome> {
    let Some(it) = conversations::find(tx, end.conversation)? else { return Ok(Outcome::Done) };
    match &end.result {
        Ok(code) => {
            deliveries::finish(tx, end.delivery, Attempt::Sent, Some((*code).into()), None, now)?;
            channels::report(tx, mailbox, Half::Send, Ok(()), now)?;
            chats::mailed(tx, it.number, end.seq)?;
            let message = messages::find_by_seq(tx, end.seq)?;
            let to = message.and_then(|it| it.mail).and_then(|it| it.to.into_iter().next());
            announce(tx, &it, What::Mailed { to }, now)?;
            jobs::finish(tx, job.id)?;
            // What was written meanwhile goes with the next one.
            expect(tx, &it, now)?;
            Ok(Outcome::Settled)
        }
        Err((kind, reason)) => {
            let reason = text::line_lossy(reason, LONGEST_REASON);
            let attempt = match kind {
                Kind::Retry => Attempt::Retry,
                Kind::Refused => Attempt::Failed,
                Kind::Unknown => Attempt::Unknown,
            };
            deliveries::finish(tx, end.delivery, attempt, None, Some(&reason), now)?;
            if *kind == Kind::Refused {
                // Given up in front of everybody: the next mail does not repeat it.
                chats::mailed(tx, it.number, end.seq)?;
            }
            Ok(match kind {
                Kind::Refused => Outcome::Hopeless(reason),
                Kind::Retry | Kind::Unknown => Outcome::Failed(reason),
            })
        }
    }
}

/// The mail was given up: the thread tells, since the visitor may never come back.
pub(crate) fn given_up(tx: &Tx<'_>, job: &Job, reason: &str, now: Timestamp) -> Result<()> {
    let Some(it) = conversations::find(tx, ConversationId(job.subject))? else { return Ok(()) };
    announce(tx, &it, What::NotMailed { reason: reason.to_owned() }, now)
}

/// Tells it in the thread, also to who has that open: nothing else happens that would.
fn announce(tx: &Tx<'_>, it: &Conversation, line: What, now: Timestamp) -> Result<()> {
    tell(tx, it, line, Actor::System, now)?;
    let event = Event::ConversationChanged { fields: vec!["messages"] };
    events::append(tx, Some(it), event, Actor::System, now)?;
    Ok(())
}
