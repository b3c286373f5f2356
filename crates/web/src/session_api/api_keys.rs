//! API keys, for admins.

use actix_web::web::{Data, Json};
use desk::{
    Desk,
    api_keys::{self, Listed, NewKey},
    options::Secret,
};
use domain::{
    Timestamp,
    agents::Role,
    api_keys::Dialect,
    ids::{AgentId, ApiKeyId},
    policy::Action,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    body::Body,
    error::Result,
    idempotency::IdempotencyKey,
    openapi::{Created, optional_word, word},
    page::{List, Paging},
    parse,
    path::Id,
    routes::Routes,
    session::Admin,
};

pub(crate) fn routes(routes: &mut Routes) {
    routes.get("/api/keys", Action::ManageKeys, list).about("List API keys");
    routes.post("/api/keys", Action::ManageKeys, create).about("Make an API key; it is told once");
    routes.delete("/api/keys/{id}", Action::ManageKeys, revoke).about("Revoke an API key");
}

#[derive(Serialize, ToSchema)]
struct ApiKeyView {
    #[schema(value_type = Uuid)]
    id: ApiKeyId,
    name: String,
    /// What the key begins with.
    prefix: String,
    #[schema(schema_with = word::<Role>)]
    role: &'static str,
    /// What it may do now; null when it has expired or its maker cannot work any more.
    #[schema(schema_with = optional_word::<Role>)]
    role_now: Option<&'static str>,
    #[schema(schema_with = word::<Dialect>)]
    dialect: &'static str,
    created_by: MakerView,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    #[schema(format = DateTime)]
    last_used_at: Option<String>,
}

/// Under whose name a key acts.
#[derive(Serialize, ToSchema)]
struct MakerView {
    #[schema(value_type = Uuid)]
    id: AgentId,
    name: Option<String>,
}

impl From<Listed> for ApiKeyView {
    fn from(it: Listed) -> Self {
        let Listed { key, creator_name, role_now } = it;
        Self {
            id: key.id,
            name: key.name,
            prefix: key.prefix,
            role: key.role.as_str(),
            role_now: role_now.map(Role::as_str),
            dialect: key.dialect.as_str(),
            created_by: MakerView { id: key.created_by, name: creator_name },
            created_at: key.created_at.to_string(),
            expires_at: key.expires_at.map(|it| it.to_string()),
            last_used_at: key.last_used_at.map(|it| it.to_string()),
        }
    }
}

async fn list(_: Admin, paging: Paging, desk: Data<Desk>) -> Result<Json<List<ApiKeyView>>> {
    let all = api_keys::list(&desk).await?;
    Ok(Json(List::whole(all.into_iter().map(ApiKeyView::from), &paging)?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewApiKey {
    name: String,
    #[serde(deserialize_with = "parse::word")]
    #[schema(schema_with = word::<Role>)]
    role: Role,
    #[serde(default, deserialize_with = "parse::optional_word")]
    #[schema(schema_with = optional_word::<Dialect>)]
    dialect: Option<Dialect>,
    #[serde(default, deserialize_with = "parse::optional_time")]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// Your own: a browser left alone makes no key.
    current_password: String,
}

/// The key is told once; only its hash is kept.
#[derive(Serialize, ToSchema)]
struct NewApiKeyView {
    #[serde(flatten)]
    made: ApiKeyView,
    /// Null when the same request made it before.
    key: Option<String>,
}

async fn create(
    me: Admin,
    key: IdempotencyKey,
    body: Body<NewApiKey>,
    desk: Data<Desk>,
) -> Result<Created<NewApiKeyView>> {
    let claim = key.claim(&body);
    let NewApiKey { name, role, dialect, expires_at, current_password } = body.value;
    let dialect = dialect.unwrap_or(Dialect::Session);
    let current_password = Secret::new(current_password);
    let new = NewKey { name, role, dialect, expires_at, current_password };
    let (made, token) = api_keys::create(&desk, new, me.agent(), claim).await?;
    Ok(Created(NewApiKeyView { made: made.into(), key: token.map(|it| it.reveal().to_owned()) }))
}

#[derive(Serialize, ToSchema)]
struct RevokedApiKey {
    #[serde(flatten)]
    was: ApiKeyView,
    result: &'static str,
}

async fn revoke(me: Admin, id: Id<ApiKeyId>, desk: Data<Desk>) -> Result<Json<RevokedApiKey>> {
    let was = api_keys::revoke(&desk, id.0, me.agent()).await?;
    Ok(Json(RevokedApiKey { was: was.into(), result: "revoked" }))
}
