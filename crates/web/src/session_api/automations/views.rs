//! Automations and what they did, as they are answered.

use desk::{
    Desk,
    automations::{self, Run, Trace},
};
use domain::{
    automations::{Action, Rule, RunOutcome, Trigger},
    ids::{AgentId, RuleId},
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::documents::{
    AutomationAction, AutomationConditions, AutomationMiss, AutomationStep, ExplainedConditions,
};
use crate::{openapi::word, page::Pagination};

#[derive(Serialize, ToSchema)]
pub(super) struct AutomationView {
    #[schema(value_type = Uuid)]
    id: RuleId,
    name: String,
    /// Automations look in this order, the lowest first.
    position: u32,
    #[schema(schema_with = word::<Trigger>)]
    trigger: &'static str,
    minutes: Option<u32>,
    #[schema(value_type = AutomationConditions)]
    conditions: Value,
    #[schema(value_type = Vec<AutomationAction>)]
    actions: Vec<Value>,
    is_active: bool,
    /// Why it was switched off by itself.
    disabled_reason: Option<String>,
    /// How often it looked.
    runs: u64,
    matches: u64,
    failures: u64,
    #[schema(format = DateTime)]
    last_matched_at: Option<String>,
    last_error: Option<String>,
    /// What the receiver of its webhook checks signatures with; null without a webhook.
    signing_secret: Option<String>,
    /// The agent who made it.
    #[schema(value_type = Option<Uuid>)]
    created_by: Option<AgentId>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

impl AutomationView {
    pub(super) fn new(desk: &Desk, it: Rule) -> Self {
        Self {
            id: it.id,
            position: it.position,
            trigger: it.trigger.as_str(),
            minutes: it.minutes,
            conditions: it.conditions.document(),
            actions: it.actions.iter().map(Action::document).collect(),
            is_active: it.is_active,
            runs: it.counters.runs,
            matches: it.counters.matches,
            failures: it.counters.failures,
            last_matched_at: it.counters.last_matched_at.map(|it| it.to_string()),
            signing_secret: automations::signing_secret(desk, &it),
            created_by: it.created_by,
            created_at: it.created_at.to_string(),
            updated_at: it.updated_at.to_string(),
            name: it.name,
            disabled_reason: it.disabled_reason,
            last_error: it.counters.last_error,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub(super) struct DeletedAutomation {
    #[serde(flatten)]
    pub(super) was: AutomationView,
    pub(super) result: &'static str,
}

/// What automations did, the newest first; and those that looked last and found nothing to do.
#[derive(Serialize, ToSchema)]
#[schema(as = AutomationTrace)]
pub(super) struct TraceView {
    data: Vec<RunView>,
    pagination: Pagination,
    last_look: Option<LookView>,
}

/// The automations that looked at the newest change and did not match, each with what it saw.
#[derive(Serialize, ToSchema)]
#[schema(as = AutomationLook)]
struct LookView {
    #[schema(value_type = Vec<AutomationMiss>)]
    unmatched: Value,
    #[schema(format = DateTime)]
    created_at: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = AutomationRun)]
struct RunView {
    automation: NamedAutomation,
    #[schema(schema_with = word::<Trigger>)]
    trigger: &'static str,
    #[schema(schema_with = word::<RunOutcome>)]
    outcome: &'static str,
    /// The conditions, each with what it saw and whether it held.
    #[schema(value_type = ExplainedConditions)]
    conditions: Value,
    /// What each action came to.
    #[schema(value_type = Vec<AutomationStep>)]
    actions: Value,
    /// Why it failed or was stopped.
    error: Option<String>,
    /// The automation whose doing it reacted to.
    caused_by: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
}

#[derive(Serialize, ToSchema)]
struct NamedAutomation {
    #[schema(value_type = Uuid)]
    id: RuleId,
    /// Also of a deleted one.
    name: String,
}

impl TraceView {
    pub(super) fn new(it: Trace, per_page: u32) -> Self {
        Self {
            data: it.runs.into_iter().map(RunView::from).collect(),
            pagination: Pagination {
                page: None,
                per_page,
                total: None,
                has_more: it.next.is_some(),
                next_cursor: it.next.map(|it| it.to_string()),
            },
            last_look: it
                .looks
                .map(|it| LookView { unmatched: it.document, created_at: it.at.to_string() }),
        }
    }
}

impl From<Run> for RunView {
    fn from(mut it: Run) -> Self {
        let text = |it: &Value| it.as_str().map(str::to_owned);
        Self {
            automation: NamedAutomation { id: it.rule, name: it.rule_name },
            trigger: it.trigger.as_str(),
            outcome: it.outcome.as_str(),
            conditions: it.document["conditions"].take(),
            actions: it.document["actions"].take(),
            error: text(&it.document["error"]),
            caused_by: text(&it.document["caused_by"]),
            created_at: it.at.to_string(),
        }
    }
}
