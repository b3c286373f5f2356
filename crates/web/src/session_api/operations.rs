//! What is done to many conversations at once, and undoing it.

use actix_web::web::{Data, Json};
use desk::{
    Desk, contacts,
    conversations::{merges, splits},
    operations::{
        self,
        bulk::{self, Asked, Selection},
    },
};
use domain::{
    Timestamp,
    conversations::{Priority, Status},
    ids::{AgentId, ContactId, ConversationId, MessageId, OperationId, ViewId},
    operations::{Operation, OperationKind, OperationState},
    policy::Action,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::views::QueryBody;
use crate::{
    body::Body,
    error::{ApiError, Result},
    idempotency::IdempotencyKey,
    openapi::{Created, optional_word, word},
    page::{List, Pagination, Paging},
    parse,
    patch::Patch,
    path::Id,
    query::Query,
    routes::Routes,
    session::SignedIn,
};

/// Registered before `/api/conversations/{id}`, which would take `bulk` for an id.
pub(crate) fn bulk_routes(routes: &mut Routes) {
    routes
        .post("/api/conversations/bulk", Action::ChangeConversations, start)
        .about("Set status, assignee, tags and marks of many conversations; see operations");
}

pub(crate) fn routes(routes: &mut Routes) {
    let change = Action::ChangeConversations;
    routes
        .post("/api/contacts/{id}/merge", Action::ChangeContacts, merge_contacts)
        .about("Merge a contact into another: both are one person; its id leads there");
    routes.post("/api/conversations/{id}/merge", change, merge).about(
        "Merge it into another conversation of the same contact; its id and number lead there",
    );
    routes
        .post("/api/conversations/{id}/split", change, split)
        .about("Split it: a message and all after it become a conversation of their own");
    let action = Action::UseOperations;
    routes
        .get("/api/operations", action, list)
        .about("List my operations on many conversations; an admin sees everybody's");
    routes.get("/api/operations/{id}", action, read).about("How far an operation has come");
    routes
        .post("/api/operations/{id}/undo", action, undo)
        .about("Undo an operation, where nobody has changed anything since; stops it if it runs");
}

/// Choose by `conversation_ids`, `matching` or `view`; say at least one thing to do.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BulkBody {
    /// At most 1,000.
    #[schema(value_type = Option<Vec<Uuid>>)]
    conversation_ids: Option<Vec<ConversationId>>,
    /// All that match, as `GET /api/conversations` would list them.
    matching: Option<QueryBody>,
    /// All that a view finds.
    #[schema(value_type = Option<Uuid>)]
    view: Option<ViewId>,
    #[serde(default, deserialize_with = "parse::optional_word")]
    #[schema(schema_with = optional_word::<Status>)]
    status: Option<Status>,
    #[serde(default, deserialize_with = "parse::optional_time")]
    #[schema(value_type = Option<String>, format = DateTime)]
    snoozed_until: Option<Timestamp>,
    /// `null` unassigns.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    agent_id: Patch<AgentId>,
    #[serde(default, deserialize_with = "parse::optional_word")]
    #[schema(schema_with = optional_word::<Priority>)]
    priority: Option<Priority>,
    unread: Option<bool>,
    spam: Option<bool>,
    add_tags: Option<Vec<String>>,
    remove_tags: Option<Vec<String>>,
}

impl BulkBody {
    fn into_parts(self) -> Result<(Selection, Asked)> {
        let selection = match (self.conversation_ids, self.matching, self.view) {
            (Some(ids), None, None) => Selection::Listed(ids),
            (None, Some(query), None) => Selection::Matching(query.into()),
            (None, None, Some(view)) => Selection::View(view),
            _ => {
                let message = "choose by one of conversation_ids, matching and view";
                return Err(ApiError::invalid("conversation_ids", message));
            }
        };
        let asked = Asked {
            status: self.status,
            snoozed_until: self.snoozed_until,
            assign: self.agent_id.into_option(),
            priority: self.priority,
            unread: self.unread,
            spam: self.spam,
            add_tags: self.add_tags.unwrap_or_default(),
            remove_tags: self.remove_tags.unwrap_or_default(),
        };
        Ok((selection, asked))
    }
}

async fn start(
    who: SignedIn,
    key: IdempotencyKey,
    body: Body<BulkBody>,
    desk: Data<Desk>,
) -> Result<Created<OperationView>> {
    let claim = key.claim(&body);
    let (selection, asked) = body.value.into_parts()?;
    let started = bulk::start(&desk, who.0.caller(), selection, asked, claim).await?;
    Ok(Created(started.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MergeBody {
    /// The conversation that stays.
    #[schema(value_type = Uuid)]
    into: ConversationId,
}

async fn merge(
    who: SignedIn,
    id: Id<ConversationId>,
    key: IdempotencyKey,
    body: Body<MergeBody>,
    desk: Data<Desk>,
) -> Result<Created<OperationView>> {
    let claim = key.claim(&body);
    let into = body.value.into;
    Ok(Created(merges::merge(&desk, who.0.caller(), id.0, into, claim).await?.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MergeContactsBody {
    /// The contact that stays.
    #[schema(value_type = Uuid)]
    into: ContactId,
}

async fn merge_contacts(
    who: SignedIn,
    id: Id<ContactId>,
    key: IdempotencyKey,
    body: Body<MergeContactsBody>,
    desk: Data<Desk>,
) -> Result<Created<OperationView>> {
    let claim = key.claim(&body);
    let into = body.value.into;
    Ok(Created(contacts::merge(&desk, who.0.caller(), id.0, into, claim).await?.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SplitBody {
    /// The first message that goes.
    #[schema(value_type = Uuid)]
    message_id: MessageId,
    /// Left out, it is the old one.
    subject: Option<String>,
}

async fn split(
    who: SignedIn,
    id: Id<ConversationId>,
    key: IdempotencyKey,
    body: Body<SplitBody>,
    desk: Data<Desk>,
) -> Result<Created<OperationView>> {
    let claim = key.claim(&body);
    let SplitBody { message_id, subject } = body.value;
    let caller = who.0.caller();
    Ok(Created(splits::split(&desk, caller, id.0, message_id, subject, claim).await?.into()))
}

#[derive(Deserialize, IntoParams)]
struct About {
    /// Only what changed, merged or split this conversation.
    #[param(value_type = Option<Uuid>)]
    conversation_id: Option<ConversationId>,
}

async fn list(
    who: SignedIn,
    about: Query<About>,
    paging: Paging,
    desk: Data<Desk>,
) -> Result<Json<List<OperationView>>> {
    let before = match &paging.cursor {
        Some(it) => it.parse().map_err(|_| ApiError::invalid("cursor", "not one of this list"))?,
        None => i64::MAX,
    };
    let offset = if paging.cursor.is_none() { paging.offset() } else { 0 };
    let limit = paging.per_page as usize;
    let about = about.0.conversation_id;
    let mut found = operations::list(&desk, who.0.caller(), about, before, offset, limit).await?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let pagination = Pagination {
        page: paging.cursor.is_none().then_some(paging.page),
        per_page: paging.per_page,
        total: None,
        has_more,
        next_cursor: found.last().filter(|_| has_more).map(|it| it.seq.to_string()),
    };
    Ok(Json(List { data: found.into_iter().map(OperationView::from).collect(), pagination }))
}

async fn read(who: SignedIn, id: Id<OperationId>, desk: Data<Desk>) -> Result<Json<OperationView>> {
    Ok(Json(operations::find(&desk, who.0.caller(), id.0).await?.into()))
}

async fn undo(who: SignedIn, id: Id<OperationId>, desk: Data<Desk>) -> Result<Json<OperationView>> {
    Ok(Json(operations::undo(&desk, who.0.caller(), id.0).await?.into()))
}

#[derive(Serialize, ToSchema)]
#[schema(as = Operation)]
pub(crate) struct OperationView {
    #[schema(value_type = Uuid)]
    id: OperationId,
    #[schema(schema_with = word::<OperationKind>)]
    kind: &'static str,
    #[schema(schema_with = word::<OperationState>)]
    state: &'static str,
    #[schema(value_type = Uuid)]
    author_id: AgentId,
    /// Of a merge: where it went; of a split: what it made.
    #[schema(value_type = Option<Uuid>)]
    target_id: Option<uuid::Uuid>,
    /// Of a merge: what went; of a split: what it was taken from.
    #[schema(value_type = Option<Uuid>)]
    source_id: Option<uuid::Uuid>,
    /// `null` while what matches is being looked for.
    total: Option<u64>,
    /// Conversations looked at so far.
    done: u64,
    changed: u64,
    /// It could not be changed, or was gone.
    skipped: u64,
    /// Put back by undoing it.
    restored: u64,
    /// Left alone by undoing it: somebody has changed it since.
    kept: u64,
    error: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    finished_at: Option<String>,
    #[schema(format = DateTime)]
    undone_at: Option<String>,
}

impl From<Operation> for OperationView {
    fn from(it: Operation) -> Self {
        let is_known = it.state != OperationState::Collecting;
        Self {
            id: it.id,
            kind: it.details.kind().as_str(),
            state: it.state.as_str(),
            author_id: it.author,
            target_id: it.details.target(),
            source_id: it.details.other(),
            total: it.total.filter(|_| is_known),
            done: it.tally.done(),
            changed: it.tally.changed,
            skipped: it.tally.skipped,
            restored: it.tally.restored,
            kept: it.tally.kept,
            error: it.error,
            created_at: it.created_at.to_string(),
            finished_at: it.finished_at.map(|it| it.to_string()),
            undone_at: it.undone_at.map(|it| it.to_string()),
        }
    }
}
