//! One change to many conversations: those listed, or all that match.

use domain::{
    Timestamp,
    conversations::{Priority, Status},
    ids::{AgentId, ConversationId, OperationId, ViewId},
    operations::{Assign, Bulk, Details, Operation, OperationState, Steps},
    policy::{Action, Caller, Denied},
    tags::TagName,
    views::Query,
};
use storage::{Tx, agents, operations};

use super::{begun, go_on, load, refuse_many};
use crate::{
    Desk, DeskError, Problems, Result,
    conversations::{RuleError, access, questions::Question},
    idempotency::{self, Claim},
    views,
};

/// In one list; more are asked for by what they match.
const MOST_LISTED: usize = 1_000;
const MOST_TAGS: usize = 10;

#[derive(Debug, Clone)]
pub enum Selection {
    Listed(Vec<ConversationId>),
    Matching(Query),
    /// All that a view finds.
    View(ViewId),
}

#[derive(Debug, Clone, Default)]
pub struct Asked {
    pub status: Option<Status>,
    pub snoozed_until: Option<Timestamp>,
    /// An inner `None` unassigns.
    pub assign: Option<Option<AgentId>>,
    pub priority: Option<Priority>,
    pub unread: Option<bool>,
    pub spam: Option<bool>,
    pub add_tags: Vec<String>,
    pub remove_tags: Vec<String>,
}

/// Begins a change to many conversations. The first ones are changed before this returns.
///
/// # Errors
/// `Invalid` with all that is wrong, a conflict when too much runs already.
#[tracing::instrument(skip_all)]
pub async fn start(
    desk: &Desk,
    caller: Caller,
    selection: Selection,
    asked: Asked,
    claim: Option<Claim>,
) -> Result<Operation> {
    let now = desk.clock.now();
    let author = caller.agent().zip(caller.role()).ok_or(Denied::NotSignedIn)?;
    let steps = asked.checked(now)?;
    let selection = match selection {
        Selection::View(id) => Selection::Matching(views::find(desk, caller, id).await?.query),
        other => other,
    };
    check(&selection, &caller)?;
    desk.write(move |tx| {
        let load = |tx: &Tx<'_>, id: uuid::Uuid| load(tx, &caller, OperationId(id));
        idempotency::once(tx, claim.as_ref(), now, load, |tx| {
            refuse_many(tx, author.0)?;
            if let Some(Assign::To(id)) = steps.assign {
                let agent = agents::find(tx, id)?.ok_or(DeskError::NotFound("agent"))?;
                if !agent.can_work() {
                    return Err(RuleError::AgentInactive.into());
                }
            }
            let details = Details::Bulk(Bulk { matching: None, steps, place: None });
            let mut it = begun(author, details, now);
            take(tx, &caller, &mut it, selection)?;
            Ok((it.id.0, go_on(tx, it, now)?))
        })
    })
    .await
}

fn check(selection: &Selection, caller: &Caller) -> Result<()> {
    match selection {
        Selection::Listed(ids) if ids.is_empty() || ids.len() > MOST_LISTED => {
            let message = format!("list 1 to {MOST_LISTED} conversations; more by what they match");
            Err(DeskError::invalid("conversation_ids", message))
        }
        Selection::Matching(query) => match Question::parse(query, caller) {
            Err(DeskError::Invalid(fields)) => {
                let mut problems = Problems::default();
                for it in fields {
                    problems.add(&format!("matching.{}", it.field), it.message);
                }
                problems.finish()
            }
            other => other.map(|_| ()),
        },
        _ => Ok(()),
    }
}

/// Stores the operation with the conversations listed; what matches is collected later.
fn take(tx: &Tx<'_>, caller: &Caller, it: &mut Operation, selection: Selection) -> Result<()> {
    let ids = match selection {
        Selection::Listed(ids) => ids,
        Selection::Matching(query) => {
            if let Some(bulk) = it.details.bulk_mut() {
                bulk.matching = Some(query);
            }
            return Ok(operations::insert(tx, it)?);
        }
        Selection::View(_) => return Err(DeskError::Internal("a view is its query".to_owned())),
    };
    let mut numbers = Vec::with_capacity(ids.len());
    let mut problems = Problems::default();
    for (at, id) in ids.into_iter().enumerate() {
        match access::load(tx, caller, Action::ChangeConversations, id) {
            Ok(found) => numbers.push(found.conversation.number),
            Err(DeskError::NotFound(_)) => {
                problems.add(&format!("conversation_ids[{at}]"), "there is no such conversation");
            }
            Err(other) => return Err(other),
        }
    }
    problems.finish()?;
    numbers.sort_unstable();
    numbers.dedup();
    it.state = OperationState::Running;
    it.total = Some(numbers.len() as u64);
    operations::insert(tx, it)?;
    for number in numbers {
        operations::add_item(tx, it.seq, number)?;
    }
    Ok(())
}

impl Asked {
    fn checked(self, now: Timestamp) -> Result<Steps> {
        let mut problems = Problems::default();
        match (self.status, self.snoozed_until) {
            (Some(Status::Snoozed), Some(until)) if until > now => {}
            (Some(Status::Snoozed), _) => {
                problems.add("snoozed_until", RuleError::SnoozeNotInFuture);
            }
            (_, Some(_)) => problems.add("snoozed_until", RuleError::SnoozeWithoutSnoozed),
            (_, None) => {}
        }
        let steps = Steps {
            status: self.status,
            snoozed_until: self.snoozed_until,
            assign: self.assign.map(|it| it.map_or(Assign::Nobody, Assign::To)),
            priority: self.priority,
            unread: self.unread,
            spam: self.spam,
            add_tags: tags(&mut problems, "add_tags", &self.add_tags),
            remove_tags: tags(&mut problems, "remove_tags", &self.remove_tags),
        };
        problems.finish()?;
        if steps.is_empty() {
            let message = "say what to do: status, agent_id, priority, unread, spam, add_tags or \
                           remove_tags";
            return Err(DeskError::invalid("status", message));
        }
        Ok(steps)
    }
}

fn tags(problems: &mut Problems, field: &str, names: &[String]) -> Vec<String> {
    if names.len() > MOST_TAGS {
        problems.add(field, format!("at most {MOST_TAGS}"));
        return Vec::new();
    }
    let checked = names.iter().enumerate().filter_map(|(at, it)| {
        let name = problems.check(&format!("{field}[{at}]"), TagName::parse(it));
        name.map(|it| it.as_str().to_owned())
    });
    checked.collect()
}
