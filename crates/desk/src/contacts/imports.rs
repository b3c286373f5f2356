//! Contacts from a file: stored at once, taken in row by row by a job that can stop anywhere and go
//! on, tried first if asked, told row by row.

mod columns;
mod files;
mod rows;
mod text;
mod work;

use domain::{
    Timestamp,
    events::Event,
    ids::ImportId,
    imports::{Duplicates, Fate, Import, ImportStatus, Row, Tally},
    jobs::JobKind,
    policy::{self, Action, Caller, Denied, Object},
    text as words,
};
use serde_json::json;
use storage::{Reader, Tx, agents, attachments, events, imports, jobs};

pub use columns::Overrides;
pub use files::{MOST_BYTES, Table, Upload};
pub(crate) use work::{given_up, run};

use crate::{
    Desk, DeskError, Result,
    idempotency::{self, Claim},
};

/// That are not over; they run one after another.
const MOST_AT_ONCE: u64 = 3;

/// What to do with the rows of a file.
#[derive(Debug, Clone)]
pub struct Asked {
    pub dry_run: bool,
    pub duplicates: Duplicates,
    /// What its sender calls the file.
    pub name: Option<String>,
    /// What columns hold, where that is not what their names say.
    pub columns: Overrides,
    /// Rules look at each contact, and live streams tell of it, as if somebody had typed it in.
    pub run_automations: bool,
}

/// What to do otherwise with a file that is there already; `None` leaves it as it was.
#[derive(Debug, Clone, Default)]
pub struct Again {
    pub dry_run: bool,
    pub duplicates: Option<Duplicates>,
    pub columns: Overrides,
    pub run_automations: bool,
}

/// An import with its author's name.
#[derive(Debug, Clone)]
pub struct Shown {
    pub import: Import,
    pub author: Option<String>,
}

/// Begins to take in the rows of a table; a job does it.
///
/// # Errors
/// `Invalid` when the columns do not say how people are known again, a conflict when enough runs.
#[tracing::instrument(skip_all)]
pub async fn start(
    desk: &Desk,
    caller: Caller,
    table: Table,
    asked: Asked,
    claim: Option<Claim>,
) -> Result<Shown> {
    let now = desk.clock.now();
    let author = authorize(&caller)?;
    let columns = columns::choose(columns::detected(table.names), &asked.columns)?;
    let name = asked.name.filter(|it| !it.trim().is_empty());
    let name = name.map(|it| words::line(&it, 200)).transpose();
    let import = Import {
        seq: 0,
        id: ImportId::new(),
        status: ImportStatus::Queued,
        dry_run: asked.dry_run,
        duplicates: asked.duplicates,
        name: name.map_err(|error| DeskError::invalid("name", error))?,
        file: Some(table.file),
        columns,
        total: table.total,
        tally: Tally::default(),
        next_byte: 0,
        error: None,
        author,
        created_at: now,
        finished_at: None,
    };
    let size = table.size;
    desk.write(move |tx| {
        let load = |tx: &Tx<'_>, id: uuid::Uuid| load(tx, ImportId(id));
        let begun = idempotency::once(tx, claim.as_ref(), now, load, |tx| {
            let it = begin(tx, import, size, asked.run_automations, now)?;
            Ok((it.id.0, it))
        })?;
        show(tx, begun)
    })
    .await
}

/// Begins anew with the file of an import that is still kept: what was tried is taken in, or what was
/// left is gone on with.
///
/// # Errors
/// As [`start`]; a conflict once the file is gone.
#[tracing::instrument(skip_all, fields(import.id = %id))]
pub async fn start_again(
    desk: &Desk,
    caller: Caller,
    id: ImportId,
    again: Again,
    claim: Option<Claim>,
) -> Result<Shown> {
    let now = desk.clock.now();
    let author = authorize(&caller)?;
    desk.write(move |tx| {
        let read = |tx: &Tx<'_>, id: uuid::Uuid| load(tx, ImportId(id));
        let begun = idempotency::once(tx, claim.as_ref(), now, read, |tx| {
            let before = load(tx, id)?;
            if before.file.is_none() {
                let message = "the file of this import is no longer kept; send it again";
                return Err(DeskError::conflict(message));
            }
            let import = Import {
                seq: 0,
                id: ImportId::new(),
                status: ImportStatus::Queued,
                dry_run: again.dry_run,
                duplicates: again.duplicates.unwrap_or(before.duplicates),
                columns: columns::choose(before.columns, &again.columns)?,
                tally: Tally::default(),
                next_byte: 0,
                error: None,
                author,
                created_at: now,
                finished_at: None,
                ..before
            };
            let it = begin(tx, import, 0, again.run_automations, now)?;
            Ok((it.id.0, it))
        })?;
        show(tx, begun)
    })
    .await
}

fn begin(
    tx: &Tx<'_>,
    mut it: Import,
    size: u64,
    run_automations: bool,
    now: Timestamp,
) -> Result<Import> {
    if imports::unfinished(tx)? >= MOST_AT_ONCE {
        let message =
            format!("{MOST_AT_ONCE} imports are not over yet; wait for one, or cancel it");
        return Err(DeskError::conflict(message));
    }
    if let Some(hash) = &it.file {
        attachments::refer_to_file(tx, hash, size, now)?;
    }
    imports::insert(tx, &mut it)?;
    let job = jobs::NewJob {
        kind: JobKind::RunImport,
        subject: it.id.0,
        payload: json!({ "run_automations": run_automations }),
        lane: "imports".to_owned(),
        run_at: now,
    };
    jobs::put(tx, &job, now)?;
    let (import_id, dry_run) = (it.id, it.dry_run);
    let started = Event::ImportStarted { import_id, dry_run, run_automations };
    events::append(tx, None, started, domain::events::Actor::Agent(it.author), now)?;
    Ok(it)
}

/// Stops an import. What it took in stays.
///
/// # Errors
/// A conflict when it is over.
#[tracing::instrument(skip_all, fields(import.id = %id))]
pub async fn cancel(desk: &Desk, caller: Caller, id: ImportId) -> Result<Shown> {
    let now = desk.clock.now();
    authorize(&caller)?;
    desk.write(move |tx| {
        let mut it = load(tx, id)?;
        if it.status.is_over() {
            return Err(DeskError::conflict("this import is over"));
        }
        it.end(ImportStatus::Cancelled, now);
        imports::update(tx, &it)?;
        jobs::remove(tx, JobKind::RunImport, id.0)?;
        let event = Event::ImportCancelled { import_id: id };
        events::append(tx, None, event, caller.actor(), now)?;
        show(tx, it)
    })
    .await
}

/// Everybody's imports, the newest first, before the place `before`. Answers one more than `limit`
/// where there are more.
pub async fn list(
    desk: &Desk,
    caller: Caller,
    before: i64,
    offset: u64,
    limit: usize,
) -> Result<Vec<Shown>> {
    authorize(&caller)?;
    desk.store
        .read(move |db| {
            let found = imports::page(db, before, offset, limit + 1)?;
            found.into_iter().map(|it| show(db, it)).collect()
        })
        .await
}

pub async fn find(desk: &Desk, caller: Caller, id: ImportId) -> Result<Shown> {
    authorize(&caller)?;
    desk.store.read(move |db| show(db, load(db, id)?)).await
}

/// The import, and what became of its rows after the one of the number `after`; one more than `limit`
/// where there are more.
pub async fn report(
    desk: &Desk,
    caller: Caller,
    id: ImportId,
    fate: Option<Fate>,
    (after, offset): (i64, u64),
    limit: usize,
) -> Result<(Import, Vec<Row>)> {
    authorize(&caller)?;
    desk.store
        .read(move |db| {
            let it = load(db, id)?;
            let rows = imports::rows(db, it.seq, fate, after, offset, limit + 1)?;
            Ok((it, rows))
        })
        .await
}

fn load(db: &Reader<'_>, id: ImportId) -> Result<Import> {
    imports::find(db, id)?.ok_or(DeskError::NotFound("import"))
}

fn show(db: &Reader<'_>, import: Import) -> Result<Shown> {
    Ok(Shown { author: agents::name(db, import.author)?, import })
}

fn authorize(caller: &Caller) -> Result<domain::ids::AgentId> {
    policy::authorize(caller, Action::MoveContacts, Object::Any)?;
    Ok(caller.agent().ok_or(Denied::NotSignedIn)?)
}
