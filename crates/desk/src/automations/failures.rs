//! Rules that fail or go round in circles, and how they are switched off.

use domain::{
    Timestamp,
    automations::Rule,
    events::{Actor, Event},
    notices::NoticeKind,
};
use storage::{Tx, automations, events};

use crate::{Result, notices};

/// Counts a failure; one too many in a row switches the rule off. Answers whether it did.
pub(super) fn count(tx: &Tx<'_>, rule: &Rule, error: &str, now: Timestamp) -> Result<bool> {
    let in_a_row = automations::count_failure(tx, rule.id, error, now)?;
    if in_a_row < Rule::MOST_FAILURES {
        return Ok(false);
    }
    disable(
        tx,
        rule,
        &format!("it failed {in_a_row} times in a row, at last because {error}"),
        now,
    )?;
    Ok(true)
}

/// Switches a rule off by itself and tells the admins.
pub(super) fn disable(tx: &Tx<'_>, rule: &Rule, reason: &str, now: Timestamp) -> Result<()> {
    automations::disable(tx, rule.id, reason, now)?;
    let event = Event::RuleDisabled {
        rule_id: rule.id,
        name: rule.name.clone(),
        reason: reason.to_owned(),
    };
    events::append(tx, None, event, Actor::System, now)?;
    let text = format!("The automation “{}” was switched off: {reason}", rule.name);
    notices::raise_for_admins(tx, NoticeKind::RuleDisabled, &text, None, now)?;
    tracing::warn!(rule.id = %rule.id, reason, "Switched a rule off");
    Ok(())
}
