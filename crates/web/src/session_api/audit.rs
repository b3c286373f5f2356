//! The audit trail, for admins.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use desk::{
    Desk,
    audit::{self, By, Filter, Listed, Place, Shown, Start},
};
use domain::{
    Timestamp,
    audit::{ACTIONS, ObjectKind},
    events::{Actor, Event},
    policy::Action,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{
    IntoParams, ToSchema,
    openapi::{ObjectBuilder, Schema, schema::Type},
};
use uuid::Uuid;

use crate::{
    csv,
    error::{ApiError, Result},
    openapi::word,
    page::{List, Pagination, Paging},
    parse,
    query::Query,
    routes::Routes,
    session::Admin,
};

pub(crate) fn routes(routes: &mut Routes) {
    routes
        .get("/api/audit", Action::ReadAudit, list)
        .about("Who did what, the newest first; all of it as CSV with Accept: text/csv")
        .answers::<List<EntryView>>(200)
        .answers_with(csv::TYPE);
}

#[derive(Deserialize, IntoParams)]
struct Filters {
    /// The id of an agent, or `system`.
    actor: Option<String>,
    /// What was done, e.g. `signed_in`.
    action: Option<String>,
    /// The id of what it was done to.
    object: Option<String>,
    /// Not before this time.
    #[serde(default, deserialize_with = "parse::optional_time")]
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Before this time.
    #[serde(default, deserialize_with = "parse::optional_time")]
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
}

impl Filters {
    fn check(self) -> Result<Filter> {
        let by = match self.actor.as_deref() {
            None => None,
            Some("system") => Some(By::System),
            Some(id) => {
                let id: Uuid = id
                    .parse()
                    .map_err(|_| ApiError::invalid("actor", "must be an agent's id, or system"))?;
                Some(By::Agent(id.into()))
            }
        };
        if self.action.as_deref().is_some_and(|it| !ACTIONS.contains(&it)) {
            let message = format!("must be one of {}", ACTIONS.join(", "));
            return Err(ApiError::invalid("action", message));
        }
        let object = self.object.map(|it| it.parse()).transpose();
        let object = object.map_err(|_| ApiError::invalid("object", "must be an id"))?;
        Ok(Filter { by, action: self.action, object, from: self.from, to: self.to })
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = AuditEntry)]
struct EntryView {
    /// Grows with each entry.
    seq: i64,
    action: String,
    actor: ActorView,
    object: ObjectView,
    /// Which fields changed, from what to what, how many; never a secret.
    #[schema(value_type = Object)]
    details: Map<String, Value>,
    ip: Option<String>,
    /// The API key it was done with.
    api_key: Option<UsedKeyView>,
    #[schema(format = DateTime)]
    created_at: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = AuditActor)]
struct ActorView {
    #[serde(rename = "type")]
    #[schema(schema_with = kinds_of_actors)]
    kind: &'static str,
    id: Option<Uuid>,
    name: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = AuditObject)]
struct ObjectView {
    #[serde(rename = "type")]
    #[schema(schema_with = word::<ObjectKind>)]
    kind: &'static str,
    id: Option<Uuid>,
    name: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct UsedKeyView {
    id: Uuid,
    name: Option<String>,
}

impl From<Shown> for EntryView {
    fn from(it: Shown) -> Self {
        let Shown { entry, actor_name, object_name, key_name } = it;
        Self {
            seq: entry.seq,
            action: entry.action,
            actor: ActorView { kind: kind_of(entry.actor), id: entry.actor.id(), name: actor_name },
            object: ObjectView {
                kind: entry.object.kind.as_str(),
                id: entry.object.id,
                name: object_name,
            },
            details: entry.details,
            ip: entry.ip.map(|it| it.to_string()),
            api_key: entry.key.map(|it| UsedKeyView { id: it.0, name: key_name }),
            created_at: entry.at.to_string(),
        }
    }
}

fn kinds_of_actors() -> Schema {
    let kinds = ["agent", "contact", "automation", "system"];
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(kinds)).into()
}

fn kind_of(actor: Actor) -> &'static str {
    match actor {
        Actor::Agent(_) => "agent",
        Actor::Contact(_) => "contact",
        Actor::Rule(_) => "automation",
        Actor::System => "system",
    }
}

async fn list(
    me: Admin,
    request: HttpRequest,
    filters: Query<Filters>,
    paging: Paging,
    desk: Data<Desk>,
) -> Result<HttpResponse> {
    let filter = filters.0.check()?;
    if csv::is_wanted(&request) {
        return export(&me, filter, &desk).await;
    }
    let start = match &paging.cursor {
        Some(cursor) => Start::After(place(cursor)?),
        None => Start::Offset(paging.offset()),
    };
    let listed = audit::list(&desk, filter, start, paging.per_page as usize).await?;
    let next = next(&listed);
    Ok(HttpResponse::Ok().json(List {
        data: listed.rows.into_iter().map(EntryView::from).collect(),
        pagination: Pagination {
            page: paging.cursor.is_none().then_some(paging.page),
            per_page: paging.per_page,
            total: listed.total,
            has_more: listed.has_more,
            next_cursor: next.map(|(at, seq)| format!("{}.{seq}", at.0)),
        },
    }))
}

fn next(listed: &Listed) -> Option<Place> {
    listed.rows.last().filter(|_| listed.has_more).map(|it| (it.entry.at, it.entry.seq))
}

fn place(cursor: &str) -> Result<Place> {
    let parts =
        cursor.split_once('.').and_then(|(at, seq)| Some((at.parse().ok()?, seq.parse().ok()?)));
    let (at, seq) = parts.ok_or_else(|| ApiError::invalid("cursor", "not one of this list"))?;
    Ok((Timestamp(at), seq))
}

const COLUMNS: [&str; 12] = [
    "seq",
    "created_at",
    "action",
    "actor_type",
    "actor_id",
    "actor_name",
    "object_type",
    "object_id",
    "object_name",
    "ip",
    "api_key_id",
    "details",
];

/// Taking the trail out of the house is in the trail.
async fn export(me: &Admin, filter: Filter, desk: &Data<Desk>) -> Result<HttpResponse> {
    audit::record(desk, Event::AuditExported, me.actor()).await?;
    let inner = desk.clone();
    let read = move |after: Option<Place>| {
        let (desk, filter) = (inner.clone(), filter.clone());
        async move {
            let start = after.map_or(Start::Offset(0), Start::After);
            let listed = audit::list(&desk, filter, start, csv::PAGE).await?;
            let next = next(&listed);
            Ok((listed.rows.into_iter().map(cells).collect(), next))
        }
    };
    let header = COLUMNS.map(str::to_owned).to_vec();
    Ok(csv::download(desk, &me.0, "audit.csv", header, read))
}

fn cells(it: Shown) -> Vec<String> {
    let actor: Actor = it.entry.actor;
    vec![
        it.entry.seq.to_string(),
        it.entry.at.to_string(),
        it.entry.action,
        kind_of(actor).to_owned(),
        actor.id().map(|it| it.to_string()).unwrap_or_default(),
        it.actor_name.unwrap_or_default(),
        it.entry.object.kind.as_str().to_owned(),
        it.entry.object.id.map(|it| it.to_string()).unwrap_or_default(),
        it.object_name.unwrap_or_default(),
        it.entry.ip.map(|it| it.to_string()).unwrap_or_default(),
        it.entry.key.map(|it| it.to_string()).unwrap_or_default(),
        Value::Object(it.entry.details).to_string(),
    ]
}
