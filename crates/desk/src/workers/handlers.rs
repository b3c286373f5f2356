//! Which module does which kind of job.

use std::time::Duration;

use domain::{
    Timestamp,
    ids::{ContactId, ConversationId},
    jobs::{Job, JobKind},
};
use storage::Tx;

use super::Outcome;
use crate::{
    Desk, Result, automations, contacts, conversations::record, deliver, mailboxes, notices,
    operations, receive, system_mail, tags, visitors,
};

pub(super) async fn run(desk: &Desk, job: &Job) -> Result<Outcome> {
    match job.kind {
        JobKind::SendMessage => deliver::send(desk, job).await,
        JobKind::ProcessInbound => receive::process_inbound(desk, job).await,
        JobKind::WakeConversation => wake(desk, job).await,
        JobKind::RunTimers => automations::run_timers(desk, job).await,
        JobKind::ArmTimers => automations::arm_timers(desk, job).await,
        JobKind::FollowRules => automations::follow_rules(desk, job).await,
        JobKind::CallWebhook => automations::call_webhook(desk, job).await,
        JobKind::EraseContact => erase(desk, job).await,
        JobKind::SendSystemMail => system_mail::send(desk, job).await,
        JobKind::MailNotice => notices::send(desk, job).await,
        JobKind::MailVisitor => visitors::mails::send(desk, job).await,
        JobKind::BackfillMail => mailboxes::backfill::run(desk, job).await,
        JobKind::RunOperation => operations::run(desk, job).await,
        JobKind::RunImport => contacts::imports::run(desk, job).await,
        JobKind::SettleTag => tags::run(desk, job).await,
    }
}

/// How long one attempt may take.
pub(super) fn deadline(kind: JobKind) -> Duration {
    let minutes = match kind {
        JobKind::WakeConversation | JobKind::RunTimers | JobKind::CallWebhook => 1,
        JobKind::ProcessInbound
        | JobKind::FollowRules
        | JobKind::EraseContact
        | JobKind::SendSystemMail
        | JobKind::MailNotice
        | JobKind::ArmTimers => 5,
        JobKind::MailVisitor => 20,
        // Its mail has a deadline of its own; what became of it must be kept however long that takes.
        JobKind::SendMessage => 7 * 24 * 60,
        JobKind::BackfillMail | JobKind::RunOperation | JobKind::RunImport | JobKind::SettleTag => {
            60
        }
    };
    Duration::from_secs(minutes * 60)
}

/// A job was given up: what it was about says so, in the same transaction.
pub(super) fn given_up(tx: &Tx<'_>, job: &Job, reason: &str, now: Timestamp) -> Result<()> {
    match job.kind {
        JobKind::SendMessage => deliver::given_up(tx, job, reason, now),
        JobKind::ProcessInbound => receive::given_up(tx, job, reason, now),
        JobKind::RunOperation => operations::given_up(tx, job, reason, now),
        JobKind::RunImport => contacts::imports::given_up(tx, job, reason, now),
        JobKind::CallWebhook => automations::webhook_given_up(tx, job, reason, now),
        JobKind::MailVisitor => visitors::mails::given_up(tx, job, reason, now),
        // The job itself, kept as dead, is all there is to see.
        JobKind::WakeConversation
        | JobKind::RunTimers
        | JobKind::ArmTimers
        | JobKind::FollowRules
        | JobKind::EraseContact
        | JobKind::SettleTag
        | JobKind::BackfillMail
        | JobKind::MailNotice
        | JobKind::SendSystemMail => Ok(()),
    }
}

async fn wake(desk: &Desk, job: &Job) -> Result<Outcome> {
    let (id, now) = (ConversationId(job.subject), desk.clock.now());
    desk.write(move |tx| record::wake(tx, id, now)).await?;
    Ok(Outcome::Done)
}

async fn erase(desk: &Desk, job: &Job) -> Result<Outcome> {
    while !contacts::erase_slice(desk, ContactId(job.subject)).await? {}
    Ok(Outcome::Done)
}
