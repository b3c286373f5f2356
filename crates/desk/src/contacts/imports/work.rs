//! The job of an import: a few rows in each transaction, together with how far it has come, so that it
//! can end anywhere and does no row twice.

use domain::{
    Timestamp,
    agents::{Agent, Role},
    events::{Actor, Event},
    ids::ImportId,
    imports::{Duplicates, Fate, Import, ImportStatus, Row, Tally},
    jobs::Job,
};
use storage::{FileHash, StoreError, Tx, agents, contacts, events, imports, workspace};

use super::{
    files::{self, Cells, Slice},
    rows::{self, Done, Met},
};
use crate::{Desk, DeskError, Result, attachments::upload::blocking, workers::Outcome};

/// Rows of one transaction: others write in between.
const SLICE: usize = 50;
/// Bytes of one transaction, or little more.
const SLICE_BYTES: u64 = 256 * 1024;
const NO_LONGER: &str = "who asked for it may no longer import contacts";

/// Carries out a job of the kind `RunImport`.
pub(crate) async fn run(desk: &Desk, job: &Job) -> Result<Outcome> {
    let id = ImportId(job.subject);
    let Some(it) = desk.store.read(move |db| imports::find(db, id)).await? else {
        return Ok(Outcome::Done);
    };
    let Some(Ok(hash)) = it.file.as_ref().map(|it| it.parse::<FileHash>()) else {
        return Ok(Outcome::Hopeless("its file is no longer kept".to_owned()));
    };
    let mut met = match it.dry_run {
        true => met_before(desk, &it, hash).await?,
        false => Met::default(),
    };
    let told = (job.payload["run_automations"] == true).then_some(Actor::Agent(it.author));
    let mut from = it.next_byte;
    loop {
        let slice = read(desk, hash, from).await?;
        let now = desk.clock.now();
        let (next, back) = desk
            .write(move |tx| {
                let next = take(tx, id, (from, &slice), &mut met, told, now)?;
                Ok((next, met))
            })
            .await?;
        let Some(next) = next else { return Ok(Outcome::Done) };
        (from, met) = (next, back);
    }
}

async fn read(desk: &Desk, hash: FileHash, from: u64) -> Result<Slice> {
    let files = desk.store.files().clone();
    blocking(move || files::slice(&files, hash, from, SLICE, SLICE_BYTES)).await
}

/// Whom a trial that goes on has met, found by reading its rows again.
async fn met_before(desk: &Desk, it: &Import, hash: FileHash) -> Result<Met> {
    let mut met = Met::default();
    let country = desk.store.read(workspace::find).await?.and_then(|it| it.default_country);
    let mut from = 0;
    while from < it.next_byte {
        let slice = read(desk, hash, from).await?;
        if slice.rows.is_empty() {
            break;
        }
        for (line, cells) in &slice.rows {
            if let Ok(person) = rows::read(&it.columns, cells) {
                met.note(&person.identities(country.as_deref()), *line);
            }
        }
        from = slice.next_byte;
    }
    Ok(met)
}

/// Does the rows that begin at the byte `from`. Answers where to go on; none once it is over. Each
/// contact is news only where `told` says whose.
fn take(
    tx: &Tx<'_>,
    id: ImportId,
    (from, slice): (u64, &Slice),
    met: &mut Met,
    told: Option<Actor>,
    now: Timestamp,
) -> Result<Option<u64>> {
    let Some(mut it) = imports::find(tx, id)?.filter(|it| !it.status.is_over()) else {
        return Ok(None);
    };
    if it.next_byte != from {
        return Ok(Some(it.next_byte));
    }
    if agents::find(tx, it.author)?.is_none_or(|it| !may_import(&it)) {
        fail(tx, &mut it, NO_LONGER, now)?;
        return Ok(None);
    }
    if slice.rows.is_empty() {
        return Err(DeskError::Internal("a kept table ended before its last row".to_owned()));
    }
    let percent = |it: &Import| it.tally.done() * 100 / it.total.max(1);
    let before = percent(&it);
    let done = match it.dry_run {
        true => try_out(tx, &it, &slice.rows, met, now)?,
        false => put(tx, &it, &slice.rows, None, told, now)?,
    };
    for ((line, _), (fate, contact, reason)) in slice.rows.iter().zip(done) {
        it.tally.count(fate);
        let (number, line) = (it.tally.done(), *line);
        imports::add_row(tx, it.seq, &Row { number, line, fate, contact, reason })?;
    }
    it.next_byte = slice.next_byte;
    it.status = ImportStatus::Running;
    if it.tally.done() >= it.total {
        finish(tx, &mut it, now)?;
        return Ok(None);
    }
    imports::update(tx, &it)?;
    if percent(&it) != before {
        let (done, total) = (it.tally.done(), it.total);
        let event = Event::ImportProgressed { import_id: id, done, total };
        events::append(tx, None, event, Actor::Agent(it.author), now)?;
    }
    Ok(Some(it.next_byte))
}

fn may_import(it: &Agent) -> bool {
    it.can_work() && it.role == Role::Admin
}

/// Puts the rows in; each fails alone. In a trial `met` are the people of rows that were undone.
fn put(
    tx: &Tx<'_>,
    it: &Import,
    rows: &[Cells],
    met: Option<&Met>,
    told: Option<Actor>,
    now: Timestamp,
) -> Result<Vec<Done>> {
    let country = workspace::find(tx)?.and_then(|it| it.default_country);
    let put_one = |(_, cells): &Cells| {
        let person = match rows::read(&it.columns, cells) {
            Ok(person) => person,
            Err(error) => return Ok((Fate::Failed, None, Some(rows::why(&error)))),
        };
        let known_by = person.identities(country.as_deref());
        let done = tx.savepoint(|tx| rows::put(tx, person, &known_by, it.duplicates, told, now));
        match done {
            Ok((Fate::Created, id, _)) => Ok(match met.and_then(|it| it.line_of(&known_by)) {
                Some(line) if it.duplicates == Duplicates::Skip => {
                    (Fate::Skipped, None, Some(format!("is in line {line} already")))
                }
                Some(_) => (Fate::Updated, None, None),
                None => (Fate::Created, id, None),
            }),
            Ok(done) => Ok(done),
            Err(error @ (DeskError::Store(_) | DeskError::Internal(_))) => Err(error),
            Err(error) => Ok((Fate::Failed, None, Some(rows::why(&error)))),
        }
    };
    rows.iter().map(put_one).collect()
}

/// A trial always ends as an error of its savepoint, so that nothing of it stays.
enum Undone {
    Tried(Vec<Done>),
    Failed(DeskError),
}

impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// What would become of the rows, after those in `met`.
fn try_out(
    tx: &Tx<'_>,
    it: &Import,
    rows: &[Cells],
    met: &mut Met,
    now: Timestamp,
) -> Result<Vec<Done>> {
    let tried = tx.savepoint(|tx| match put(tx, it, rows, Some(met), None, now) {
        Ok(rows) => Err::<(), _>(Undone::Tried(rows)),
        Err(error) => Err(Undone::Failed(error)),
    });
    let mut done = match tried {
        Err(Undone::Tried(done)) => done,
        Err(Undone::Failed(error)) => return Err(error),
        Ok(()) => Vec::new(),
    };
    for (_, contact, _) in &mut done {
        // Who was made a row earlier is gone again.
        if let Some(id) = *contact
            && contacts::find(tx, id)?.is_none()
        {
            *contact = None;
        }
    }
    let country = workspace::find(tx)?.and_then(|it| it.default_country);
    for ((line, cells), (fate, ..)) in rows.iter().zip(&done) {
        if *fate != Fate::Failed
            && let Ok(person) = rows::read(&it.columns, cells)
        {
            met.note(&person.identities(country.as_deref()), *line);
        }
    }
    Ok(done)
}

fn finish(tx: &Tx<'_>, it: &mut Import, now: Timestamp) -> Result<()> {
    it.end(ImportStatus::Done, now);
    imports::update(tx, it)?;
    if !it.may_start_again() {
        imports::release_file(tx, it, now)?;
    }
    let Tally { created, updated, skipped, failed } = it.tally;
    let event = Event::ImportFinished {
        import_id: it.id,
        dry_run: it.dry_run,
        created,
        updated,
        skipped,
        failed,
    };
    events::append(tx, None, event, Actor::Agent(it.author), now)?;
    Ok(())
}

fn fail(tx: &Tx<'_>, it: &mut Import, reason: &str, now: Timestamp) -> Result<()> {
    it.end(ImportStatus::Failed, now);
    it.error = Some(reason.to_owned());
    imports::update(tx, it)?;
    let event = Event::ImportFailed { import_id: it.id, reason: reason.to_owned() };
    events::append(tx, None, event, Actor::System, now)?;
    Ok(())
}

/// The job was given up: the import says so.
pub(crate) fn given_up(tx: &Tx<'_>, job: &Job, reason: &str, now: Timestamp) -> Result<()> {
    match imports::find(tx, ImportId(job.subject))? {
        Some(mut it) if !it.status.is_over() => fail(tx, &mut it, reason, now),
        _ => Ok(()),
    }
}
