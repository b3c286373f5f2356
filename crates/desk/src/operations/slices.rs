//! Carrying out an operation, and undoing it, a few conversations in each transaction.

use domain::{
    Timestamp,
    conversations::Conversation,
    ids::OperationId,
    jobs::Job,
    operations::{
        ItemState, Operation, OperationState, Steps,
        traces::{AssigneeTrace, PriorityTrace, SpamTrace, StatusTrace, Trace, UnreadTrace},
    },
    policy::{Action, Caller},
    tags::TagName,
};
use storage::{Tx, conversations, operations};

use super::{actor, collect::collect};
use crate::{
    Desk, DeskError, Result,
    conversations::{
        access,
        assign::hand_over,
        change::{self, Changes},
        record::record,
        tags,
    },
    workers::Outcome,
};

/// Conversations changed in one transaction: others write in between.
const SLICE: u32 = 50;

pub(super) const NO_LONGER: &str = "who asked for it can no longer work here";

/// Carries out a job of the kind `RunOperation`. How far it has come is stored with each slice.
pub(crate) async fn run(desk: &Desk, job: &Job) -> Result<Outcome> {
    let id = OperationId(job.subject);
    loop {
        let Some(it) = desk.store.read(move |db| operations::find(db, id)).await? else {
            return Ok(Outcome::Done);
        };
        if it.state.is_over() {
            return Ok(Outcome::Done);
        }
        if it.state == OperationState::Collecting {
            collect(desk, id).await?;
            continue;
        }
        let now = desk.clock.now();
        desk.write(move |tx| {
            let Some(mut it) = operations::find(tx, id)? else { return Ok(()) };
            slice(tx, &mut it, now)?;
            Ok(operations::update(tx, &it)?)
        })
        .await?;
    }
}

/// The job was given up: the operation says so.
pub(crate) fn given_up(tx: &Tx<'_>, job: &Job, reason: &str, now: Timestamp) -> Result<()> {
    let Some(mut it) = operations::find(tx, OperationId(job.subject))? else { return Ok(()) };
    if !it.state.is_over() {
        fail(&mut it, reason, now);
        operations::update(tx, &it)?;
    }
    Ok(())
}

pub(super) fn fail(it: &mut Operation, reason: &str, now: Timestamp) {
    it.state = OperationState::Failed;
    it.error = Some(reason.to_owned());
    it.finished_at = Some(now);
}

/// Does what comes next; the caller stores the operation.
pub(super) fn slice(tx: &Tx<'_>, it: &mut Operation, now: Timestamp) -> Result<()> {
    if !matches!(it.state, OperationState::Running | OperationState::Undoing) {
        return Ok(());
    }
    let Some(caller) = actor(tx, it)? else {
        fail(it, NO_LONGER, now);
        return Ok(());
    };
    match it.state {
        OperationState::Running => change_some(tx, &caller, it, now),
        _ => restore_some(tx, &caller, it, now),
    }
}

fn change_some(tx: &Tx<'_>, caller: &Caller, it: &mut Operation, now: Timestamp) -> Result<()> {
    let Some(steps) = it.details.bulk().map(|it| it.steps.clone()) else { return Ok(()) };
    let found = operations::items(tx, it.seq, ItemState::Waiting, SLICE)?;
    for (number, _) in &found {
        let changed = tx.savepoint(|tx| change_one(tx, caller, &steps, *number, now));
        let (state, trace) = match changed {
            Ok(trace) if trace.is_empty() => (ItemState::Same, None),
            Ok(trace) => (ItemState::Changed, Some(trace)),
            Err(error) if is_of_one(&error) => (ItemState::Skipped, None),
            Err(error) => return Err(error),
        };
        match state {
            ItemState::Changed => it.tally.changed += 1,
            ItemState::Same => it.tally.same += 1,
            _ => it.tally.skipped += 1,
        }
        operations::set_item(tx, it.seq, *number, state, trace.as_ref())?;
    }
    if found.len() < SLICE as usize {
        it.state = OperationState::Done;
        it.finished_at = Some(now);
    }
    Ok(())
}

/// An error that concerns one conversation: the others go on.
fn is_of_one(error: &DeskError) -> bool {
    matches!(
        error,
        DeskError::NotFound(_)
            | DeskError::Denied(_)
            | DeskError::Rule(_)
            | DeskError::Conflict { .. }
            | DeskError::Invalid(_)
    )
}

/// The conversation, if it is still there and the caller may change it.
fn load(tx: &Tx<'_>, caller: &Caller, number: i64) -> Result<Conversation> {
    let found = conversations::find_by_number(tx, number)?;
    let found = found.filter(|it| it.merged_into.is_none());
    let found = found.ok_or(DeskError::NotFound("conversation"))?;
    access::check(caller, Action::ChangeConversations, &found)?;
    Ok(found)
}

fn change_one(
    tx: &Tx<'_>,
    caller: &Caller,
    steps: &Steps,
    number: i64,
    now: Timestamp,
) -> Result<Trace> {
    let mut it = load(tx, caller, number)?;
    let mut trace = Trace::default();
    for name in &steps.remove_tags {
        if tags::take(tx, caller, &mut it, &tag(name)?, now)? {
            trace.tags_removed.push(name.clone());
        }
    }
    for name in &steps.add_tags {
        if tags::put(tx, caller, &mut it, &tag(name)?, now)? {
            trace.tags_added.push(name.clone());
        }
    }
    if let Some(to) = steps.assign {
        let before = it.assignee;
        hand_over(tx, caller, &mut it, to.agent(), now)?;
        if it.assignee != before {
            trace.assignee = Some(AssigneeTrace { before, after: it.assignee });
        }
    }
    let before = it.clone();
    let (priority, unread, spam) = (steps.priority, steps.unread, steps.spam);
    let marks = Changes { priority, unread, spam, ..Changes::default() };
    change::mark(tx, caller, &mut it, marks, now)?;
    trace.priority = PriorityTrace::between(&before, &it);
    trace.unread = UnreadTrace::between(&before, &it);
    trace.spam = SpamTrace::between(&before, &it);
    if let Some(status) = steps.status {
        let before = it.clone();
        let until = steps.snoozed_until;
        if let Some(event) = it.set_status(status, until, caller.agent(), now)? {
            conversations::update(tx, &it)?;
            record(tx, &it, event, caller.actor(), now)?;
            trace.status = StatusTrace::between(&before, &it);
        }
    }
    Ok(trace)
}

fn tag(name: &str) -> Result<TagName> {
    TagName::parse(name).map_err(|error| DeskError::invalid("tag", error))
}

fn restore_some(tx: &Tx<'_>, caller: &Caller, it: &mut Operation, now: Timestamp) -> Result<()> {
    let found = operations::items(tx, it.seq, ItemState::Changed, SLICE)?;
    for (number, trace) in &found {
        let trace = trace.clone().unwrap_or_default();
        let one = |tx: &Tx<'_>| restore(tx, caller, &trace, &mut load(tx, caller, *number)?, now);
        let restored = match tx.savepoint(one) {
            Ok(restored) => restored,
            Err(error) if is_of_one(&error) => false,
            Err(error) => return Err(error),
        };
        let state = if restored { ItemState::Restored } else { ItemState::Kept };
        it.tally.restored += u64::from(restored);
        it.tally.kept += u64::from(!restored);
        operations::set_item(tx, it.seq, *number, state, Some(&trace))?;
    }
    if found.len() < SLICE as usize {
        it.state = OperationState::Undone;
        it.undone_at = Some(now);
    }
    Ok(())
}

/// Restores what is still as the operation left it. Returns whether anything was.
pub(crate) fn restore(
    tx: &Tx<'_>,
    caller: &Caller,
    trace: &Trace,
    it: &mut Conversation,
    now: Timestamp,
) -> Result<bool> {
    let mut restored = false;
    if let Some(status) = &trace.status
        && let Some(event) = status.restore(it, now)
    {
        conversations::update(tx, it)?;
        record(tx, it, event, caller.actor(), now)?;
        restored = true;
    }
    if let Some(hands) = trace.assignee.filter(|hands| hands.after == it.assignee) {
        // Whoever had it may be gone by now; the rest is restored all the same.
        match tx.savepoint(|tx| hand_over(tx, caller, it, hands.before, now)) {
            Ok(()) => restored = true,
            Err(error) if is_of_one(&error) => {}
            Err(error) => return Err(error),
        }
    }
    let marks = [
        trace.priority.and_then(|mark| mark.restore(it)),
        trace.unread.and_then(|mark| mark.restore(it)),
        trace.spam.and_then(|mark| mark.restore(it)),
    ];
    let marks: Vec<_> = marks.into_iter().flatten().collect();
    restored |= !marks.is_empty();
    change::store(tx, caller, it, marks, now)?;
    for name in &trace.tags_added {
        restored |= tags::take(tx, caller, it, &tag(name)?, now)?;
    }
    for name in &trace.tags_removed {
        restored |= tags::put(tx, caller, it, &tag(name)?, now)?;
    }
    Ok(restored)
}
