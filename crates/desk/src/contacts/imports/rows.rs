//! One row of a file: who it is about, and what becomes of it.

use std::{
    collections::{BTreeSet, HashMap},
    hash::{DefaultHasher, Hash, Hasher},
};

use domain::{
    Timestamp,
    addresses::EmailAddress,
    events::Actor,
    ids::ContactId,
    imports::{Column, Duplicates, Fate, Field},
    phones::PhoneNumber,
    spreadsheets,
};
use serde_json::{Map, Value};
use storage::{Tx, contacts};

use crate::{
    DeskError, Problems, Result,
    contacts::{Change, Details, create_in, merges, update_in},
};

/// What a row says of a person.
#[derive(Debug, Default)]
pub(super) struct Person {
    details: Details,
    blocked: Option<bool>,
}

/// What somebody is known again by.
#[derive(Debug, Hash)]
pub(super) enum Identity {
    Email(EmailAddress),
    Phone(PhoneNumber),
    External(String, String),
}

/// A row's result, whose it is, and why.
pub(super) type Done = (Fate, Option<ContactId>, Option<String>);

/// # Errors
/// `Invalid` with the cells that cannot be read at all.
pub(super) fn read(columns: &[Column], cells: &[String]) -> Result<Person> {
    let mut person = Person::default();
    let mut problems = Problems::default();
    let (mut first, mut last) = (None, None);
    for (column, cell) in columns.iter().zip(cells) {
        let Some(field) = &column.field else { continue };
        let text = spreadsheets::unguard(cell).trim();
        if text.is_empty() {
            continue;
        }
        let it = &mut person.details;
        match field {
            Field::Name => {
                it.name.get_or_insert_with(|| text.to_owned());
            }
            Field::FirstName => first = first.or(Some(text)),
            Field::LastName => last = last.or(Some(text)),
            Field::Emails => it.emails.extend(several(text)),
            Field::Phones => it.phones.extend(several(text)),
            Field::Tags => it.tags.extend(several(text)),
            Field::Notes => match &mut it.notes {
                Some(notes) => *notes = format!("{notes}\n{text}"),
                None => it.notes = Some(text.to_owned()),
            },
            Field::Blocked => person.blocked = problems.check("blocked", yes_or_no(text)),
            Field::ExternalIds => {
                for one in several(text) {
                    match one.split_once(':') {
                        Some((kind, id)) if !kind.trim().is_empty() && !id.trim().is_empty() => {
                            it.external_ids.insert(kind.trim().to_owned(), id.trim().to_owned());
                        }
                        _ => problems.add("external_ids", "write each as kind:id, such as shop:17"),
                    }
                }
            }
            Field::ExternalId(kind) => {
                it.external_ids.insert(kind.clone(), text.to_owned());
            }
            Field::Attributes => match serde_json::from_str::<Map<String, Value>>(text) {
                Ok(all) => it.attributes.extend(all),
                Err(_) => problems.add("attributes", "must be a JSON object"),
            },
            Field::Attribute(name) => {
                it.attributes.insert(name.clone(), Value::String(text.to_owned()));
            }
        }
    }
    problems.finish()?;
    if person.details.name.is_none() && (first.is_some() || last.is_some()) {
        let parts: Vec<_> = [first, last].into_iter().flatten().collect();
        person.details.name = Some(parts.join(" "));
    }
    Ok(person)
}

fn several(text: &str) -> impl Iterator<Item = String> {
    text.split([';', ',', '\n'])
        .map(|it| spreadsheets::unguard(it.trim()).to_owned())
        .filter(|it| !it.is_empty())
}

fn yes_or_no(text: &str) -> Result<bool, &'static str> {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "y" | "1" | "x" | "ja" | "wahr" | "ya" | "benar" => Ok(true),
        "false" | "no" | "n" | "0" | "-" | "nein" | "falsch" | "tidak" | "salah" => Ok(false),
        _ => Err("must be yes or no"),
    }
}

impl Person {
    /// What cannot be read is left out here and complained of when it is put in.
    pub(super) fn identities(&self, country: Option<&str>) -> Vec<Identity> {
        let it = &self.details;
        let emails = it.emails.iter().filter_map(|it| EmailAddress::parse(it).ok());
        let phones = it.phones.iter().filter_map(|it| PhoneNumber::parse(it, country).ok());
        let others = it.external_ids.iter().map(|(kind, id)| (kind.clone(), id.clone()));
        emails
            .map(Identity::Email)
            .chain(phones.map(Identity::Phone))
            .chain(others.map(|(kind, id)| Identity::External(kind, id)))
            .collect()
    }
}

/// Who the rows before were about, while nothing of a trial is kept: the line each was met in first.
#[derive(Debug, Default)]
pub(super) struct Met(HashMap<u64, u64>);

impl Met {
    pub(super) fn note(&mut self, identities: &[Identity], line: u64) {
        for it in identities {
            self.0.entry(key(it)).or_insert(line);
        }
    }

    /// The line somebody of these was met in.
    pub(super) fn line_of(&self, identities: &[Identity]) -> Option<u64> {
        identities.iter().filter_map(|it| self.0.get(&key(it))).min().copied()
    }
}

fn key(it: &Identity) -> u64 {
    let mut hasher = DefaultHasher::new();
    it.hash(&mut hasher);
    hasher.finish()
}

/// Puts a person in.
///
/// # Errors
/// What is wrong with the row; nothing of it stays then if the caller undoes it.
pub(super) fn put(
    tx: &Tx<'_>,
    person: Person,
    identities: &[Identity],
    duplicates: Duplicates,
    told: Option<Actor>,
    now: Timestamp,
) -> Result<Done> {
    let Person { mut details, blocked } = person;
    if details.emails.is_empty() && details.phones.is_empty() && details.external_ids.is_empty() {
        let message =
            "an e-mail address, a phone or an external id is needed, to know the person again";
        return Err(DeskError::invalid("emails", message));
    }
    let known = known(tx, identities)?;
    let id = match known.into_iter().collect::<Vec<_>>()[..] {
        [] => {
            details.blocked = blocked.unwrap_or_default();
            let made = create_in(tx, details, told, now)?;
            return Ok((Fate::Created, Some(made.id), None));
        }
        [id] => id,
        _ => return Err(DeskError::conflict("what it is known by belongs to several contacts")),
    };
    if duplicates == Duplicates::Skip {
        return Ok((Fate::Skipped, Some(id), Some("is there already".to_owned())));
    }
    let before = merges::present(tx, id)?;
    let (mut attributes, mut external_ids) = (before.attributes, before.external_ids);
    attributes.extend(details.attributes);
    external_ids.extend(details.external_ids);
    let old = |all: Vec<String>, new: Vec<String>| Some(all.into_iter().chain(new).collect());
    let emails = before.emails.iter().map(|it| it.as_str().to_owned()).collect();
    let phones = before.phones.iter().map(|it| it.as_str().to_owned()).collect();
    let change = Change {
        name: details.name.map(Some),
        emails: old(emails, details.emails),
        phones: old(phones, details.phones),
        external_ids: Some(external_ids),
        tags: old(before.tags, details.tags),
        notes: details.notes.map(Some),
        attributes: Some(attributes),
        blocked,
        ..Change::default()
    };
    update_in(tx, id, change, told, now)?;
    Ok((Fate::Updated, Some(id), None))
}

/// Who has one of these.
fn known(tx: &Tx<'_>, identities: &[Identity]) -> Result<BTreeSet<ContactId>> {
    let mut found = BTreeSet::new();
    for it in identities {
        found.extend(match it {
            Identity::Email(address) => contacts::find_by_email(tx, address)?,
            Identity::Phone(number) => contacts::find_by_phone(tx, number)?,
            Identity::External(kind, id) => contacts::find_by_external_id(tx, kind, id)?,
        });
    }
    Ok(found)
}

/// Why a row failed, without what stood in it: reports outlive the people they tell of.
pub(super) fn why(error: &DeskError) -> String {
    match error {
        DeskError::Invalid(fields) => {
            let all: Vec<_> =
                fields.iter().map(|it| format!("{}: {}", it.field, it.message)).collect();
            all.join("; ")
        }
        DeskError::Conflict { existing_id: Some(_), .. } => {
            "one of its addresses, phones or ids is another contact's".to_owned()
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use domain::imports::detect;

    use super::*;

    fn row(header: &str, cells: &str) -> Result<Person> {
        let columns: Vec<_> =
            header.split('|').map(|it| Column { name: it.to_owned(), field: detect(it) }).collect();
        read(&columns, &cells.split('|').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn cells_become_what_their_columns_hold() {
        let header = "Vorname|Nachname|E-Mail|Handy|Tags|Notiz|Gesperrt|external_ids|\
            external_ids.shop|attributes|attributes.city|Notes";
        let cells = "Cora|Kind|c@x.example, d@x.example|'+62 812|vip; new|one|ja|crm:4|17|\
            {\"plan\":2}|Ulm|two|too many";
        let Person { details: it, blocked } = row(header, cells).unwrap();
        assert_eq!(it.name.as_deref(), Some("Cora Kind"));
        assert_eq!(it.emails, ["c@x.example", "d@x.example"]);
        assert_eq!(it.phones, ["+62 812"]);
        assert_eq!(it.tags, ["vip", "new"]);
        assert_eq!(it.notes.as_deref(), Some("one\ntwo"));
        assert_eq!(blocked, Some(true));
        let ids: Vec<_> = it.external_ids.iter().map(|(kind, id)| (&**kind, &**id)).collect();
        assert_eq!(ids, [("crm", "4"), ("shop", "17")]);
        assert_eq!(Value::Object(it.attributes), serde_json::json!({ "plan": 2, "city": "Ulm" }));
    }

    #[test]
    fn a_cell_that_cannot_be_read_is_named() {
        let cases = [
            ("blocked", "perhaps", "blocked"),
            ("external_ids", "17", "external_ids"),
            ("attributes", "[1]", "attributes"),
        ];
        for (header, cell, at) in cases {
            let Err(DeskError::Invalid(fields)) = row(header, cell) else { panic!("{header}") };
            assert_eq!(fields[0].field, at);
        }
        assert_eq!(row("blocked", "").unwrap().blocked, None);
    }
}
