//! A message of a chat that was to be sent later: its time has come.

use domain::{
    events::{Actor, Event},
    ids::MessageId,
    jobs::Job,
    messages::{DeliveryStatus, SenderType},
};
use storage::{Tx, channels, conversations, events, jobs, messages};

use super::mails;
use crate::{Desk, DeskError, Result, workers::Outcome};

/// A chat that is switched off is looked at again after this time.
const PAUSED_SECONDS: i64 = 300;

/// Carries out a job of kind `SendMessage` whose message is a chat's.
pub(crate) async fn send(desk: &Desk, job: &Job) -> Result<Outcome> {
    let (job, now) = (job.clone(), desk.clock.now());
    desk.write(move |tx| {
        let id = MessageId(job.subject);
        let message =
            messages::find(tx, id)?.filter(|it| it.status == Some(DeliveryStatus::Queued));
        let Some(message) = message else { return Ok(Outcome::Done) };
        let conversation = conversations::find(tx, message.conversation_id)?;
        let conversation = conversation.ok_or(DeskError::NotFound("conversation"))?;
        let channel = channels::find(tx, conversation.channel_id)?;
        let channel = channel.ok_or(DeskError::NotFound("channel"))?;
        if channel.deleted_at.is_some() {
            return Ok(Outcome::Hopeless("its channel was deleted".to_owned()));
        }
        if !channel.is_active {
            let at = now.plus_seconds(PAUSED_SECONDS);
            return Ok(Outcome::Later { at, reason: "the channel is switched off".to_owned() });
        }
        left(tx, &job, message.seq, now)?;
        let (message_id, status) = (id, DeliveryStatus::Sent);
        let event = Event::DeliveryChanged { message_id, status };
        events::append(tx, Some(&conversation), event, Actor::System, now)?;
        if message.sender.kind == SenderType::Agent {
            mails::expect(tx, &conversation, now)?;
        }
        Ok(Outcome::Settled)
    })
    .await
}

fn left(tx: &Tx<'_>, job: &Job, seq: i64, now: domain::Timestamp) -> Result<()> {
    messages::set_delivery(tx, seq, DeliveryStatus::Sent, None, Some(now))?;
    Ok(jobs::finish(tx, job.id)?)
}
