//! What is done to many conversations at once: asked for, carried out in slices, undone.

pub mod bulk;
mod collect;
mod slices;

use domain::{
    Timestamp,
    agents::{Agent, Role},
    ids::{AgentId, ConversationId, OperationId},
    jobs::JobKind,
    operations::{Details, Operation, OperationState, Tally},
    policy::{self, Action, Caller, Denied, Object},
};
use serde_json::json;
use storage::{Reader, Tx, agents, conversations, jobs, operations};

pub(crate) use slices::{given_up, restore, run};

use crate::{
    Desk, DeskError, Result, contacts,
    conversations::{merges, splits},
    idempotency::{self, Claim},
};

/// Of one agent that are not over yet.
const MOST_AT_ONCE: u64 = 3;

/// The caller's own operations, of an admin everybody's, the newest first, before the place `before`;
/// with a conversation only those that concerned it. Answers one more than `limit` where there are
/// more.
pub async fn list(
    desk: &Desk,
    caller: Caller,
    about: Option<ConversationId>,
    before: i64,
    offset: u64,
    limit: usize,
) -> Result<Vec<Operation>> {
    policy::authorize(&caller, Action::UseOperations, Object::Any)?;
    let author = caller.agent().ok_or(Denied::NotSignedIn)?;
    let everybodys = Object::Operation { author: AgentId(uuid::Uuid::nil()) };
    let sees_all = policy::authorize(&caller, Action::UseOperations, everybodys).is_ok();
    let author = (!sees_all).then_some(author);
    desk.store
        .read(move |db| {
            let conversation = match about {
                Some(id) => {
                    let missing = DeskError::NotFound("conversation");
                    let it = conversations::find(db, id)?.ok_or(missing)?;
                    Some((it.number, it.id))
                }
                None => None,
            };
            let filter = operations::Filter { author, conversation };
            Ok(operations::page(db, filter, before, offset, limit + 1)?)
        })
        .await
}

pub async fn find(desk: &Desk, caller: Caller, id: OperationId) -> Result<Operation> {
    desk.store.read(move |db| load(db, &caller, id)).await
}

/// Undoes what nobody has changed since. One that still runs stops where it is.
///
/// # Errors
/// A conflict when it was undone already.
#[tracing::instrument(skip_all, fields(operation.id = %id))]
pub async fn undo(desk: &Desk, caller: Caller, id: OperationId) -> Result<Operation> {
    let now = desk.clock.now();
    let by = caller.agent().zip(caller.role()).ok_or(Denied::NotSignedIn)?;
    desk.write(move |tx| {
        let mut it = load(tx, &caller, id)?;
        match it.state {
            OperationState::Undoing => return Err(DeskError::conflict("this is being undone")),
            OperationState::Undone => {
                return Err(DeskError::conflict("this was undone already"));
            }
            _ => {}
        }
        it.undone_by = Some(by);
        match &mut it.details {
            Details::Bulk(_) => {
                it.state = OperationState::Undoing;
                return go_on(tx, it, now);
            }
            Details::MergeConversations(merge) => merges::undo(tx, &caller, merge, now)?,
            Details::SplitConversation(split) => splits::undo(tx, &caller, split, now)?,
            Details::MergeContacts(merge) => contacts::merges::undo(tx, &caller, merge, now)?,
        }
        it.state = OperationState::Undone;
        it.undone_at = Some(now);
        it.tally.restored = 1;
        operations::update(tx, &it)?;
        Ok(it)
    })
    .await
}

/// The operation, if the caller may see and undo it.
pub(crate) fn load(db: &Reader<'_>, caller: &Caller, id: OperationId) -> Result<Operation> {
    const MISSING: DeskError = DeskError::NotFound("operation");
    let it = operations::find(db, id)?.ok_or(MISSING)?;
    match policy::authorize(caller, Action::UseOperations, Object::Operation { author: it.author })
    {
        Ok(()) => Ok(it),
        Err(Denied::NotFound) => Err(MISSING),
        Err(other) => Err(other.into()),
    }
}

/// A new operation, not stored yet.
fn begun(author: (AgentId, Role), details: Details, now: Timestamp) -> Operation {
    Operation {
        seq: 0,
        id: OperationId::new(),
        state: OperationState::Collecting,
        author: author.0,
        author_role: author.1,
        details,
        total: None,
        tally: Tally::default(),
        error: None,
        undone_by: None,
        created_at: now,
        finished_at: None,
        undone_at: None,
    }
}

/// Does something in one transaction and keeps it as an operation that is done, to be undone. The same
/// claim does it once.
pub(crate) async fn at_once(
    desk: &Desk,
    caller: Caller,
    claim: Option<Claim>,
    work: impl FnOnce(&Tx<'_>, Timestamp) -> Result<Details> + Send + 'static,
) -> Result<Operation> {
    let now = desk.clock.now();
    desk.write(move |tx| {
        let known = |tx: &Tx<'_>, id: uuid::Uuid| load(tx, &caller, OperationId(id));
        idempotency::once(tx, claim.as_ref(), now, known, |tx| {
            let mut it = done(&caller, work(tx, now)?, now)?;
            operations::insert(tx, &mut it)?;
            Ok((it.id.0, it))
        })
    })
    .await
}

/// An operation that was done in one go, not stored yet.
fn done(caller: &Caller, details: Details, now: Timestamp) -> Result<Operation> {
    let author = caller.agent().zip(caller.role()).ok_or(Denied::NotSignedIn)?;
    Ok(Operation {
        state: OperationState::Done,
        total: Some(1),
        tally: Tally { changed: 1, ..Tally::default() },
        finished_at: Some(now),
        ..begun(author, details, now)
    })
}

fn refuse_many(tx: &Tx<'_>, author: AgentId) -> Result<()> {
    if operations::unfinished_of(tx, author)? < MOST_AT_ONCE {
        return Ok(());
    }
    let message =
        format!("{MOST_AT_ONCE} of your operations still run; wait for one, or undo it to stop it");
    Err(DeskError::conflict(message))
}

/// Does the first slice at once, so that a few conversations are done with the answer; a job does
/// the rest.
fn go_on(tx: &Tx<'_>, mut it: Operation, now: Timestamp) -> Result<Operation> {
    slices::slice(tx, &mut it, now)?;
    operations::update(tx, &it)?;
    if it.state.is_over() {
        jobs::remove(tx, JobKind::RunOperation, it.id.0)?;
        return Ok(it);
    }
    let job = jobs::NewJob {
        kind: JobKind::RunOperation,
        subject: it.id.0,
        payload: json!({}),
        lane: format!("operations of {}", it.author),
        run_at: now,
    };
    jobs::put(tx, &job, now)?;
    Ok(it)
}

/// Who the operation acts as: its author, or who undoes it, with no more than the role they had, and
/// not once they cannot work here.
fn actor(db: &Reader<'_>, it: &Operation) -> Result<Option<Caller>> {
    let (id, role) = match (it.state, it.undone_by) {
        (OperationState::Undoing, Some(by)) => by,
        _ => (it.author, it.author_role),
    };
    let agent = agents::find(db, id)?.filter(Agent::can_work);
    Ok(agent.map(|agent| {
        let role = if agent.role == role { role } else { Role::Agent };
        Caller::Agent { id, role, session: None }
    }))
}
