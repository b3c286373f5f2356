//! Contacts from a table: read whatever a spreadsheet wrote, tried first if asked, told row by row.

mod table;

use std::collections::BTreeSet;

use domain::{
    Timestamp,
    addresses::EmailAddress,
    events::{Actor, Event},
    ids::{ContactId, ImportId},
    phones::PhoneNumber,
    spreadsheets,
};
use storage::{StoreError, Tx, contacts, events, workspace};

pub use table::{Field, MOST_BYTES, Table, read};

use super::{Change, Details, create_in, merges, update_in};
use crate::{Desk, DeskError, Result};

/// Rows of one transaction: others write in between.
const SLICE: usize = 100;
/// Rows a trial looks at: it is one transaction, which is undone.
const TRIED: usize = 1_000;

domain::words!(
    /// What happens to a row whose address or phone somebody has already.
    Duplicates, "way with duplicates", {
        Skip => "skip",
        Update => "update",
    }
);

domain::words!(
    /// What became of a row.
    Fate, "result", {
        Created => "created",
        Updated => "updated",
        Skipped => "skipped",
        Failed => "failed",
    }
);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Where it begins in the file, from 1.
    pub line: u64,
    pub fate: Fate,
    pub contact: Option<ContactId>,
    /// Why it was skipped or failed.
    pub reason: Option<String>,
}

#[derive(Debug)]
pub struct Report {
    pub id: ImportId,
    pub rows: Vec<Row>,
}

impl Report {
    pub fn count(&self, fate: Fate) -> u64 {
        self.rows.iter().filter(|it| it.fate == fate).count() as u64
    }
}

/// What the first rows would become. Nothing is kept.
pub async fn try_out(
    desk: &Desk,
    mut table: Table,
    duplicates: Duplicates,
    actor: Actor,
) -> Result<Report> {
    let now = desk.clock.now();
    table.rows.truncate(TRIED);
    let rows = desk
        .write(move |tx| {
            let tried =
                tx.savepoint(|tx| match put(tx, &table.rows, &table, duplicates, actor, now) {
                    Ok(rows) => Err::<(), _>(Undone::Tried(rows)),
                    Err(error) => Err(Undone::Failed(error)),
                });
            match tried {
                Err(Undone::Tried(rows)) => Ok(rows),
                Err(Undone::Failed(error)) => Err(error),
                Ok(()) => Ok(Vec::new()),
            }
        })
        .await?;
    Ok(Report { id: ImportId::new(), rows })
}

/// A trial always ends as an error of its savepoint, so that nothing of it stays.
enum Undone {
    Tried(Vec<Row>),
    Failed(DeskError),
}

impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// Takes the rows in, a slice at a time. Cut off, it is gone on with by sending the file again: what
/// is there already is a duplicate then.
pub async fn run(
    desk: &Desk,
    table: Table,
    duplicates: Duplicates,
    actor: Actor,
) -> Result<Report> {
    let mut report = Report { id: ImportId::new(), rows: Vec::new() };
    let (id, table) = (report.id, std::sync::Arc::new(table));
    crate::audit::record(desk, Event::ImportStarted { import_id: id }, actor).await?;
    while report.rows.len() < table.rows.len() {
        let (table, first, now) = (table.clone(), report.rows.len(), desk.clock.now());
        let slice = desk
            .write(move |tx| {
                let end = table.rows.len().min(first + SLICE);
                let rows = table.rows.get(first..end).unwrap_or_default();
                put(tx, rows, &table, duplicates, actor, now)
            })
            .await?;
        report.rows.extend(slice);
    }
    let finished = Event::ImportFinished {
        import_id: id,
        created: report.count(Fate::Created),
        updated: report.count(Fate::Updated),
        skipped: report.count(Fate::Skipped),
        failed: report.count(Fate::Failed),
    };
    let now = desk.clock.now();
    desk.write(move |tx| Ok(events::append(tx, None, finished, actor, now)?)).await?;
    Ok(report)
}

/// Puts `rows` of the table in; each fails alone.
fn put(
    tx: &Tx<'_>,
    rows: &[(u64, Vec<String>)],
    table: &Table,
    duplicates: Duplicates,
    actor: Actor,
    now: Timestamp,
) -> Result<Vec<Row>> {
    let country = workspace::find(tx)?.and_then(|it| it.default_country);
    let put_one = |(line, cells): &(u64, Vec<String>)| {
        let details = details(table, cells);
        let done = tx.savepoint(|tx| one(tx, details, country.as_deref(), duplicates, actor, now));
        let (fate, contact, reason) = match done {
            Ok(it) => it,
            Err(error @ (DeskError::Store(_) | DeskError::Internal(_))) => return Err(error),
            Err(error) => (Fate::Failed, None, Some(why(&error))),
        };
        Ok(Row { line: *line, fate, contact, reason })
    };
    rows.iter().map(put_one).collect()
}

fn why(error: &DeskError) -> String {
    match error {
        DeskError::Invalid(fields) => {
            let all: Vec<_> =
                fields.iter().map(|it| format!("{}: {}", it.field, it.message)).collect();
            all.join("; ")
        }
        other => other.to_string(),
    }
}

fn details(table: &Table, cells: &[String]) -> Details {
    let mut details = Details::default();
    for (field, cell) in table.fields.iter().zip(cells) {
        let text = spreadsheets::unguard(cell).trim();
        if text.is_empty() {
            continue;
        }
        let several = || {
            text.split([';', ','])
                .map(|it| spreadsheets::unguard(it.trim()).to_owned())
                .filter(|it| !it.is_empty())
        };
        match field {
            Some(Field::Name) => details.name = Some(text.to_owned()),
            Some(Field::Emails) => details.emails.extend(several()),
            Some(Field::Phones) => details.phones.extend(several()),
            Some(Field::Tags) => details.tags.extend(several()),
            Some(Field::Notes) => details.notes = Some(text.to_owned()),
            None => {}
        }
    }
    details
}

type Done = (Fate, Option<ContactId>, Option<String>);

fn one(
    tx: &Tx<'_>,
    details: Details,
    country: Option<&str>,
    duplicates: Duplicates,
    actor: Actor,
    now: Timestamp,
) -> Result<Done> {
    if details.emails.is_empty() && details.phones.is_empty() {
        let message = "an e-mail address or a phone is needed, to know the person again";
        return Err(DeskError::invalid("emails", message));
    }
    let known = known(tx, &details, country)?;
    let id = match known.into_iter().collect::<Vec<_>>()[..] {
        [] => {
            let made = create_in(tx, details, actor, now)?;
            return Ok((Fate::Created, Some(made.id), None));
        }
        [id] => id,
        _ => return Err(DeskError::conflict("its addresses and phones are of several contacts")),
    };
    if duplicates == Duplicates::Skip {
        return Ok((Fate::Skipped, Some(id), Some("is there already".to_owned())));
    }
    let before = merges::present(tx, id)?;
    let old = |all: Vec<String>, new: Vec<String>| Some(all.into_iter().chain(new).collect());
    let emails = before.emails.iter().map(|it| it.as_str().to_owned()).collect();
    let phones = before.phones.iter().map(|it| it.as_str().to_owned()).collect();
    let change = Change {
        name: details.name.map(Some),
        emails: old(emails, details.emails),
        phones: old(phones, details.phones),
        tags: old(before.tags.clone(), details.tags),
        notes: details.notes.map(Some),
        ..Change::default()
    };
    update_in(tx, id, change, actor, now)?;
    Ok((Fate::Updated, Some(id), None))
}

/// Who has one of the row's addresses or phones. What cannot be read is complained of later.
fn known(tx: &Tx<'_>, details: &Details, country: Option<&str>) -> Result<BTreeSet<ContactId>> {
    let mut found = BTreeSet::new();
    for address in details.emails.iter().filter_map(|it| EmailAddress::parse(it).ok()) {
        found.extend(contacts::find_by_email(tx, &address)?);
    }
    for number in details.phones.iter().filter_map(|it| PhoneNumber::parse(it, country).ok()) {
        found.extend(contacts::find_by_phone(tx, &number)?);
    }
    Ok(found)
}
