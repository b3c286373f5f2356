//! The engine: looks at what happened, runs the rules that match, and follows what they cause.
//!
//! Each rule runs in its own savepoint: one that fails leaves no trace but its record. What a rule
//! causes triggers others, so many deep, and never itself again.

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use domain::{
    Timestamp,
    automations::{Action, Done, Effect, Explained, Rule, RunOutcome},
    events::{Actor, Event},
    ids::{ConversationId, RuleId},
};
use serde_json::{Value, json};
use storage::{
    StoreError, Tx,
    automations::{
        self,
        runs::{self, Looks, Run},
        timers as waits,
    },
    conversations, events,
};

use super::{
    failures,
    happenings::{Cause, Happening},
    later,
    perform::Stage,
    plans::{self, Plan},
    rulebook::Edition,
    scenes::{self, Scene},
    timers,
};
use crate::{DeskError, Result};

/// Rules that match in one write; more would hold up everybody's writes, and follow in one of their
/// own.
const MOST_RUNS: u32 = 500;
/// How often a rule may change a conversation within a minute.
const MOST_CHANGES: u32 = 20;
/// Rules that looked in vain, kept for each conversation.
const MOST_LOOKS: usize = 50;

pub(super) struct Engine<'a> {
    tx: &'a Tx<'a>,
    edition: Arc<Edition>,
    now: Timestamp,
    waiting: VecDeque<Happening>,
    /// How many of the write's events were looked at.
    seen: usize,
    runs_left: u32,
    off: HashSet<RuleId>,
    vain: HashMap<RuleId, u32>,
    looked: BTreeMap<i64, Vec<Value>>,
    touched: HashSet<ConversationId>,
}

/// Why a rule that matches must not run.
enum Objection {
    /// It looks at its own effect.
    OwnEffect,
    Circle(String),
    TooOften(String),
}

/// Whether later rules look at the same happening.
#[derive(PartialEq)]
enum After {
    Goon,
    Changed,
    Stop,
}

impl<'a> Engine<'a> {
    pub fn new(tx: &'a Tx<'a>, edition: Arc<Edition>, now: Timestamp) -> Self {
        Self {
            tx,
            edition,
            now,
            waiting: VecDeque::new(),
            seen: 0,
            runs_left: MOST_RUNS,
            off: HashSet::new(),
            vain: HashMap::new(),
            looked: BTreeMap::new(),
            touched: HashSet::new(),
        }
    }

    /// Follows the events of this write and all they cause.
    pub fn follow(mut self) -> Result<()> {
        self.take_events(&Cause::first())?;
        self.work_off()
    }

    /// Goes on with what an earlier write had no room for.
    pub fn go_on(mut self, left: Vec<Happening>) -> Result<()> {
        self.waiting = left.into();
        self.work_off()
    }

    fn work_off(mut self) -> Result<()> {
        while self.runs_left > 0
            && let Some(it) = self.waiting.pop_front()
        {
            self.react(&it)?;
        }
        let left = std::mem::take(&mut self.waiting);
        if !left.is_empty() {
            later::put(self.tx, left.into(), self.now)?;
        }
        self.finish()
    }

    /// Runs the timed rules a conversation has waited long enough for, each once for each wait.
    pub fn run_due(mut self, id: ConversationId) -> Result<()> {
        self.touched.insert(id);
        for rule in self.edition.timed() {
            let Some(conversation) = conversations::find(self.tx, id)? else { break };
            let now = self.now;
            let Some(wait) = timers::wait(self.tx, &rule, &conversation)? else { continue };
            if wait.due > now {
                continue;
            }
            waits::record_answered(self.tx, rule.id, conversation.number, wait.since)?;
            let happening = Happening::time(rule.trigger, id);
            let Some(scene) = scenes::load(self.tx, &happening, true, now)? else { break };
            if self.look(&rule, &happening, &scene)? == After::Stop {
                break;
            }
        }
        self.follow()
    }

    /// Queues what was recorded since the last look.
    fn take_events(&mut self, cause: &Cause) -> Result<()> {
        let new = self.tx.recorded_after(self.seen);
        self.seen += new.len();
        for recorded in new {
            self.touched.extend(recorded.conversation);
            let Some(mut it) = Happening::of(&recorded, cause) else { continue };
            if self.edition.of(it.trigger).is_empty() {
                continue;
            }
            if it.contact.is_some() {
                it.conversation = self.opened_with(&it)?;
            }
            self.waiting.push_back(it);
        }
        Ok(())
    }

    /// The conversation this write opened with the contact it made.
    fn opened_with(&self, it: &Happening) -> Result<Option<ConversationId>> {
        for recorded in self.tx.recorded() {
            let (Event::ConversationOpened, Some(id)) = (&recorded.event, recorded.conversation)
            else {
                continue;
            };
            let opened = conversations::find(self.tx, id)?;
            if opened.is_some_and(|opened| Some(opened.contact_id) == it.contact) {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    fn react(&mut self, it: &Happening) -> Result<()> {
        let edition = self.edition.clone();
        let with_message =
            scenes::brings_message(it.trigger) || edition.uses(it.trigger, &scenes::OF_MESSAGES);
        let Some(mut scene) = scenes::load(self.tx, it, with_message, self.now)? else {
            return Ok(());
        };
        for rule in edition.of(it.trigger) {
            match self.look(rule, it, &scene)? {
                After::Goon => {}
                After::Stop => break,
                After::Changed => {
                    let Some(now) = scenes::load(self.tx, it, with_message, self.now)? else {
                        break;
                    };
                    scene = now;
                }
            }
        }
        Ok(())
    }

    fn look(&mut self, rule: &Rule, it: &Happening, scene: &Scene) -> Result<After> {
        if self.off.contains(&rule.id) {
            return Ok(After::Goon);
        }
        let explained = rule.conditions.explain(&scene.facts);
        if !explained.matched() {
            self.note_look(rule, scene, &explained);
            return Ok(After::Goon);
        }
        match self.objection(rule, it, scene)? {
            None => self.run(rule, it, scene, &explained),
            Some(Objection::OwnEffect) => Ok(After::Goon),
            Some(objection) => {
                self.stop(rule, it, scene, &explained, objection)?;
                Ok(After::Goon)
            }
        }
    }

    /// Why a rule that matches must not run.
    fn objection(&self, rule: &Rule, it: &Happening, scene: &Scene) -> Result<Option<Objection>> {
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
            if matches!(plans::plan(self.tx, scene, action, self.now)?, Plan::Do(_)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn run(
        &mut self,
        rule: &Rule,
        it: &Happening,
        scene: &Scene,
        explained: &Explained,
    ) -> Result<After> {
        self.runs_left = self.runs_left.saturating_sub(1);
        let (tx, now) = (self.tx, self.now);
        let outcome = tx.savepoint(|tx| {
            let scene = scene.again();
            let stage = Stage { tx, rule, happening: it, now };
            catch_unwind(AssertUnwindSafe(|| stage.run(scene)))
                .unwrap_or_else(|_| Err(DeskError::Internal("an action panicked".to_owned())))
        });
        let done = match outcome {
            Ok(done) => done,
            Err(DeskError::Store(error)) if ends_all(&error) => return Err(error.into()),
            Err(error) => {
                self.fail(rule, it, scene, explained, &error)?;
                return Ok(After::Goon);
            }
        };
        let changed = done.iter().any(|it| it.effect == Effect::Done && it.kind != "stop");
        let stops = done.iter().any(|it| it.kind == "stop");
        automations::count_match(tx, rule.id, now)?;
        let document = document(it, explained, &done, None);
        self.trace(rule, it, scene, RunOutcome::Matched, document, &done)?;
        self.take_events(&Cause::rule(rule.id, it))?;
        Ok(match (stops, changed) {
            (true, _) => After::Stop,
            (_, true) => After::Changed,
            _ => After::Goon,
        })
    }

    fn fail(
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
    fn stop(
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

    fn trace(
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

    fn note_look(&mut self, rule: &Rule, scene: &Scene, explained: &Explained) {
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

    fn finish(self) -> Result<()> {
        for (rule, looks) in &self.vain {
            automations::count_looks(self.tx, *rule, *looks)?;
        }
        for (number, rules) in self.looked {
            let looks = Looks { document: Value::from(rules), at: self.now };
            runs::put_looks(self.tx, number, &looks)?;
        }
        if self.edition.has_timed() {
            for id in self.touched {
                timers::arm(self.tx, &self.edition, id, self.now)?;
            }
        }
        Ok(())
    }
}

impl Scene {
    /// As it was loaded, for one rule to work on.
    fn again(&self) -> Self {
        Self {
            overview: self.overview.clone(),
            contact: self.contact.clone(),
            message: self.message.clone(),
            facts: domain::automations::Facts::default(),
        }
    }
}

fn document(it: &Happening, explained: &Explained, done: &[Done], error: Option<&str>) -> Value {
    json!({
        "conditions": explained,
        "actions": done,
        "error": error,
        "caused_by": it.chain.last(),
    })
}

/// After these the transaction, or the time for it, is over.
pub(super) fn ends_all(error: &StoreError) -> bool {
    !matches!(error, StoreError::Database(_) | StoreError::Exists | StoreError::File(_))
}
