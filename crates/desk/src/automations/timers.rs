//! Waiting: one job for each conversation that timed rules wait for, due when the first wait is over.

use domain::{
    Timestamp,
    automations::Rule,
    conversations::Conversation,
    ids::{ConversationId, RuleId},
    jobs::{Job, JobKind, JobState},
};
use serde_json::json;
use storage::{
    Reader, Tx,
    automations::{self, timers},
    conversations, jobs,
};

use super::rulebook::Edition;
use crate::{Desk, Result, workers::Outcome};

/// Events looked at in one transaction while a rule is armed.
const SLICE: u32 = 500;

/// A wait of a conversation for a rule.
pub(super) struct Wait {
    pub since: Timestamp,
    pub due: Timestamp,
}

/// What the rule waits for there; none when there is nothing, or it was answered already.
pub(super) fn wait(db: &Reader<'_>, rule: &Rule, it: &Conversation) -> Result<Option<Wait>> {
    let Some(since) = timers::waiting_since(db, it, rule.trigger)? else { return Ok(None) };
    let Some(due) = rule.due(since) else { return Ok(None) };
    let answered = timers::answered(db, rule.id, it.number)?;
    Ok(answered.is_none_or(|it| it < since).then_some(Wait { since, due }))
}

/// Sets the conversation's timer to its next wait, or takes it away.
pub(super) fn arm(
    tx: &Tx<'_>,
    edition: &Edition,
    id: ConversationId,
    now: Timestamp,
) -> Result<()> {
    let Some(it) = conversations::find(tx, id)? else { return Ok(()) };
    let mut next: Option<Timestamp> = None;
    for rule in edition.timed() {
        if let Some(wait) = wait(tx, &rule, &it)? {
            next = Some(next.map_or(wait.due, |it| it.min(wait.due)));
        }
    }
    let Some(run_at) = next else {
        jobs::remove(tx, JobKind::RunTimers, id.0)?;
        return Ok(());
    };
    let job = jobs::NewJob {
        kind: JobKind::RunTimers,
        subject: id.0,
        payload: json!({}),
        // A few lanes: the workers look at the first job of each, and many conversations wait.
        lane: format!("timers {}", it.number % 8),
        run_at,
    };
    // One held after a restore waits for an admin, whatever happens in between.
    let held =
        jobs::find(tx, JobKind::RunTimers, id.0)?.is_some_and(|it| it.state == JobState::Held);
    jobs::put(tx, &job, now)?;
    if held {
        jobs::hold(tx, JobKind::RunTimers, id.0)?;
    }
    Ok(())
}

/// Carries out a [`JobKind::RunTimers`]; its subject is the conversation.
pub(crate) async fn run(desk: &Desk, job: &Job) -> Result<Outcome> {
    let id = ConversationId(job.subject);
    let (inner, now) = (desk.clone(), desk.clock.now());
    desk.store.write(move |tx| super::run_due(tx, &inner, id, now)).await?;
    Ok(Outcome::Done)
}

/// A timed rule was switched on: finds the conversations that wait for it already.
pub(super) fn queue_arming(tx: &Tx<'_>, rule: &Rule, now: Timestamp) -> Result<()> {
    if !rule.is_active || !rule.trigger.is_timed() {
        return Ok(());
    }
    let job = jobs::NewJob {
        kind: JobKind::ArmTimers,
        subject: rule.id.0,
        payload: json!({}),
        lane: "arm timers".to_owned(),
        run_at: now,
    };
    Ok(jobs::put(tx, &job, now)?)
}

/// Carries out a [`JobKind::ArmTimers`]. Every wait begins with an event, so the events of the time
/// that the rule looks back on name all conversations it can be about.
pub(crate) async fn arm_all(desk: &Desk, job: &Job) -> Result<Outcome> {
    let id = RuleId(job.subject);
    let found = desk.store.read(move |db| automations::find(db, id)).await?;
    let Some(rule) = found.filter(|it| it.is_active) else { return Ok(Outcome::Done) };
    let (Some(since), Some(minutes)) = (rule.active_since, rule.minutes) else {
        return Ok(Outcome::Done);
    };
    let begin = since.plus_seconds(-60 * i64::from(minutes));
    let mut after = desk.store.read(move |db| timers::last_event_before(db, begin)).await?;
    loop {
        let (inner, now) = (desk.clone(), desk.clock.now());
        let last = desk
            .store
            .write(move |tx| {
                let edition = inner.rulebook.read(tx)?;
                let (numbers, last) = timers::touched_after(tx, after, SLICE)?;
                for number in numbers {
                    if let Some(it) = conversations::find_by_number(tx, number)? {
                        arm(tx, &edition, it.id, now)?;
                    }
                }
                Ok::<_, crate::DeskError>(last)
            })
            .await?;
        match last {
            Some(last) => after = last,
            None => return Ok(Outcome::Done),
        }
    }
}
