//! From a raw mail in the ledger to a message in its conversation.
//!
//! Every mail ends as a message, a duplicate, ignored with a reason, or quarantined with a reason.
//! Whatever a stranger sends, it never blocks the next one.

mod bounces;
mod contacts;
mod facts;
mod reading;
mod storing;
mod threads;

pub(crate) use contacts::UNCLEAR;

use connectors::email::{
    classify::{self, Origin},
    parse::{self, ParsedMail, Unreadable},
    quote::Split,
};
use domain::{
    Timestamp,
    channels::Channel,
    ids::InboundId,
    jobs::{Job, JobKind},
    mails::{Fate, Inbound, MailConfig},
};
use storage::{Tx, attachments, failpoints, inbound, jobs};

pub(crate) use reading::Memory;

use crate::{Desk, Result, workers::Outcome};

/// Reads bytes into a mail; tests put another in its place.
type Parser = fn(&[u8]) -> Result<ParsedMail, Unreadable>;

/// Everything known about a mail before its transaction begins.
struct Item {
    row: Inbound,
    channel: Channel,
    config: MailConfig,
    mail: ParsedMail,
    split: Split,
    origin: Origin,
}

/// What is to stand in the ledger.
struct Settlement {
    fate: Fate,
    reason: Option<String>,
    message_seq: Option<i64>,
}

impl Settlement {
    fn ignored(reason: impl Into<String>) -> Self {
        Self { fate: Fate::Ignored, reason: Some(reason.into()), message_seq: None }
    }

    fn message(seq: i64, reason: Option<String>) -> Self {
        Self { fate: Fate::Message, reason, message_seq: Some(seq) }
    }
}

/// Carries out a [`JobKind::ProcessInbound`]; its subject is the ledger's row. The row is settled and
/// the job removed in one transaction, so doing it twice does it once.
///
/// # Errors
/// What the store says; the mail stays pending then and its job is tried again.
#[tracing::instrument(skip_all, fields(inbound.id = %job.subject))]
pub async fn process_inbound(desk: &Desk, job: &Job) -> Result<Outcome> {
    process_with(desk, InboundId(job.subject), parse::parse).await?;
    Ok(Outcome::Settled)
}

/// A mail whose processing ended in a crash too often is set aside with its raw bytes.
pub fn given_up(tx: &Tx<'_>, job: &Job, reason: &str, now: Timestamp) -> Result<()> {
    // An attempt that was too slow may have ended well after all.
    let id = InboundId(job.subject);
    if inbound::find(tx, id)?.is_none_or(|it| it.fate != Fate::Pending) {
        return Ok(());
    }
    let reason = format!("it could not be processed: {reason}");
    let settled = inbound::Settled {
        fate: Fate::Quarantined,
        reason: Some(&reason),
        message_seq: None,
        from_address: None,
        subject: None,
    };
    Ok(inbound::settle(tx, id, &settled, now)?)
}

async fn process_with(desk: &Desk, id: InboundId, parser: Parser) -> Result<()> {
    let Some((row, channel)) = facts::pending(desk, id).await? else {
        return drop_job(desk, id).await;
    };
    failpoints::reach("mail: in the ledger, not read");
    // Until it is stored: what was read of it is as large as the mail.
    let _held = desk.mail_memory.hold(row.size).await;
    let quarantined = |reason: String| Settlement {
        fate: Fate::Quarantined,
        reason: Some(reason),
        message_seq: None,
    };
    let (mail, split) = match reading::read(desk, &row, parser).await {
        Ok(read) => read,
        Err(reading::Failure::Mail(reason)) => {
            return settle(desk, id, quarantined(reason)).await;
        }
        Err(reading::Failure::Desk(error)) => return Err(error),
    };
    failpoints::reach("mail: read, not a message");
    let Ok(config) = serde_json::from_value(channel.config.clone()) else {
        let reason = "the channel's configuration cannot be read".to_owned();
        return settle(desk, id, quarantined(reason)).await;
    };
    let own = facts::own(desk, mail.message_id.clone()).await?;
    let origin = own.judge(&desk.keys, |own| classify::classify(&mail, own));
    let files = match origin {
        Origin::OwnCopy | Origin::Loop | Origin::Bounce(_) => Vec::new(),
        _ => reading::put_files(desk, &mail).await?,
    };
    let item = Item { row, channel, config, mail, split, origin };
    let (keys, now) = (desk.keys.clone(), desk.clock.now());
    // What is brought in from the past calls no rule.
    let backfill = item.row.backfill;
    let work = move |tx: &Tx<'_>| {
        let put = files.clone();
        storing::store(tx, &keys, &own, item, files, now)?;
        // Files of a mail that became no message are nobody's: their last day begins.
        for it in put {
            attachments::refer_to_file(tx, &it.file_hash, it.size, now)?;
            attachments::release_file(tx, &it.file_hash, now)?;
        }
        Ok(())
    };
    let wrote = if backfill { desk.store.write(work).await } else { desk.write(work).await };
    match wrote {
        Err(crate::DeskError::Store(storage::StoreError::Panicked)) => {
            settle(desk, id, quarantined("storing it failed unexpectedly".to_owned())).await
        }
        result => result,
    }
}

async fn settle(desk: &Desk, id: InboundId, settlement: Settlement) -> Result<()> {
    let now = desk.clock.now();
    desk.store
        .write(move |tx| {
            let settled = inbound::Settled {
                fate: settlement.fate,
                reason: settlement.reason.as_deref(),
                message_seq: settlement.message_seq,
                from_address: None,
                subject: None,
            };
            inbound::settle(tx, id, &settled, now)?;
            jobs::remove(tx, JobKind::ProcessInbound, id.0)?;
            Ok(())
        })
        .await
}

async fn drop_job(desk: &Desk, id: InboundId) -> Result<()> {
    desk.store
        .write(move |tx| {
            jobs::remove(tx, JobKind::ProcessInbound, id.0)?;
            Ok(())
        })
        .await
}

#[cfg(test)]
mod tests;
