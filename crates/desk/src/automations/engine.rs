//! The engine: looks at what happened, runs the rules that match, and follows what they cause.
//!
//! Each rule runs in its own savepoint: one that fails leaves no trace but its record. What a rule
//! causes triggers others, so many deep, and never itself again.

mod objections;
mod records;

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use domain::{
    Timestamp,
    automations::{Effect, Explained, Rule, RunOutcome},
    events::Event,
    ids::{ConversationId, RuleId},
};
use serde_json::Value;
use storage::{
    StoreError, Tx,
    automations::{
        self,
        runs::{self, Looks},
        timers as waits,
    },
    conversations,
};

use self::{objections::Objection, records::document};
use super::{
    happenings::{Cause, Happening},
    later,
    perform::Stage,
    rulebook::Edition,
    scenes::{self, Scene},
    timers,
};
use crate::{DeskError, Result};

/// Rules that match in one write; more would hold up everybody's writes, and follow in one of their
/// own.
const MOST_RUNS: u32 = 500;

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

/// After these the transaction, or the time for it, is over.
pub(super) fn ends_all(error: &StoreError) -> bool {
    !matches!(error, StoreError::Database(_) | StoreError::Exists | StoreError::File(_))
}
