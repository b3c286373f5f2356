//! Canned replies: text written once, used often.

use actix_web::web::{Data, Json};
use desk::{
    Desk,
    canned_replies::{self, AskedActions, Change, New, Rendered},
};
use domain::{
    canned_replies::{AssignTo, CannedReply},
    conversations::Status,
    ids::{AgentId, CannedReplyId, ConversationId},
    policy::Action,
};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use utoipa::{IntoParams, ToSchema};

use crate::{
    body::Body,
    error::Result,
    idempotency::IdempotencyKey,
    openapi::{Created, optional_word},
    page::{List, Paging},
    parse,
    patch::Patch,
    path::Id,
    query::Query,
    routes::Routes,
    session::SignedIn,
};

pub(crate) fn routes(routes: &mut Routes) {
    use Action::{ChangeCannedReplies, UseCannedReplies};
    routes
        .get("/api/canned-replies", UseCannedReplies, list)
        .about("List the shared canned replies and my own");
    routes.post("/api/canned-replies", ChangeCannedReplies, create).about("Create a canned reply");
    routes.get("/api/canned-replies/{id}", UseCannedReplies, read).about("Read a canned reply");
    routes
        .patch("/api/canned-replies/{id}", ChangeCannedReplies, update)
        .about("Change a canned reply");
    routes
        .delete("/api/canned-replies/{id}", ChangeCannedReplies, delete)
        .about("Delete a canned reply");
    routes
        .post("/api/canned-replies/{id}/render", UseCannedReplies, render)
        .about("Fill a canned reply in for a conversation");
}

#[derive(Deserialize, IntoParams)]
struct Filters {
    search: Option<String>,
}

async fn list(
    who: SignedIn,
    filters: Query<Filters>,
    paging: Paging,
    desk: Data<Desk>,
) -> Result<Json<List<CannedReplyView>>> {
    let search = filters.0.search.as_deref();
    let found = canned_replies::list(&desk, who.0.caller(), search).await?;
    let page = List::whole(found, &paging)?;
    let data = canned_replies::shown(page.data).await?;
    let data = data.into_iter().map(CannedReplyView::from).collect();
    Ok(Json(List { data, pagination: page.pagination }))
}

async fn read(
    who: SignedIn,
    id: Id<CannedReplyId>,
    desk: Data<Desk>,
) -> Result<Json<CannedReplyView>> {
    let found = canned_replies::find(&desk, who.0.caller(), id.0).await?;
    Ok(Json(view(found).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewCannedReply {
    name: String,
    shortcut: Option<String>,
    text: Option<String>,
    html: Option<String>,
    shared: Option<bool>,
    actions: Option<ActionsBody>,
}

/// What happens to a conversation when the reply is used there.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CannedActions)]
struct ActionsBody {
    #[serde(default, deserialize_with = "parse::optional_word")]
    #[schema(schema_with = optional_word::<Status>)]
    status: Option<Status>,
    tags: Option<Vec<String>>,
    #[serde(default, deserialize_with = "assign_to")]
    #[schema(value_type = Option<String>)]
    assign: Option<AssignTo>,
}

/// `"me"`, whoever uses the reply, or an agent's id.
fn assign_to<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<AssignTo>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    if text == "me" {
        return Ok(Some(AssignTo::User));
    }
    let id = text.parse().map_err(|_| D::Error::custom("must be \"me\" or an agent's id"))?;
    Ok(Some(AssignTo::Agent(id)))
}

impl From<ActionsBody> for AskedActions {
    fn from(it: ActionsBody) -> Self {
        Self { status: it.status, tags: it.tags.unwrap_or_default(), assign: it.assign }
    }
}

async fn create(
    who: SignedIn,
    key: IdempotencyKey,
    body: Body<NewCannedReply>,
    desk: Data<Desk>,
) -> Result<Created<CannedReplyView>> {
    let claim = key.claim(&body);
    let it = body.value;
    let new = New {
        name: it.name,
        shortcut: it.shortcut,
        text: it.text.unwrap_or_default(),
        html: it.html,
        shared: it.shared.unwrap_or(true),
        actions: it.actions.unwrap_or_default().into(),
    };
    let made = canned_replies::create(&desk, who.0.caller(), new, claim).await?;
    Ok(Created(view(made).await?))
}

/// What is left out stays as it is; `actions` are replaced as a whole.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CannedReplyPatch {
    #[serde(default, deserialize_with = "parse::present")]
    name: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    shortcut: Patch<String>,
    #[serde(default, deserialize_with = "parse::present")]
    text: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    html: Patch<String>,
    #[serde(default, deserialize_with = "parse::present")]
    shared: Option<bool>,
    #[serde(default)]
    #[schema(value_type = Option<ActionsBody>)]
    actions: Patch<ActionsBody>,
}

async fn update(
    who: SignedIn,
    id: Id<CannedReplyId>,
    body: Body<CannedReplyPatch>,
    desk: Data<Desk>,
) -> Result<Json<CannedReplyView>> {
    let it = body.value;
    let change = Change {
        name: it.name,
        shortcut: it.shortcut.into_option(),
        text: it.text,
        html: it.html.into_option(),
        shared: it.shared,
        actions: it.actions.into_option().map(|it| it.unwrap_or_default().into()),
    };
    let changed = canned_replies::update(&desk, who.0.caller(), id.0, change).await?;
    Ok(Json(view(changed).await?))
}

#[derive(Serialize, ToSchema)]
struct DeletedCannedReply {
    #[serde(flatten)]
    was: CannedReplyView,
    result: &'static str,
}

async fn delete(
    who: SignedIn,
    id: Id<CannedReplyId>,
    desk: Data<Desk>,
) -> Result<Json<DeletedCannedReply>> {
    let was = canned_replies::delete(&desk, who.0.caller(), id.0).await?;
    Ok(Json(DeletedCannedReply { was: view(was).await?, result: "deleted" }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RenderFor {
    #[schema(value_type = Uuid)]
    conversation_id: ConversationId,
}

#[derive(Serialize, ToSchema)]
struct RenderedView {
    text: String,
    html: Option<String>,
    /// Variables without a value or a fallback: they left a gap.
    missing: Vec<&'static str>,
}

impl From<Rendered> for RenderedView {
    fn from(it: Rendered) -> Self {
        let missing = it.missing.iter().map(|it| it.as_str()).collect();
        Self { text: it.text, html: it.html, missing }
    }
}

async fn render(
    who: SignedIn,
    id: Id<CannedReplyId>,
    body: Body<RenderFor>,
    desk: Data<Desk>,
) -> Result<Json<RenderedView>> {
    let conversation = body.value.conversation_id;
    let rendered = canned_replies::render(&desk, who.0.caller(), id.0, conversation).await?;
    Ok(Json(rendered.into()))
}

async fn view(it: CannedReply) -> Result<CannedReplyView> {
    let mut shown = canned_replies::shown(vec![it]).await?;
    let it = shown.pop().expect("as many come out as go in");
    Ok(it.into())
}

#[derive(Serialize, ToSchema)]
struct CannedReplyView {
    #[schema(value_type = Uuid)]
    id: CannedReplyId,
    name: String,
    shortcut: Option<String>,
    shared: bool,
    #[schema(value_type = Uuid)]
    created_by: AgentId,
    text: String,
    html: Option<String>,
    actions: ActionsView,
    use_count: u64,
    #[schema(format = DateTime)]
    last_used_at: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CannedActionsView)]
struct ActionsView {
    #[schema(schema_with = optional_word::<Status>)]
    status: Option<&'static str>,
    tags: Vec<String>,
    assign: Option<String>,
}

impl From<CannedReply> for CannedReplyView {
    fn from(it: CannedReply) -> Self {
        let assign = it.actions.assign.map(|it| match it {
            AssignTo::User => "me".to_owned(),
            AssignTo::Agent(id) => id.to_string(),
        });
        Self {
            id: it.id,
            name: it.name,
            shortcut: it.shortcut.map(|it| it.as_str().to_owned()),
            shared: it.owner.is_none(),
            created_by: it.created_by,
            text: it.text,
            html: it.html,
            actions: ActionsView {
                status: it.actions.status.map(Status::as_str),
                tags: it.actions.tags.iter().map(|it| it.as_str().to_owned()).collect(),
                assign,
            },
            use_count: it.use_count,
            last_used_at: it.last_used_at.map(|it| it.to_string()),
            created_at: it.created_at.to_string(),
            updated_at: it.updated_at.to_string(),
        }
    }
}
