//! The last look before a mail goes out, and the note that it does.

use domain::{
    Timestamp,
    ids::MessageId,
    jobs::Job,
    messages::{DeliveryStatus, Direction, Message},
};
use storage::{
    Reader, Tx,
    deliveries::{self, Outcome},
    messages,
};

use crate::{Desk, DeskError, Result};

/// Attempts of unknown outcome before it is left to a person.
const UNKNOWN_ATTEMPTS: usize = 2;
/// Messages after this one that are looked at.
const LOOKED_AT: u32 = 1_000;

pub(super) const MAY_HAVE_ARRIVED: &str = "it may have been delivered: the connection ended twice \
    before the mail server confirmed it";

pub(super) enum Start {
    Begun {
        delivery: i64,
    },
    /// It must not go out any more, for this reason.
    Stopped(&'static str),
    /// It was to leave only if the customer stays silent, and they did not.
    CustomerWroteFirst,
    /// It was taken back, or settled by somebody else.
    Gone,
}

/// Writes down that an attempt begins; durable before a byte goes out.
pub(super) async fn begin(desk: &Desk, job: &Job, seq: i64) -> Result<Start> {
    let (id, since, now) = (MessageId(job.subject), job.created_at, desk.clock.now());
    desk.store
        .write(move |tx| {
            let message = messages::find(tx, id)?.filter(|it| it.seq == seq);
            match message.filter(Message::is_to_be_sent) {
                Some(it) => start(tx, &it, since, now),
                None => Ok::<_, DeskError>(Start::Gone),
            }
        })
        .await
}

fn start(tx: &Tx<'_>, message: &Message, since: Timestamp, now: Timestamp) -> Result<Start> {
    let queued = message.status == Some(DeliveryStatus::Queued);
    if queued && message.cancel_if_customer_writes && customer_wrote_after(tx, message)? {
        return Ok(Start::CustomerWroteFirst);
    }
    if let Some(interrupted) = deliveries::interrupted(tx, message.seq)? {
        let detail = Some("the server stopped during the attempt");
        deliveries::finish(tx, interrupted, Outcome::Unknown, None, detail, now)?;
    }
    if unknown_attempts(tx, message.seq, since)? >= UNKNOWN_ATTEMPTS {
        return Ok(Start::Stopped(MAY_HAVE_ARRIVED));
    }
    Ok(Start::Begun { delivery: deliveries::begin(tx, message.seq, now)? })
}

/// Attempts of this job that may have reached the customer. Those before an agent had it sent anew
/// do not count.
pub(super) fn unknown_attempts(db: &Reader<'_>, seq: i64, since: Timestamp) -> Result<usize> {
    let unknown = Some(Outcome::Unknown);
    let attempts = deliveries::of_message(db, seq)?;
    Ok(attempts.iter().filter(|it| it.outcome == unknown && it.started_at >= since).count())
}

fn customer_wrote_after(db: &Reader<'_>, message: &Message) -> Result<bool> {
    let since = messages::written_after(db, message.conversation_number, message.seq, LOOKED_AT)?;
    Ok(since.iter().any(|it| it.direction == Direction::Inbound))
}
