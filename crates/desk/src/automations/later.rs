//! What one write had no room for: the rules go on in a write of their own, in the same order.

use std::sync::Arc;

use domain::{
    Timestamp,
    automations::Trigger,
    ids::{ContactId, ConversationId, MessageId, RuleId},
    jobs::{Job, JobKind},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use storage::{Tx, jobs};
use uuid::Uuid;

use super::{engine::Engine, happenings::Happening};
use crate::{Desk, DeskError, Result, workers::Outcome};

/// A happening as a job carries it.
#[derive(Serialize, Deserialize)]
struct Stored {
    trigger: String,
    conversation: Option<ConversationId>,
    contact: Option<ContactId>,
    message: Option<MessageId>,
    previous_status: Option<String>,
    changed_tag: Option<String>,
    by_customer: bool,
    chain: Vec<RuleId>,
}

impl From<Happening> for Stored {
    fn from(it: Happening) -> Self {
        Self {
            trigger: it.trigger.to_string(),
            conversation: it.conversation,
            contact: it.contact,
            message: it.message,
            previous_status: it.previous_status.map(|it| it.to_string()),
            changed_tag: it.changed_tag,
            by_customer: it.by_customer,
            chain: it.chain.to_vec(),
        }
    }
}

impl Stored {
    /// None for a trigger of a newer program.
    fn read(self) -> Option<Happening> {
        Some(Happening {
            trigger: self.trigger.parse::<Trigger>().ok()?,
            conversation: self.conversation,
            contact: self.contact,
            message: self.message,
            previous_status: self.previous_status.and_then(|it| it.parse().ok()),
            changed_tag: self.changed_tag,
            by_customer: self.by_customer,
            chain: Arc::from(self.chain),
        })
    }
}

/// Leaves what happened to a job.
pub(super) fn put(tx: &Tx<'_>, left: Vec<Happening>, now: Timestamp) -> Result<()> {
    let left: Vec<Stored> = left.into_iter().map(Stored::from).collect();
    let job = jobs::NewJob {
        kind: JobKind::FollowRules,
        subject: Uuid::now_v7(),
        payload: json!({ "happenings": left }),
        // One after another, as they came.
        lane: "rules".to_owned(),
        run_at: now,
    };
    Ok(jobs::put(tx, &job, now)?)
}

/// Carries out a [`JobKind::FollowRules`]. The job goes with the write that does its work, so that no
/// rule runs twice.
pub(crate) async fn run(desk: &Desk, job: &Job) -> Result<Outcome> {
    let (inner, now, id) = (desk.clone(), desk.clock.now(), job.id);
    let left: Vec<Stored> = serde_json::from_value(job.payload["happenings"].clone())
        .map_err(|error| DeskError::Internal(format!("left rules cannot be read: {error}")))?;
    let left = left.into_iter().filter_map(Stored::read).collect();
    desk.store
        .write(move |tx| {
            Engine::new(tx, inner.rulebook.read(tx)?, now).go_on(left)?;
            Ok::<_, DeskError>(jobs::finish(tx, id)?)
        })
        .await?;
    Ok(Outcome::Settled)
}
