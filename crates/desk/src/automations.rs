//! Automations: what an admin does with rules, and where the rest of the desk meets them.

mod changes;
mod dry_run;
mod engine;
mod failures;
mod happenings;
mod later;
mod perform;
mod plans;
mod replies;
mod rulebook;
mod scenes;
#[cfg(test)]
mod tests;
mod timers;
mod trace;
mod webhooks;

use std::panic::{AssertUnwindSafe, catch_unwind};

use domain::{
    Timestamp,
    automations::{Action, Rule},
    events::{Actor, Event},
    ids::{ConversationId, RuleId},
};
use storage::{Tx, automations, events};

pub(crate) use self::{
    later::run as follow_rules,
    rulebook::Rulebook,
    timers::{arm_all as arm_timers, run as run_timers},
    webhooks::{given_up as webhook_given_up, run as call_webhook},
};
pub use changes::{Changes, Draft};
pub use dry_run::{DryRun, Looked, MOST as MOST_TRIED, Question, Tried, dry_run};
use engine::Engine;
pub use storage::automations::runs::Run;
pub use trace::{Trace, trace};

use crate::{
    Desk, DeskError, Result,
    idempotency::{self, Claim},
};

/// Runs the rules that the events of this write trigger. Whatever goes wrong in them, the write that
/// triggered them stays.
pub(crate) fn follow(tx: &Tx<'_>, desk: &Desk, now: Timestamp) -> Result<()> {
    if tx.recorded().is_empty() {
        return Ok(());
    }
    let edition = desk.rulebook.read(tx)?;
    if edition.is_empty() {
        return Ok(());
    }
    harmless(tx, |tx| Engine::new(tx, edition, now).follow())
}

/// Runs the timed rules of one conversation. Nobody else's write depends on it: what fails is tried
/// again by the job.
fn run_due(tx: &Tx<'_>, desk: &Desk, id: ConversationId, now: Timestamp) -> Result<()> {
    Engine::new(tx, desk.rulebook.read(tx)?, now).run_due(id)
}

fn harmless(tx: &Tx<'_>, part: impl FnOnce(&Tx<'_>) -> Result<()>) -> Result<()> {
    let outcome = tx.savepoint(|tx| {
        catch_unwind(AssertUnwindSafe(|| part(tx)))
            .unwrap_or_else(|_| Err(DeskError::Internal("the rules panicked".to_owned())))
    });
    match outcome {
        Err(DeskError::Store(error)) if engine::ends_all(&error) => Err(error.into()),
        Err(error) => {
            tracing::error!(error = ?error, "Rules failed and were left out");
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// Every rule, in the order in which they look.
pub async fn list(desk: &Desk) -> Result<Vec<Rule>> {
    desk.store.read(|db| Ok(automations::all(db)?)).await
}

pub async fn find(desk: &Desk, id: RuleId) -> Result<Rule> {
    desk.store.read(move |db| existing(db, id)).await
}

fn existing(db: &storage::Reader<'_>, id: RuleId) -> Result<Rule> {
    automations::find(db, id)?.ok_or(DeskError::NotFound("automation"))
}

/// # Errors
/// `Invalid` with every problem by its path; a conflict when there are too many rules.
#[tracing::instrument(skip_all)]
pub async fn create(desk: &Desk, actor: Actor, draft: Draft, claim: Option<Claim>) -> Result<Rule> {
    let (now, guard) = (desk.clock.now(), desk.options.guard.clone());
    let checked = draft.checked(&guard);
    desk.store
        .write(move |tx| {
            let load = |tx: &Tx<'_>, id| existing(tx, RuleId(id));
            idempotency::once(tx, claim.as_ref(), now, load, |tx| {
                let rule = checked?.into_rule(tx, actor.agent(), now)?;
                automations::insert(tx, &rule)?;
                timers::queue_arming(tx, &rule, now)?;
                let event = Event::RuleCreated { rule_id: rule.id };
                events::append(tx, None, event, actor, now)?;
                Ok((rule.id.0, rule))
            })
        })
        .await
}

/// # Errors
/// As [`create`].
#[tracing::instrument(skip_all, fields(rule.id = %id))]
pub async fn change(desk: &Desk, actor: Actor, id: RuleId, changes: Changes) -> Result<Rule> {
    let (now, guard) = (desk.clock.now(), desk.options.guard.clone());
    desk.store
        .write(move |tx| {
            let before = existing(tx, id)?;
            let (after, fields) = changes.apply(tx, &guard, &before, now)?;
            store(tx, &after, fields, actor, now)
        })
        .await
}

/// Switches a rule off, or on again.
#[tracing::instrument(skip_all, fields(rule.id = %id))]
pub async fn toggle(desk: &Desk, actor: Actor, id: RuleId) -> Result<Rule> {
    let now = desk.clock.now();
    desk.store
        .write(move |tx| {
            let mut rule = existing(tx, id)?;
            let active = !rule.is_active;
            changes::set_active(&mut rule, active, now);
            store(tx, &rule, vec!["is_active"], actor, now)
        })
        .await
}

fn store(
    tx: &Tx<'_>,
    rule: &Rule,
    fields: Vec<&'static str>,
    actor: Actor,
    now: Timestamp,
) -> Result<Rule> {
    if !fields.is_empty() {
        let stored = Rule { updated_at: now, ..rule.clone() };
        automations::update(tx, &stored)?;
        if fields.iter().any(|it| matches!(*it, "is_active" | "trigger" | "minutes")) {
            timers::queue_arming(tx, &stored, now)?;
        }
        let event = Event::RuleChanged { rule_id: rule.id, fields };
        events::append(tx, None, event, actor, now)?;
    }
    existing(tx, rule.id)
}

/// Removes a rule. What it did stays, with its name.
#[tracing::instrument(skip_all, fields(rule.id = %id))]
pub async fn delete(desk: &Desk, actor: Actor, id: RuleId) -> Result<Rule> {
    let now = desk.clock.now();
    desk.store
        .write(move |tx| {
            let rule = existing(tx, id)?;
            automations::delete(tx, id, now)?;
            events::append(tx, None, Event::RuleDeleted { rule_id: id }, actor, now)?;
            Ok(rule)
        })
        .await
}

/// Puts the rules in this order.
///
/// # Errors
/// `Invalid` unless `ids` names every rule once.
pub async fn reorder(desk: &Desk, actor: Actor, ids: Vec<RuleId>) -> Result<Vec<Rule>> {
    let now = desk.clock.now();
    desk.store
        .write(move |tx| {
            let all = automations::all(tx)?;
            let every = all.iter().all(|it| ids.contains(&it.id));
            if ids.len() != all.len() || !every {
                let message = "must name every automation once, in the new order";
                return Err(DeskError::invalid("ids", message));
            }
            for (position, id) in (0..).zip(&ids) {
                let is_so = all.iter().any(|it| it.id == *id && it.position == position);
                if !is_so {
                    automations::set_position(tx, *id, position)?;
                    let event = Event::RuleChanged { rule_id: *id, fields: vec!["position"] };
                    events::append(tx, None, event, actor, now)?;
                }
            }
            Ok(automations::all(tx)?)
        })
        .await
}

/// What the receivers of a rule's webhook check its signature with; none if it calls none.
pub fn signing_secret(desk: &Desk, rule: &Rule) -> Option<String> {
    let calls = rule.actions.iter().any(|it| matches!(it, Action::CallWebhook { .. }));
    calls.then(|| webhooks::secret(&desk.keys, rule.id))
}
