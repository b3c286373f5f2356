//! Drafts: what I have begun to write. Nobody else sees them.

use actix_web::web::{Data, Json};
use desk::{
    Desk,
    drafts::{self, Kept, Typed},
};
use domain::{
    drafts::{Draft, DraftKind},
    ids::{AttachmentId, ConversationId},
    policy::Action,
    text,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::messages::views::AttachmentView;
use crate::{
    body::{Body, MESSAGE_LIMIT},
    error::Result,
    openapi::word,
    page::{List, Paging},
    parse,
    path::Id,
    query::Query,
    routes::Routes,
    session::SignedIn,
};

pub(crate) fn routes(routes: &mut Routes) {
    use Action::{ReadConversations, SendMessages};
    const OF_ONE: &str = "/api/conversations/{id}/draft";
    routes
        .get("/api/drafts", ReadConversations, list)
        .about("List the conversations in which I have a draft, the newest first");
    routes
        .get(OF_ONE, ReadConversations, read)
        .about("Read my draft in a conversation; blank, with version 0, where there is none");
    routes.put(OF_ONE, SendMessages, put).about(
        "Keep my draft in a conversation. 409 with the draft as it is when `version` is not the \
         one that is kept",
    );
    routes
        .delete(OF_ONE, SendMessages, delete)
        .about("Give my draft in a conversation up. Sending a message does so, too");
}

async fn list(who: SignedIn, paging: Paging, desk: Data<Desk>) -> Result<Json<List<DraftRow>>> {
    let found = drafts::list(&desk, who.0.caller()).await?;
    Ok(Json(List::whole(found.into_iter().map(DraftRow::from), &paging)?))
}

async fn read(who: SignedIn, id: Id<ConversationId>, desk: Data<Desk>) -> Result<Json<DraftView>> {
    Ok(Json(drafts::find(&desk, who.0.caller(), id.0).await?.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PutDraft {
    /// The version this was made from: 0 where there was none.
    version: i64,
    #[serde(deserialize_with = "parse::word")]
    #[schema(schema_with = word::<DraftKind>)]
    kind: DraftKind,
    text: String,
    html: Option<String>,
    cc: Option<Vec<String>>,
    bcc: Option<Vec<String>>,
    /// My uploads. They are kept as long as the draft has them.
    #[schema(value_type = Option<Vec<Uuid>>)]
    attachment_ids: Option<Vec<AttachmentId>>,
}

async fn put(
    who: SignedIn,
    id: Id<ConversationId>,
    body: Body<PutDraft, MESSAGE_LIMIT>,
    desk: Data<Desk>,
) -> Result<Json<DraftView>> {
    let it = body.value;
    let typed = Typed {
        kind: it.kind,
        text: it.text,
        html: it.html,
        cc: it.cc.unwrap_or_default(),
        bcc: it.bcc.unwrap_or_default(),
        attachments: it.attachment_ids.unwrap_or_default(),
    };
    Ok(Json(drafts::put(&desk, who.0.caller(), id.0, it.version, typed).await?.into()))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Expected {
    /// Only if it still is this one.
    version: Option<i64>,
}

#[derive(Serialize, ToSchema)]
struct DeletedDraft {
    #[serde(flatten)]
    was: DraftView,
    result: &'static str,
}

async fn delete(
    who: SignedIn,
    id: Id<ConversationId>,
    expected: Query<Expected>,
    desk: Data<Desk>,
) -> Result<Json<DeletedDraft>> {
    let was = drafts::delete(&desk, who.0.caller(), id.0, expected.0.version).await?;
    let result = if was.draft.version == Draft::NONE { "there was none" } else { "deleted" };
    Ok(Json(DeletedDraft { was: was.into(), result }))
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Draft)]
pub(crate) struct DraftView {
    #[schema(value_type = Uuid)]
    conversation_id: ConversationId,
    #[schema(schema_with = word::<DraftKind>)]
    kind: &'static str,
    text: String,
    html: Option<String>,
    cc: Vec<String>,
    bcc: Vec<String>,
    attachments: Vec<AttachmentView>,
    /// To be named by the next change. It grows with each.
    version: i64,
    #[schema(format = DateTime)]
    updated_at: Option<String>,
}

impl From<Kept> for DraftView {
    fn from(it: Kept) -> Self {
        let Kept { conversation, draft, attachments } = it;
        Self {
            conversation_id: conversation,
            kind: draft.kind.as_str(),
            text: draft.text,
            html: draft.html,
            cc: draft.cc,
            bcc: draft.bcc,
            attachments: attachments.into_iter().map(AttachmentView::from).collect(),
            version: draft.version,
            updated_at: (draft.version != Draft::NONE).then(|| draft.updated_at.to_string()),
        }
    }
}

/// A draft as a list shows it.
#[derive(Serialize, ToSchema)]
struct DraftRow {
    #[schema(value_type = Uuid)]
    conversation_id: ConversationId,
    #[schema(schema_with = word::<DraftKind>)]
    kind: &'static str,
    /// How it begins.
    text: String,
    version: i64,
    #[schema(format = DateTime)]
    updated_at: String,
}

impl From<Kept> for DraftRow {
    fn from(it: Kept) -> Self {
        Self {
            conversation_id: it.conversation,
            kind: it.draft.kind.as_str(),
            text: text::preview(&it.draft.text),
            version: it.draft.version,
            updated_at: it.draft.updated_at.to_string(),
        }
    }
}
