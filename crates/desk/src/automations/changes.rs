//! What an admin writes in a rule, before and after it was checked.

use connectors::guard::Guard;
use domain::{
    Timestamp,
    automations::{Action, Conditions, Counters, Rule, Trigger, parse_actions},
    documents::Wrong,
    ids::{AgentId, RuleId},
    text,
};
use serde_json::Value;
use storage::{Reader, agents, automations};

use super::replies;
use crate::{DeskError, Problems, Result};

/// A rule as it was asked for.
#[derive(Debug, Clone)]
pub struct Draft {
    pub name: String,
    pub trigger: String,
    pub minutes: Option<u32>,
    pub conditions: Value,
    pub actions: Value,
    pub is_active: bool,
}

/// What to change; `None` leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    pub name: Option<String>,
    pub trigger: Option<String>,
    pub minutes: Option<Option<u32>>,
    pub conditions: Option<Value>,
    pub actions: Option<Value>,
    pub is_active: Option<bool>,
}

/// A draft whose every field is in order by itself.
#[derive(Debug, Clone)]
pub(super) struct Checked {
    name: String,
    trigger: Trigger,
    minutes: Option<u32>,
    conditions: Conditions,
    actions: Vec<Action>,
    is_active: bool,
}

impl Draft {
    /// # Errors
    /// `Invalid` with all that is wrong, by its path.
    pub(super) fn checked(self, guard: &Guard) -> Result<Checked> {
        let mut problems = Problems::default();
        let name = problems.check("name", text::line(&self.name, Rule::LONGEST_NAME));
        let trigger = problems.check("trigger", self.trigger.parse::<Trigger>());
        if let Some(trigger) = trigger {
            check_minutes(&mut problems, trigger, self.minutes);
        }
        let conditions = all(&mut problems, Conditions::parse(&self.conditions, "conditions"));
        let actions = all(&mut problems, parse_actions(&self.actions, "actions"));
        check_addresses(&mut problems, actions.as_deref().unwrap_or_default(), guard);
        let (minutes, is_active) = (self.minutes, self.is_active);
        let made = (|| {
            Some(Checked {
                name: name?,
                trigger: trigger?,
                minutes,
                conditions: conditions?,
                actions: actions?,
                is_active,
            })
        })();
        problems.finish_with(made)
    }
}

fn all<T>(problems: &mut Problems, result: Result<T, Vec<Wrong>>) -> Option<T> {
    match result {
        Ok(it) => Some(it),
        Err(wrongs) => {
            for it in wrongs {
                problems.add(&it.field, it.message);
            }
            None
        }
    }
}

fn check_minutes(problems: &mut Problems, trigger: Trigger, minutes: Option<u32>) {
    let most = Rule::MOST_MINUTES;
    match minutes {
        Some(_) if !trigger.is_timed() => {
            problems.add("minutes", format!("does not go with {trigger}"));
        }
        None if trigger.is_timed() => {
            problems.add("minutes", format!("{trigger} needs to know for how long"));
        }
        Some(it) if !(1..=most).contains(&it) => {
            problems.add("minutes", format!("must be 1 to {most}"));
        }
        _ => {}
    }
}

/// What can be seen in an address itself; where its name leads is looked at with each call.
fn check_addresses(problems: &mut Problems, actions: &[Action], guard: &Guard) {
    for (at, action) in actions.iter().enumerate() {
        if let Action::CallWebhook { url } = action {
            problems.check(&format!("actions[{at}].url"), guard.check(url));
        }
    }
}

/// What actions refer to must be there when the rule is written.
fn check_references(db: &Reader<'_>, actions: &[Action]) -> Result<()> {
    let mut problems = Problems::default();
    for (at, action) in actions.iter().enumerate() {
        match action {
            Action::AssignAgent(Some(id))
                if !agents::find(db, *id)?.is_some_and(|it| it.can_work()) =>
            {
                let message = "there is no active agent with this id";
                problems.add(&format!("actions[{at}].agent_id"), message);
            }
            Action::SendCannedReply(id) if replies::canned(db, *id).is_err() => {
                let message = "there is no shared canned reply with this id";
                problems.add(&format!("actions[{at}].canned_reply_id"), message);
            }
            _ => {}
        }
    }
    problems.finish()
}

impl Checked {
    pub(super) fn into_rule(
        self,
        db: &Reader<'_>,
        author: Option<AgentId>,
        now: Timestamp,
    ) -> Result<Rule> {
        check_references(db, &self.actions)?;
        let others = automations::all(db)?;
        if others.len() >= Rule::MOST {
            let message = format!("there are {} automations already; delete one", Rule::MOST);
            return Err(DeskError::conflict(message));
        }
        let position = others.iter().map(|it| it.position + 1).max().unwrap_or(0);
        Ok(Rule { created_by: author, ..self.placed(position, now) })
    }

    /// A rule that is tried out and not kept.
    pub(super) fn tried(self, db: &Reader<'_>, now: Timestamp) -> Result<Rule> {
        check_references(db, &self.actions)?;
        Ok(self.placed(0, now))
    }

    fn placed(self, position: u32, now: Timestamp) -> Rule {
        Rule {
            id: RuleId::new(),
            position,
            name: self.name,
            trigger: self.trigger,
            minutes: self.minutes,
            conditions: self.conditions,
            actions: self.actions,
            is_active: self.is_active,
            active_since: self.is_active.then_some(now),
            counters: Counters::default(),
            disabled_reason: None,
            created_by: None,
            created_at: now,
            updated_at: now,
        }
    }
}

impl Changes {
    /// The rule as it is to be, and which fields changed.
    pub(super) fn apply(
        self,
        db: &Reader<'_>,
        guard: &Guard,
        before: &Rule,
        now: Timestamp,
    ) -> Result<(Rule, Vec<&'static str>)> {
        let as_it_is = || before.actions.iter().map(Action::document).collect::<Value>();
        let (is_active, new_actions) = (self.is_active, self.actions.is_some());
        let draft = Draft {
            name: self.name.unwrap_or_else(|| before.name.clone()),
            trigger: self.trigger.unwrap_or_else(|| before.trigger.to_string()),
            minutes: self.minutes.unwrap_or(before.minutes),
            conditions: self.conditions.unwrap_or_else(|| before.conditions.document()),
            actions: self.actions.unwrap_or_else(as_it_is),
            is_active: before.is_active,
        };
        let it = draft.checked(guard)?;
        if new_actions {
            check_references(db, &it.actions)?;
        }
        let changed = [
            ("name", it.name != before.name),
            ("trigger", it.trigger != before.trigger),
            ("minutes", it.minutes != before.minutes),
            ("conditions", it.conditions.document() != before.conditions.document()),
            ("actions", it.actions != before.actions),
            ("is_active", is_active.is_some_and(|it| it != before.is_active)),
        ];
        let fields: Vec<&str> =
            changed.iter().filter(|(_, changed)| *changed).map(|(name, _)| *name).collect();
        let mut after = Rule {
            name: it.name,
            trigger: it.trigger,
            minutes: it.minutes,
            conditions: it.conditions,
            actions: it.actions,
            ..before.clone()
        };
        if fields.contains(&"is_active") {
            set_active(&mut after, !before.is_active, now);
        } else if fields.contains(&"trigger") || fields.contains(&"minutes") {
            after.active_since = after.is_active.then_some(now);
        }
        Ok((after, fields))
    }
}

/// Switched on again, a rule begins anew: what it waited for before is past.
pub(super) fn set_active(rule: &mut Rule, active: bool, now: Timestamp) {
    rule.is_active = active;
    rule.active_since = active.then_some(now);
    rule.disabled_reason = None;
    rule.counters.failed_in_a_row = 0;
}
