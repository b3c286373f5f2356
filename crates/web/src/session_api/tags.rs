//! Tags: what they are called, how they look, and how many have them.

use actix_web::web::{Data, Json};
use desk::{
    Desk,
    tags::{self, Change, Used, User, UserKind},
};
use domain::{ids::TagId, policy::Action};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::conversations::views::TagView;
use crate::{
    body::Body,
    error::Result,
    idempotency::IdempotencyKey,
    openapi::{Created, word},
    page::{List, Paging},
    parse,
    path::Id,
    query::{Query, yes_or_no},
    routes::Routes,
    session::SignedIn,
};

pub(crate) fn routes(routes: &mut Routes) {
    use Action::{ManageTags, ReadConversations};
    routes
        .get("/api/tags", ReadConversations, list)
        .about("List tags, if wanted with how many have them");
    routes
        .post("/api/tags", ManageTags, create)
        .about("Create a tag; using one on a conversation creates it, too");
    routes.get("/api/tags/{id}", ReadConversations, read).about("Read a tag, with what names it");
    routes.patch("/api/tags/{id}", ManageTags, update).about("Rename or colour a tag everywhere");
    routes
        .delete("/api/tags/{id}", ManageTags, delete)
        .about("Delete a tag: no conversation or contact has it any more");
    routes
        .post("/api/tags/{id}/merge", ManageTags, merge)
        .about("Merge a tag into another: what had the one has the other");
}

#[derive(Deserialize, IntoParams)]
struct ListOptions {
    /// Whether to count how many have each.
    usage: Option<String>,
}

async fn list(
    who: SignedIn,
    options: Query<ListOptions>,
    paging: Paging,
    desk: Data<Desk>,
) -> Result<Json<List<UsedTag>>> {
    let with_usage = yes_or_no("usage", options.0.usage.as_deref())?.unwrap_or(false);
    let page = List::whole(tags::list(&desk, who.0.caller()).await?, &paging)?;
    let data = match with_usage {
        true => tags::usage(&desk, who.0.caller(), page.data).await?,
        false => page.data.into_iter().map(Used::uncounted).collect(),
    };
    let data = data.into_iter().map(UsedTag::from).collect();
    Ok(Json(List { data, pagination: page.pagination }))
}

async fn read(who: SignedIn, id: Id<TagId>, desk: Data<Desk>) -> Result<Json<NamedTag>> {
    let (tag, users) = tags::find(&desk, who.0.caller(), id.0).await?;
    let named_by = users.into_iter().map(TagUser::from).collect();
    Ok(Json(NamedTag { tag: tag.into(), named_by }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewTag {
    name: String,
    /// As `#rrggbb`; left out, tags take one after the other.
    color: Option<String>,
}

async fn create(
    who: SignedIn,
    key: IdempotencyKey,
    body: Body<NewTag>,
    desk: Data<Desk>,
) -> Result<Created<UsedTag>> {
    let claim = key.claim(&body);
    let NewTag { name, color } = body.value;
    let made = tags::create(&desk, who.0.caller(), &name, color.as_deref(), claim).await?;
    Ok(Created(made.into()))
}

/// What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TagPatch {
    #[serde(default, deserialize_with = "parse::present")]
    name: Option<String>,
    /// As `#rrggbb`.
    #[serde(default, deserialize_with = "parse::present")]
    color: Option<String>,
}

async fn update(
    who: SignedIn,
    id: Id<TagId>,
    body: Body<TagPatch>,
    desk: Data<Desk>,
) -> Result<Json<UsedTag>> {
    let TagPatch { name, color } = body.value;
    let change = Change { name, color };
    Ok(Json(tags::update(&desk, who.0.caller(), id.0, change).await?.into()))
}

#[derive(Serialize, ToSchema)]
struct DeletedTag {
    #[serde(flatten)]
    was: UsedTag,
    result: &'static str,
}

async fn delete(who: SignedIn, id: Id<TagId>, desk: Data<Desk>) -> Result<Json<DeletedTag>> {
    let was = tags::delete(&desk, who.0.caller(), id.0).await?;
    Ok(Json(DeletedTag { was: was.into(), result: "deleted" }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MergeTagBody {
    /// The tag that stays.
    #[schema(value_type = Uuid)]
    into: TagId,
}

async fn merge(
    who: SignedIn,
    id: Id<TagId>,
    body: Body<MergeTagBody>,
    desk: Data<Desk>,
) -> Result<Json<UsedTag>> {
    let into = body.value.into;
    Ok(Json(tags::merge(&desk, who.0.caller(), id.0, into).await?.into()))
}

#[derive(Serialize, ToSchema)]
struct UsedTag {
    #[serde(flatten)]
    tag: TagView,
    /// `null` where there are more than 10,000, or a list was not asked for it.
    conversations: Option<u32>,
    /// `null` where there are more than 10,000, or a list was not asked for it.
    contacts: Option<u32>,
}

/// A tag with what goes on naming it when it is deleted; what is renamed or merged, it follows.
#[derive(Serialize, ToSchema)]
struct NamedTag {
    #[serde(flatten)]
    tag: UsedTag,
    named_by: Vec<TagUser>,
}

#[derive(Serialize, ToSchema)]
struct TagUser {
    #[serde(rename = "type")]
    #[schema(schema_with = word::<UserKind>)]
    kind: &'static str,
    id: uuid::Uuid,
    name: String,
}

impl From<User> for TagUser {
    fn from(it: User) -> Self {
        Self { kind: it.kind.as_str(), id: it.id, name: it.name }
    }
}

impl From<Used> for UsedTag {
    fn from(it: Used) -> Self {
        Self { tag: it.tag.into(), conversations: it.conversations, contacts: it.contacts }
    }
}
