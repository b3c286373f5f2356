//! Contacts from a file: taken in by a job that tells how far it has come and what became of each row.

use std::collections::BTreeMap;

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Json, Payload},
};
use desk::{
    Desk,
    contacts::imports::{self, Again, Asked, MOST_BYTES, Shown, Table, Upload},
    tokens,
};
use domain::{
    ids::{AgentId, ContactId, ImportId},
    imports::{Duplicates, Fate, ImportStatus, Row},
    policy::Action,
};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    body::{self, Body},
    csv,
    error::{ApiError, Result},
    idempotency::IdempotencyKey,
    openapi::{Created, optional_word, word},
    page::{List, Pagination, Paging},
    parse,
    path::Id,
    query::{Query, yes_or_no},
    routes::Routes,
    server::WebOptions,
    session::Admin,
};

pub(super) fn routes(routes: &mut Routes) {
    let action = Action::MoveContacts;
    routes.slow(|routes| {
        routes
            .post("/api/contacts/import", action, start)
            .about("Take contacts in from a table, or try what would become of it; a job does it")
            .takes_as::<ContactTable>(csv::TYPE);
    });
    routes.get("/api/contacts/imports", action, list).about("List imports, the newest first");
    routes
        .get("/api/contacts/imports/{id}", action, read)
        .about("How far an import has come, and what its columns hold");
    routes
        .get("/api/contacts/imports/{id}/rows", action, rows)
        .about("What became of each row; all of them as CSV with Accept: text/csv")
        .answers::<List<RowView>>(200)
        .answers_with(csv::TYPE);
    routes
        .post("/api/contacts/imports/{id}/start", action, start_again)
        .about("Begin anew with the same file: take in what was tried, or go on");
    routes
        .post("/api/contacts/imports/{id}/cancel", action, cancel)
        .about("Stop an import; what it took in stays");
}

#[derive(Deserialize, IntoParams)]
struct Wanted {
    /// `true` tells what the rows would become and changes nothing.
    dry_run: Option<String>,
    /// What to do with rows of people who are there already: `skip` (usual) or `update`.
    #[serde(default, deserialize_with = "parse::optional_word")]
    #[param(value_type = Option<String>)]
    duplicates: Option<Duplicates>,
    /// `true` lets rules look at each contact (trigger `contact_created`) and tells live streams of
    /// it; otherwise an import is news as a whole (`import_finished`) and runs no rule.
    run_automations: Option<String>,
    /// What the file is called.
    name: Option<String>,
    /// What columns hold, where their names do not say it: a JSON object such as
    /// `{"Kd.-Nr.": "external_ids.shop", "Ort": "attributes.city", "Fax": null}`.
    columns: Option<String>,
}

/// A table as spreadsheets save it, with names of columns in its first line. Known are `name`,
/// `first_name`, `last_name`, `emails`, `phones`, `tags`, `notes`, `blocked`, `external_ids`,
/// `external_ids.<kind>`, `attributes`, `attributes.<name>` and what other programs call them in
/// English, German and Indonesian. At most 50 MB and 250,000 rows.
#[derive(ToSchema)]
struct ContactTable(#[expect(dead_code, reason = "read piece by piece")] String);

#[derive(Serialize, ToSchema)]
#[schema(as = ContactImport)]
struct ImportView {
    #[schema(value_type = Uuid)]
    id: ImportId,
    #[schema(schema_with = word::<ImportStatus>)]
    status: &'static str,
    /// It only tells what would become of each row.
    dry_run: bool,
    #[schema(schema_with = word::<Duplicates>)]
    duplicates: &'static str,
    /// What its sender called the file.
    name: Option<String>,
    columns: Vec<ColumnView>,
    /// Rows of the file.
    total: u64,
    /// Rows looked at so far.
    done: u64,
    created: u64,
    updated: u64,
    skipped: u64,
    failed: u64,
    /// Why it stopped before its end.
    error: Option<String>,
    /// Whether it can be begun anew without sending the file again.
    file_kept: bool,
    author: AuthorView,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    finished_at: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ImportColumn)]
struct ColumnView {
    name: String,
    /// What it holds; null: it is passed over.
    field: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ImportAuthor)]
struct AuthorView {
    #[schema(value_type = Uuid)]
    id: AgentId,
    name: Option<String>,
}

impl From<Shown> for ImportView {
    fn from(it: Shown) -> Self {
        let Shown { import: it, author } = it;
        let columns = it
            .columns
            .into_iter()
            .map(|it| ColumnView { name: it.name, field: it.field.map(|it| it.to_string()) });
        Self {
            id: it.id,
            status: it.status.as_str(),
            dry_run: it.dry_run,
            duplicates: it.duplicates.as_str(),
            name: it.name,
            columns: columns.collect(),
            total: it.total,
            done: it.tally.done(),
            created: it.tally.created,
            updated: it.tally.updated,
            skipped: it.tally.skipped,
            failed: it.tally.failed,
            error: it.error,
            file_kept: it.file.is_some(),
            author: AuthorView { id: it.author, name: author },
            created_at: it.created_at.to_string(),
            finished_at: it.finished_at.map(|it| it.to_string()),
        }
    }
}

async fn start(
    me: Admin,
    request: HttpRequest,
    wanted: Query<Wanted>,
    key: IdempotencyKey,
    payload: Payload,
    desk: Data<Desk>,
) -> Result<Created<ImportView>> {
    let columns = match wanted.0.columns.as_deref() {
        Some(text) => {
            serde_json::from_str::<BTreeMap<String, Option<String>>>(text).map_err(|_| {
                ApiError::invalid("columns", "must be a JSON object of names of fields")
            })?
        }
        None => BTreeMap::new(),
    };
    let asked = Asked {
        dry_run: yes_or_no("dry_run", wanted.0.dry_run.as_deref())?.unwrap_or(false),
        duplicates: wanted.0.duplicates.unwrap_or(Duplicates::Skip),
        name: wanted.0.name,
        columns,
        run_automations: yes_or_no("run_automations", wanted.0.run_automations.as_deref())?
            .unwrap_or(false),
    };
    let table = take_in(&request, payload, &desk).await?;
    // The path and the query are what is asked; the table is known by what it holds.
    let asked_for = request.uri().path_and_query().map_or("", |it| it.as_str());
    let claim = key.claim_of(tokens::digest(&[asked_for.as_bytes(), table.file.as_bytes()]));
    Ok(Created(imports::start(&desk, me.0.caller(), table, asked, claim).await?.into()))
}

async fn take_in(request: &HttpRequest, payload: Payload, desk: &Desk) -> Result<Table> {
    const TOO_LARGE: ApiError =
        ApiError::Refused(StatusCode::PAYLOAD_TOO_LARGE, "a table may have 50 MB at most");
    body::refuse_encoded(request)?;
    if !request.content_type().eq_ignore_ascii_case(csv::TYPE) {
        let message = "send the table as the body, with Content-Type: text/csv";
        return Err(ApiError::Refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
    }
    let options = request.app_data::<Data<WebOptions>>();
    let idle = options.map_or_else(Default::default, |it| it.body).idle;
    let mut upload = Upload::begin(desk).await?;
    let mut payload = payload.into_inner();
    loop {
        let piece = tokio::time::timeout(idle, payload.next()).await.map_err(|_| {
            ApiError::Refused(StatusCode::REQUEST_TIMEOUT, "the body came too slowly")
        })?;
        let Some(piece) = piece else { break };
        let piece = piece.map_err(|_| {
            ApiError::Refused(StatusCode::BAD_REQUEST, "the body could not be read")
        })?;
        if upload.size() + piece.len() as u64 > MOST_BYTES {
            return Err(TOO_LARGE);
        }
        upload.write(piece).await?;
    }
    Ok(upload.finish(desk).await?)
}

/// What is left out is as it was; columns that are not named stay what they were.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = StartImport)]
struct AgainBody {
    /// Left out: the rows are taken in.
    #[serde(default)]
    dry_run: bool,
    #[serde(default, deserialize_with = "parse::optional_word")]
    #[schema(schema_with = optional_word::<Duplicates>)]
    duplicates: Option<Duplicates>,
    /// Names of columns and what they hold; null passes a column over.
    #[serde(default)]
    columns: BTreeMap<String, Option<String>>,
    /// Rules look at each contact, and live streams tell of it; left out: an import is news as a
    /// whole.
    #[serde(default)]
    run_automations: bool,
}

async fn start_again(
    me: Admin,
    id: Id<ImportId>,
    key: IdempotencyKey,
    body: Body<AgainBody>,
    desk: Data<Desk>,
) -> Result<Created<ImportView>> {
    let claim = key.claim(&body);
    let AgainBody { dry_run, duplicates, columns, run_automations } = body.value;
    let again = Again { dry_run, duplicates, columns, run_automations };
    Ok(Created(imports::start_again(&desk, me.0.caller(), id.0, again, claim).await?.into()))
}

async fn cancel(me: Admin, id: Id<ImportId>, desk: Data<Desk>) -> Result<Json<ImportView>> {
    Ok(Json(imports::cancel(&desk, me.0.caller(), id.0).await?.into()))
}

async fn read(me: Admin, id: Id<ImportId>, desk: Data<Desk>) -> Result<Json<ImportView>> {
    Ok(Json(imports::find(&desk, me.0.caller(), id.0).await?.into()))
}

async fn list(me: Admin, paging: Paging, desk: Data<Desk>) -> Result<Json<List<ImportView>>> {
    let (before, offset) = place(&paging, i64::MAX)?;
    let limit = paging.per_page as usize;
    let mut found = imports::list(&desk, me.0.caller(), before, offset, limit).await?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().map(|it| it.import.seq);
    let data = found.into_iter().map(ImportView::from).collect();
    Ok(Json(List { data, pagination: pagination(&paging, None, has_more, next) }))
}

/// Where a page begins: after the cursor, or so many rows behind `start`.
fn place(paging: &Paging, start: i64) -> Result<(i64, u64)> {
    match &paging.cursor {
        Some(cursor) => {
            let after =
                cursor.parse().map_err(|_| ApiError::invalid("cursor", "not one of this list"))?;
            Ok((after, 0))
        }
        None => Ok((start, paging.offset())),
    }
}

fn pagination(
    paging: &Paging,
    total: Option<u64>,
    has_more: bool,
    next: Option<i64>,
) -> Pagination {
    Pagination {
        page: paging.cursor.is_none().then_some(paging.page),
        per_page: paging.per_page,
        total,
        has_more,
        next_cursor: next.filter(|_| has_more).map(|it| it.to_string()),
    }
}

#[derive(Deserialize, IntoParams)]
struct Which {
    /// Only rows of this result: `created`, `updated`, `skipped` or `failed`.
    #[serde(default, deserialize_with = "parse::optional_word")]
    #[param(value_type = Option<String>)]
    result: Option<Fate>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ImportRow)]
struct RowView {
    /// Where the row begins in the file, from 1.
    line: u64,
    #[schema(schema_with = word::<Fate>)]
    result: &'static str,
    #[schema(value_type = Option<Uuid>)]
    contact_id: Option<ContactId>,
    /// Why it was skipped or failed.
    reason: Option<String>,
}

impl From<Row> for RowView {
    fn from(it: Row) -> Self {
        Self { line: it.line, result: it.fate.as_str(), contact_id: it.contact, reason: it.reason }
    }
}

async fn rows(
    me: Admin,
    request: HttpRequest,
    id: Id<ImportId>,
    which: Query<Which>,
    paging: Paging,
    desk: Data<Desk>,
) -> Result<HttpResponse> {
    let fate = which.0.result;
    if csv::is_wanted(&request) {
        return download(&me, id.0, fate, &desk).await;
    }
    let limit = paging.per_page as usize;
    let from = place(&paging, 0)?;
    let (import, mut found) =
        imports::report(&desk, me.0.caller(), id.0, fate, from, limit).await?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().and_then(|it| i64::try_from(it.number).ok());
    let total = fate.map_or(import.tally.done(), |it| import.tally.of(it));
    let data: Vec<_> = found.into_iter().map(RowView::from).collect();
    let pagination = pagination(&paging, Some(total), has_more, next);
    Ok(HttpResponse::Ok().json(List { data, pagination }))
}

const COLUMNS: [&str; 4] = ["line", "result", "contact_id", "reason"];

async fn download(
    me: &Admin,
    id: ImportId,
    fate: Option<Fate>,
    desk: &Data<Desk>,
) -> Result<HttpResponse> {
    // One that is not there is a 404, not a table that breaks off.
    imports::find(desk, me.0.caller(), id).await?;
    let (inner, caller) = (desk.clone(), me.0.caller());
    let read = move |after: Option<i64>| {
        let desk = inner.clone();
        async move {
            let from = (after.unwrap_or(0), 0);
            let (_, mut found) = imports::report(&desk, caller, id, fate, from, csv::PAGE).await?;
            let has_more = found.len() > csv::PAGE;
            found.truncate(csv::PAGE);
            let next = found.last().and_then(|it| i64::try_from(it.number).ok());
            Ok((found.into_iter().map(cells).collect(), next.filter(|_| has_more)))
        }
    };
    let header = COLUMNS.map(str::to_owned).to_vec();
    Ok(csv::download(desk, &me.0, "import.csv", header, read))
}

fn cells(it: Row) -> Vec<String> {
    vec![
        it.line.to_string(),
        it.fate.as_str().to_owned(),
        it.contact.map(|it| it.to_string()).unwrap_or_default(),
        it.reason.unwrap_or_default(),
    ]
}
