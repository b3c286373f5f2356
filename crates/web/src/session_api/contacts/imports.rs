//! Contacts from a table.

use actix_web::{
    HttpMessage, HttpRequest,
    http::StatusCode,
    web::{Data, Json, Payload},
};
use desk::{
    Desk,
    contacts::imports::{self, Duplicates, Fate, Field, MOST_BYTES, Report, Row},
};
use domain::ids::{ContactId, ImportId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    body, csv,
    error::{ApiError, Result},
    openapi::{optional_word, word},
    parse,
    query::{Query, yes_or_no},
    server::WebOptions,
    session::Admin,
};

#[derive(Deserialize, IntoParams)]
pub(super) struct Wanted {
    /// `true` tells what the first 1,000 rows would become and keeps nothing.
    dry_run: Option<String>,
    /// What to do with rows of people who are there already: `skip` (usual) or `update`.
    #[serde(default, deserialize_with = "parse::optional_word")]
    #[param(value_type = Option<String>)]
    duplicates: Option<Duplicates>,
}

/// A table as spreadsheets save it, with names of columns in its first line: `name`, `emails`,
/// `phones`, `tags`, `notes` and what other programs call them.
#[derive(ToSchema)]
pub(super) struct ContactTable(#[expect(dead_code, reason = "read by hand")] String);

#[derive(Serialize, ToSchema)]
pub(super) struct ImportView {
    #[schema(value_type = Uuid)]
    id: ImportId,
    dry_run: bool,
    columns: Vec<ColumnView>,
    created: u64,
    updated: u64,
    skipped: u64,
    failed: u64,
    rows: Vec<RowView>,
}

#[derive(Serialize, ToSchema)]
struct ColumnView {
    name: String,
    /// What it holds; null: it is passed over.
    #[schema(schema_with = optional_word::<Field>)]
    field: Option<&'static str>,
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

pub(super) async fn import(
    me: Admin,
    request: HttpRequest,
    wanted: Query<Wanted>,
    payload: Payload,
    desk: Data<Desk>,
) -> Result<Json<ImportView>> {
    let dry_run = yes_or_no("dry_run", wanted.0.dry_run.as_deref())?.unwrap_or(false);
    let duplicates = wanted.0.duplicates.unwrap_or(Duplicates::Skip);
    let bytes = file(&request, payload).await?;
    let table = tokio::task::spawn_blocking(move || imports::read(&bytes)).await;
    let table = table.map_err(|_| ApiError::Panicked)??;
    let columns = table.columns.iter().zip(&table.fields);
    let columns = columns
        .map(|(name, field)| ColumnView { name: name.clone(), field: field.map(Field::as_str) })
        .collect();
    let report = match dry_run {
        true => imports::try_out(&desk, table, duplicates, me.actor()).await?,
        false => imports::run(&desk, table, duplicates, me.actor()).await?,
    };
    Ok(Json(view(report, dry_run, columns)))
}

async fn file(request: &HttpRequest, payload: Payload) -> Result<actix_web::web::Bytes> {
    body::refuse_encoded(request)?;
    if !request.content_type().eq_ignore_ascii_case(csv::TYPE) {
        let message = "send the table as the body, with Content-Type: text/csv";
        return Err(ApiError::Refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
    }
    let options = request.app_data::<Data<WebOptions>>();
    let deadlines = options.map_or_else(Default::default, |it| it.body);
    body::read_bytes(request, &mut payload.into_inner(), MOST_BYTES, deadlines).await
}

fn view(report: Report, dry_run: bool, columns: Vec<ColumnView>) -> ImportView {
    ImportView {
        id: report.id,
        dry_run,
        columns,
        created: report.count(Fate::Created),
        updated: report.count(Fate::Updated),
        skipped: report.count(Fate::Skipped),
        failed: report.count(Fate::Failed),
        rows: report.rows.into_iter().map(RowView::from).collect(),
    }
}

impl From<Row> for RowView {
    fn from(it: Row) -> Self {
        Self { line: it.line, result: it.fate.as_str(), contact_id: it.contact, reason: it.reason }
    }
}
