//! Trying an automation on past conversations: nothing is changed, nothing is sent.

use actix_web::web::{Data, Json};
use desk::{
    Desk,
    automations::{self, DryRun, Looked, Question, Tried},
};
use domain::{
    automations::{Done, Effect, Hindrance},
    channels::ChannelType,
    ids::{ConversationId, RuleId},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::{NewAutomation, documents::ExplainedConditions};
use crate::{
    body::Body,
    error::{ApiError, Result},
    openapi::{optional_word, word},
    path::Id,
    query::Query,
    session::Admin,
    session_api::conversations::views::ContactView,
};

const USUAL: u32 = 200;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DryRunOfNew)]
pub(super) struct TryDraft {
    automation: NewAutomation,
    /// How many of the newest conversations it looks at, 1 to 1000; 200 if left out.
    limit: Option<u32>,
}

#[derive(Deserialize, IntoParams)]
pub(super) struct HowMany {
    /// How many of the newest conversations it looks at, 1 to 1000; 200 if left out.
    limit: Option<u32>,
}

pub(super) async fn of_draft(
    _: Admin,
    body: Body<TryDraft>,
    desk: Data<Desk>,
) -> Result<Json<DryRunView>> {
    let it = body.value;
    ask(&desk, Tried::Draft(Box::new(it.automation.into())), it.limit).await
}

pub(super) async fn of_stored(
    _: Admin,
    id: Id<RuleId>,
    asked: Query<HowMany>,
    desk: Data<Desk>,
) -> Result<Json<DryRunView>> {
    ask(&desk, Tried::Stored(id.0), asked.0.limit).await
}

async fn ask(desk: &Desk, rule: Tried, limit: Option<u32>) -> Result<Json<DryRunView>> {
    let (limit, most) = (limit.unwrap_or(USUAL) as usize, automations::MOST_TRIED);
    if !(1..=most).contains(&limit) {
        return Err(ApiError::invalid("limit", format!("must be 1 to {most}")));
    }
    Ok(Json(automations::dry_run(desk, Question { rule, limit }).await?.into()))
}

/// What the automation would do now to past conversations, the newest first.
#[derive(Serialize, ToSchema)]
#[schema(as = DryRun)]
pub(super) struct DryRunView {
    /// How many conversations it was tried on.
    looked: usize,
    /// In how many of them nothing happened that could trigger it.
    untriggered: usize,
    matched: Vec<LookedView>,
    /// The newest that did not match.
    unmatched: Vec<LookedView>,
    /// Whether there are older conversations that it was not tried on.
    has_more: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = DryRunLook)]
struct LookedView {
    conversation: TriedConversation,
    /// The conditions, each with what it saw and whether it held.
    #[schema(value_type = ExplainedConditions)]
    conditions: Value,
    actions: Vec<PlannedView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = DryRunConversation)]
struct TriedConversation {
    #[schema(value_type = Uuid)]
    id: ConversationId,
    number: i64,
    subject: Option<String>,
    #[schema(schema_with = word::<ChannelType>)]
    channel_type: &'static str,
    contact: ContactView,
}

#[derive(Serialize, ToSchema)]
#[schema(as = DryRunAction)]
struct PlannedView {
    #[serde(rename = "type")]
    kind: &'static str,
    #[schema(schema_with = word::<Effect>)]
    effect: &'static str,
    /// In words.
    detail: String,
    /// For telling it in other words: the tag, status, priority, agent, minutes, host or text it is
    /// about, of an assignment `null` for nobody; of what is skipped, what hinders it.
    about: Option<String>,
    /// Why it is skipped; `null` where only `detail` says it.
    #[schema(schema_with = optional_word::<Hindrance>)]
    reason: Option<&'static str>,
}

impl From<DryRun> for DryRunView {
    fn from(it: DryRun) -> Self {
        Self {
            looked: it.looked,
            untriggered: it.untriggered,
            matched: it.matched.into_iter().map(LookedView::from).collect(),
            unmatched: it.missed.into_iter().map(LookedView::from).collect(),
            has_more: it.has_more,
        }
    }
}

impl From<Looked> for LookedView {
    fn from(it: Looked) -> Self {
        let contact = it.overview.contact.into();
        let conversation = it.overview.conversation;
        Self {
            conversation: TriedConversation {
                id: conversation.id,
                number: conversation.number,
                subject: conversation.subject,
                channel_type: conversation.channel_kind.as_str(),
                contact,
            },
            conditions: serde_json::to_value(&it.explained).unwrap_or_default(),
            actions: it.planned.into_iter().map(PlannedView::from).collect(),
        }
    }
}

impl From<Done> for PlannedView {
    fn from(it: Done) -> Self {
        Self {
            kind: it.kind,
            effect: it.effect.as_str(),
            detail: it.detail,
            about: it.about,
            reason: it.reason.map(Hindrance::as_str),
        }
    }
}
