//! What a rule would have done to past conversations. Nothing is changed, nothing is sent.

use std::time::Duration;

use domain::{
    Timestamp,
    automations::{Done, Explained, Rule, Trigger},
    conversations::{Overview, Status},
    ids::RuleId,
    messages::{Direction, Message},
};
use storage::{Reader, automations::runs, conversations::overviews, messages};

use super::{
    Draft, existing,
    happenings::Happening,
    plans::{self, Plan},
    scenes::{self, Scene},
};
use crate::{Desk, Result};

/// One slice of the walk; writers and readers come in between.
const SLICE: Duration = Duration::from_millis(50);
/// The whole walk.
const LONGEST: Duration = Duration::from_secs(2);
const PAGE: usize = 50;
/// Conversations that did not match, shown with the reason.
const MOST_MISSES: usize = 20;
/// Messages of a conversation looked at to find what triggers the rule.
const LOOKED_AT: u32 = 30;

/// What is tried on how many of the newest conversations.
#[derive(Debug, Clone)]
pub struct Question {
    pub rule: Tried,
    pub limit: usize,
}

#[derive(Debug, Clone)]
pub enum Tried {
    Stored(RuleId),
    Draft(Box<Draft>),
}

#[derive(Debug)]
pub struct DryRun {
    /// How many conversations the rule was tried on.
    pub looked: usize,
    /// In how many of them nothing happened that could trigger it.
    pub untriggered: usize,
    pub matched: Vec<Looked>,
    /// The newest that did not match.
    pub missed: Vec<Looked>,
    /// Whether there are older conversations that it was not tried on.
    pub has_more: bool,
}

#[derive(Debug)]
pub struct Looked {
    pub overview: Overview,
    pub explained: Explained,
    /// What each action would come to.
    pub planned: Vec<Done>,
}

pub const MOST: usize = 1_000;

/// Tries a rule on the newest conversations, each as it is now, with the newest thing in it that
/// could have triggered the rule.
///
/// # Errors
/// As creating the rule would.
#[tracing::instrument(skip_all)]
pub async fn dry_run(desk: &Desk, question: Question) -> Result<DryRun> {
    let (now, limit) = (desk.clock.now(), question.limit.min(MOST));
    let rule = tried(desk, question.rule, now).await?;
    let mut run = DryRun {
        looked: 0,
        untriggered: 0,
        matched: Vec::new(),
        missed: Vec::new(),
        has_more: true,
    };
    let started = std::time::Instant::now();
    let mut before = i64::MAX;
    while run.looked < limit && run.has_more && started.elapsed() < LONGEST {
        let (rule, left) = (rule.clone(), limit - run.looked);
        let slice =
            desk.store.read_within(SLICE, move |db| slice(db, &rule, before, left, now)).await?;
        run.looked += slice.looked;
        run.untriggered += slice.untriggered;
        run.matched.extend(slice.matched);
        run.missed.extend(slice.missed);
        run.missed.truncate(MOST_MISSES);
        match slice.next {
            Some(next) => before = next,
            None => run.has_more = false,
        }
    }
    Ok(run)
}

async fn tried(desk: &Desk, rule: Tried, now: Timestamp) -> Result<Rule> {
    match rule {
        Tried::Stored(id) => desk.store.read(move |db| existing(db, id)).await,
        Tried::Draft(draft) => {
            let checked = draft.checked(&desk.options.guard)?;
            desk.store.read(move |db| checked.tried(db, now)).await
        }
    }
}

struct Slice {
    looked: usize,
    untriggered: usize,
    matched: Vec<Looked>,
    missed: Vec<Looked>,
    /// Before which conversation the next slice begins.
    next: Option<i64>,
}

fn slice(db: &Reader<'_>, rule: &Rule, before: i64, left: usize, now: Timestamp) -> Result<Slice> {
    let asked = left.min(PAGE);
    let numbers = runs::newest_conversations(db, before, u32::try_from(asked).unwrap_or(1))?;
    let mut slice = Slice {
        looked: 0,
        untriggered: 0,
        matched: Vec::new(),
        missed: Vec::new(),
        next: numbers.last().copied().filter(|_| numbers.len() == asked),
    };
    for overview in overviews::find_all(db, &numbers)? {
        let number = overview.conversation.number;
        slice.looked += 1;
        match look(db, rule, overview, now)? {
            None => slice.untriggered += 1,
            Some(it) if it.explained.matched() => slice.matched.push(it),
            Some(it) => slice.missed.push(it),
        }
        if db.out_of_time() {
            slice.next = Some(number);
            break;
        }
    }
    Ok(slice)
}

/// None where nothing could have triggered the rule.
fn look(
    db: &Reader<'_>,
    rule: &Rule,
    overview: Overview,
    now: Timestamp,
) -> Result<Option<Looked>> {
    let Some(happening) = newest(db, rule, &overview, now)? else { return Ok(None) };
    let Some(scene) = scenes::load(db, &happening, true, now)? else { return Ok(None) };
    let explained = rule.conditions.explain(&scene.facts);
    let planned = match explained.matched() {
        true => planned(db, rule, &scene, now),
        false => Vec::new(),
    };
    Ok(Some(Looked { overview, explained, planned }))
}

fn planned(db: &Reader<'_>, rule: &Rule, scene: &Scene, now: Timestamp) -> Vec<Done> {
    let one = |action: &domain::automations::Action| {
        let plan = plans::plan(db, scene, action, now);
        plan.unwrap_or_else(|error| Plan::failed(&error)).of(action)
    };
    rule.actions.iter().map(one).collect()
}

/// The newest thing in a conversation that could have triggered the rule.
fn newest(
    db: &Reader<'_>,
    rule: &Rule,
    overview: &Overview,
    now: Timestamp,
) -> Result<Option<Happening>> {
    let it = &overview.conversation;
    let mut happening = Happening::time(rule.trigger, it.id);
    let message = |wanted: Direction| -> Result<Option<Message>> {
        let recent = messages::page(db, it.number, messages::Place::Newest, LOOKED_AT)?;
        Ok(recent.into_iter().rev().find(|it| it.direction == wanted))
    };
    let found = match rule.trigger {
        Trigger::MessageReceived => message(Direction::Inbound)?.map(|it| it.id),
        Trigger::MessageSent => message(Direction::Outbound)?.map(|it| it.id),
        Trigger::NoteAdded => message(Direction::Note)?.map(|it| it.id),
        _ => None,
    };
    let happened = match rule.trigger {
        Trigger::MessageReceived | Trigger::MessageSent | Trigger::NoteAdded => found.is_some(),
        Trigger::ConversationCreated | Trigger::ContactCreated | Trigger::PriorityChanged => true,
        Trigger::StatusChanged => it.status != Status::Open || it.resolved_at.is_some(),
        Trigger::Assigned => it.assignee.is_some(),
        Trigger::Unassigned => it.assignee.is_none(),
        Trigger::TagAdded | Trigger::TagRemoved => !overview.tags.is_empty(),
        Trigger::NoReplyFor
        | Trigger::CustomerSilentFor
        | Trigger::UnassignedFor
        | Trigger::InStatusFor => {
            let since = storage::automations::timers::waiting_since(db, it, rule.trigger)?;
            let minutes = i64::from(rule.minutes.unwrap_or(0));
            since.is_some_and(|since| since.plus_seconds(minutes * 60) <= now)
        }
    };
    happening.message = found;
    happening.changed_tag = overview.tags.last().cloned();
    Ok(happened.then_some(happening))
}
