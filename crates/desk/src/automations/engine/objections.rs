//! Why a rule that matches must not run.

use domain::automations::{Action, Effect, Rule};
use storage::automations::runs;

use super::Engine;
use crate::{
    Result,
    automations::{happenings::Happening, plans, scenes::Scene},
};

/// How often a rule may change a conversation within a minute.
const MOST_CHANGES: u32 = 20;

pub(super) enum Objection {
    /// It looks at its own effect.
    OwnEffect,
    Circle(String),
    TooOften(String),
}

impl Engine<'_> {
    pub(super) fn objection(
        &self,
        rule: &Rule,
        it: &Happening,
        scene: &Scene,
    ) -> Result<Option<Objection>> {
        if it.chain.contains(&rule.id) {
            // Its own doing, or nothing more to change: nothing to speak of.
            let own = it.chain.last() == Some(&rule.id);
            if own || !self.would_change(rule, scene)? {
                return Ok(Some(Objection::OwnEffect));
            }
            let reason = "it went round in a circle with other rules";
            return Ok(Some(Objection::Circle(reason.to_owned())));
        }
        if it.chain.len() >= Rule::DEEPEST_CHAIN {
            let deepest = Rule::DEEPEST_CHAIN;
            let reason = format!("it was the end of a chain of more than {deepest} rules");
            return Ok(Some(Objection::Circle(reason)));
        }
        let Some(overview) = &scene.overview else { return Ok(None) };
        let since = self.now.plus_seconds(-60);
        let number = overview.conversation.number;
        let changes = runs::changes_since(self.tx, rule.id, number, since)?;
        if changes >= MOST_CHANGES {
            let reason = format!("it changed one conversation {changes} times within a minute");
            return Ok(Some(Objection::TooOften(reason)));
        }
        Ok(None)
    }

    fn would_change(&self, rule: &Rule, scene: &Scene) -> Result<bool> {
        for action in rule.actions.iter().filter(|it| **it != Action::Stop) {
            if plans::plan(self.tx, scene, action, self.now)?.effect == Effect::Done {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
