//! Suggested replies, and the model that may draft them.

use actix_web::web::{Data, Json};
use desk::{
    Desk,
    options::Secret,
    suggestions::{
        self, Suggestion,
        settings::{self, Change, State},
    },
};
use domain::{
    ids::{ConversationId, DraftId},
    policy::Action,
    suggestions::{Engine, Source},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    body::Body,
    error::Result,
    parse,
    patch::Patch,
    query::Query,
    routes::Routes,
    session::{Admin, SignedIn},
};

pub(crate) fn routes(routes: &mut Routes) {
    use Action::{ChangeSettings, ReadConversations};
    routes
        .get("/api/ai-suggest", ReadConversations, suggest)
        .about("Suggest a reply in a conversation");
    routes
        .get("/api/settings/ai", ChangeSettings, show)
        .about("Read which model drafts suggestions, and what it used");
    routes
        .post("/api/settings/ai", ChangeSettings, change)
        .about("Connect an OpenAI-compatible model");
    routes.post("/api/settings/ai/test", ChangeSettings, test).about("Try the connected model");
}

#[derive(Deserialize, IntoParams)]
struct Asked {
    #[param(value_type = Uuid)]
    conversation_id: ConversationId,
}

#[derive(Serialize, ToSchema)]
struct SuggestionView {
    /// Plain text to read, change and send; `null` when nothing fits.
    suggestion: Option<String>,
    /// `retrieval` found it, `model` drafted it.
    engine: &'static str,
    /// The model's name.
    model: Option<String>,
    /// 0 to 1: how much of what the customer asks the best source speaks of.
    confidence: f64,
    /// The best first.
    sources: Vec<SourceView>,
    summary: Option<String>,
    suggested_tags: Vec<String>,
    /// Name it when sending a message made from a model's draft.
    #[schema(value_type = Option<Uuid>)]
    suggestion_id: Option<DraftId>,
    /// Why the model did not draft it.
    notice: Option<&'static str>,
}

#[derive(Serialize, ToSchema)]
struct SourceView {
    /// `conversation`, `canned_reply` or `article`.
    #[serde(rename = "type")]
    kind: &'static str,
    id: uuid::Uuid,
    title: String,
    /// Other customers' names, addresses and numbers are masked.
    excerpt: String,
}

async fn suggest(
    who: SignedIn,
    asked: Query<Asked>,
    desk: Data<Desk>,
) -> Result<Json<SuggestionView>> {
    let made = suggestions::suggest(&desk, who.0.caller(), asked.0.conversation_id).await?;
    Ok(Json(made.into()))
}

impl From<Suggestion> for SuggestionView {
    fn from(it: Suggestion) -> Self {
        let (engine, model) = match it.engine {
            Engine::Retrieval => ("retrieval", None),
            Engine::Model(name) => ("model", Some(name)),
        };
        Self {
            suggestion: it.text,
            engine,
            model,
            confidence: it.confidence,
            sources: it.sources.iter().map(SourceView::from).collect(),
            summary: it.summary,
            suggested_tags: it.tags,
            suggestion_id: it.draft,
            notice: it.notice,
        }
    }
}

impl From<&Source> for SourceView {
    fn from(it: &Source) -> Self {
        Self {
            kind: it.origin.kind(),
            id: it.origin.id(),
            title: it.title.clone(),
            excerpt: it.excerpt(),
        }
    }
}

#[derive(Serialize, ToSchema)]
struct ModelSettings {
    base_url: Option<String>,
    model: Option<String>,
    has_key: bool,
    monthly_tokens: Option<u64>,
    is_active: bool,
    used: UsedView,
    /// The model's server since it last worked.
    last_error: Option<LastError>,
    #[schema(format = DateTime)]
    updated_at: Option<String>,
}

/// What drafts of the current month used.
#[derive(Serialize, ToSchema)]
struct UsedView {
    /// As `2026-11`, in the workspace's time zone.
    month: String,
    drafts: u64,
    tokens: u64,
    /// One for each begun thousand tokens of a draft.
    credits: u64,
}

#[derive(Serialize, ToSchema)]
struct LastError {
    message: String,
    #[schema(format = DateTime)]
    at: String,
}

impl From<State> for ModelSettings {
    fn from(it: State) -> Self {
        let settings = it.settings.as_ref();
        Self {
            base_url: settings.map(|it| it.base_url.clone()),
            model: settings.map(|it| it.model.clone()),
            has_key: it.has_key,
            monthly_tokens: settings.and_then(|it| it.monthly_tokens),
            is_active: settings.is_some_and(|it| it.is_active),
            updated_at: settings.map(|it| it.updated_at.to_string()),
            used: UsedView {
                month: it.month,
                drafts: it.used.drafts,
                tokens: it.used.tokens,
                credits: it.used.credits,
            },
            last_error: it
                .last_failure
                .map(|(at, message)| LastError { message, at: at.to_string() }),
        }
    }
}

async fn show(admin: Admin, desk: Data<Desk>) -> Result<Json<ModelSettings>> {
    Ok(Json(settings::find(&desk, admin.0.caller()).await?.into()))
}

/// What is left out stays as it is. The key goes when `base_url` moves to another server.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeModel {
    /// Without `/chat/completions`: `https://api.openai.com/v1`.
    #[serde(default, deserialize_with = "parse::present")]
    base_url: Option<String>,
    #[serde(default, deserialize_with = "parse::present")]
    model: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    key: Patch<String>,
    /// Tokens a calendar month may cost; `null` for no limit.
    #[serde(default)]
    #[schema(value_type = Option<u64>)]
    monthly_tokens: Patch<u64>,
    #[serde(default, deserialize_with = "parse::present")]
    is_active: Option<bool>,
}

async fn change(
    admin: Admin,
    body: Body<ChangeModel>,
    desk: Data<Desk>,
) -> Result<Json<ModelSettings>> {
    let it = body.value;
    let change = Change {
        base_url: it.base_url,
        model: it.model,
        key: it.key.into_option().map(|it| it.map(Secret::new)),
        monthly_tokens: it.monthly_tokens.into_option(),
        is_active: it.is_active,
    };
    Ok(Json(settings::change(&desk, admin.0.caller(), change).await?.into()))
}

#[derive(Serialize, ToSchema)]
struct Tried {
    ok: bool,
    milliseconds: Option<i64>,
    /// What was wrong.
    error: Option<String>,
}

async fn test(admin: Admin, desk: Data<Desk>) -> Result<Json<Tried>> {
    Ok(Json(match settings::test(&desk, admin.0.caller()).await? {
        Ok(milliseconds) => Tried { ok: true, milliseconds: Some(milliseconds), error: None },
        Err(error) => Tried { ok: false, milliseconds: None, error: Some(error) },
    }))
}
