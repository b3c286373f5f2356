//! What is kept of rules that looked, ran, failed or were stopped.

use domain::{
    automations::{Done, Effect, Explained, Rule, RunOutcome},
    events::{Actor, Event},
};
use serde_json::{Value, json};
use storage::{
    automations::runs::{self, Run},
    events,
};

use super::{Engine, objections::Objection};
use crate::{
    DeskError, Result,
    automations::{failures, happenings::Happening, scenes::Scene},
};

/// Rules that looked in vain, kept for each conversation.
const MOST_LOOKS: usize = 50;

impl Engine<'_> {
    pub(super) fn fail(
        &mut self,
        rule: &Rule,
        it: &Happening,
        scene: &Scene,
        explained: &Explained,
        error: &DeskError,
    ) -> Result<()> {
        let told = match error {
            DeskError::Store(_) | DeskError::Internal(_) => {
                tracing::error!(error = ?error, rule.id = %rule.id, "A rule failed");
                "of an internal error; the server's log says more".to_owned()
            }
            other => other.to_string(),
        };
        let document = document(it, explained, &[], Some(&told));
        self.trace(rule, it, scene, RunOutcome::Failed, document, &[])?;
        if failures::count(self.tx, rule, &told, self.now)? {
            self.off.insert(rule.id);
        }
        Ok(())
    }

    /// A rule that would never come to an end is switched off. One that only runs very often is not
    /// where a customer makes it run: nobody outside switches our rules off.
    pub(super) fn stop(
        &mut self,
        rule: &Rule,
        it: &Happening,
        scene: &Scene,
        explained: &Explained,
        objection: Objection,
    ) -> Result<()> {
        let (reason, is_mistake) = match &objection {
            Objection::OwnEffect => return Ok(()),
            Objection::Circle(reason) => (reason, true),
            Objection::TooOften(reason) => (reason, !it.by_customer),
        };
        let document = document(it, explained, &[], Some(reason));
        self.trace(rule, it, scene, RunOutcome::Stopped, document, &[])?;
        if is_mistake {
            failures::disable(self.tx, rule, reason, self.now)?;
            self.off.insert(rule.id);
        }
        Ok(())
    }

    pub(super) fn trace(
        &mut self,
        rule: &Rule,
        it: &Happening,
        scene: &Scene,
        outcome: RunOutcome,
        document: Value,
        done: &[Done],
    ) -> Result<()> {
        let conversation = scene.overview.as_ref().map(|it| &it.conversation);
        let effective = || done.iter().filter(|it| it.effect == Effect::Done && it.kind != "stop");
        let error = document["error"].as_str().map(str::to_owned);
        // What was seen of a contact alone is shown nowhere, so it is not kept.
        if let Some(conversation) = conversation {
            let run = Run {
                seq: 0,
                rule: rule.id,
                rule_name: rule.name.clone(),
                conversation_number: conversation.number,
                trigger: it.trigger,
                outcome,
                changes: u32::try_from(effective().count()).unwrap_or(u32::MAX),
                document,
                at: self.now,
            };
            runs::insert(self.tx, &run)?;
        }
        let event = Event::RuleRan {
            rule_id: rule.id,
            name: rule.name.clone(),
            matched: outcome == RunOutcome::Matched,
            actions: effective().map(|it| it.kind).collect(),
            error,
        };
        events::append(self.tx, conversation, event, Actor::Rule(rule.id), self.now)?;
        Ok(())
    }

    pub(super) fn note_look(&mut self, rule: &Rule, scene: &Scene, explained: &Explained) {
        *self.vain.entry(rule.id).or_default() += 1;
        let Some(overview) = &scene.overview else { return };
        let looked = self.looked.entry(overview.conversation.number).or_default();
        if looked.len() < MOST_LOOKS {
            looked.push(json!({
                "rule": { "id": rule.id, "name": rule.name },
                "trigger": rule.trigger.as_str(),
                "conditions": explained,
            }));
        }
    }
}

pub(super) fn document(
    it: &Happening,
    explained: &Explained,
    done: &[Done],
    error: Option<&str>,
) -> Value {
    json!({
        "conditions": explained,
        "actions": done,
        "error": error,
        "caused_by": it.chain.last(),
    })
}
