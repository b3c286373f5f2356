//! What may be said of a contact, checked: each problem is named by its field.

use std::collections::{BTreeMap, HashSet};

use domain::{
    addresses::EmailAddress, contacts::Contact, phones::PhoneNumber, tags::TagName, text,
};
use serde_json::{Map, Value};
use storage::{Tx, workspace};

use crate::{Problems, Result};

pub(super) const MOST_ADDRESSES: usize = 50;
pub(super) const MOST_TAGS: usize = 50;
pub(super) const MOST_ATTRIBUTES: usize = 100;
pub(super) const LONGEST_NOTES: usize = 20_000;
/// Bytes of all attributes as JSON.
const LARGEST_ATTRIBUTES: usize = 16 * 1024;

/// A new contact as somebody wrote it.
#[derive(Debug, Clone, Default)]
pub struct Details {
    pub name: Option<String>,
    pub emails: Vec<String>,
    /// Where there is but one, given as such: a problem with it is a problem of this field.
    pub email: Option<String>,
    pub phones: Vec<String>,
    pub phone: Option<String>,
    pub external_ids: BTreeMap<String, String>,
    pub tags: Vec<String>,
    pub notes: Option<String>,
    pub attributes: Map<String, Value>,
    pub blocked: bool,
}

/// What changes of a contact; `None` leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct Change {
    pub name: Option<Option<String>>,
    /// All addresses, the main one first.
    pub emails: Option<Vec<String>>,
    /// The main address: the others stay behind it.
    pub email: Option<Option<String>>,
    pub phones: Option<Vec<String>>,
    pub phone: Option<Option<String>>,
    pub external_ids: Option<BTreeMap<String, String>>,
    pub tags: Option<Vec<String>>,
    pub notes: Option<Option<String>>,
    pub attributes: Option<Map<String, Value>>,
    pub blocked: Option<bool>,
}

impl Details {
    pub(super) fn into_change(self) -> Change {
        Change {
            name: Some(self.name),
            emails: Some(self.emails),
            email: self.email.map(Some),
            phones: Some(self.phones),
            phone: self.phone.map(Some),
            external_ids: Some(self.external_ids),
            tags: Some(self.tags),
            notes: Some(self.notes),
            attributes: Some(self.attributes),
            blocked: Some(self.blocked),
        }
    }
}

impl Change {
    /// The fields that change, for the event.
    pub(super) fn fields(&self) -> Vec<&'static str> {
        [
            ("name", self.name.is_some()),
            ("emails", self.emails.is_some() || self.email.is_some()),
            ("phones", self.phones.is_some() || self.phone.is_some()),
            ("external_ids", self.external_ids.is_some()),
            ("tags", self.tags.is_some()),
            ("notes", self.notes.is_some()),
            ("attributes", self.attributes.is_some()),
            ("blocked", self.blocked.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, changes)| changes.then_some(name))
        .collect()
    }

    /// Puts the checked values into `contact`.
    ///
    /// # Errors
    /// `Invalid` with every field that is wrong.
    pub(super) fn apply(self, tx: &Tx<'_>, contact: &mut Contact) -> Result<()> {
        let country = workspace::find(tx)?.and_then(|it| it.default_country);
        let mut problems = Problems::default();
        if let Some(name) = self.name {
            let name = name.filter(|it| !it.trim().is_empty());
            contact.name = name.and_then(|it| problems.check("name", text::line(&it, 200)));
        }
        if let Some(emails) = self.emails {
            contact.emails = parse_all(&mut problems, "emails", &emails, EmailAddress::parse);
        }
        if let Some(email) = self.email {
            let parse = |it: &str| EmailAddress::parse(it);
            replace_first(&mut problems, "email", &mut contact.emails, email, parse);
        }
        let parse_phone = |it: &str| PhoneNumber::parse(it, country.as_deref());
        if let Some(phones) = self.phones {
            contact.phones = parse_all(&mut problems, "phones", &phones, parse_phone);
        }
        if let Some(phone) = self.phone {
            replace_first(&mut problems, "phone", &mut contact.phones, phone, parse_phone);
        }
        if let Some(ids) = self.external_ids {
            contact.external_ids = external_ids(&mut problems, ids);
        }
        if let Some(tags) = self.tags {
            contact.tags = unique_tags(&mut problems, &tags);
        }
        if let Some(notes) = self.notes {
            let notes = notes.filter(|it| !it.is_empty());
            contact.notes =
                notes.and_then(|it| problems.check("notes", text::block(&it, LONGEST_NOTES)));
        }
        if let Some(attributes) = self.attributes {
            check_attributes(&mut problems, &attributes);
            contact.attributes = attributes;
        }
        if let Some(blocked) = self.blocked {
            contact.blocked = blocked;
        }
        problems.finish()?;
        if !contact.is_identified() {
            let message = "a contact needs a name, an e-mail address, a phone or an external id";
            return Err(crate::DeskError::invalid("name", message));
        }
        Ok(())
    }
}

/// Each once, in their order.
fn parse_all<T, E>(
    problems: &mut Problems,
    field: &str,
    texts: &[String],
    parse: impl Fn(&str) -> Result<T, E>,
) -> Vec<T>
where
    T: Clone + Eq + std::hash::Hash,
    E: std::fmt::Display,
{
    if texts.len() > MOST_ADDRESSES {
        problems.add(field, format!("at most {MOST_ADDRESSES}"));
        return Vec::new();
    }
    let mut seen = HashSet::new();
    let parsed = texts
        .iter()
        .enumerate()
        .filter_map(|(index, it)| problems.check(&format!("{field}[{index}]"), parse(it)));
    parsed.filter(|it| seen.insert(it.clone())).collect()
}

fn replace_first<T: PartialEq, E: std::fmt::Display>(
    problems: &mut Problems,
    field: &str,
    all: &mut Vec<T>,
    first: Option<String>,
    parse: impl Fn(&str) -> Result<T, E>,
) {
    match first {
        Some(text) => {
            if let Some(it) = problems.check(field, parse(&text)) {
                if !all.is_empty() {
                    all.remove(0);
                }
                all.retain(|other| *other != it);
                all.insert(0, it);
            }
        }
        None if !all.is_empty() => drop(all.remove(0)),
        None => {}
    }
}

fn external_ids(
    problems: &mut Problems,
    ids: BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    if ids.len() > MOST_ADDRESSES {
        problems.add("external_ids", format!("at most {MOST_ADDRESSES}"));
        return BTreeMap::new();
    }
    let mut checked = BTreeMap::new();
    for (kind, value) in ids {
        let field = format!("external_ids.{kind}");
        let kind = problems.check(&field, text::line(&kind, 60));
        let value = problems.check(&field, text::line(&value, 200));
        checked.extend(kind.zip(value));
    }
    checked
}

fn unique_tags(problems: &mut Problems, tags: &[String]) -> Vec<String> {
    if tags.len() > MOST_TAGS {
        problems.add("tags", format!("at most {MOST_TAGS}"));
        return Vec::new();
    }
    let mut seen = HashSet::new();
    let parsed = tags
        .iter()
        .enumerate()
        .filter_map(|(index, it)| problems.check(&format!("tags[{index}]"), TagName::parse(it)));
    parsed.filter(|it| seen.insert(it.key())).map(|it| it.as_str().to_owned()).collect()
}

fn check_attributes(problems: &mut Problems, attributes: &Map<String, Value>) {
    if attributes.len() > MOST_ATTRIBUTES {
        problems.add("attributes", format!("at most {MOST_ATTRIBUTES}"));
    }
    for (name, value) in attributes {
        let field = format!("attributes.{name}");
        problems.check(&field, text::line(name, 60));
        if value.is_array() || value.is_object() {
            problems.add(&field, "must be a text, a number, true, false or null");
        }
    }
    let size: usize = attributes.iter().map(|(name, it)| name.len() + it.to_string().len()).sum();
    if size > LARGEST_ATTRIBUTES {
        problems.add("attributes", format!("at most {LARGEST_ATTRIBUTES} bytes in all"));
    }
}
